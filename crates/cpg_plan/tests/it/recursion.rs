//! Fixpoints and closures against evaluators that do what their definitions say.

use std::collections::{BTreeMap, BTreeSet};

use cpg_ir::expr::{BinaryOp, Expr};
use cpg_ir::spec::{
    Arm, ClosureSpec, FixpointMember, FixpointSpec, JoinKind, MemberSpec, OutputColumn, Pipeline,
    Relation, RelationId, Spec, Step,
};
use cpg_ir::types::{ColumnType, RowSchema, SemanticType as T};
use cpg_plan::ProgramPlans;
use proptest::prelude::*;

use super::support::{binary, evidence, id, int, plans, relation, row, run};

type Pair = (Option<i64>, Option<i64>);

/// Relations of pairs that rules read: evidence, or views of the fixpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Edges(usize),
    View(usize),
}

/// A rule of a view of pairs.
#[derive(Debug, Clone)]
enum Rule {
    /// All pairs, turned around if so.
    Copy(Of, bool),
    /// Pairs whose first is less.
    Less(Of, i64),
    /// (a, c) for (a, b) and (b, c).
    Compose(Of, Of),
    /// (a, d) for (a, b), (b, c) and (c, d).
    Chain(Of, Of, Of),
    /// The pairs whose second another one begins with.
    Semi(Of, Of),
    /// The pairs whose second no edge begins with.
    Anti(Of, usize),
    /// (a, c) for (a, b) and the edge (b, c), (a, b) where there is none.
    Left(Of, usize),
}

#[derive(Debug, Clone)]
struct Program {
    edges: [Vec<Pair>; 2],
    views: Vec<Vec<Rule>>,
    bound: u32,
}

const EDGES: [&str; 2] = ["e0", "e1"];
const VIEWS: [&str; 3] = ["v0", "v1", "v2"];

impl Of {
    fn id(self) -> RelationId {
        id(match self {
            Self::Edges(number) => EDGES[number],
            Self::View(number) => VIEWS[number],
        })
    }
}

fn pairs() -> RowSchema {
    row(&[("a", T::Int, true), ("b", T::Int, true)])
}

fn col(source: u32, name: &str) -> Expr {
    Expr::column(source, name)
}

fn join(join: JoinKind, with: Of, before: u32, source: u32) -> Step {
    let on = vec![binary(BinaryOp::Eq, col(before, "b"), col(source, "a"))];
    Step::Join { join, relation: with.id(), on }
}

fn select(a: Expr, b: Expr) -> Step {
    let column = |name: &str, value| OutputColumn {
        name: name.to_owned(),
        value,
        ty: ColumnType::optional(T::Int),
    };
    Step::Select { columns: vec![column("a", a), column("b", b)] }
}

impl Rule {
    fn arm(&self) -> Arm {
        let (from, steps) = match self {
            Self::Copy(of, false) => (*of, vec![]),
            Self::Copy(of, true) => (*of, vec![select(col(0, "b"), col(0, "a"))]),
            Self::Less(of, than) => {
                let predicate = binary(BinaryOp::Lt, col(0, "a"), int(*than));
                (*of, vec![Step::Where { predicate }])
            }
            Self::Compose(p, q) => {
                (*p, vec![join(JoinKind::Inner, *q, 0, 1), select(col(0, "a"), col(1, "b"))])
            }
            Self::Chain(p, q, r) => {
                let joins = [join(JoinKind::Inner, *q, 0, 1), join(JoinKind::Inner, *r, 1, 2)];
                (*p, joins.into_iter().chain([select(col(0, "a"), col(2, "b"))]).collect())
            }
            Self::Semi(p, q) => (*p, vec![join(JoinKind::Semi, *q, 0, 1)]),
            Self::Anti(p, e) => (*p, vec![join(JoinKind::Anti, Of::Edges(*e), 0, 1)]),
            Self::Left(p, e) => {
                let second = Expr::Coalesce(vec![col(1, "b"), col(0, "b")]);
                let steps =
                    vec![join(JoinKind::Left, Of::Edges(*e), 0, 1), select(col(0, "a"), second)];
                (*p, steps)
            }
        };
        Arm { from: from.id(), steps }
    }

    fn rows(&self, of: &impl Fn(Of) -> BTreeSet<Pair>) -> BTreeSet<Pair> {
        let meets = |x: &Pair, y: &Pair| x.1.is_some() && x.1 == y.0;
        let compose = |p: &BTreeSet<Pair>, q: &BTreeSet<Pair>| -> BTreeSet<Pair> {
            let both = p.iter().flat_map(|x| q.iter().map(move |y| (*x, *y)));
            both.filter(|(x, y)| meets(x, y)).map(|(x, y)| (x.0, y.1)).collect()
        };
        match self {
            Self::Copy(p, false) => of(*p),
            Self::Copy(p, true) => of(*p).into_iter().map(|(a, b)| (b, a)).collect(),
            Self::Less(p, than) => {
                of(*p).into_iter().filter(|(a, _)| a.is_some_and(|a| a < *than)).collect()
            }
            Self::Compose(p, q) => compose(&of(*p), &of(*q)),
            Self::Chain(p, q, r) => compose(&compose(&of(*p), &of(*q)), &of(*r)),
            Self::Semi(p, q) => {
                let q = of(*q);
                of(*p).into_iter().filter(|x| q.iter().any(|y| meets(x, y))).collect()
            }
            Self::Anti(p, e) => {
                let e = of(Of::Edges(*e));
                of(*p).into_iter().filter(|x| !e.iter().any(|y| meets(x, y))).collect()
            }
            Self::Left(p, e) => {
                let e = of(Of::Edges(*e));
                let mut rows = BTreeSet::new();
                for x in of(*p) {
                    let partners: Vec<&Pair> = e.iter().filter(|y| meets(&x, y)).collect();
                    if partners.is_empty() {
                        rows.insert(x);
                    }
                    rows.extend(partners.into_iter().map(|y| (x.0, y.1.or(x.1))));
                }
                rows
            }
        }
    }
}

impl Program {
    /// What each view has after `bound` rounds, and whether another round would find more.
    fn rows(&self) -> (Vec<BTreeSet<Pair>>, bool) {
        let mut known = vec![BTreeSet::new(); self.views.len()];
        let next = |known: &Vec<BTreeSet<Pair>>| -> Vec<BTreeSet<Pair>> {
            let of = |of: Of| match of {
                Of::Edges(number) => self.edges[number].iter().copied().collect(),
                Of::View(number) => known[number].clone(),
            };
            let view = |rules: &Vec<Rule>| rules.iter().flat_map(|rule| rule.rows(&of)).collect();
            self.views.iter().map(view).collect()
        };
        for _ in 0..self.bound {
            let more = next(&known);
            if more == known {
                return (known, false);
            }
            known = more;
        }
        let more = next(&known) != known;
        (known, more)
    }

    fn relations(&self) -> Vec<Relation> {
        let members = self.views.iter().zip(VIEWS).map(|(rules, name)| FixpointMember {
            id: id(name),
            pipeline: Pipeline { arms: rules.iter().map(Rule::arm).collect() },
            schema: pairs(),
        });
        let spec = FixpointSpec { bound: self.bound, members: members.collect() };
        let block = relation("block", spec.row(), Spec::Fixpoint(spec));
        let views = VIEWS
            .iter()
            .take(self.views.len())
            .map(|name| relation(name, pairs(), Spec::Member(MemberSpec { block: id("block") })));
        let evidence = EDGES.iter().map(|name| evidence(name, pairs()));
        evidence.chain([block]).chain(views).collect()
    }

    fn json(&self) -> Vec<(&'static str, String)> {
        let line = |(a, b): &Pair| format!("{}\n", serde_json::json!({ "a": a, "b": b }));
        EDGES
            .into_iter()
            .zip(&self.edges)
            .map(|(name, rows)| (name, rows.iter().map(line).collect()))
            .collect()
    }
}

fn shown(rows: impl IntoIterator<Item = Pair>) -> String {
    let cell = |value: Option<i64>| value.map(|value| value.to_string()).unwrap_or_default();
    let mut lines: Vec<String> =
        rows.into_iter().map(|(a, b)| format!("{},{}", cell(a), cell(b))).collect();
    lines.sort();
    lines.join("\n")
}

async fn found(
    plans: &ProgramPlans,
    json: &[(&'static str, String)],
    view: &str,
    partitions: usize,
) -> String {
    let read: Vec<(&str, &str)> = json
        .iter()
        .filter(|(name, _)| plans.relation(&id(name)).is_some())
        .map(|(name, rows)| (*name, rows.as_str()))
        .collect();
    run(plans, &read, view, partitions).await
}

fn edges() -> impl Strategy<Value = Vec<Pair>> {
    let end = prop_oneof![1 => Just(None), 12 => (0..7_i64).prop_map(Some)];
    prop::collection::vec((end.clone(), end), 0..12)
}

fn program() -> impl Strategy<Value = Program> {
    let of = |views: usize| prop_oneof![1 => (0..2_usize).prop_map(Of::Edges), 2 => (0..views).prop_map(Of::View)];
    let rule = move |views: usize| {
        prop_oneof![
            3 => (0..2_usize, any::<bool>()).prop_map(|(e, turn)| Rule::Copy(Of::Edges(e), turn)),
            2 => (of(views), any::<bool>()).prop_map(|(p, turn)| Rule::Copy(p, turn)),
            1 => (of(views), 0..7_i64).prop_map(|(p, than)| Rule::Less(p, than)),
            4 => (of(views), of(views)).prop_map(|(p, q)| Rule::Compose(p, q)),
            2 => (of(views), of(views), of(views)).prop_map(|(p, q, r)| Rule::Chain(p, q, r)),
            2 => (of(views), of(views)).prop_map(|(p, q)| Rule::Semi(p, q)),
            1 => (of(views), 0..2_usize).prop_map(|(p, e)| Rule::Anti(p, e)),
            1 => (of(views), 0..2_usize).prop_map(|(p, e)| Rule::Left(p, e)),
        ]
    };
    let views = (1..=3_usize).prop_flat_map(move |views| {
        prop::collection::vec(prop::collection::vec(rule(views), 1..4), views)
    });
    let bound = prop_oneof![3 => Just(1000_u32), 2 => 1..6_u32];
    ([edges(), edges()], views, bound).prop_map(|(edges, views, bound)| Program {
        edges,
        views,
        bound,
    })
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn fixpoints_have_the_rows_that_their_definition_says(program in program()) {
        let (rows, _) = program.rows();
        let json = program.json();
        let relations = program.relations();
        for (view, expected) in VIEWS.into_iter().zip(&rows) {
            // Alone, it computes the fixpoint itself.
            let plans = plans(relations.clone(), &[view]);
            let found = runtime().block_on(found(&plans, &json, view, 1));
            prop_assert_eq!(&found, &shown(expected.iter().copied()), "{}", view);
        }
        // Together, they read it from a table.
        let all = plans(relations, &VIEWS[..rows.len()]);
        for (view, expected) in VIEWS.into_iter().zip(&rows) {
            let found = runtime().block_on(found(&all, &json, view, 3));
            prop_assert_eq!(&found, &shown(expected.iter().copied()), "{} of all", view);
        }
    }

    #[test]
    fn closures_have_the_shortest_ways(
        steps in edges(),
        depth in prop_oneof![Just(None), (1..5_u32).prop_map(Some)],
        below in prop_oneof![Just(None), (0..7_i64).prop_map(Some)],
    ) {
        let spec = ClosureSpec {
            source: id("e0"),
            filter: below.map(|below| binary(BinaryOp::Lt, col(0, "a"), int(below))),
            from: "a".to_owned(),
            to: "b".to_owned(),
            depth,
        };
        let schema = row(&[("a", T::Int, false), ("b", T::Int, false), ("depth", T::Int, false)]);
        let relations =
            vec![evidence("e0", pairs()), relation("reach", schema, Spec::Closure(spec))];
        let plans = plans(relations, &["reach"]);
        let json: String = steps
            .iter()
            .map(|(a, b)| format!("{}\n", serde_json::json!({ "a": a, "b": b })))
            .collect();

        let steps: BTreeSet<(i64, i64)> = steps
            .iter()
            .filter_map(|(a, b)| Some(((*a)?, (*b)?)))
            .filter(|(a, _)| below.is_none_or(|below| *a < below))
            .collect();
        let mut ways: BTreeMap<(i64, i64), u32> = steps.iter().map(|step| (*step, 1)).collect();
        for length in 2..=depth.unwrap_or(10) {
            for ((a, b), before) in ways.clone() {
                for (_, c) in steps.iter().filter(|(from, _)| before == length - 1 && *from == b) {
                    ways.entry((a, *c)).or_insert(length);
                }
            }
        }
        let mut expected: Vec<String> =
            ways.iter().map(|((a, b), length)| format!("{a},{b},{length}")).collect();
        expected.sort();
        for partitions in [1, 3] {
            let found = runtime().block_on(run(&plans, &[("e0", &json)], "reach", partitions));
            prop_assert_eq!(found, expected.join("\n"));
        }
    }
}

fn chain(length: i64, bound: u32) -> Program {
    Program {
        edges: [(0..length).map(|at| (Some(at), Some(at + 1))).collect(), Vec::new()],
        views: vec![vec![
            Rule::Copy(Of::Edges(0), false),
            Rule::Compose(Of::View(0), Of::Edges(0)),
        ]],
        bound,
    }
}

#[test]
fn what_a_program_calls_its_views_and_in_which_order_does_not_matter() {
    let fingerprints =
        |order: [usize; 2], names: [&str; 2]| {
            let rules = [
                vec![Rule::Copy(Of::Edges(0), false), Rule::Compose(Of::View(1), Of::Edges(1))],
                vec![Rule::Compose(Of::View(0), Of::View(1)), Rule::Copy(Of::Edges(1), true)],
            ];
            let renamed = |input: &mut RelationId| {
                if let Some(at) = (0..2).find(|at| *input == id(VIEWS[*at])) {
                    *input = id(names[at]);
                }
            };
            let members = order.map(|at| {
                let mut arms: Vec<Arm> = rules[at].iter().map(Rule::arm).collect();
                for arm in &mut arms {
                    renamed(&mut arm.from);
                    for step in &mut arm.steps {
                        if let Step::Join { relation, .. } = step {
                            renamed(relation);
                        }
                    }
                }
                FixpointMember { id: id(names[at]), pipeline: Pipeline { arms }, schema: pairs() }
            });
            let spec = FixpointSpec { bound: 9, members: members.to_vec() };
            let mut relations: Vec<Relation> = EDGES.iter().map(|e| evidence(e, pairs())).collect();
            relations.push(relation("block", spec.row(), Spec::Fixpoint(spec)));
            relations.extend(names.map(|name| {
                relation(name, pairs(), Spec::Member(MemberSpec { block: id("block") }))
            }));
            let plans = plans(relations, &names);
            names.map(|name| plans.relation(&id(name)).expect("planned").deps().plan_fingerprint)
        };
    let first = fingerprints([0, 1], ["v0", "v1"]);
    assert_eq!(first, fingerprints([1, 0], ["v0", "v1"]));
    assert_eq!(first, fingerprints([0, 1], ["z", "b"]));
    assert_ne!(first[0], first[1]);
}

#[test]
fn values_of_views_come_from_what_their_rules_read() {
    let program = Program {
        views: vec![
            vec![Rule::Copy(Of::Edges(0), false), Rule::Compose(Of::View(1), Of::Edges(0))],
            vec![Rule::Copy(Of::View(0), true)],
        ],
        ..chain(3, 10)
    };
    let plans = plans(program.relations(), &["v0", "v1"]);
    let block = plans.relation(&id("block")).expect("planned");
    let views = plans.relation(&id("v1")).expect("planned").lineage();
    let [origin] = views.columns["a"].iter().collect::<Vec<_>>()[..] else { panic!("one origin") };
    let origins = &block.lineage().columns[&origin.column];
    let shown: Vec<String> =
        origins.iter().map(|o| format!("{}.{}", o.relation, o.column)).collect();
    // The first of `v1` is the second of `v0`, which only edges give.
    assert_eq!(shown, ["t.e0.b"]);
}

#[tokio::test]
async fn it_is_told_when_a_bound_is_reached() {
    for (length, bound, cut_off) in [(5, 4, true), (5, 5, false), (5, 6, false), (1, 1, false)] {
        let program = chain(length, bound);
        assert_eq!(program.rows().1, cut_off);
        let plans = plans(program.relations(), &["v0"]);
        let reached = super::support::reached(&plans, &program.json()[..1], "v0").await;
        let expected = if cut_off { vec![format!("t.block after {bound}")] } else { vec![] };
        assert_eq!(reached, expected);
    }
}

#[tokio::test]
async fn what_does_not_fit_into_memory_is_an_error() {
    let plans = plans(chain(400, 1000).relations(), &["v0"]);
    let error = super::support::starved(&plans, &chain(400, 1000).json()[..1], "v0", 256 * 1024)
        .await
        .expect_err("80,000 rows do not fit");
    assert!(error.contains("Resources exhausted"), "{error}");
}
