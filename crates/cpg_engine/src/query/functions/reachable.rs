//! `reachable`: what a walk over edges of some kinds meets.

use std::sync::Arc;

use arrow::array::Int64Array;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;
use async_trait::async_trait;
use datafusion::common::{JoinType, Result};
use datafusion::prelude::{SessionContext, col};

use super::Walk;
use super::arguments::Arguments;
use super::edges::{Edges, starts};
use arrow::compute::concat_batches;

pub(super) struct Reachable;

#[async_trait]
impl Walk for Reachable {
    fn name(&self) -> &'static str {
        "reachable"
    }

    fn usage(&self) -> &'static str {
        "reachable(node, 'KIND,…' [, 'out' or 'in' [, depth]])"
    }

    fn arity(&self) -> (usize, usize) {
        (2, 4)
    }

    fn schema(&self) -> SchemaRef {
        let mut fields = vec![Field::new("depth", DataType::Int64, false)];
        fields.extend(node_fields());
        Arc::new(Schema::new(fields))
    }

    fn check(&self, arguments: &Arguments) -> Result<()> {
        arguments.node(0)?;
        arguments.kinds(1)?;
        arguments.direction(2)?;
        arguments.depth(3).map(|_| ())
    }

    async fn rows(&self, tables: &SessionContext, arguments: &Arguments) -> Result<RecordBatch> {
        let starts = starts(tables, arguments, 0).await?;
        let edges = Edges::read(tables, &arguments.kinds(1)?).await?;
        let met = edges.walk(&starts, arguments.direction(2)?, arguments.depth(3)?)?;
        let met = met.into_iter().filter(|(_, depth)| *depth > 0);
        let (ids, depths): (Vec<i64>, Vec<i64>) =
            met.map(|(node, depth)| (node, i64::try_from(depth).unwrap_or(i64::MAX))).unzip();
        let found = Schema::new(vec![
            Field::new("met", DataType::Int64, false),
            Field::new("depth", DataType::Int64, false),
        ]);
        let columns =
            vec![Arc::new(Int64Array::from(ids)) as _, Arc::new(Int64Array::from(depths)) as _];
        let found = tables.read_batch(RecordBatch::try_new(Arc::new(found), columns)?)?;
        let names: Vec<String> =
            self.schema().fields().iter().map(|field| field.name().clone()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let nodes = tables.table("cpg_nodes").await?;
        let rows = found
            .join(nodes, JoinType::Inner, &["met"], &["node_id"], None)?
            .select_columns(&names)?
            .sort(vec![col("depth").sort(true, false), col("node_id").sort(true, false)])?;
        shaped(&self.schema(), rows.collect().await?)
    }
}

/// What the functions tell of nodes.
pub(super) fn node_fields() -> Vec<Field> {
    vec![
        Field::new("node_id", DataType::Int64, false),
        Field::new("kind", DataType::Utf8, true),
        Field::new("name", DataType::Utf8, true),
        Field::new("qualified_name", DataType::Utf8, true),
        Field::new("path", DataType::Utf8, true),
        Field::new("start_line", DataType::Int64, true),
    ]
}

/// The rows under a schema that says less of nulls.
pub(super) fn shaped(schema: &SchemaRef, batches: Vec<RecordBatch>) -> Result<RecordBatch> {
    let batches: Result<Vec<RecordBatch>> = batches
        .into_iter()
        .map(|batch| Ok(RecordBatch::try_new(Arc::clone(schema), batch.columns().to_vec())?))
        .collect();
    Ok(concat_batches(schema, &batches?)?)
}
