//! The edges that a walk takes, and the walk.

use std::collections::{BTreeMap, HashMap};

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::concat_batches;
use arrow::datatypes::Int64Type;
use datafusion::common::{Result, exec_datafusion_err, plan_err};
use datafusion::prelude::SessionContext;

use super::arguments::{Arguments, Direction};

/// Edges in both directions, by number.
pub(super) struct Edges {
    /// `src`, `dst`, `kind`, `path`, `start`, `end`, `confidence`.
    pub(super) rows: RecordBatch,
    out: HashMap<i64, Vec<u32>>,
    back: HashMap<i64, Vec<u32>>,
}

impl Edges {
    /// Those of `cpg_edges` for which a condition holds.
    pub(super) async fn read(tables: &SessionContext, condition: &str) -> Result<Self> {
        let sql = format!(
            "select src, dst, kind, path, start, \"end\", confidence from cpg_edges where {condition}"
        );
        let rows = all(tables, &sql).await?;
        let (mut out, mut back) = (HashMap::new(), HashMap::new());
        let (src, dst) = (ids(&rows, 0)?, ids(&rows, 1)?);
        for (number, (src, dst)) in (0_u32..).zip(src.iter().zip(dst)) {
            out.entry(*src).or_insert_with(Vec::new).push(number);
            back.entry(*dst).or_insert_with(Vec::new).push(number);
        }
        Ok(Self { rows, out, back })
    }

    pub(super) fn ends(&self, edge: u32) -> Result<(i64, i64)> {
        let at = edge as usize;
        Ok((ids(&self.rows, 0)?[at], ids(&self.rows, 1)?[at]))
    }

    /// The edges that leave a node, or that lead to it.
    pub(super) fn of(&self, node: i64, direction: Direction) -> &[u32] {
        let edges = match direction {
            Direction::Out => self.out.get(&node),
            Direction::In => self.back.get(&node),
        };
        edges.map_or(&[], Vec::as_slice)
    }

    /// Every node that a walk from `starts` meets, with the length of the shortest way; those of the starts are 0.
    pub(super) fn walk(
        &self,
        starts: &[i64],
        direction: Direction,
        depth: u64,
    ) -> Result<BTreeMap<i64, u64>> {
        let (src, dst) = (ids(&self.rows, 0)?, ids(&self.rows, 1)?);
        let ends = if direction == Direction::Out { dst } else { src };
        let mut met: BTreeMap<i64, u64> = starts.iter().map(|start| (*start, 0)).collect();
        let mut newest = starts.to_vec();
        for steps in 1..=depth {
            let mut next = Vec::new();
            for node in newest {
                for edge in self.of(node, direction) {
                    let end = ends[*edge as usize];
                    if let std::collections::btree_map::Entry::Vacant(entry) = met.entry(end) {
                        entry.insert(steps);
                        next.push(end);
                    }
                }
            }
            if next.is_empty() {
                break;
            }
            newest = next;
        }
        Ok(met)
    }
}

/// The nodes that an argument means.
pub(super) async fn starts(
    tables: &SessionContext,
    arguments: &Arguments,
    at: usize,
) -> Result<Vec<i64>> {
    let sql = format!("select node_id from cpg_nodes where {}", arguments.node(at)?);
    let nodes = ids(&all(tables, &sql).await?, 0)?.to_vec();
    if nodes.is_empty() {
        return plan_err!("the graph has no node `{}`", arguments.shown(at));
    }
    Ok(nodes)
}

/// All rows of a query.
pub(super) async fn all(tables: &SessionContext, sql: &str) -> Result<RecordBatch> {
    let rows = tables.sql(sql).await?;
    let schema = rows.schema().inner().clone();
    Ok(concat_batches(&schema, &rows.collect().await?)?)
}

/// The ids in a column.
pub(super) fn ids(rows: &RecordBatch, column: usize) -> Result<&[i64]> {
    let ids = rows.column(column).as_primitive_opt::<Int64Type>();
    let ids = ids.filter(|ids| ids.null_count() == 0);
    Ok(ids.ok_or_else(|| exec_datafusion_err!("the graph's ids are no numbers"))?.values())
}
