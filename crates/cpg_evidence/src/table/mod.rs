//! Tables of evidence: one declaration gives the catalogue's schema, the row type and the Arrow columns.
//!
//! [`tables!`] declares what a table's columns are; [`extractor!`](crate::extractor) says which tables an
//! extractor fills. Nothing else in this crate names a column as text.

pub(crate) mod column;
pub(crate) mod kind;
mod macros;

use std::cmp::Ordering;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use cpg_ir::ir::RelationDocs;
use cpg_ir::types::{Column, ColumnType, RowSchema, SemanticType};

use crate::schema::arrow_schema;
use column::{Column as _, Numbers, Texts};
pub(crate) use macros::{extractor, tables};

/// The columns that every row of a file shares, in front of a table's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Prefix {
    /// `file_id`, `path`.
    File,
    /// `file_id`, `path`, `module`.
    Module,
}

impl Prefix {
    fn columns(self) -> Vec<Column> {
        let column = |name: &str, semantic| Column {
            name: name.to_owned(),
            ty: ColumnType::required(semantic),
        };
        let mut columns =
            vec![column("file_id", SemanticType::FileId), column("path", SemanticType::Path)];
        if self == Self::Module {
            columns.push(column("module", SemanticType::String));
        }
        columns
    }

    fn docs(self) -> &'static [(&'static str, &'static str)] {
        let docs = &[
            ("file_id", "The file's identity."),
            ("path", "The file's path below its source."),
            ("module", "The dotted name of the module that the file is; empty for what is none."),
        ];
        match self {
            Self::File => &docs[..2],
            Self::Module => docs,
        }
    }
}

/// The values of the prefix columns for the rows of one file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FileKey<'a> {
    /// The file's identity.
    pub(crate) id: i64,
    /// The path relative to the source root.
    pub(crate) path: &'a str,
    /// The dotted module name; empty for what is no module.
    pub(crate) module: &'a str,
}

/// A declared table; see [`tables!`].
pub(crate) trait Table: 'static {
    /// Its name.
    const NAME: &'static str;
    /// The columns it shares with other tables of files.
    const PREFIX: Prefix;
    /// One row, without the prefix.
    type Row<'a>;
    /// Each own column that is needed.
    type Columns;
    /// Which own columns are needed.
    type Wanted;

    /// Its own columns, in order.
    fn own_columns() -> Vec<Column>;
    /// What it and its own columns hold, in words.
    fn own_docs() -> RelationDocs;
    /// Which own columns `is_needed` says are needed.
    fn wanted(is_needed: &dyn Fn(&str) -> bool) -> Self::Wanted;
    /// The needed columns, without rows.
    fn columns(wanted: &Self::Wanted) -> Self::Columns;
    /// Adds rows to every column.
    fn extend(columns: &mut Self::Columns, rows: &[Self::Row<'_>]);
    /// The columns as arrays, in order.
    ///
    /// # Errors
    /// When an array cannot hold as much.
    fn finish(columns: &mut Self::Columns) -> Result<Vec<ArrayRef>, ArrowError>;
    /// The order of the rows of one file.
    fn compare(left: &Self::Row<'_>, right: &Self::Row<'_>) -> Ordering;
}

/// The whole row of a table.
pub(crate) fn row_schema<T: Table>() -> RowSchema {
    let mut columns = T::PREFIX.columns();
    columns.extend(T::own_columns());
    RowSchema { columns }
}

/// What a table and its columns hold, in words.
pub(crate) fn docs<T: Table>() -> RelationDocs {
    let mut docs = T::own_docs();
    let shared = T::PREFIX.docs().iter();
    docs.columns.extend(shared.map(|(name, text)| ((*name).to_owned(), (*text).to_owned())));
    docs.columns.retain(|_, text| !text.is_empty());
    docs
}

/// A table of which some columns are needed.
pub(crate) struct TablePlan<T: Table> {
    /// Which own columns are needed.
    pub(crate) wanted: T::Wanted,
    schema: SchemaRef,
}

impl<T: Table> TablePlan<T> {
    /// A plan for the columns named in `needed`.
    ///
    /// # Errors
    /// The first name that is no column of the table.
    pub(crate) fn new(needed: &[String]) -> Result<Self, String> {
        let row = row_schema::<T>();
        if let Some(unknown) = needed.iter().find(|name| row.column(name).is_none()) {
            return Err(unknown.clone());
        }
        Ok(Self {
            wanted: T::wanted(&|name| needed.iter().any(|needed| needed == name)),
            schema: arrow_schema(&row, needed.iter().map(String::as_str)),
        })
    }

    /// The needed columns, in the table's order.
    pub(crate) fn schema(&self) -> &SchemaRef {
        &self.schema
    }
}

/// The rows of a table that `rows` makes, if the table is needed.
pub(crate) fn needed<T: Table, R>(
    plan: &Option<TablePlan<T>>,
    rows: impl FnOnce(&T::Wanted) -> Vec<R>,
) -> Vec<R> {
    plan.as_ref().map(|plan| rows(&plan.wanted)).unwrap_or_default()
}

/// Collects the rows of a table, file after file and batch after batch.
pub(crate) struct TableBuilder<T: Table> {
    schema: SchemaRef,
    file_id: Option<Numbers>,
    path: Option<Texts>,
    module: Option<Texts>,
    own: T::Columns,
    rows: usize,
}

impl<T: Table> TableBuilder<T> {
    pub(crate) fn new(plan: &TablePlan<T>) -> Self {
        let has = |name| plan.schema.column_with_name(name).is_some();
        Self {
            schema: Arc::clone(&plan.schema),
            file_id: has("file_id").then(Numbers::default),
            path: has("path").then(Texts::default),
            module: (T::PREFIX == Prefix::Module && has("module")).then(Texts::default),
            own: T::columns(&plan.wanted),
            rows: 0,
        }
    }

    /// Adds the rows of one file, in the table's order.
    pub(crate) fn append(&mut self, file: FileKey<'_>, mut rows: Vec<T::Row<'_>>) {
        // Mostly sorted already, which the stable sort is fast at.
        rows.sort_by(T::compare);
        T::extend(&mut self.own, &rows);
        if let Some(column) = &mut self.file_id {
            column.repeat(file.id, rows.len());
        }
        for (column, value) in [(&mut self.path, file.path), (&mut self.module, file.module)] {
            if let Some(column) = column {
                column.repeat(value, rows.len());
            }
        }
        self.rows += rows.len();
    }

    /// All rows so far as one batch.
    pub(crate) fn finish(&mut self) -> Result<RecordBatch, ArrowError> {
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(self.schema.fields().len());
        if let Some(file_id) = &mut self.file_id {
            columns.push(file_id.finish()?);
        }
        for column in [&mut self.path, &mut self.module].into_iter().flatten() {
            columns.push(column.finish()?);
        }
        columns.extend(T::finish(&mut self.own)?);
        let rows = std::mem::take(&mut self.rows);
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)
    }
}
