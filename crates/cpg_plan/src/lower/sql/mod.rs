//! Views in SQL: read, planned over relations, and made to depend on rows alone.

use std::ops::Range;
use std::sync::Arc;

use cpg_ir::spec::RelationId;
use cpg_ir::sql::{SqlColumn, SqlPlanner, SqlProblem, SqlQuery, SqlSpec};
use cpg_ir::types::RowSchema;
use datafusion::common::DataFusionError;
use datafusion::logical_expr::{LogicalPlan, TableSource};
use datafusion::sql::planner::{ParserOptions, SqlToRel};
use datafusion::sql::sqlparser::ast::{Query, Statement};

use super::Lowering;
use crate::error::Problem;
use crate::lineage::lineage;
use crate::scan::{RelationSource, scanned};
use crate::schema::{arrow_schema, physical_type};
use crate::{deps, fingerprint};

mod copies;
mod names;
mod places;
mod read;
mod settle;

use names::Names;
use places::Places;

/// What planning and settling a query may take of the stack; queries have no bound on chains of operators.
const STACK: usize = 64 * 1024 * 1024;

/// Reads and plans queries for the frontend.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sql;

impl SqlPlanner for Sql {
    fn read(&self, query: &str) -> Result<SqlQuery, SqlProblem> {
        on_deep_stack(|| read::read(query).map(|read| read.query))
    }

    fn row(&self, query: &str, relations: &[RowSchema]) -> Result<Vec<SqlColumn>, SqlProblem> {
        on_deep_stack(|| {
            let read = read::read(query)?;
            let named = read.query.relations.iter().zip(relations).enumerate();
            let tables = named.map(|(index, (relation, row))| {
                let source = RelationSource::new(placeholder(index), arrow_schema(row));
                (relation.name.clone(), Arc::new(source) as Arc<dyn TableSource>)
            });
            let plan = plan(read.original, tables, query)?;
            row_of(&plan, relations.len())
        })
    }
}

/// What a relation is called while it is not known which one it is.
fn placeholder(index: usize) -> RelationId {
    RelationId::new("sql", &format!("r{index}"))
}

fn on_deep_stack<T>(work: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(STACK, STACK, work)
}

impl Lowering<'_> {
    /// The frontend has planned the query before, so what is wrong here is a defect.
    pub(super) fn sql(&self, spec: &SqlSpec) -> Result<LogicalPlan, Problem> {
        let mut tables = Vec::with_capacity(spec.inputs.len());
        for (index, input) in spec.inputs.iter().enumerate() {
            let relation = self.find(input)?;
            let source = RelationSource::new(input.clone(), arrow_schema(&relation.schema));
            tables.push((format!("r{index}"), Arc::new(source) as Arc<dyn TableSource>));
        }
        on_deep_stack(|| {
            let read = read::read(&spec.query)?;
            plan(read.original, tables, &spec.query)
        })
        .map_err(|problem| Problem::Unsupported(problem.message))
    }
}

/// The plan of a query over tables by their names, which gives the same rows however they come.
fn plan(
    query: Query,
    tables: impl IntoIterator<Item = (String, Arc<dyn TableSource>)>,
    text: &str,
) -> Result<LogicalPlan, SqlProblem> {
    let names = Names::new(tables);
    // Names are what the program says they are, and strings are strings.
    let options = ParserOptions::new()
        .with_enable_ident_normalization(false)
        .with_map_string_types_to_utf8view(false)
        .with_collect_spans(true);
    let planner = SqlToRel::new_with_options(&names, options);
    let statement = Statement::Query(Box::new(query));
    let plan = planner
        .sql_statement_to_plan(statement)
        .map_err(|error| wrong(&error, &Places::new(text)))?;
    let plan = settle::settle(plan)?;
    deps::check(&plan).map_err(|problem| SqlProblem::wrong(problem.to_string()))?;
    Ok(plan)
}

/// The columns that a plan gives, when all of it has a meaning here.
fn row_of(plan: &LogicalPlan, relations: usize) -> Result<Vec<SqlColumn>, SqlProblem> {
    let no_form = |problem: Problem| SqlProblem::refused(problem.to_string());
    lineage(plan).map_err(no_form)?;
    fingerprint::can_encode(plan).map_err(no_form)?;
    let mut columns = Vec::new();
    for (place, field) in plan.schema().fields().iter().enumerate() {
        let name = field.name();
        if !name.chars().all(|c| c.is_alphanumeric() || c == '_') {
            let problem = SqlProblem::wrong(format!("the column `{name}` has no name"));
            return Err(problem.help("give it one with `as`"));
        }
        let Some(physical) = physical_type(field.data_type()) else {
            let ty = field.data_type();
            let message = format!("the column `{name}` is {ty}, which no type carries");
            return Err(SqlProblem::wrong(message).help("cast it, as in `cast(x as varchar)`"));
        };
        let copies = copies::copied(plan, place).and_then(|(relation, column)| {
            let index = (0..relations).find(|index| placeholder(*index) == relation)?;
            Some((index, column))
        });
        let nullable = field.is_nullable();
        columns.push(SqlColumn { name: name.clone(), physical, nullable, copies });
    }
    Ok(columns)
}

/// What the planner says of a wrong query.
fn wrong(error: &DataFusionError, places: &Places<'_>) -> SqlProblem {
    let root = match error.find_root() {
        DataFusionError::Plan(message) | DataFusionError::NotImplemented(message) => {
            message.clone()
        }
        root => root.to_string(),
    };
    let root = root.strip_prefix("Schema error: ").unwrap_or(&root);
    let span = error.diagnostic().and_then(|diagnostic| diagnostic.span);
    let range: Option<Range<usize>> = span.map(|span| {
        let place = |at: datafusion::common::Location| places.at(at.line, at.column);
        place(span.start)..place(span.end)
    });
    SqlProblem::wrong(root.trim_end_matches('.').to_owned()).at(range)
}

/// The relation that a scan reads.
fn relation_of(plan: &LogicalPlan) -> Option<&RelationId> {
    match plan {
        LogicalPlan::TableScan(scan) => scanned(scan),
        _ => None,
    }
}
