//! Which columns a relation's values and rows come from, as its plan says.

mod graph;

use std::collections::{BTreeMap, BTreeSet};

use cpg_ir::spec::RelationId;
use datafusion::common::{Column, DFSchema, JoinType};
use datafusion::logical_expr::{
    Distinct, Expr, Extension, LogicalPlan, UserDefinedLogicalNodeCore,
};

use crate::closure::Closure;
use crate::error::Problem;
use crate::fixpoint::{Fixpoint, Rows, RowsOf};
use crate::scan::scanned;
use crate::span_join::SpanJoin;

pub use graph::{Direction, LineageGraph};

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
    let traced = Within::default().trace(plan)?;
    let names = plan.schema().fields().iter().map(|field| field.name().clone());
    Ok(Lineage { columns: names.zip(traced.columns).collect(), rows: traced.rows })
}

/// The lineage of a node: by position of its columns.
#[derive(Clone, Default, PartialEq)]
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

    /// Adds what gives the same columns.
    fn unite(&mut self, more: Self) {
        self.rows.extend(more.rows);
        self.columns.resize(more.columns.len().max(self.columns.len()), Origins::new());
        for (column, more) in self.columns.iter_mut().zip(more.columns) {
            column.extend(more);
        }
    }

    fn beside(mut self, right: Self) -> Self {
        self.columns.extend(right.columns);
        self.rows.extend(right.rows);
        self
    }
}

/// What is known of the leaves of a fixpoint's rules, by number.
#[derive(Default)]
struct Within {
    inputs: Vec<Traced>,
    members: Vec<Traced>,
}

impl Within {
    fn trace(&self, plan: &LogicalPlan) -> Result<Traced, Problem> {
        Ok(match plan {
            LogicalPlan::TableScan(scan) => {
                let relation = scanned(scan).ok_or_else(|| {
                    Problem::Unsupported(format!("the table `{}`", scan.table_name))
                })?;
                let column =
                    |name: &String| ColumnRef { relation: relation.clone(), column: name.clone() };
                let fields = scan.projected_schema.fields();
                let columns = fields.iter().map(|field| Origins::from([column(field.name())]));
                Traced { columns: columns.collect(), rows: Origins::new() }
            }
            LogicalPlan::Projection(node) => {
                let input = self.trace(&node.input)?;
                let columns = input.of_all(&node.expr, node.input.schema());
                Traced { columns, rows: input.rows }
            }
            LogicalPlan::Filter(node) => {
                self.trace(&node.input)?.decided_by([&node.predicate], node.input.schema())
            }
            LogicalPlan::SubqueryAlias(node) => self.trace(&node.input)?,
            LogicalPlan::Join(node) => {
                let on = node.on.iter().flat_map(|(a, b)| [a, b]).chain(&node.filter);
                self.joined(&node.left, &node.right, node.join_type, on)?
            }
            LogicalPlan::Extension(node) => match node.node.as_any().downcast_ref::<SpanJoin>() {
                Some(join) => {
                    let (left, right) = (join.left_span(), join.right_span());
                    let keys = join.keys().iter().flat_map(|(a, b)| [a, b]);
                    let on =
                        keys.chain([&left.0, &left.1, &right.0, &right.1]).chain(join.filter());
                    self.joined(join.left(), join.right(), join.kind().join_type(), on)?
                }
                None => self.operator(node)?,
            },
            LogicalPlan::Aggregate(node) => {
                let schema = node.input.schema();
                let input = self.trace(&node.input)?;
                let columns = input.of_all(node.group_expr.iter().chain(&node.aggr_expr), schema);
                let rows = input.decided_by(&node.group_expr, schema).rows;
                Traced { columns, rows }
            }
            LogicalPlan::Window(node) => {
                let mut input = self.trace(&node.input)?;
                let added = input.of_all(&node.window_expr, node.input.schema());
                input.columns.extend(added);
                input
            }
            LogicalPlan::Distinct(Distinct::All(input)) => {
                let mut input = self.trace(input)?;
                input.rows.extend(input.columns.iter().flatten().cloned());
                input
            }
            LogicalPlan::Sort(node) => {
                let input = self.trace(&node.input)?;
                match node.fetch {
                    None => input,
                    Some(_) => input
                        .decided_by(node.expr.iter().map(|sort| &sort.expr), node.input.schema()),
                }
            }
            LogicalPlan::Limit(node) => self.trace(&node.input)?,
            LogicalPlan::Union(node) => {
                let mut all = Traced::default();
                for input in &node.inputs {
                    all.unite(self.trace(input)?);
                }
                all
            }
            other => return Err(Problem::Unsupported(kind(other))),
        })
    }

    fn joined<'e>(
        &self,
        left: &LogicalPlan,
        right: &LogicalPlan,
        join: JoinType,
        on: impl IntoIterator<Item = &'e Expr>,
    ) -> Result<Traced, Problem> {
        let both = left.schema().join(right.schema())?;
        let traced_left = self.trace(left)?;
        let width = traced_left.columns.len();
        let mut all = traced_left.beside(self.trace(right)?).decided_by(on, &both);
        match join {
            JoinType::Inner | JoinType::Left => {}
            JoinType::LeftSemi | JoinType::LeftAnti => all.columns.truncate(width),
            other => return Err(Problem::Unsupported(format!("a {other} join"))),
        }
        Ok(all)
    }

    /// The operators of our own that are no joins.
    fn operator(&self, node: &Extension) -> Result<Traced, Problem> {
        let any = node.node.as_any();
        if let Some(rows) = any.downcast_ref::<Rows>() {
            let found = match rows.of() {
                RowsOf::Input(number) => self.inputs.get(number),
                RowsOf::Member(number, _) => self.members.get(number),
            };
            let missing = || Problem::Unsupported(format!("{} outside of a fixpoint", rows.of()));
            found.cloned().ok_or_else(missing)
        } else if let Some(closure) = any.downcast_ref::<Closure>() {
            let mut steps = self.trace(closure.input())?;
            let ends: Origins = steps.columns.iter().flatten().cloned().collect();
            steps.columns.push(ends.clone());
            steps.rows.extend(ends);
            Ok(steps)
        } else if let Some(fixpoint) = any.downcast_ref::<Fixpoint>() {
            self.fixpoint(fixpoint)
        } else {
            Err(Problem::Unsupported(node.node.name().to_owned()))
        }
    }

    /// Where the values of a fixpoint's views come from is itself a fixpoint.
    fn fixpoint(&self, fixpoint: &Fixpoint) -> Result<Traced, Problem> {
        let inputs = UserDefinedLogicalNodeCore::inputs(fixpoint);
        let inputs = inputs.into_iter().map(|input| self.trace(input)).collect::<Result<_, _>>()?;
        let nothing = fixpoint.members().iter().map(|member| Traced {
            columns: vec![Origins::new(); member.schema.fields().len()],
            rows: Origins::new(),
        });
        let mut within = Self { inputs, members: nothing.collect() };
        loop {
            let views = fixpoint.members().iter().zip(&within.members);
            let next = views
                .map(|(member, known)| {
                    member.arms.iter().try_fold(known.clone(), |mut all, arm| {
                        all.unite(within.trace(arm)?);
                        Ok::<_, Problem>(all)
                    })
                })
                .collect::<Result<Vec<_>, _>>()?;
            if next == within.members {
                break;
            }
            within.members = next;
        }
        // Whose row it is comes from nowhere; rows that are equal are one.
        let mut all = Traced { columns: vec![Origins::new()], rows: Origins::new() };
        for member in within.members {
            all.rows.extend(member.columns.iter().flatten().cloned());
            all = all.beside(member);
        }
        Ok(all)
    }
}

/// What a plan node without a defined meaning is called.
pub(crate) fn kind(plan: &LogicalPlan) -> String {
    let text = plan.display().to_string();
    text.split([':', ' ']).next().unwrap_or_default().to_owned()
}
