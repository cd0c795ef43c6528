//! How many errors extractors met, by kind, as their table says.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::AsArray as _;
use arrow::datatypes::Int64Type;
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::prelude::{col, lit};

use super::Run;
use super::execute::Outcome;
use crate::delta::read;
use crate::error::{EngineError, Result};

/// The column of the errors' table that says what kind an error is of.
const KIND: &str = "kind";

/// Errors by kind; none when the program does not read the table of errors, or not its kinds. Where the build is not about
/// that table, what the build before says.
///
/// # Errors
/// When the table cannot be read.
pub(super) async fn count_by_kind(run: &Run, outcome: &Outcome) -> Result<BTreeMap<String, u64>> {
    let mut errors = BTreeMap::new();
    if let (Some(_), Some(previous)) = (run.authority.scope().said(), &run.previous)
        && !run.survey.tables().keys().any(|key| key.is_errors())
    {
        errors.clone_from(&previous.errors);
    }
    for (key, table) in run.survey.tables() {
        if !key.is_errors() || table.schema.index_of(KIND).is_err() {
            continue;
        }
        let files = outcome.files(key, table);
        let rows = read::table(
            &table.dataset,
            Arc::clone(&table.schema),
            &files,
            read::Scanning::default(),
        )?;
        let limit = run.authority.profile().memory_bytes;
        let failed = |error| EngineError::execution("counting errors", limit, &error);
        let batches = run
            .session
            .read_table(rows)
            .and_then(|rows| rows.aggregate(vec![col(KIND)], vec![count(lit(1))]))
            .map_err(failed)?
            .collect()
            .await
            .map_err(failed)?;
        for batch in batches {
            let kinds = batch.column(0).as_string_opt::<i32>();
            let counts = batch.column(1).as_primitive_opt::<Int64Type>();
            for (kind, count) in kinds.into_iter().flatten().zip(counts.into_iter().flatten()) {
                if let (Some(kind), Some(count)) = (kind, count) {
                    errors.insert(kind.to_owned(), count.unsigned_abs());
                }
            }
        }
    }
    Ok(errors)
}
