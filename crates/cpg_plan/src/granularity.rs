//! By which part of its inputs a relation can be computed.

use std::collections::{BTreeMap, BTreeSet};

use cpg_ir::spec::RelationId;
use datafusion::common::JoinType;
use datafusion::logical_expr::{Distinct, Expr, LogicalPlan};

use crate::scan::scanned;
use crate::span_join::SpanJoin;

/// By which part of its inputs a relation can be computed; coarser later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Granularity {
    /// Each file's rows follow from that file's evidence alone, and a column says whose rows they are.
    FileLocal,
    /// Every join, group and rank goes by keys: rows follow from the input rows that agree with them in these.
    KeyLocal,
    /// Nothing of the kind is known.
    Global,
}

/// What is known of a relation's rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Locality {
    pub(crate) granularity: Granularity,
    /// The columns of which each says to which file a row belongs, by name.
    pub(crate) file: BTreeSet<String>,
}

/// What a plan keeps of its inputs' locality.
pub(crate) fn locality(plan: &LogicalPlan, inputs: &BTreeMap<RelationId, Locality>) -> Locality {
    let rows = Analysis { inputs }.rows(plan);
    let file: BTreeSet<String> =
        rows.file.iter().map(|place| plan.schema().field(*place).name().clone()).collect();
    let granularity = match rows.granularity {
        Granularity::FileLocal if file.is_empty() => Granularity::KeyLocal,
        other => other,
    };
    Locality { granularity, file }
}

/// The rows of a node: the places of the columns that name their file.
struct Rows {
    granularity: Granularity,
    file: BTreeSet<usize>,
}

impl Rows {
    fn global() -> Self {
        Self { granularity: Granularity::Global, file: BTreeSet::new() }
    }

    /// Rows that are put together where they agree in `keys`: columns of this input, by place.
    fn together(self, keys: &[Option<usize>]) -> Self {
        if keys.is_empty() {
            return Self::global();
        }
        let within_files = keys.iter().flatten().any(|key| self.file.contains(key));
        let least = if within_files { Granularity::FileLocal } else { Granularity::KeyLocal };
        Self { granularity: self.granularity.max(least), ..self }
    }
}

struct Analysis<'a> {
    inputs: &'a BTreeMap<RelationId, Locality>,
}

impl Analysis<'_> {
    fn rows(&self, plan: &LogicalPlan) -> Rows {
        match plan {
            LogicalPlan::TableScan(scan) => {
                let Some(input) = scanned(scan).and_then(|id| self.inputs.get(id)) else {
                    return Rows::global();
                };
                let fields = scan.projected_schema.fields().iter().enumerate();
                let file = fields.filter(|(_, field)| input.file.contains(field.name()));
                Rows {
                    granularity: input.granularity,
                    file: file.map(|(place, _)| place).collect(),
                }
            }
            LogicalPlan::Projection(node) => {
                let input = self.rows(&node.input);
                let exprs = node.expr.iter().enumerate();
                let file = exprs.filter(|(_, expr)| {
                    place(expr, &node.input).is_some_and(|place| input.file.contains(&place))
                });
                Rows {
                    granularity: input.granularity,
                    file: file.map(|(place, _)| place).collect(),
                }
            }
            LogicalPlan::Filter(node) => self.rows(&node.input),
            LogicalPlan::SubqueryAlias(node) => self.rows(&node.input),
            LogicalPlan::Join(node) => self.joined(
                &node.left,
                &node.right,
                node.join_type,
                node.on.iter().map(|(left, right)| (left, right)),
            ),
            LogicalPlan::Extension(node) => match node.node.as_any().downcast_ref::<SpanJoin>() {
                Some(join) => self.joined(
                    join.left(),
                    join.right(),
                    join.kind().join_type(),
                    join.keys().iter().map(|(left, right)| (left, right)),
                ),
                None => Rows::global(),
            },
            LogicalPlan::Aggregate(node) => {
                let keys = places(&node.group_expr, &node.input);
                let input = self.rows(&node.input).together(&keys);
                let keys = keys.iter().enumerate();
                let file = keys
                    .filter(|(_, key)| key.is_some_and(|key| input.file.contains(&key)))
                    .map(|(place, _)| place)
                    .collect();
                Rows { granularity: input.granularity, file }
            }
            LogicalPlan::Window(node) => {
                let mut rows = self.rows(&node.input);
                for function in &node.window_expr {
                    let Expr::WindowFunction(call) = function else {
                        return Rows::global();
                    };
                    rows = rows.together(&places(&call.params.partition_by, &node.input));
                }
                rows
            }
            LogicalPlan::Unnest(node) => {
                let input = self.rows(&node.input);
                let outputs = node.dependency_indices.iter().enumerate();
                let is_list =
                    |place: &usize| node.list_type_columns.iter().any(|(list, _)| list == place);
                let file = outputs
                    .filter(|(_, from)| !is_list(from) && input.file.contains(from))
                    .map(|(place, _)| place)
                    .collect();
                Rows { granularity: input.granularity, file }
            }
            LogicalPlan::Distinct(Distinct::All(input)) => {
                let keys: Vec<_> = (0..input.schema().fields().len()).map(Some).collect();
                self.rows(input).together(&keys)
            }
            LogicalPlan::Sort(node) if node.fetch.is_none() => self.rows(&node.input),
            LogicalPlan::Union(node) => {
                let mut inputs = node.inputs.iter().map(|input| self.rows(input));
                let Some(first) = inputs.next() else {
                    return Rows::global();
                };
                inputs.fold(first, |all, more| Rows {
                    granularity: all.granularity.max(more.granularity),
                    file: &all.file & &more.file,
                })
            }
            _ => Rows::global(),
        }
    }

    fn joined<'e>(
        &self,
        left: &LogicalPlan,
        right: &LogicalPlan,
        join: JoinType,
        on: impl Iterator<Item = (&'e Expr, &'e Expr)>,
    ) -> Rows {
        let (a, b) = (self.rows(left), self.rows(right));
        let mut least = Granularity::Global;
        for (left_key, right_key) in on {
            let same_file = place(left_key, left).is_some_and(|key| a.file.contains(&key))
                && place(right_key, right).is_some_and(|key| b.file.contains(&key));
            least =
                least.min(if same_file { Granularity::FileLocal } else { Granularity::KeyLocal });
        }
        let width = left.schema().fields().len();
        let mut file = a.file;
        // Of an outer join's right side the file may be null.
        if join == JoinType::Inner {
            file.extend(b.file.into_iter().map(|place| place + width));
        }
        Rows { granularity: a.granularity.max(b.granularity).max(least), file }
    }
}

fn places(exprs: &[Expr], input: &LogicalPlan) -> Vec<Option<usize>> {
    exprs.iter().map(|expr| place(expr, input)).collect()
}

/// The place of the column that `expr` is a copy of.
fn place(expr: &Expr, input: &LogicalPlan) -> Option<usize> {
    match expr {
        Expr::Column(column) => input.schema().maybe_index_of_column(column),
        Expr::Alias(alias) => place(&alias.expr, input),
        _ => None,
    }
}
