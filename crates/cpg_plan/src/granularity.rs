//! By which part of its inputs a relation can be computed.
//!
//! Rows belong to files. A column *names* a row's file when its value is that file's id or path, and it is *bound* to
//! the file when its value occurs in rows of no other file: an id taken over a file's id is. So rows that agree in a
//! bound column belong to one file, as rows that agree in a naming one do.

use std::collections::{BTreeMap, BTreeSet};

use cpg_ir::spec::RelationId;
use datafusion::common::{DFSchema, JoinType};
use datafusion::logical_expr::expr::AggregateFunction;
use datafusion::logical_expr::{Distinct, Expr, LogicalPlan};

use crate::deps;
use crate::scan::scanned;
use crate::span_join::SpanJoin;

/// By which part of its inputs a relation can be computed; coarser later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Granularity {
    /// Each file's rows follow from that file's rows of the inputs alone, and a column names the file.
    FileLocal,
    /// Every join, group and rank goes by keys: rows follow from the input rows that agree with them in these.
    KeyLocal,
    /// Nothing of the kind is known.
    Global,
}

/// How a relation's rows belong to files: columns by name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Belonging {
    /// Those that name the file. Null in rows of no file only.
    pub(crate) names: BTreeSet<String>,
    /// Those that are bound to it. May be null.
    pub(crate) bound: BTreeSet<String>,
}

/// What a plan keeps of its inputs' locality.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Locality {
    pub(crate) granularity: Granularity,
    pub(crate) belonging: Belonging,
    /// The inputs from which rows of no file follow, and no others: these take all of their rows.
    pub(crate) elsewhere: BTreeSet<RelationId>,
}

impl Locality {
    /// Of rows of which nothing is known.
    pub(crate) fn unknown() -> Self {
        Self {
            granularity: Granularity::Global,
            belonging: Belonging::default(),
            elsewhere: BTreeSet::new(),
        }
    }

    /// Of rows whose file the columns `names` name, if there are any.
    pub(crate) fn of_files(names: BTreeSet<String>) -> Self {
        if names.is_empty() {
            return Self::unknown();
        }
        let belonging = Belonging { names, bound: BTreeSet::new() };
        Self { granularity: Granularity::FileLocal, belonging, elsewhere: BTreeSet::new() }
    }
}

/// What a plan keeps of the locality of what it scans.
pub(crate) fn locality(plan: &LogicalPlan, inputs: &BTreeMap<RelationId, Belonging>) -> Locality {
    let rows = Analysis { inputs }.rows(plan);
    let names = |places: &BTreeSet<usize>| {
        places.iter().map(|place| plan.schema().field(*place).name().clone()).collect()
    };
    let belonging = Belonging { names: names(&rows.names), bound: names(&rows.bound) };
    let mut granularity = rows.granularity;
    // An input cannot be read both by file and as a whole.
    if granularity == Granularity::FileLocal
        && (belonging.names.is_empty() || !rows.elsewhere.is_disjoint(&rows.by_file))
    {
        granularity = Granularity::KeyLocal;
    }
    Locality { granularity, belonging, elsewhere: rows.elsewhere }
}

/// The rows of a node: columns by place.
struct Rows {
    granularity: Granularity,
    names: BTreeSet<usize>,
    bound: BTreeSet<usize>,
    /// Those that are null in every row.
    nulls: BTreeSet<usize>,
    /// The inputs whose rows the rows of files follow from.
    by_file: BTreeSet<RelationId>,
    /// The inputs that rows of no file follow from.
    elsewhere: BTreeSet<RelationId>,
}

impl Rows {
    fn unknown(granularity: Granularity) -> Self {
        Self {
            granularity,
            names: BTreeSet::new(),
            bound: BTreeSet::new(),
            nulls: BTreeSet::new(),
            by_file: BTreeSet::new(),
            elsewhere: BTreeSet::new(),
        }
    }

    /// Whether rows that agree in a column belong to one file. Rows that are null in a bound one may not.
    fn tells_files_apart(&self, column: usize, schema: &DFSchema) -> bool {
        let never_null = || !schema.field(column).is_nullable();
        self.names.contains(&column) || (self.bound.contains(&column) && never_null())
    }

    /// Whether rows with one value of a key of a join belong to one file. Nulls match nothing, so that columns which may be
    /// null are as good.
    fn belongs(&self, key: &Expr, schema: &DFSchema) -> bool {
        place(key, schema).is_some_and(|key| self.names.contains(&key) || self.bound.contains(&key))
    }

    /// Rows that are put together where they agree in `keys`: columns of this input, by place.
    fn together(self, keys: &[Option<usize>], schema: &DFSchema) -> Self {
        let least = match keys {
            [] => Granularity::Global,
            _ if keys.iter().flatten().any(|key| self.tells_files_apart(*key, schema)) => {
                Granularity::FileLocal
            }
            _ => Granularity::KeyLocal,
        };
        Self { granularity: self.granularity.max(least), ..self }
    }

    /// The same rows with other columns: `from` says of each which column of these it copies.
    fn with_columns(self, from: &[Option<usize>]) -> Self {
        let moved = |old: &BTreeSet<usize>| {
            let columns = from.iter().enumerate();
            columns
                .filter(|(_, from)| from.is_some_and(|from| old.contains(&from)))
                .map(|(place, _)| place)
                .collect()
        };
        let (names, bound, nulls) = (moved(&self.names), moved(&self.bound), moved(&self.nulls));
        Self { names, bound, nulls, ..self }
    }

    fn reads(mut self, other: &mut Self) -> Self {
        self.by_file.append(&mut other.by_file);
        self.elsewhere.append(&mut other.elsewhere);
        self
    }
}

/// What is known of the rows of nodes, given how those of the scanned relations belong to files.
pub(crate) struct Analysis<'a> {
    pub(crate) inputs: &'a BTreeMap<RelationId, Belonging>,
}

impl Analysis<'_> {
    /// Whether a column names the file of each row.
    pub(crate) fn tells_files(&self, plan: &LogicalPlan) -> bool {
        self.file_place(plan).is_some()
    }

    /// The place of a column that names the file of each row.
    pub(crate) fn file_place(&self, plan: &LogicalPlan) -> Option<usize> {
        self.rows(plan).names.first().copied()
    }

    /// Whether rows of `plan` that agree in `keys` belong to one file.
    pub(crate) fn tells_groups_apart(&self, plan: &LogicalPlan, keys: &[Expr]) -> bool {
        let (rows, schema) = (self.rows(plan), plan.schema());
        places(keys, schema).iter().flatten().any(|key| rows.tells_files_apart(*key, schema))
    }

    /// Whether rows that a join puts together belong to one file.
    pub(crate) fn is_within_files<'e>(
        &self,
        (left, right): (&LogicalPlan, &LogicalPlan),
        mut on: impl Iterator<Item = (&'e Expr, &'e Expr)>,
    ) -> bool {
        let (a, b) = (self.rows(left), self.rows(right));
        on.any(|(left_key, right_key)| {
            a.belongs(left_key, left.schema()) && b.belongs(right_key, right.schema())
        })
    }

    fn rows(&self, plan: &LogicalPlan) -> Rows {
        match plan {
            LogicalPlan::TableScan(scan) => {
                let Some(id) = scanned(scan) else { return Rows::unknown(Granularity::Global) };
                let Some(input) = self.inputs.get(id).filter(|input| !input.names.is_empty())
                else {
                    return Rows::unknown(Granularity::Global);
                };
                let places = |names: &BTreeSet<String>| {
                    let fields = scan.projected_schema.fields().iter().enumerate();
                    let found = fields.filter(|(_, field)| names.contains(field.name()));
                    found.map(|(place, _)| place).collect()
                };
                Rows {
                    names: places(&input.names),
                    bound: places(&input.bound),
                    by_file: BTreeSet::from([id.clone()]),
                    ..Rows::unknown(Granularity::FileLocal)
                }
            }
            LogicalPlan::Projection(node) => {
                let input = self.rows(&node.input);
                let schema = node.input.schema();
                let exprs = || node.expr.iter().enumerate();
                let bound = exprs().filter(|(_, expr)| is_bound(expr, &input, schema));
                let bound: BTreeSet<usize> = bound.map(|(place, _)| place).collect();
                let nulls = exprs().filter(|(_, expr)| is_null(expr));
                let nulls: BTreeSet<usize> = nulls.map(|(place, _)| place).collect();
                let mut rows = input.with_columns(&places(&node.expr, schema));
                rows.bound.extend(bound);
                rows.nulls.extend(nulls);
                rows
            }
            LogicalPlan::Filter(node) => self.rows(&node.input),
            LogicalPlan::SubqueryAlias(node) => self.rows(&node.input),
            LogicalPlan::Join(node) => self.joined(
                (&node.left, &node.right),
                node.join_type,
                node.on.iter().map(|(left, right)| (left, right)),
            ),
            LogicalPlan::Extension(node) => match node.node.as_any().downcast_ref::<SpanJoin>() {
                Some(join) => self.joined(
                    (join.left(), join.right()),
                    join.kind().join_type(),
                    join.keys().iter().map(|(left, right)| (left, right)),
                ),
                None => Rows::unknown(Granularity::Global),
            },
            LogicalPlan::Aggregate(node) => {
                let schema = node.input.schema();
                let keys = places(&node.group_expr, schema);
                let input = self.rows(&node.input).together(&keys, schema);
                // All rows of a group belong to one file, and so agree in what names it.
                let is_within = input.granularity == Granularity::FileLocal;
                let values = node.aggr_expr.iter();
                let values = values.map(|value| one_of(value, schema).filter(|_| is_within));
                let from: Vec<_> = keys.iter().copied().chain(values).collect();
                input.with_columns(&from)
            }
            LogicalPlan::Window(node) => {
                let mut rows = self.rows(&node.input);
                for function in &node.window_expr {
                    let Expr::WindowFunction(call) = function else {
                        return Rows::unknown(Granularity::Global);
                    };
                    let schema = node.input.schema();
                    rows = rows.together(&places(&call.params.partition_by, schema), schema);
                }
                rows
            }
            LogicalPlan::Unnest(node) => {
                let is_list =
                    |place: &usize| node.list_type_columns.iter().any(|(list, _)| list == place);
                let from: Vec<_> = node
                    .dependency_indices
                    .iter()
                    .map(|from| Some(*from).filter(|from| !is_list(from)))
                    .collect();
                self.rows(&node.input).with_columns(&from)
            }
            LogicalPlan::Distinct(Distinct::All(input)) => {
                let keys: Vec<_> = (0..input.schema().fields().len()).map(Some).collect();
                self.rows(input).together(&keys, input.schema())
            }
            LogicalPlan::Sort(node) if node.fetch.is_none() => self.rows(&node.input),
            LogicalPlan::Union(node) => {
                let arms = node.inputs.iter().map(|arm| self.arm(arm));
                arms.reduce(Arm::beside)
                    .map_or_else(|| Rows::unknown(Granularity::Global), Arm::rows)
            }
            _ => Rows::unknown(Granularity::Global),
        }
    }

    fn joined<'e>(
        &self,
        (left, right): (&LogicalPlan, &LogicalPlan),
        join: JoinType,
        on: impl Iterator<Item = (&'e Expr, &'e Expr)>,
    ) -> Rows {
        let (mut a, mut b) = (self.rows(left), self.rows(right));
        let mut least = Granularity::Global;
        for (left_key, right_key) in on {
            let same_file =
                a.belongs(left_key, left.schema()) && b.belongs(right_key, right.schema());
            least =
                least.min(if same_file { Granularity::FileLocal } else { Granularity::KeyLocal });
        }
        let granularity = a.granularity.max(b.granularity).max(least);
        let width = left.schema().fields().len();
        let shifted = |places: &BTreeSet<usize>| -> BTreeSet<usize> {
            places.iter().map(|place| place + width).collect()
        };
        let (names, bound, nulls) = (shifted(&b.names), shifted(&b.bound), shifted(&b.nulls));
        let mut rows = Rows::unknown(granularity).reads(&mut a).reads(&mut b);
        // A row of two files is taken for one of the left's.
        let keeps_left = !a.names.is_empty() || least == Granularity::FileLocal;
        let keeps_right = least == Granularity::FileLocal || !keeps_left;
        if !matches!(
            join,
            JoinType::Inner | JoinType::Left | JoinType::LeftSemi | JoinType::LeftAnti
        ) {
            return rows;
        }
        if keeps_left {
            (rows.names, rows.bound) = (a.names, a.bound);
        }
        rows.nulls = a.nulls;
        if matches!(join, JoinType::Inner | JoinType::Left) {
            rows.nulls.extend(nulls);
            if keeps_right {
                rows.bound.extend(bound);
            }
        }
        // Of a left join's right side the file may be null.
        if keeps_right && join == JoinType::Inner {
            rows.names.extend(names);
        }
        rows
    }

    fn arm(&self, plan: &LogicalPlan) -> Arm {
        let rows = self.rows(plan);
        match deps::reads(plan) {
            Ok(reads) if rows.names.is_empty() && !rows.nulls.is_empty() => {
                let reads = reads.into_iter().map(|read| read.relation).collect();
                let nulls = rows.nulls;
                Arm::OfNoFile { nulls, reads }
            }
            _ => Arm::OfFiles(rows),
        }
    }
}

/// An arm of a union.
enum Arm {
    OfFiles(Rows),
    /// It says of none of its rows to which file they belong.
    OfNoFile {
        nulls: BTreeSet<usize>,
        reads: BTreeSet<RelationId>,
    },
}

impl Arm {
    fn beside(self, other: Self) -> Self {
        match (self, other) {
            (Self::OfFiles(mut a), Self::OfFiles(mut b)) => Self::OfFiles(
                Rows {
                    names: &a.names & &b.names,
                    bound: &a.bound & &b.bound,
                    nulls: &a.nulls & &b.nulls,
                    ..Rows::unknown(a.granularity.max(b.granularity))
                }
                .reads(&mut a)
                .reads(&mut b),
            ),
            (Self::OfFiles(rows), Self::OfNoFile { nulls, reads })
            | (Self::OfNoFile { nulls, reads }, Self::OfFiles(rows)) => Self::OfFiles(Rows {
                names: &rows.names & &nulls,
                bound: BTreeSet::new(),
                nulls: &rows.nulls & &nulls,
                elsewhere: &rows.elsewhere | &reads,
                ..rows
            }),
            (
                Self::OfNoFile { nulls: a, reads: mut all },
                Self::OfNoFile { nulls: b, mut reads },
            ) => {
                all.append(&mut reads);
                Self::OfNoFile { nulls: &a & &b, reads: all }
            }
        }
    }

    fn rows(self) -> Rows {
        match self {
            Self::OfFiles(rows) => rows,
            Self::OfNoFile { nulls, .. } => Rows { nulls, ..Rows::unknown(Granularity::Global) },
        }
    }
}

fn places(exprs: &[Expr], schema: &DFSchema) -> Vec<Option<usize>> {
    exprs.iter().map(|expr| place(expr, schema)).collect()
}

/// The place of the column that `expr` is a copy of.
fn place(expr: &Expr, schema: &DFSchema) -> Option<usize> {
    match expr {
        Expr::Column(column) => schema.maybe_index_of_column(column),
        Expr::Alias(alias) => place(&alias.expr, schema),
        _ => None,
    }
}

/// The place of the column of whose values an aggregate gives one.
fn one_of(aggregate: &Expr, schema: &DFSchema) -> Option<usize> {
    match aggregate {
        Expr::Alias(alias) => one_of(&alias.expr, schema),
        Expr::AggregateFunction(AggregateFunction { func, params }) => {
            let [of] = params.args.as_slice() else { return None };
            matches!(func.name(), "min" | "max").then(|| place(of, schema)).flatten()
        }
        _ => None,
    }
}

/// Whether the value is null or an id that is taken over what names a file or is bound to it.
fn is_bound(expr: &Expr, rows: &Rows, schema: &DFSchema) -> bool {
    let belongs = |expr: &Expr| {
        place(expr, schema)
            .is_some_and(|place| rows.names.contains(&place) || rows.bound.contains(&place))
    };
    match expr {
        Expr::Alias(alias) => is_bound(&alias.expr, rows, schema),
        Expr::ScalarFunction(call) => match call.func.name() {
            "stable_id" => call.args.iter().any(belongs),
            // To it a null is a value like any other.
            "group_id" => call.args.iter().any(|arg| {
                place(arg, schema).is_some_and(|place| rows.tells_files_apart(place, schema))
            }),
            _ => false,
        },
        Expr::Case(case) => {
            let values = case.when_then_expr.iter().map(|(_, then)| then);
            values
                .chain(&case.else_expr)
                .all(|value| is_null(value) || belongs(value) || is_bound(value, rows, schema))
        }
        _ => false,
    }
}

fn is_null(expr: &Expr) -> bool {
    match expr {
        Expr::Literal(value, _) => value.is_null(),
        Expr::Cast(cast) => is_null(&cast.expr),
        Expr::Alias(alias) => is_null(&alias.expr),
        _ => false,
    }
}
