//! What a plan computes, as a fingerprint.
//!
//! The encoding is our own walk over node kinds and expressions: DataFusion's hashes, `Debug` and `Display` leave out
//! things that matter and promise no stability. A kind of node or expression without an encoding is an error, never
//! left out. Relations stand under what they mean (their own fingerprint), not under their names; functions stand
//! with their versions.

use std::collections::BTreeMap;

use cpg_ir::canon::{Domain, Fingerprint};
use cpg_ir::spec::RelationId;
use datafusion::common::{JoinType, NullEquality};
use datafusion::logical_expr::{Distinct, Expr, FetchType, LogicalPlan, SkipType, TableScan};
use serde_json::{Value, json};

use crate::error::Problem;
use crate::lineage::kind;
use crate::scan::scanned;
use crate::span_join::{Enclosing, SpanJoin, SpanPredicate};

mod expr;

use expr::{encode_all, encode_sorts, encode_type};

/// The fingerprint of a plan over scans of relations, given what those relations mean.
///
/// # Errors
/// When the plan holds something without an encoding, or reads a relation that `meanings` does not tell.
pub fn fingerprint(
    plan: &LogicalPlan,
    meanings: &BTreeMap<RelationId, Fingerprint>,
) -> Result<Fingerprint, Problem> {
    let encoded = Encoder { meanings }.plan(plan)?;
    Fingerprint::of(Domain::Plan, &encoded)
        .map_err(|error| Problem::Unsupported(format!("a value without a JSON form ({error})")))
}

struct Encoder<'a> {
    meanings: &'a BTreeMap<RelationId, Fingerprint>,
}

impl Encoder<'_> {
    fn plan(&self, plan: &LogicalPlan) -> Result<Value, Problem> {
        Ok(match plan {
            LogicalPlan::TableScan(scan) => self.scan(scan)?,
            LogicalPlan::Projection(node) => {
                json!(["projection", encode_all(&node.expr)?, self.plan(&node.input)?])
            }
            LogicalPlan::Filter(node) => {
                json!(["filter", expr::encode(&node.predicate)?, self.plan(&node.input)?])
            }
            LogicalPlan::SubqueryAlias(node) => {
                json!(["alias", node.alias.table(), self.plan(&node.input)?])
            }
            LogicalPlan::Join(node) => {
                let on = node.on.iter().flat_map(|(left, right)| [left, right]);
                json!([
                    "join",
                    join_type(node.join_type)?,
                    node.null_equality == NullEquality::NullEqualsNull,
                    encode_all(on)?,
                    encode_all(&node.filter)?,
                    self.plan(&node.left)?,
                    self.plan(&node.right)?,
                ])
            }
            LogicalPlan::Extension(node) => match node.node.as_any().downcast_ref::<SpanJoin>() {
                Some(join) => self.span_join(join)?,
                None => return Err(Problem::Unsupported(node.node.name().to_owned())),
            },
            LogicalPlan::Aggregate(node) => json!([
                "aggregate",
                encode_all(&node.group_expr)?,
                encode_all(&node.aggr_expr)?,
                self.plan(&node.input)?,
            ]),
            LogicalPlan::Window(node) => {
                json!(["window", encode_all(&node.window_expr)?, self.plan(&node.input)?])
            }
            LogicalPlan::Distinct(Distinct::All(input)) => json!(["distinct", self.plan(input)?]),
            LogicalPlan::Sort(node) => {
                json!(["sort", encode_sorts(&node.expr)?, node.fetch, self.plan(&node.input)?])
            }
            LogicalPlan::Limit(node) => match (node.get_skip_type()?, node.get_fetch_type()?) {
                (SkipType::Literal(skip), FetchType::Literal(fetch)) => {
                    json!(["limit", skip, fetch, self.plan(&node.input)?])
                }
                _ => return Err(Problem::Unsupported("a computed limit".to_owned())),
            },
            LogicalPlan::Union(node) => {
                let inputs = node
                    .inputs
                    .iter()
                    .map(|input| self.plan(input))
                    .collect::<Result<Vec<_>, _>>()?;
                json!(["union", inputs])
            }
            other => return Err(Problem::Unsupported(kind(other))),
        })
    }

    fn scan(&self, scan: &TableScan) -> Result<Value, Problem> {
        let relation = scanned(scan)
            .ok_or_else(|| Problem::Unsupported(format!("the table `{}`", scan.table_name)))?;
        if !scan.filters.is_empty() || scan.fetch.is_some() {
            return Err(Problem::Unsupported(format!("a filter in the scan of `{relation}`")));
        }
        let meaning = self
            .meanings
            .get(relation)
            .ok_or_else(|| Problem::UnknownRelation(relation.clone()))?;
        let columns = scan
            .projected_schema
            .fields()
            .iter()
            .map(|field| Ok(json!([field.name(), encode_type(field.data_type())?])))
            .collect::<Result<Vec<_>, Problem>>()?;
        Ok(json!(["scan", meaning, columns]))
    }

    fn span_join(&self, join: &SpanJoin) -> Result<Value, Problem> {
        let (predicate, enclosing) = match join.predicate() {
            SpanPredicate::Overlaps => ("overlaps", None),
            SpanPredicate::Contains(enclosing) => ("contains", Some(enclosing)),
            SpanPredicate::Within(enclosing) => ("within", Some(enclosing)),
        };
        let enclosing = enclosing.map(|enclosing| match enclosing {
            Enclosing::All => "all",
            Enclosing::Innermost => "innermost",
        });
        let ends = [join.left_span(), join.right_span()];
        let keys = join.keys().iter().flat_map(|(left, right)| [left, right]);
        Ok(json!([
            "span join",
            join_type(join.kind().join_type())?,
            predicate,
            enclosing,
            encode_all(keys)?,
            encode_all(ends.into_iter().flat_map(|(start, end)| [start, end]))?,
            encode_all(join.filter())?,
            self.plan(join.left())?,
            self.plan(join.right())?,
        ]))
    }
}

fn join_type(join: JoinType) -> Result<&'static str, Problem> {
    Ok(match join {
        JoinType::Inner => "inner",
        JoinType::Left => "left",
        JoinType::LeftSemi => "semi",
        JoinType::LeftAnti => "anti",
        other => return Err(Problem::Unsupported(format!("a {other} join"))),
    })
}

/// The functions that a plan calls, by name, with their versions.
///
/// # Errors
/// When it calls one whose version is not known.
pub fn functions(plan: &LogicalPlan) -> Result<BTreeMap<String, String>, Problem> {
    use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
    let mut called = BTreeMap::new();
    let mut unknown = None;
    plan.apply(|node| {
        node.apply_expressions(|root| {
            root.apply(|expr: &Expr| {
                let Some(name) = expr::called(expr) else {
                    return Ok(TreeNodeRecursion::Continue);
                };
                match expr::version(expr) {
                    Some(version) => {
                        called.insert(name.to_owned(), version);
                    }
                    None => unknown = Some(name.to_owned()),
                }
                Ok(TreeNodeRecursion::Continue)
            })
        })
    })?;
    match unknown {
        None => Ok(called),
        Some(name) => Err(Problem::UnknownFunction(name)),
    }
}
