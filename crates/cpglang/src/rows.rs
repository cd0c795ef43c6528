//! Rows as text.

#[cfg(test)]
mod tests;

use std::io::Write;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use arrow::util::pretty::pretty_format_batches_with_schema;
use cpg_engine::EngineError;

use crate::args::RowFormat;
use crate::failure::Failure;

/// Prints rows of one schema; also an empty result has its columns.
pub(crate) fn write(
    out: &mut impl Write,
    schema: &SchemaRef,
    batches: &[RecordBatch],
    format: RowFormat,
) -> Result<(), Failure> {
    match format {
        RowFormat::Table => table(out, schema, batches),
        RowFormat::Csv => csv(out, schema, batches),
        RowFormat::Json => json(out, batches),
        RowFormat::Ndjson => ndjson(out, batches),
    }
}

fn table(
    out: &mut impl Write,
    schema: &SchemaRef,
    batches: &[RecordBatch],
) -> Result<(), Failure> {
    let texts = batches.iter().map(|batch| as_text(batch, |_| true, "null"));
    let texts = texts.collect::<Result<Vec<_>, _>>().map_err(arrow)?;
    let schema = texts.first().map_or_else(|| Arc::clone(schema), RecordBatch::schema);
    let drawn = pretty_format_batches_with_schema(schema, &texts).map_err(arrow)?;
    let count: usize = batches.iter().map(RecordBatch::num_rows).sum();
    let rows = crate::size::counted(count as u64, "row");
    writeln!(out, "{drawn}\n{rows}").map_err(Failure::output)
}

fn csv(out: &mut impl Write, schema: &SchemaRef, batches: &[RecordBatch]) -> Result<(), Failure> {
    let mut writer = arrow::csv::WriterBuilder::new().with_header(true).build(out);
    // The header is written with the first batch.
    for batch in [&RecordBatch::new_empty(Arc::clone(schema))].into_iter().chain(batches) {
        // The format has no nested values: they are written as in a table.
        let flat = as_text(batch, DataType::is_nested, "").map_err(arrow)?;
        writer.write(&flat).map_err(arrow)?;
    }
    Ok(())
}

fn json(out: &mut impl Write, batches: &[RecordBatch]) -> Result<(), Failure> {
    let builder = arrow::json::WriterBuilder::new().with_explicit_nulls(true);
    let mut writer = builder.build::<_, arrow::json::writer::JsonArray>(&mut *out);
    writer.write_batches(&batches.iter().collect::<Vec<_>>()).map_err(arrow)?;
    writer.finish().map_err(arrow)?;
    drop(writer);
    writeln!(out).map_err(Failure::output)
}

fn ndjson(out: &mut impl Write, batches: &[RecordBatch]) -> Result<(), Failure> {
    let builder = arrow::json::WriterBuilder::new().with_explicit_nulls(true);
    let mut writer = builder.build::<_, arrow::json::writer::LineDelimited>(out);
    writer.write_batches(&batches.iter().collect::<Vec<_>>()).map_err(arrow)?;
    writer.finish().map_err(arrow)
}

/// The batch with some of its columns turned into text that a terminal shows and does not obey.
fn as_text(
    batch: &RecordBatch,
    choose: impl Fn(&DataType) -> bool,
    null: &str,
) -> Result<RecordBatch, ArrowError> {
    let mut fields = Vec::with_capacity(batch.num_columns());
    let mut columns: Vec<ArrayRef> = Vec::with_capacity(batch.num_columns());
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        if choose(field.data_type()) {
            fields.push(Field::new(field.name(), DataType::Utf8, true));
            columns.push(text_of(column, null)?);
        } else {
            fields.push(field.as_ref().clone());
            columns.push(Arc::clone(column));
        }
    }
    RecordBatch::try_new_with_options(
        Arc::new(Schema::new(fields)),
        columns,
        &arrow::array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows())),
    )
}

fn text_of(column: &ArrayRef, null: &str) -> Result<ArrayRef, ArrowError> {
    let options = FormatOptions::new().with_null(null);
    let formatter = ArrayFormatter::try_new(column, &options)?;
    let plain = |c: char| if c.is_control() && c != '\n' { char::REPLACEMENT_CHARACTER } else { c };
    let value = |row| formatter.value(row).to_string().chars().map(plain).collect::<String>();
    let texts = StringArray::from_iter_values((0..column.len()).map(value));
    Ok(Arc::new(texts))
}

fn arrow(error: ArrowError) -> Failure {
    match error {
        ArrowError::IoError(_, error) => Failure::output(error),
        other => Failure::Engine(EngineError::Internal {
            what: "printing rows".to_owned(),
            reason: other.to_string(),
        }),
    }
}
