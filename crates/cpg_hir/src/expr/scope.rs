//! The row sources that an expression sees.

use cpg_ir::expr::Expr;

use crate::row::Row;

/// What names in an expression may stand for, and what is known of them there.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scope {
    /// The row sources, by their index in lowered expressions.
    pub sources: Vec<Source>,
    /// Whether the columns are a function's parameters.
    pub parameters: bool,
    /// Columns that are not null here although their type says they may be.
    present: Vec<Expr>,
}

/// A row source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// What expressions call it; `None` when its columns have bare names only.
    pub alias: Option<String>,
    /// Its columns.
    pub row: Row,
}

impl Scope {
    pub fn new(sources: Vec<Source>) -> Self {
        Self { sources, ..Self::default() }
    }

    /// The only row source, whose columns have bare names.
    pub fn row(row: Row) -> Self {
        Self::new(vec![Source { alias: None, row }])
    }

    /// The parameters of a function.
    pub fn parameters(row: Row) -> Self {
        Self { parameters: true, ..Self::row(row) }
    }

    /// Whether `column` is known not to be null.
    pub fn is_present(&self, column: &Expr) -> bool {
        self.present.contains(column)
    }

    /// Takes these as not null from here on.
    pub fn assume(&mut self, present: impl IntoIterator<Item = Expr>) {
        self.present.extend(present);
    }

    /// Runs `check` with these taken as not null.
    pub fn assuming<T>(
        &mut self,
        present: impl IntoIterator<Item = Expr>,
        check: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let known = self.present.len();
        self.present.extend(present);
        let result = check(self);
        self.present.truncate(known);
        result
    }

    /// Forgets the row sources and what is known of them, for new ones.
    pub fn replace(&mut self, sources: Vec<Source>) {
        self.sources = sources;
        self.present.clear();
    }

    /// Takes away the row sources from `index` on, and what is known of them.
    pub fn truncate(&mut self, index: usize) {
        self.sources.truncate(index);
        self.present.retain(|known| match known {
            Expr::Column { source, .. } => (*source as usize) < index,
            _ => true,
        });
    }

    /// The row source called `alias`, with its index.
    pub fn source(&self, alias: &str) -> Option<(u32, &Source)> {
        self.indexed().find(|(_, source)| source.alias.as_deref() == Some(alias))
    }

    /// The row sources with their indexes in lowered expressions.
    pub fn indexed(&self) -> impl Iterator<Item = (u32, &Source)> {
        (0..).zip(&self.sources)
    }

    /// Whether some row source may have columns that are not listed.
    pub fn is_open(&self) -> bool {
        self.sources.iter().any(|source| source.row.open)
    }

    /// The names of all columns.
    pub fn column_names(&self) -> impl Iterator<Item = &str> {
        self.sources.iter().flat_map(|source| source.row.names())
    }
}
