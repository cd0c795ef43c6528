//! Single tables.

use std::io::Write;

use arrow::array::{Array, ArrayRef, StringArray};
use arrow::csv::WriterBuilder;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use crate::attribute::{Attribute, AttributeType};
use crate::error::ExportError;
use crate::graph::{Part, plain_batch};

/// Writes rows as comma-separated values with a header; lists have `;` in between, nulls are empty.
///
/// # Errors
/// [`ExportError`] when the rows end early or cannot be written.
pub fn write_csv<E>(
    out: &mut impl Write,
    schema: &SchemaRef,
    rows: impl Iterator<Item = Part<E>>,
) -> Result<(), ExportError<E>> {
    let mut writer = WriterBuilder::new().with_header(true).build(&mut *out);
    writer.write(&flat(&RecordBatch::new_empty(schema.clone()))?)?;
    for batch in rows {
        writer.write(&flat(&batch.map_err(ExportError::Rows)?)?)?;
    }
    drop(writer);
    Ok(out.flush()?)
}

/// The batch with lists as texts.
fn flat<E>(batch: &RecordBatch) -> Result<RecordBatch, ExportError<E>> {
    let batch = plain_batch(batch)?;
    let mut fields = Vec::new();
    let mut columns: Vec<ArrayRef> = Vec::new();
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        match Attribute::of(field) {
            Some(list) if list.ty == AttributeType::Texts => {
                let texts: StringArray =
                    (0..column.len()).map(|row| list.cell(column, row).text(";")).collect();
                fields.push(Field::new(field.name(), DataType::Utf8, true));
                columns.push(std::sync::Arc::new(texts));
            }
            Some(_) => {
                fields.push(field.as_ref().clone());
                columns.push(column.clone());
            }
            None => {
                let (name, ty) = (field.name(), field.data_type());
                let why = format!("the column `{name}` is a `{ty}`, which CSV cannot hold");
                return Err(ExportError::Shape(why));
            }
        }
    }
    Ok(RecordBatch::try_new(Schema::new(fields).into(), columns)?)
}

/// Writes rows as a Parquet file, compressed with Snappy.
///
/// # Errors
/// [`ExportError`] when the rows end early or cannot be written.
pub fn write_parquet<E>(
    out: &mut (impl Write + Send),
    schema: &SchemaRef,
    rows: impl Iterator<Item = Part<E>>,
) -> Result<(), ExportError<E>> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_max_row_group_row_count(Some(ROW_GROUP))
        .build();
    let empty = plain_batch::<E>(&RecordBatch::new_empty(schema.clone()))?;
    let mut writer = ArrowWriter::try_new(&mut *out, empty.schema(), Some(properties))?;
    for batch in rows {
        writer.write(&plain_batch(&batch.map_err(ExportError::Rows)?)?)?;
    }
    writer.close()?;
    Ok(out.flush()?)
}

/// How many rows are held until they are written.
const ROW_GROUP: usize = 128 * 1024;
