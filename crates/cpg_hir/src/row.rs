//! Rows as checking sees them.

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
        self.columns.push(RowColumn { name: name.into(), ty });
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
