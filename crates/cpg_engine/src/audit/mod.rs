//! Checks of what was computed, before anybody can see it.

mod checks;
mod published;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use arrow::array::AsArray as _;
use arrow::datatypes::Int64Type;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use cpg_ir::check::{CheckRule, CheckSeverity};
use cpg_ir::expr::Expr;
use cpg_ir::spec::{RelationId, Spec, UnionBranch, UnionSpec};
use cpg_ir::types::RowSchema;
use datafusion::common::DataFusionError;
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::prelude::{DataFrame, JoinType, SessionContext, ident, lit};

use crate::authority::ExecutionAuthority;
use crate::delta::{DataFile, read};
use crate::error::{EngineError, Result};
use crate::resolver::Dataset;

pub(crate) use checks::{Inputs, check};
pub use published::{Audit, Unaudited, audit};

/// How many colliding ids, or rows that break a check, are shown.
const SHOWN: usize = 3;

/// The columns that tell people what a row is, where a table has them.
pub const TELLING: [&str; 5] = ["kind", "name", "qualified_name", "path", "span"];

/// Rows that are on disk and not yet visible.
pub(crate) struct Audited<'a> {
    /// The relation.
    pub(crate) relation: &'a RelationId,
    /// Where they lie.
    pub(crate) dataset: &'a Dataset,
    /// Their schema.
    pub(crate) row: &'a RowSchema,
    /// The same for Arrow.
    pub(crate) schema: &'a arrow::datatypes::SchemaRef,
    /// Their files.
    pub(crate) files: &'a [DataFile],
}

/// Checks that no two rows of an entity, or of a union of entities, have one id.
///
/// # Errors
/// [`EngineError::IdCollision`] when some do.
pub(crate) async fn ids(
    authority: &ExecutionAuthority,
    session: &SessionContext,
    audited: Audited<'_>,
) -> Result<()> {
    match shared_ids(authority, session, &audited).await? {
        None => Ok(()),
        Some((collisions, examples)) => {
            let relation = audited.relation.to_string();
            Err(EngineError::IdCollision { relation, collisions, examples })
        }
    }
}

/// How many ids of an entity, or of a union of entities, several rows share, and the rows of the first few; nothing where
/// each is that of one row.
async fn shared_ids(
    authority: &ExecutionAuthority,
    session: &SessionContext,
    audited: &Audited<'_>,
) -> Result<Option<(u64, String)>> {
    // What is staged may lack columns that nobody reads.
    let id = id_column(authority, audited.relation).filter(|id| audited.row.column(id).is_some());
    let Some(id) = id else { return Ok(None) };
    let limit = authority.profile().memory_bytes;
    let what = format!("checking the ids of `{}`", audited.relation);
    let rows = read::table(
        audited.dataset,
        Arc::clone(audited.schema),
        audited.files,
        read::Scanning::default(),
    )?;
    let rows =
        session.read_table(rows).map_err(|error| EngineError::execution(&what, limit, &error))?;
    collisions(rows, &id, audited.row)
        .await
        .map_err(|error| EngineError::execution(&what, limit, &error))
}

/// The columns in which no two rows of a relation agree: those that the program checks, or the one that identifies its rows.
/// None where nothing is said.
pub(crate) fn key(authority: &ExecutionAuthority, relation: &RelationId) -> Vec<String> {
    let unique = authority.manifest().checks().iter().find_map(|check| match &check.rule {
        CheckRule::Unique { relation: of, columns }
            if of == relation && check.severity == CheckSeverity::Error =>
        {
            Some(columns.iter().cloned().collect())
        }
        _ => None,
    });
    unique.unwrap_or_else(|| id_column(authority, relation).into_iter().collect())
}

/// The column that identifies the rows of a relation: of an entity, or of entities one beside the other.
fn id_column(authority: &ExecutionAuthority, relation: &RelationId) -> Option<String> {
    let relation = &authority.manifest().ir().relation(relation)?.relation;
    match &relation.spec {
        Spec::Normalize(spec) => Some(spec.id_column.clone()),
        Spec::Union(UnionSpec { branches, fuse: None }) => {
            // A relation that is there twice gives several rows for one id, such as a node's properties.
            let mut sources = BTreeSet::new();
            let mut identified = |branch: &UnionBranch| {
                let id = id_column(authority, &branch.source)?;
                let first = sources.insert(branch.source.clone());
                (first && branch.columns.first()?.value == Expr::column(0, id)).then_some(())
            };
            branches.iter().try_for_each(&mut identified)?;
            Some(relation.schema.columns.first()?.name.clone())
        }
        _ => None,
    }
}

/// How many ids several rows share, and the rows of the first few.
async fn collisions(
    rows: DataFrame,
    id: &str,
    row: &RowSchema,
) -> std::result::Result<Option<(u64, String)>, DataFusionError> {
    const SHARED: &str = "shared id";
    const ROWS: &str = "rows";
    let shared = rows
        .clone()
        .aggregate(vec![ident(id)], vec![count(lit(1)).alias(ROWS)])?
        .filter(ident(ROWS).gt(lit(1)))?
        .select(vec![ident(id).alias(SHARED)])?;
    let collisions = shared.clone().count().await?;
    if collisions == 0 {
        return Ok(None);
    }
    let first = shared.sort(vec![ident(SHARED).sort(true, false)])?.limit(0, Some(SHOWN))?;
    let telling: Vec<&str> = TELLING
        .into_iter()
        .filter(|column| *column != id && row.column(column).is_some())
        .collect();
    let shown = std::iter::once(id).chain(telling).map(ident);
    let batches = rows
        .join(first, JoinType::Inner, &[id], &[SHARED], None)?
        .select(shown.collect::<Vec<_>>())?
        .collect()
        .await?;
    Ok(Some((collisions as u64, table(&batches)?)))
}

/// The rows, one a line, sorted.
fn table(
    batches: &[arrow::record_batch::RecordBatch],
) -> std::result::Result<String, DataFusionError> {
    let options = FormatOptions::new().with_null("null");
    let mut lines = Vec::new();
    for batch in batches {
        let columns = batch
            .columns()
            .iter()
            .map(|column| ArrayFormatter::try_new(column.as_ref(), &options))
            .collect::<std::result::Result<Vec<_>, _>>()?;
        let ids = batch.column(0).as_primitive_opt::<Int64Type>();
        for row in 0..batch.num_rows() {
            let mut line = String::from(" ");
            for (field, column) in batch.schema_ref().fields().iter().zip(&columns) {
                // Writing to a string does not fail.
                let _ = write!(line, " {}: {}", field.name(), column.value(row));
            }
            lines.push((ids.map(|ids| ids.value(row)), line));
        }
    }
    lines.sort();
    lines.truncate(SHOWN * 2);
    Ok(lines.into_iter().map(|(_, line)| line).collect::<Vec<_>>().join("\n"))
}
