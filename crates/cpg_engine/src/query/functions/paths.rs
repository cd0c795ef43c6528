//! `paths`: the edges on the shortest ways between two nodes.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Int64Array, StringArray, UInt32Array};
use arrow::compute::take;
use arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;
use async_trait::async_trait;
use datafusion::common::Result;
use datafusion::prelude::SessionContext;

use super::Walk;
use super::arguments::{Arguments, Direction};
use super::edges::{Edges, all, starts};

pub(super) struct Paths;

#[async_trait]
impl Walk for Paths {
    fn name(&self) -> &'static str {
        "paths"
    }

    fn usage(&self) -> &'static str {
        "paths(from, to, 'KIND,…' [, depth])"
    }

    fn arity(&self) -> (usize, usize) {
        (3, 4)
    }

    fn schema(&self) -> SchemaRef {
        Arc::new(Schema::new(vec![
            Field::new("step", DataType::Int64, false),
            Field::new("src", DataType::Int64, false),
            Field::new("source", DataType::Utf8, true),
            Field::new("kind", DataType::Utf8, true),
            Field::new("dst", DataType::Int64, false),
            Field::new("target", DataType::Utf8, true),
            Field::new("path", DataType::Utf8, true),
            Field::new("start", DataType::Int64, true),
            Field::new("end", DataType::Int64, true),
            Field::new("confidence", DataType::Float64, true),
        ]))
    }

    fn check(&self, arguments: &Arguments) -> Result<()> {
        arguments.node(0)?;
        arguments.node(1)?;
        arguments.kinds(2)?;
        arguments.depth(3).map(|_| ())
    }

    async fn rows(&self, tables: &SessionContext, arguments: &Arguments) -> Result<RecordBatch> {
        let (from, to) = (starts(tables, arguments, 0).await?, starts(tables, arguments, 1).await?);
        let edges = Edges::read(tables, &arguments.kinds(2)?).await?;
        let depths = edges.walk(&from, Direction::Out, arguments.depth(3)?)?;
        // Back from the targets that are nearest, one step closer to the start each time.
        let nearest = to.iter().filter_map(|node| depths.get(node)).min().copied();
        let is_nearest = |node: &&i64| nearest.is_some() && depths.get(node).copied() == nearest;
        let mut open: Vec<i64> = to.iter().filter(is_nearest).copied().collect();
        let mut steps: Vec<(u64, u32)> = Vec::new();
        for step in (1..=nearest.unwrap_or_default()).rev() {
            let mut before = Vec::new();
            for node in &open {
                for edge in edges.of(*node, Direction::In) {
                    let (src, _) = edges.ends(*edge)?;
                    if depths.get(&src) == Some(&(step - 1)) {
                        steps.push((step, *edge));
                        before.push(src);
                    }
                }
            }
            before.sort_unstable();
            before.dedup();
            open = before;
        }
        self.told(tables, &edges, steps).await
    }
}

impl Paths {
    /// The rows of edges with the step that each is.
    async fn told(
        &self,
        tables: &SessionContext,
        edges: &Edges,
        mut steps: Vec<(u64, u32)>,
    ) -> Result<RecordBatch> {
        let ends: Result<Vec<_>> = steps.iter().map(|(_, edge)| edges.ends(*edge)).collect();
        let mut order: Vec<_> = steps.drain(..).zip(ends?).collect();
        order.sort_unstable_by_key(|((step, edge), ends)| (*step, *ends, *edge));
        let edge_numbers: UInt32Array = order.iter().map(|((_, edge), _)| Some(*edge)).collect();
        let column = |at: usize| take(edges.rows.column(at), &edge_numbers, None);
        let step = order.iter().map(|((step, _), _)| i64::try_from(*step).unwrap_or(i64::MAX));
        let nodes: Vec<i64> = order.iter().flat_map(|(_, (src, dst))| [*src, *dst]).collect();
        let names = names(tables, &nodes).await?;
        let name = |pick: fn(&(i64, i64)) -> i64| -> ArrayRef {
            let names = order.iter().map(|(_, ends)| names.get(&pick(ends)).cloned().flatten());
            Arc::new(names.collect::<StringArray>())
        };
        let columns: Vec<ArrayRef> = vec![
            Arc::new(Int64Array::from_iter_values(step)),
            column(0)?,
            name(|ends| ends.0),
            column(2)?,
            column(1)?,
            name(|ends| ends.1),
            column(3)?,
            column(4)?,
            column(5)?,
            column(6)?,
        ];
        Ok(RecordBatch::try_new(self.schema(), columns)?)
    }
}

/// What people call some nodes.
async fn names(
    tables: &SessionContext,
    nodes: &[i64],
) -> Result<std::collections::HashMap<i64, Option<String>>> {
    if nodes.is_empty() {
        return Ok(Default::default());
    }
    let listed: Vec<String> = nodes.iter().map(i64::to_string).collect();
    let sql = format!(
        "select node_id, coalesce(qualified_name, name, text, kind) from cpg_nodes \
         where node_id in ({})",
        listed.join(", ")
    );
    let rows = all(tables, &sql).await?;
    let ids = rows.column(0).as_primitive::<Int64Type>();
    let texts = arrow::compute::cast(rows.column(1), &DataType::Utf8)?;
    let texts = texts.as_string::<i32>();
    Ok(ids.values().iter().copied().zip(texts.iter().map(|text| text.map(str::to_owned))).collect())
}
