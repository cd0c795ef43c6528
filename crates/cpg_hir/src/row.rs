//! Rows as checking sees them.

use cpg_base::TextRange;
use cpg_ir::types::{Column, RowSchema, SemanticType};

use crate::ty::Ty;

/// The columns of a row, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// The columns; names are unique.
    pub columns: Vec<RowColumn>,
    /// Whether it may have columns that are not listed, because of an error that was told already.
    pub open: bool,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowColumn {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Ty,
    /// Where the item under check has it from.
    pub origin: Origin,
}

/// Where a column comes from, as seen from the item under check. What other items see of a row says nothing of
/// it, so that moving a column changes no signature.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Origin {
    /// The language gives it, or it is not known.
    #[default]
    Unknown,
    /// The item says it there.
    Here(TextRange),
    /// It is the column of that name of an item that this one reads: its index in
    /// [`Facts::inputs`](crate::facts::Facts::inputs).
    Input(u32),
}

impl Row {
    /// A row of which nothing is known.
    pub fn unknown() -> Self {
        Self { columns: Vec::new(), open: true }
    }

    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&RowColumn> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The columns' names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    /// The column of that meaning: the one called `name` if it has it, else the first that has it.
    pub fn find(&self, name: &str, semantic: &SemanticType) -> Option<&RowColumn> {
        let has = |column: &&RowColumn| column.ty.semantic() == Some(semantic);
        self.column(name).filter(has).or_else(|| self.columns.iter().find(has))
    }

    /// The column that says which file.
    pub fn file(&self) -> Option<&RowColumn> {
        self.find("file_id", &SemanticType::FileId)
    }

    /// The column that holds the file's path.
    pub fn path(&self) -> Option<&RowColumn> {
        self.find("path", &SemanticType::Path)
    }

    /// The column that says where in the file.
    pub fn span(&self) -> Option<&RowColumn> {
        self.find("span", &SemanticType::Span)
    }

    /// The first column that holds ids.
    pub fn id(&self) -> Option<&RowColumn> {
        self.columns.iter().find(|column| matches!(column.ty.semantic(), Some(SemanticType::Id(_))))
    }

    /// Adds a column.
    pub fn push(&mut self, name: impl Into<String>, ty: Ty) {
        self.columns.push(RowColumn { name: name.into(), ty, origin: Origin::Unknown });
    }

    /// Adds a column that the item under check says at that place.
    pub fn declare(&mut self, name: impl Into<String>, ty: Ty, range: TextRange) {
        self.columns.push(RowColumn { name: name.into(), ty, origin: Origin::Here(range) });
    }

    /// The same row, every column from there.
    #[must_use]
    pub fn with_origin(mut self, origin: Origin) -> Self {
        self.columns.iter_mut().for_each(|column| column.origin = origin);
        self
    }

    /// The schema; `None` when something of the row is unknown.
    pub fn schema(&self) -> Option<RowSchema> {
        if self.open {
            return None;
        }
        let columns = self
            .columns
            .iter()
            .map(|column| {
                Some(Column { name: column.name.clone(), ty: column.ty.known()?.clone() })
            })
            .collect::<Option<_>>()?;
        Some(RowSchema { columns })
    }
}
