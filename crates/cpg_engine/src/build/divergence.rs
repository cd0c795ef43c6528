//! What becomes of a table's columns when its program changes.

use cpg_ir::policy::SchemaMode;
use cpg_ir::types::RowSchema;

use super::survey::{Survey, Table};
use crate::authority::ExecutionAuthority;
use crate::error::{EngineError, Result};
use crate::fingerprint::TableKey;
use crate::record::{RunRecord, SchemaDivergence};

/// Compares the columns that readers see now with those that the program gives, for the tables whose policies ask
/// for that.
///
/// # Errors
/// [`EngineError::SchemaDiverged`] when a table whose columns must stay would get others.
pub(super) fn divergences(
    authority: &ExecutionAuthority,
    survey: &Survey,
    previous: Option<&RunRecord>,
) -> Result<Vec<SchemaDivergence>> {
    let mut found = Vec::new();
    for (key, table) in survey.stale() {
        let TableKey::Relation(id) = key else { continue };
        let mode = authority.policies(id).and_then(|policies| policies.schema.as_ref());
        let mode = mode.map_or(SchemaMode::Evolve, |mode| mode.value);
        let Some(before) = previous.and_then(|record| published(record, table)) else { continue };
        let divergence = SchemaDivergence::between(table.dataset.to_string(), before, &table.row);
        match (mode, divergence) {
            (_, None) | (SchemaMode::Evolve, _) => {}
            (SchemaMode::Warn, Some(divergence)) => found.push(divergence),
            (SchemaMode::Strict, Some(divergence)) => {
                return Err(EngineError::SchemaDiverged { divergence: Box::new(divergence) });
            }
        }
    }
    Ok(found)
}

/// The columns that readers see.
fn published<'a>(record: &'a RunRecord, table: &Table) -> Option<&'a RowSchema> {
    record.tables.iter().find(|other| other.is_of(&table.dataset)).map(|other| &other.schema)
}
