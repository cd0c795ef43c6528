//! What a plan computes, as a fingerprint.
//!
//! The encoding is our own walk over node kinds and expressions: DataFusion's hashes, `Debug` and `Display` leave out
//! things that matter and promise no stability. A kind of node or expression without an encoding is an error, never
//! left out. Relations stand under what the columns that are read of them mean, columns under their places, functions
//! under their names and versions; so no name that a program chooses matters, but those of the plan's own columns.

use std::collections::{BTreeMap, BTreeSet};

use arrow::datatypes::Fields;
use cpg_ir::canon::{Domain, Fingerprint};
use cpg_ir::file::FileSource;
use cpg_ir::spec::RelationId;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{JoinType, NullEquality};
use datafusion::logical_expr::{
    Distinct, Expr, Extension, FetchType, LogicalPlan, SkipType, TableScan, Unnest,
    UserDefinedLogicalNodeCore,
};
use serde_json::{Value, json};

use crate::closure::Closure;
use crate::error::Problem;
use crate::fixpoint::{Fixpoint, Rows, RowsOf};
use crate::lineage::kind;
use crate::scan::scanned;
use crate::span_join::{Enclosing, SpanJoin, SpanPredicate};

mod expr;

use expr::{Exprs, encode_type};

/// Tells what some columns of a relation mean.
pub(crate) type Meaning<'a> =
    dyn FnMut(&RelationId, &BTreeSet<String>) -> Result<Fingerprint, Problem> + 'a;

/// The fingerprint of a plan over scans of relations. `meaning` tells what some columns of a relation mean.
///
/// # Errors
/// Those of `meaning`, and when the plan holds something without an encoding.
pub(crate) fn fingerprint(
    plan: &LogicalPlan,
    meaning: &mut Meaning<'_>,
) -> Result<Fingerprint, Problem> {
    let row = encode_row(plan.schema().fields())?;
    of(&json!(["plan", row, Encoder { meaning }.plan(plan)?]))
}

/// The fingerprint of columns of an extractor's table.
pub(crate) fn evidence(
    extractor: &str,
    table: &str,
    columns: &Fields,
) -> Result<Fingerprint, Problem> {
    of(&json!(["evidence", extractor, table, encode_row(columns)?]))
}

/// The fingerprint of columns of rows in files: where they lie and what they are read as, not what they hold.
pub(crate) fn files(source: &FileSource, columns: &Fields) -> Result<Fingerprint, Problem> {
    let format = source.format.as_str();
    let row = columns.iter().map(|field| {
        Ok(json!([field.name(), encode_type(field.data_type())?, field.is_nullable()]))
    });
    let row = row.collect::<Result<Vec<_>, Problem>>()?;
    of(&json!(["files", format, source.location, row]))
}

/// Whether all of a plan has an encoding.
///
/// # Errors
/// What has none.
pub(crate) fn can_encode(plan: &LogicalPlan) -> Result<(), Problem> {
    fingerprint(plan, &mut |_, _| Ok(Fingerprint::of_bytes(Domain::Plan, b"")))?;
    functions(plan).map(|_| ())
}

fn of(encoded: &Value) -> Result<Fingerprint, Problem> {
    Fingerprint::of(Domain::Plan, encoded)
        .map_err(|error| Problem::Unsupported(format!("a value without a JSON form ({error})")))
}

fn encode_row(fields: &Fields) -> Result<Vec<Value>, Problem> {
    fields.iter().map(|field| Ok(json!([field.name(), encode_type(field.data_type())?]))).collect()
}

struct Encoder<'a, 'm> {
    meaning: &'a mut Meaning<'m>,
}

impl Encoder<'_, '_> {
    fn plan(&mut self, plan: &LogicalPlan) -> Result<Value, Problem> {
        Ok(match plan {
            LogicalPlan::TableScan(scan) => self.scan(scan)?,
            LogicalPlan::Projection(node) => {
                let exprs = Exprs(node.input.schema()).all(&node.expr)?;
                json!(["projection", exprs, self.plan(&node.input)?])
            }
            LogicalPlan::Filter(node) => {
                let predicate = Exprs(node.input.schema()).one(&node.predicate)?;
                json!(["filter", predicate, self.plan(&node.input)?])
            }
            // It names columns, and names do not matter.
            LogicalPlan::SubqueryAlias(node) => self.plan(&node.input)?,
            LogicalPlan::Join(node) => {
                let both = node.left.schema().join(node.right.schema())?;
                json!([
                    "join",
                    join_type(node.join_type)?,
                    node.null_equality == NullEquality::NullEqualsNull,
                    keys(&node.on, &node.left, &node.right)?,
                    Exprs(&both).all(&node.filter)?,
                    self.plan(&node.left)?,
                    self.plan(&node.right)?,
                ])
            }
            LogicalPlan::Extension(node) => match node.node.as_any().downcast_ref::<SpanJoin>() {
                Some(join) => self.span_join(join)?,
                None => self.operator(node)?,
            },
            LogicalPlan::Aggregate(node) => {
                let exprs = Exprs(node.input.schema());
                json!([
                    "aggregate",
                    exprs.all(&node.group_expr)?,
                    exprs.all(&node.aggr_expr)?,
                    self.plan(&node.input)?,
                ])
            }
            LogicalPlan::Window(node) => {
                let exprs = Exprs(node.input.schema()).all(&node.window_expr)?;
                json!(["window", exprs, self.plan(&node.input)?])
            }
            LogicalPlan::Unnest(node) => self.unnest(node)?,
            LogicalPlan::Distinct(Distinct::All(input)) => json!(["distinct", self.plan(input)?]),
            LogicalPlan::Sort(node) => {
                let sorts = Exprs(node.input.schema()).sorts(&node.expr)?;
                json!(["sort", sorts, node.fetch, self.plan(&node.input)?])
            }
            LogicalPlan::Limit(node) => match (node.get_skip_type()?, node.get_fetch_type()?) {
                (SkipType::Literal(skip), FetchType::Literal(fetch)) => {
                    json!(["limit", skip, fetch, self.plan(&node.input)?])
                }
                _ => return Err(Problem::Unsupported("a computed limit".to_owned())),
            },
            LogicalPlan::Union(node) => {
                let inputs = node.inputs.iter().map(|input| self.plan(input));
                json!(["union", inputs.collect::<Result<Vec<_>, _>>()?])
            }
            other => return Err(Problem::Unsupported(kind(other))),
        })
    }

    /// The operators of our own that are no joins.
    fn operator(&mut self, node: &Extension) -> Result<Value, Problem> {
        let any = node.node.as_any();
        if let Some(rows) = any.downcast_ref::<Rows>() {
            let row = encode_row(node.node.schema().fields())?;
            Ok(match rows.of() {
                RowsOf::Input(number) => json!(["input", number, row]),
                // All plans of a rule follow from the one that is encoded.
                RowsOf::Member(number, _) => json!(["view", number, row]),
            })
        } else if let Some(closure) = any.downcast_ref::<Closure>() {
            Ok(json!(["closure", closure.depth(), self.plan(closure.input())?]))
        } else if let Some(fixpoint) = any.downcast_ref::<Fixpoint>() {
            let mut views = Vec::new();
            for member in fixpoint.members() {
                let rules = member.arms.iter().map(|rule| self.plan(rule));
                let rules = rules.collect::<Result<Vec<_>, _>>()?;
                views.push(json!([encode_row(member.schema.fields())?, rules]));
            }
            let inputs = UserDefinedLogicalNodeCore::inputs(fixpoint);
            let inputs = inputs.into_iter().map(|input| self.plan(input));
            let inputs = inputs.collect::<Result<Vec<_>, _>>()?;
            Ok(json!(["fixpoint", fixpoint.bound(), views, inputs]))
        } else {
            Err(Problem::Unsupported(node.node.name().to_owned()))
        }
    }

    fn scan(&mut self, scan: &TableScan) -> Result<Value, Problem> {
        let relation = scanned(scan)
            .ok_or_else(|| Problem::Unsupported(format!("the table `{}`", scan.table_name)))?;
        if !scan.filters.is_empty() || scan.fetch.is_some() {
            return Err(Problem::Unsupported(format!("a filter in the scan of `{relation}`")));
        }
        let fields = scan.projected_schema.fields();
        let columns = fields.iter().map(|field| field.name().clone()).collect();
        Ok(json!(["scan", (self.meaning)(relation, &columns)?, encode_row(fields)?]))
    }

    /// Lists that become rows; structures that become columns have no form in the language.
    fn unnest(&mut self, node: &Unnest) -> Result<Value, Problem> {
        if !node.struct_type_columns.is_empty() || !node.options.recursions.is_empty() {
            return Err(Problem::Unsupported("an unnesting of more than lists".to_owned()));
        }
        let lists = node.list_type_columns.iter().map(|(list, how)| json!([list, how.depth]));
        let lists: Vec<Value> = lists.collect();
        let options = &node.options;
        let kept = [options.preserve_nulls(), options.expand_empty_as_null()];
        Ok(json!(["unnest", lists, kept, self.plan(&node.input)?]))
    }

    fn span_join(&mut self, join: &SpanJoin) -> Result<Value, Problem> {
        let (predicate, enclosing) = match join.predicate() {
            SpanPredicate::Overlaps => ("overlaps", None),
            SpanPredicate::Contains(enclosing) => ("contains", Some(enclosing)),
            SpanPredicate::Within(enclosing) => ("within", Some(enclosing)),
        };
        let enclosing = enclosing.map(|enclosing| match enclosing {
            Enclosing::All => "all",
            Enclosing::Innermost => "innermost",
        });
        let both = join.left().schema().join(join.right().schema())?;
        let (left, right) = (join.left_span(), join.right_span());
        Ok(json!([
            "span join",
            join_type(join.kind().join_type())?,
            predicate,
            enclosing,
            keys(join.keys(), join.left(), join.right())?,
            Exprs(join.left().schema()).all([&left.0, &left.1])?,
            Exprs(join.right().schema()).all([&right.0, &right.1])?,
            Exprs(&both).all(join.filter())?,
            self.plan(join.left())?,
            self.plan(join.right())?,
        ]))
    }
}

/// What must be equal: left expressions over the left plan, right ones over the right.
fn keys(
    keys: &[(Expr, Expr)],
    left: &LogicalPlan,
    right: &LogicalPlan,
) -> Result<Vec<Value>, Problem> {
    let (left, right) = (Exprs(left.schema()), Exprs(right.schema()));
    keys.iter().map(|(a, b)| Ok(json!([left.one(a)?, right.one(b)?]))).collect()
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
pub(crate) fn functions(plan: &LogicalPlan) -> Result<BTreeMap<String, String>, Problem> {
    let mut called = BTreeMap::new();
    let mut unknown = None;
    let mut rules = Vec::new();
    plan.apply(|node| {
        if let LogicalPlan::Extension(node) = node
            && let Some(fixpoint) = node.node.as_any().downcast_ref::<Fixpoint>()
        {
            rules.extend(fixpoint.members().iter().flat_map(|member| member.arms.clone()));
        }
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
    for rule in &rules {
        called.extend(functions(rule)?);
    }
    match unknown {
        None => Ok(called),
        Some(name) => Err(Problem::UnknownFunction(name)),
    }
}
