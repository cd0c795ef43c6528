//! Table functions over the graph of a build: walks that SQL says badly.
//!
//! ```text
//! reachable(NODE, KINDS [, DIRECTION [, DEPTH]])  what edges of the kinds lead to, or where they come from
//! neighbours(NODE [, KINDS])                      what one edge leads to or comes from, with the edge
//! paths(FROM, TO, KINDS [, DEPTH])                the edges on the shortest ways between two nodes
//! ```
//!
//! A node is its qualified name (of definitions and the like) or its id; kinds are separated by commas. A function reads the
//! edges of its kinds once and walks in memory.

mod arguments;
mod edges;
mod neighbours;
mod paths;
mod reachable;

use std::fmt;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use async_trait::async_trait;
use datafusion::catalog::{MemTable, Session, TableFunctionArgs, TableFunctionImpl, TableProvider};
use datafusion::common::Result;
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::prelude::SessionContext;

use arguments::Arguments;

/// Makes the functions known to a session that has the outputs of a build.
pub(super) fn register(session: &SessionContext) {
    // Its own session, that knows the tables and not the functions: else they would hold each other.
    let tables = SessionContext::new_with_state(session.state());
    let walks: [Arc<dyn Walk>; 3] =
        [Arc::new(reachable::Reachable), Arc::new(neighbours::Neighbours), Arc::new(paths::Paths)];
    for walk in walks {
        let name = walk.name();
        session.register_udtf(name, Arc::new(Function { walk, tables: tables.clone() }));
    }
}

/// What a function computes.
#[async_trait]
trait Walk: Send + Sync {
    /// What SQL calls it.
    fn name(&self) -> &'static str;

    /// How it is called, for people.
    fn usage(&self) -> &'static str;

    /// The columns that it gives.
    fn schema(&self) -> SchemaRef;

    /// How many arguments it needs, and how many it takes.
    fn arity(&self) -> (usize, usize);

    /// Looks at the arguments without reading anything.
    fn check(&self, arguments: &Arguments) -> Result<()>;

    /// The rows.
    async fn rows(&self, tables: &SessionContext, arguments: &Arguments) -> Result<RecordBatch>;
}

struct Function {
    walk: Arc<dyn Walk>,
    tables: SessionContext,
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.walk.name())
    }
}

impl TableFunctionImpl for Function {
    fn call_with_args(&self, args: TableFunctionArgs) -> Result<Arc<dyn TableProvider>> {
        let arguments = Arguments::new(args.exprs(), self.walk.arity(), self.walk.usage())?;
        self.walk.check(&arguments)?;
        let (walk, tables) = (Arc::clone(&self.walk), self.tables.clone());
        Ok(Arc::new(Walked { walk, tables, arguments }))
    }
}

/// A call as a table, whose rows are computed when they are read.
struct Walked {
    walk: Arc<dyn Walk>,
    tables: SessionContext,
    arguments: Arguments,
}

impl fmt::Debug for Walked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.walk.name())
    }
}

#[async_trait]
impl TableProvider for Walked {
    fn schema(&self) -> SchemaRef {
        self.walk.schema()
    }

    fn table_type(&self) -> TableType {
        TableType::Temporary
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let rows = self.walk.rows(&self.tables, &self.arguments).await?;
        let rows = MemTable::try_new(self.walk.schema(), vec![vec![rows]])?;
        rows.scan(state, projection, filters, limit).await
    }
}
