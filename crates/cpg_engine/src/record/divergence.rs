//! How the columns of a table differ from those that readers had before.

use std::fmt;

use cpg_ir::types::{Column, RowSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a table's columns changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SchemaDivergence {
    /// Area and name, as in `graph/cpg_nodes`.
    pub table: String,
    /// Columns that were not there.
    pub added: Vec<Column>,
    /// Columns that are gone.
    pub removed: Vec<Column>,
    /// Columns of another type or another nullability: before and after.
    pub changed: Vec<(Column, Column)>,
}

impl SchemaDivergence {
    /// What differs between two rows of a table; `None` when nothing does. The order of columns does not count.
    pub(crate) fn between(table: String, before: &RowSchema, after: &RowSchema) -> Option<Self> {
        let missing = |from: &RowSchema, of: &RowSchema| {
            let columns = of.columns.iter().filter(|one| from.column(&one.name).is_none());
            columns.cloned().collect::<Vec<_>>()
        };
        let changed = before
            .columns
            .iter()
            .filter_map(|old| Some((old, after.column(&old.name)?)))
            .filter(|(old, new)| old.ty != new.ty)
            .map(|(old, new)| (old.clone(), new.clone()))
            .collect();
        let found =
            Self { table, added: missing(before, after), removed: missing(after, before), changed };
        let differs =
            !(found.added.is_empty() && found.removed.is_empty() && found.changed.is_empty());
        differs.then_some(found)
    }
}

/// The changes, separated by `; `.
impl fmt::Display for SchemaDivergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let added = self.added.iter().map(|one| format!("`{}: {}` is new", one.name, one.ty));
        let removed = self.removed.iter().map(|one| format!("`{}: {}` is gone", one.name, one.ty));
        let changed = self
            .changed
            .iter()
            .map(|(old, new)| format!("`{}` was `{}` and is `{}`", old.name, old.ty, new.ty));
        f.write_str(&added.chain(removed).chain(changed).collect::<Vec<_>>().join("; "))
    }
}

#[cfg(test)]
mod tests {
    use cpg_ir::types::{ColumnType, SemanticType as T};

    use super::*;

    fn row(columns: &[(&str, ColumnType)]) -> RowSchema {
        let column =
            |(name, ty): &(&str, ColumnType)| Column { name: (*name).to_owned(), ty: ty.clone() };
        RowSchema { columns: columns.iter().map(column).collect() }
    }

    #[test]
    fn each_kind_of_change_is_found() {
        let before = row(&[
            ("kept", ColumnType::required(T::Int)),
            ("gone", ColumnType::required(T::Int)),
            ("retyped", ColumnType::required(T::Int)),
            ("loose", ColumnType::required(T::Int)),
        ]);
        let after = row(&[
            ("loose", ColumnType::optional(T::Int)),
            ("new", ColumnType::optional(T::String)),
            ("retyped", ColumnType::required(T::String)),
            ("kept", ColumnType::required(T::Int)),
        ]);
        let found = SchemaDivergence::between("graph/t".to_owned(), &before, &after);
        assert_eq!(
            found.map(|found| found.to_string()).as_deref(),
            Some(
                "`new: string?` is new; `gone: int` is gone; `retyped` was `int` and is `string`; \
                 `loose` was `int` and is `int?`"
            )
        );
        assert_eq!(SchemaDivergence::between("graph/t".to_owned(), &before, &before), None);
    }
}
