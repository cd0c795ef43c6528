//! Which columns a relation's values and rows come from, as its plan says.

use std::collections::{BTreeMap, BTreeSet};

use cpg_ir::spec::RelationId;
use datafusion::common::{Column, DFSchema, JoinType};
use datafusion::logical_expr::{Distinct, Expr, LogicalPlan};

use crate::error::Problem;
use crate::scan::scanned;
use crate::span_join::SpanJoin;

/// A column of a relation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ColumnRef {
    /// The relation.
    pub relation: RelationId,
    /// Its column.
    pub column: String,
}

/// Columns of input relations.
pub type Origins = BTreeSet<ColumnRef>;

/// Where a relation's values and rows come from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lineage {
    /// By column of the relation: the input columns its values are computed from.
    pub columns: BTreeMap<String, Origins>,
    /// The input columns that decide which rows there are: in filters, joins, groups, ranks and limits.
    pub rows: Origins,
}

/// The lineage of a plan over scans of relations.
///
/// # Errors
/// When the plan holds something whose lineage is not defined.
pub fn lineage(plan: &LogicalPlan) -> Result<Lineage, Problem> {
    let traced = trace(plan)?;
    let names = plan.schema().fields().iter().map(|field| field.name().clone());
    Ok(Lineage { columns: names.zip(traced.columns).collect(), rows: traced.rows })
}

/// The lineage of a node: by position of its columns.
#[derive(Clone, Default)]
struct Traced {
    columns: Vec<Origins>,
    rows: Origins,
}

impl Traced {
    /// What `expr`, over columns of `schema`, comes from.
    fn of(&self, expr: &Expr, schema: &DFSchema) -> Origins {
        let places = expr
            .column_refs()
            .into_iter()
            .filter_map(|column: &Column| schema.maybe_index_of_column(column));
        places.filter_map(|place| self.columns.get(place)).flatten().cloned().collect()
    }

    fn of_all<'e>(
        &self,
        exprs: impl IntoIterator<Item = &'e Expr>,
        schema: &DFSchema,
    ) -> Vec<Origins> {
        exprs.into_iter().map(|expr| self.of(expr, schema)).collect()
    }

    /// `exprs` decide about rows.
    fn decided_by<'e>(
        mut self,
        exprs: impl IntoIterator<Item = &'e Expr>,
        schema: &DFSchema,
    ) -> Self {
        let origins = self.of_all(exprs, schema);
        self.rows.extend(origins.into_iter().flatten());
        self
    }

    fn beside(mut self, right: Self) -> Self {
        self.columns.extend(right.columns);
        self.rows.extend(right.rows);
        self
    }
}

fn trace(plan: &LogicalPlan) -> Result<Traced, Problem> {
    Ok(match plan {
        LogicalPlan::TableScan(scan) => {
            let relation = scanned(scan)
                .ok_or_else(|| Problem::Unsupported(format!("the table `{}`", scan.table_name)))?;
            let column =
                |name: &String| ColumnRef { relation: relation.clone(), column: name.clone() };
            let fields = scan.projected_schema.fields();
            let columns = fields.iter().map(|field| Origins::from([column(field.name())]));
            Traced { columns: columns.collect(), rows: Origins::new() }
        }
        LogicalPlan::Projection(node) => {
            let input = trace(&node.input)?;
            let columns = input.of_all(&node.expr, node.input.schema());
            Traced { columns, rows: input.rows }
        }
        LogicalPlan::Filter(node) => {
            trace(&node.input)?.decided_by([&node.predicate], node.input.schema())
        }
        LogicalPlan::SubqueryAlias(node) => trace(&node.input)?,
        LogicalPlan::Join(node) => {
            let on = node.on.iter().flat_map(|(a, b)| [a, b]).chain(&node.filter);
            joined(&node.left, &node.right, node.join_type, on)?
        }
        LogicalPlan::Extension(node) => match node.node.as_any().downcast_ref::<SpanJoin>() {
            Some(join) => {
                let (left, right) = (join.left_span(), join.right_span());
                let keys = join.keys().iter().flat_map(|(a, b)| [a, b]);
                let on = keys.chain([&left.0, &left.1, &right.0, &right.1]).chain(join.filter());
                joined(join.left(), join.right(), join.kind().join_type(), on)?
            }
            None => return Err(Problem::Unsupported(node.node.name().to_owned())),
        },
        LogicalPlan::Aggregate(node) => {
            let schema = node.input.schema();
            let input = trace(&node.input)?;
            let columns = input.of_all(node.group_expr.iter().chain(&node.aggr_expr), schema);
            let rows = input.decided_by(&node.group_expr, schema).rows;
            Traced { columns, rows }
        }
        LogicalPlan::Window(node) => {
            let mut input = trace(&node.input)?;
            let added = input.of_all(&node.window_expr, node.input.schema());
            input.columns.extend(added);
            input
        }
        LogicalPlan::Distinct(Distinct::All(input)) => {
            let mut input = trace(input)?;
            input.rows.extend(input.columns.iter().flatten().cloned());
            input
        }
        LogicalPlan::Sort(node) => {
            let input = trace(&node.input)?;
            match node.fetch {
                None => input,
                Some(_) => {
                    input.decided_by(node.expr.iter().map(|sort| &sort.expr), node.input.schema())
                }
            }
        }
        LogicalPlan::Limit(node) => trace(&node.input)?,
        LogicalPlan::Union(node) => {
            let mut all = Traced::default();
            for input in &node.inputs {
                let input = trace(input)?;
                all.rows.extend(input.rows);
                all.columns.resize(input.columns.len().max(all.columns.len()), Origins::new());
                for (column, more) in all.columns.iter_mut().zip(input.columns) {
                    column.extend(more);
                }
            }
            all
        }
        other => return Err(Problem::Unsupported(kind(other))),
    })
}

fn joined<'e>(
    left: &LogicalPlan,
    right: &LogicalPlan,
    join: JoinType,
    on: impl IntoIterator<Item = &'e Expr>,
) -> Result<Traced, Problem> {
    let both = left.schema().join(right.schema())?;
    let traced_left = trace(left)?;
    let width = traced_left.columns.len();
    let mut all = traced_left.beside(trace(right)?).decided_by(on, &both);
    match join {
        JoinType::Inner | JoinType::Left => {}
        JoinType::LeftSemi | JoinType::LeftAnti => all.columns.truncate(width),
        other => return Err(Problem::Unsupported(format!("a {other} join"))),
    }
    Ok(all)
}

/// What a plan node without a defined meaning is called.
pub(crate) fn kind(plan: &LogicalPlan) -> String {
    let text = plan.display().to_string();
    text.split([':', ' ']).next().unwrap_or_default().to_owned()
}
