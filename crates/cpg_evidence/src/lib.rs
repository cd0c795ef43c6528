//! Extractors: source code becomes typed Arrow tables.
//!
//! ```text
//! sources ──scan──► Scan: paths, sizes, content hashes ──fingerprint──► is there anything to do?
//!                     │
//! EvidenceNeeds ──► ExtractorMap: needed tables and columns
//!                     │
//!                  extract: chunks of files in path order ─► workers (read, decode, parse, rows)
//!                                                               └─► batches, in order, to the receiver
//! ```
//!
//! Architecture invariants: the same bytes give the same rows in the same order, whatever the number of threads and
//! wherever the source lies. Bad input is a row of `extract_errors` and never an error or a panic. Memory is bounded
//! by the files in work, not by the number of files. What no program reads is not computed.

mod catalog;
mod error;
mod errors;
#[cfg(test)]
mod example;
mod external;
mod git;
mod options;
mod outside;
mod process;
mod python;
mod repo;
mod run;
mod scan;
mod schema;
mod scip;
mod table;
mod text;
mod treesitter;

pub use catalog::{ExtractorMap, catalog, catalog_with};
pub use error::{EvidenceError, ScanError};
pub use git::CommitFiles;
pub use options::{
    ExternalCommand, ExternalCommands, ExternalFormat, ExtractOptions, FileOptions, FilePattern,
    PatternError,
};
pub use run::{EvidenceBatch, EvidenceTable, Summary, extract};
pub use scan::{Language, Scan, ScanOptions, ScannedFile, Source, scan, scan_files};
pub use schema::arrow_schema;
