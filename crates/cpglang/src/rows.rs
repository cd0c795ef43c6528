//! Rows as text.

#[cfg(test)]
mod tests;

use std::io::Write;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::json::writer::{JsonArray, LineDelimited};
use arrow::json::{Writer, WriterBuilder};
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
    let mut writer = RowWriter::new(out, schema, format)?;
    for part in parts {
        writer.write(&part?)?;
    }
    writer.finish()
}

/// Prints rows of one schema, batch after batch. Only a table is held until its end, which its widths need.
pub(crate) enum RowWriter<W: Write> {
    /// Aligned, with how many rows there are.
    Table { out: W, texts: Vec<RecordBatch>, count: u64 },
    /// Comma-separated.
    Csv(Box<arrow::csv::Writer<W>>),
    /// One array.
    Json(Writer<W, JsonArray>),
    /// An object a line.
    Ndjson(Writer<W, LineDelimited>),
}

impl<W: Write> RowWriter<W> {
    /// Writes what comes before the first row.
    pub fn new(out: W, schema: &SchemaRef, format: RowFormat) -> Result<Self, Failure> {
        let empty = RecordBatch::new_empty(Arc::clone(schema));
        let json = || WriterBuilder::new().with_explicit_nulls(true);
        let mut writer = match format {
            RowFormat::Table => Self::Table { out, texts: Vec::new(), count: 0 },
            RowFormat::Csv => {
                Self::Csv(Box::new(arrow::csv::WriterBuilder::new().with_header(true).build(out)))
            }
            RowFormat::Json => Self::Json(json().build(out)),
            RowFormat::Ndjson => Self::Ndjson(json().build(out)),
        };
        // The columns of a table and the header of CSV come with the first batch.
        writer.write(&empty)?;
        Ok(writer)
    }

    /// Adds rows.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), Failure> {
        match self {
            Self::Table { texts, count, .. } => {
                *count += batch.num_rows() as u64;
                texts.push(as_text(batch, |_| true, "null").map_err(arrow)?);
                Ok(())
            }
            Self::Csv(writer) => {
                // The format has no nested values: they are written as in a table.
                let flat = as_text(batch, DataType::is_nested, "").map_err(arrow)?;
                writer.write(&flat).map_err(arrow)
            }
            Self::Json(writer) => writer.write(batch).map_err(arrow),
            Self::Ndjson(writer) => writer.write(batch).map_err(arrow),
        }
    }

    /// Writes what comes after the last row.
    pub fn finish(self) -> Result<(), Failure> {
        let mut out = match self {
            Self::Table { mut out, texts, count } => {
                let drawn = pretty_format_batches(&texts).map_err(arrow)?;
                let rows = crate::size::counted(count, "row");
                writeln!(out, "{drawn}\n{rows}").map_err(Failure::output)?;
                out
            }
            Self::Csv(writer) => writer.into_inner(),
            Self::Json(mut writer) => {
                writer.finish().map_err(arrow)?;
                let mut out = writer.into_inner();
                out.write_all(b"\n").map_err(Failure::output)?;
                out
            }
            Self::Ndjson(mut writer) => {
                writer.finish().map_err(arrow)?;
                writer.into_inner()
            }
        };
        out.flush().map_err(Failure::output)
    }
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
