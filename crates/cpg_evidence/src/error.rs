//! Why extraction does not start or does not finish. Bad input is never among the reasons: that is a row.

use std::io;
use std::path::PathBuf;

use arrow::error::ArrowError;

/// Why evidence could not be extracted.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// The needs name an extractor that this build does not have.
    #[error("there is no extractor `{extractor}`")]
    UnknownExtractor {
        /// Its key.
        extractor: String,
    },
    /// The needs name a table that the extractor does not emit.
    #[error("the extractor `{extractor}` has no table `{table}`")]
    UnknownTable {
        /// The extractor's key.
        extractor: String,
        /// The table.
        table: String,
    },
    /// The needs name a column that the table does not have.
    #[error("the table `{table}` of the extractor `{extractor}` has no column `{column}`")]
    UnknownColumn {
        /// The extractor's key.
        extractor: String,
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// A worker thread could not be started.
    #[error("a worker thread could not be started")]
    Thread(#[source] io::Error),
    /// A batch could not be built, as when a column outgrows its offsets.
    #[error("a batch of evidence could not be built")]
    Arrow(#[from] ArrowError),
    /// The receiver of the batches asked to stop.
    #[error("extraction was stopped")]
    Stopped,
}

/// Why the sources could not be listed.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// No source was given.
    #[error("no source directory was given")]
    NoSource,
    /// A source that is not there or cannot be looked at.
    #[error("the source `{}` cannot be read: {error}", root.display())]
    Unreadable {
        /// The source.
        root: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A source that is no directory.
    #[error("the source `{}` is not a directory", root.display())]
    NotADirectory {
        /// The source.
        root: PathBuf,
    },
    /// It is not known what changed in a source.
    #[error("what changed in `{}` since `{reference}` is not known: {reason}", root.display())]
    Changes {
        /// The source.
        root: PathBuf,
        /// The commit.
        reference: String,
        /// Why.
        reason: String,
    },
    /// Two sources that give the same path to different files.
    #[error("two sources both have a file `{path}`; give one of them a prefix")]
    Collision {
        /// The path.
        path: String,
    },
}
