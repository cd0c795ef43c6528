//! Rows as text.

#[cfg(test)]
mod tests;

use std::io::Write;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::json::WriterBuilder;
use arrow::json::writer::{JsonArray, JsonFormat, LineDelimited};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use arrow::util::pretty::pretty_format_batches;
use cpg_engine::EngineError;

use crate::args::RowFormat;
use crate::failure::Failure;

/// A part of the rows, or why there are no more.
type Part = Result<RecordBatch, EngineError>;

/// Prints rows of one schema as they come; also an empty result has its columns.
pub(crate) fn write(
    out: &mut impl Write,
    schema: &SchemaRef,
    parts: impl Iterator<Item = Part>,
    format: RowFormat,
) -> Result<(), Failure> {
    match format {
        RowFormat::Table => table(out, schema, parts),
        RowFormat::Csv => csv(out, schema, parts),
        RowFormat::Json => json::<JsonArray>(out, parts, "\n"),
        RowFormat::Ndjson => json::<LineDelimited>(out, parts, ""),
    }
}

fn table(
    out: &mut impl Write,
    schema: &SchemaRef,
    parts: impl Iterator<Item = Part>,
) -> Result<(), Failure> {
    let mut count = 0;
    let mut texts = vec![as_text(&RecordBatch::new_empty(Arc::clone(schema)), |_| true, "null")];
    for part in parts {
        let part = part?;
        count += part.num_rows();
        texts.push(as_text(&part, |_| true, "null"));
    }
    let texts = texts.into_iter().collect::<Result<Vec<_>, _>>().map_err(arrow)?;
    let drawn = pretty_format_batches(&texts).map_err(arrow)?;
    let rows = crate::size::counted(count as u64, "row");
    writeln!(out, "{drawn}\n{rows}").map_err(Failure::output)
}

fn csv(
    out: &mut impl Write,
    schema: &SchemaRef,
    parts: impl Iterator<Item = Part>,
) -> Result<(), Failure> {
    let mut writer = arrow::csv::WriterBuilder::new().with_header(true).build(out);
    // The header is written with the first batch.
    let header = Ok(RecordBatch::new_empty(Arc::clone(schema)));
    for part in std::iter::once(header).chain(parts) {
        // The format has no nested values: they are written as in a table.
        let flat = as_text(&part?, DataType::is_nested, "").map_err(arrow)?;
        writer.write(&flat).map_err(arrow)?;
    }
    Ok(())
}

fn json<F: JsonFormat>(
    out: &mut impl Write,
    parts: impl Iterator<Item = Part>,
    end: &str,
) -> Result<(), Failure> {
    let mut writer = WriterBuilder::new().with_explicit_nulls(true).build::<_, F>(&mut *out);
    for part in parts {
        writer.write(&part?).map_err(arrow)?;
    }
    writer.finish().map_err(arrow)?;
    drop(writer);
    out.write_all(end.as_bytes()).map_err(Failure::output)
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
