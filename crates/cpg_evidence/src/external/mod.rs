//! Extractors that are commands of the profile: each prints the rows of one table.
//!
//! The profile says which command, what it prints and what it may take; a program can only read the table. The command
//! runs once, when anything of the sources or of what the profile says of it changed. Whatever it does wrong costs its own
//! table and is told in `extract_errors`.

mod ipc;

mod rows;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use cpg_ir::catalog::{COMMANDS, ExtractorSignature};
use cpg_ir::ir::RelationDocs;
use cpg_ir::types::{Column, ColumnType, RowSchema, SemanticType};

use crate::error::EvidenceError;
use crate::options::ExternalCommand;
use crate::process::{self, Failed, Limits};
use crate::run::EvidenceTable;
use crate::scan::Scan;
use crate::schema::arrow_schema;
use rows::{Collected, Row};

/// The file that tells of commands, and so the place of errors that have no other.
pub(crate) const PROFILE: &str = "cpglang.toml";

/// What the table of a command has: the columns that every table of files has, and its own.
pub(crate) fn row_schema(command: &ExternalCommand) -> RowSchema {
    let shared = [("file_id", SemanticType::FileId), ("path", SemanticType::Path)];
    let mut columns: Vec<Column> = shared
        .map(|(name, semantic)| Column {
            name: name.to_owned(),
            ty: ColumnType::required(semantic),
        })
        .into();
    columns.extend(command.columns.iter().cloned());
    RowSchema { columns }
}

/// What a command emits, for the catalogue.
pub(crate) fn signature(name: &str, command: &ExternalCommand) -> ExtractorSignature {
    let docs = RelationDocs {
        text: format!("What `{}` prints.", command.command.join(" ")),
        ..RelationDocs::default()
    };
    ExtractorSignature {
        version: 1,
        description: format!("What the command `{name}` of the profile prints"),
        tables: [(name.to_owned(), row_schema(command))].into(),
        docs: [(name.to_owned(), docs)].into(),
    }
}

/// A command of which some columns are needed.
pub(crate) struct Plan {
    /// Its key.
    pub(crate) extractor: String,
    /// The name of its table.
    pub(crate) table: String,
    pub(crate) schema: SchemaRef,
    command: ExternalCommand,
}

impl Plan {
    /// A plan for the needed columns of the command's table.
    ///
    /// # Errors
    /// A table that is not the command's, or a column that the table does not have.
    pub(crate) fn new(
        name: &str,
        command: &ExternalCommand,
        needs: &std::collections::BTreeMap<String, Vec<String>>,
    ) -> Result<Option<Self>, EvidenceError> {
        let extractor = format!("{COMMANDS}{name}");
        if let Some(unknown) = needs.keys().find(|table| *table != name) {
            return Err(EvidenceError::UnknownTable { extractor, table: unknown.clone() });
        }
        let Some(columns) = needs.get(name) else {
            return Ok(None);
        };
        let row = row_schema(command);
        if let Some(unknown) = columns.iter().find(|column| row.column(column).is_none()) {
            let (table, column) = (name.to_owned(), unknown.clone());
            return Err(EvidenceError::UnknownColumn { extractor, table, column });
        }
        let schema = arrow_schema(&row, columns.iter().map(String::as_str));
        Ok(Some(Self { extractor, table: name.to_owned(), schema, command: command.clone() }))
    }
}

impl Plan {
    pub(crate) fn evidence_table(&self) -> EvidenceTable {
        EvidenceTable {
            extractor: Cow::Owned(self.extractor.clone()),
            table: Cow::Owned(self.table.clone()),
            schema: Arc::clone(&self.schema),
        }
    }
}

/// What a command printed.
pub(crate) struct Printed {
    /// Sorted by path; none unless the command did well.
    rows: Vec<Row>,
    /// What was wrong with it, or with single rows.
    pub(crate) errors: Vec<String>,
}

/// Runs a command in the folder of the first source.
pub(crate) fn run(plan: &Plan, scan: &Scan) -> Printed {
    let command = &plan.command;
    let limits = Limits {
        time: Duration::from_secs(command.seconds),
        memory_bytes: command.memory_bytes,
        output_bytes: command.output_bytes,
    };
    let folder = scan.outside.folder();
    Printed::of(command, scan, |receive| process::run(&command.command, folder, limits, receive))
}

impl ExternalCommand {
    /// The rows of a text that the command might print, which arrives in pieces, and what is wrong with it: as if the
    /// command had run for the files of a scan. So can be tried what a table is made of, without running anything.
    ///
    /// # Errors
    /// The rows are too many for a batch.
    pub fn read<'p>(
        &self,
        pieces: impl IntoIterator<Item = &'p [u8]>,
        scan: &Scan,
    ) -> Result<(RecordBatch, Vec<String>), EvidenceError> {
        let printed = Printed::of(self, scan, |receive| {
            let mut pieces = pieces.into_iter();
            pieces.try_for_each(receive).map_err(|message| Failed { message })
        });
        let row = row_schema(self);
        let names = row.columns.iter().map(|column| column.name.as_str());
        let batch = rows::batch(&arrow_schema(&row, names), self, &printed.rows)?;
        Ok((batch, printed.errors))
    }
}

impl Printed {
    /// What `print` gives to the receiver that it is given.
    fn of(
        command: &ExternalCommand,
        scan: &Scan,
        print: impl FnOnce(&mut dyn FnMut(&[u8]) -> Result<(), String>) -> Result<(), Failed>,
    ) -> Self {
        let size = |path: &str| scan.file(path).map(|file| file.size);
        let mut collected = Collected::new(command, &size);
        let printed = print(&mut |piece| collected.take(piece));
        let told = printed.and_then(|()| collected.end().map_err(|message| Failed { message }));
        let (mut rows, mut errors) = collected.into_rows();
        if let Err(Failed { message }) = told {
            rows.clear();
            errors.push(message);
        }
        Self { rows, errors }
    }

    /// The rows of the files whose paths lie between two, both included.
    pub(crate) fn batch(
        &self,
        plan: &Plan,
        first: &str,
        last: &str,
    ) -> Result<RecordBatch, ArrowError> {
        let start = self.rows.partition_point(|row| row.path.as_str() < first);
        let end = self.rows.partition_point(|row| row.path.as_str() <= last);
        rows::batch(&plan.schema, &plan.command, &self.rows[start..end])
    }
}
