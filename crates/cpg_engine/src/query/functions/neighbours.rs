//! `neighbours`: what one edge leads to or comes from.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;
use async_trait::async_trait;
use datafusion::common::Result;
use datafusion::prelude::SessionContext;

use super::Walk;
use super::arguments::Arguments;
use super::edges::starts;
use super::reachable::{node_fields, shaped};

pub(super) struct Neighbours;

#[async_trait]
impl Walk for Neighbours {
    fn name(&self) -> &'static str {
        "neighbours"
    }

    fn usage(&self) -> &'static str {
        "neighbours(node [, 'KIND,…'])"
    }

    fn arity(&self) -> (usize, usize) {
        (1, 2)
    }

    fn schema(&self) -> SchemaRef {
        let mut fields = vec![
            Field::new("direction", DataType::Utf8, false),
            Field::new("edge_kind", DataType::Utf8, true),
            Field::new("confidence", DataType::Float64, true),
        ];
        fields.extend(node_fields());
        Arc::new(Schema::new(fields))
    }

    fn check(&self, arguments: &Arguments) -> Result<()> {
        arguments.node(0)?;
        arguments.kinds(1).map(|_| ())
    }

    async fn rows(&self, tables: &SessionContext, arguments: &Arguments) -> Result<RecordBatch> {
        let starts = starts(tables, arguments, 0).await?;
        let starts: Vec<String> = starts.iter().map(i64::to_string).collect();
        let (starts, kinds) = (starts.join(", "), arguments.kinds(1)?);
        let arm = |direction: &str, here: &str, there: &str| {
            format!(
                "select '{direction}' as direction, e.kind as edge_kind, e.confidence, n.node_id, \
                 n.kind, n.name, n.qualified_name, n.path, n.start_line \
                 from (select * from cpg_edges where {kinds} and {here} in ({starts})) e \
                 join cpg_nodes n on e.{there} = n.node_id"
            )
        };
        let sql = format!(
            "{} union all {} order by direction desc, edge_kind, path, start_line, node_id",
            arm("out", "src", "dst"),
            arm("in", "dst", "src")
        );
        shaped(&self.schema(), tables.sql(&sql).await?.collect().await?)
    }
}
