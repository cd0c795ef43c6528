//! Scans of relations that are not yet bound to rows.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use cpg_ir::spec::{Relation, RelationId};
use datafusion::common::{Column, Result, TableReference};
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, TableScan, TableSource};

use crate::schema::arrow_schema;

/// A relation as a table: its row and nothing more. [`crate::bind::bind`] replaces it.
#[derive(Debug)]
pub struct RelationSource {
    id: RelationId,
    schema: SchemaRef,
}

impl RelationSource {
    /// The relation `id` as a table of these columns.
    pub(crate) fn new(id: RelationId, schema: SchemaRef) -> Self {
        Self { id, schema }
    }

    /// Which relation.
    pub fn id(&self) -> &RelationId {
        &self.id
    }
}

impl TableSource for RelationSource {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}

/// The scan of a whole relation. Its table is called as the relation is.
pub(crate) fn scan(relation: &Relation) -> Result<LogicalPlan> {
    let source = RelationSource::new(relation.id.clone(), arrow_schema(&relation.schema));
    LogicalPlanBuilder::scan(table_name(&relation.id), Arc::new(source), None)?.build()
}

/// What a relation's table is called in plans.
pub fn table_name(id: &RelationId) -> TableReference {
    TableReference::bare(id.as_str())
}

/// The relation that a scan reads; `None` for any other table.
pub fn scanned(scan: &TableScan) -> Option<&RelationId> {
    scan.source.downcast_ref::<RelationSource>().map(RelationSource::id)
}

/// An unqualified column.
pub(crate) fn own(name: impl Into<String>) -> Expr {
    Expr::Column(Column::from_name(name))
}
