//! Tables of evidence: one declaration gives the catalogue's schema, the row type and the Arrow builders.
//!
//! [`tables!`] declares what a table's columns are; [`extractor!`](crate::extractor) says which tables an
//! extractor fills. Nothing else in this crate names a column as text.

pub(crate) mod kind;
mod macros;

use std::cmp::Ordering;
use std::sync::Arc;

use arrow::array::{
    ArrayBuilder, ArrayRef, Int64Builder, RecordBatch, RecordBatchOptions, StringBuilder,
};
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use cpg_ir::ir::RelationDocs;
use cpg_ir::types::{Column, ColumnType, RowSchema, SemanticType};

use crate::schema::arrow_schema;
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
    /// A builder for each own column that is needed.
    type Builders;
    /// Which own columns are needed.
    type Wanted;

    /// Its own columns, in order.
    fn own_columns() -> Vec<Column>;
    /// What it and its own columns hold, in words.
    fn own_docs() -> RelationDocs;
    /// Which own columns `is_needed` says are needed.
    fn wanted(is_needed: &dyn Fn(&str) -> bool) -> Self::Wanted;
    /// Builders for the needed columns.
    fn builders(wanted: &Self::Wanted) -> Self::Builders;
    /// Adds a row to every builder.
    fn append(builders: &mut Self::Builders, row: &Self::Row<'_>);
    /// The built columns, in order.
    fn finish(builders: Self::Builders) -> Vec<ArrayRef>;
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

/// Collects the rows of a table, file after file.
pub(crate) struct TableBuilder<T: Table> {
    schema: SchemaRef,
    file_id: Option<Int64Builder>,
    path: Option<StringBuilder>,
    module: Option<StringBuilder>,
    own: T::Builders,
    rows: usize,
}

impl<T: Table> TableBuilder<T> {
    pub(crate) fn new(plan: &TablePlan<T>) -> Self {
        let has = |name| plan.schema.column_with_name(name).is_some();
        Self {
            schema: Arc::clone(&plan.schema),
            file_id: has("file_id").then(Int64Builder::new),
            path: has("path").then(StringBuilder::new),
            module: (T::PREFIX == Prefix::Module && has("module")).then(StringBuilder::new),
            own: T::builders(&plan.wanted),
            rows: 0,
        }
    }

    /// Adds the rows of one file, in the table's order.
    pub(crate) fn append(&mut self, file: FileKey<'_>, mut rows: Vec<T::Row<'_>>) {
        // Mostly sorted already, which the stable sort is fast at.
        rows.sort_by(T::compare);
        for row in &rows {
            T::append(&mut self.own, row);
        }
        if let Some(builder) = &mut self.file_id {
            builder.append_value_n(file.id, rows.len());
        }
        for (builder, value) in [(&mut self.path, file.path), (&mut self.module, file.module)] {
            if let Some(builder) = builder {
                builder.append_value_n(value, rows.len());
            }
        }
        self.rows += rows.len();
    }

    /// All rows so far as one batch.
    pub(crate) fn finish(self) -> Result<RecordBatch, ArrowError> {
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(self.schema.fields().len());
        columns.extend(self.file_id.map(|mut builder| ArrayBuilder::finish(&mut builder)));
        columns.extend(self.path.map(|mut builder| ArrayBuilder::finish(&mut builder)));
        columns.extend(self.module.map(|mut builder| ArrayBuilder::finish(&mut builder)));
        columns.extend(T::finish(self.own));
        let options = RecordBatchOptions::new().with_row_count(Some(self.rows));
        RecordBatch::try_new_with_options(self.schema, columns, &options)
    }
}
