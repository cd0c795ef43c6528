//! Why something could not be exported.

use std::io;

use arrow::error::ArrowError;
use parquet::errors::ParquetError;

/// Why an export ends early. `E` is what the rows may fail with.
#[derive(Debug, thiserror::Error)]
pub enum ExportError<E> {
    /// The rows end with an error.
    #[error("the rows of the graph: {0}")]
    Rows(E),
    /// The file cannot be written.
    #[error(transparent)]
    Write(#[from] io::Error),
    /// A table is not one of a graph.
    #[error("{0}")]
    Shape(String),
}

impl<E> From<ArrowError> for ExportError<E> {
    fn from(error: ArrowError) -> Self {
        match error {
            ArrowError::IoError(_, error) => Self::Write(error),
            error => Self::Shape(error.to_string()),
        }
    }
}

impl<E> From<ParquetError> for ExportError<E> {
    fn from(error: ParquetError) -> Self {
        match error {
            ParquetError::External(error) => match error.downcast::<io::Error>() {
                Ok(error) => Self::Write(*error),
                Err(error) => Self::Shape(error.to_string()),
            },
            error => Self::Shape(error.to_string()),
        }
    }
}
