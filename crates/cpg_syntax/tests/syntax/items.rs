//! Every form of every item, as the tree that it becomes.

use std::fmt::Write;

use cpg_syntax::ast::{
    AttributeArg, CheckRule, CheckedColumns, ClosureItem, ColumnDecl, Item, ItemKind, KeyTarget,
    Name, NamedExpr, NormalizeClauseKind, PipelineStepKind, RelateClauseKind, RowSource, SortKey,
    TestClauseKind, TestValue, TestValueKind, UnionMembers,
};
use cpg_syntax::{parse_item, split};

use crate::render;

/// The items of a program without errors, one line for each part.
pub fn outline(text: &str) -> String {
    let split = split(text);
    assert_eq!(split.errors, []);
    let mut out = String::new();
    for chunk in split.chunks.iter().flat_map(render::with_members) {
        let chunk_text = render::slice(text, chunk.range);
        let parsed = parse_item(chunk_text, chunk.keyword);
        assert_eq!(parsed.errors, [], "{chunk_text}");
        let item = parsed.item.expect("an item without errors");
        assert!(render::slice(chunk_text, item.range).starts_with(chunk.keyword.as_str()));
        out.push_str(&item_outline(&item));
    }
    out
}

/// What an item says, wherever its parts stand.
pub fn item_outline(item: &Item) -> String {
    let mut out = String::new();
    if !item.docs.is_empty() {
        writeln!(out, "docs {:?}", item.docs).expect("text");
    }
    for attribute in &item.attributes {
        let args: Vec<String> = attribute
            .args
            .iter()
            .map(|arg| match arg {
                AttributeArg::Name(name) => name.text.clone(),
                AttributeArg::Text(text) => format!("{:?}", text.value),
            })
            .collect();
        writeln!(out, "@{} {args:?}", attribute.name.text).expect("text");
    }
    kind(&mut out, &item.kind);
    out
}

fn kind(out: &mut String, kind: &ItemKind) {
    match kind {
        ItemKind::Use(item) => {
            let module: Vec<&str> = item.module.segments.iter().map(|name| &*name.text).collect();
            for name in &item.names {
                writeln!(out, "use {module:?} {}{}", name.name.text, alias(&name.alias))
                    .expect("text");
            }
        }
        ItemKind::Const(item) => {
            writeln!(out, "const {} = {}", item.name.text, render::expr(&item.value)).expect("text")
        }
        ItemKind::Fn(item) => {
            let parameters: Vec<String> = item
                .parameters
                .iter()
                .map(|parameter| format!("{}: {}", parameter.name.text, render::ty(&parameter.ty)))
                .collect();
            let result = item.result.as_ref().map_or(String::new(), render::ty);
            let (name, body) = (&item.name.text, render::expr(&item.body));
            writeln!(out, "fn {name}({}) {result:?} {body}", parameters.join(", ")).expect("text");
        }
        ItemKind::Schema(item) => {
            writeln!(out, "schema {}", item.name.text).expect("text");
            columns(out, &item.columns);
        }
        ItemKind::Evidence(item) => {
            writeln!(out, "evidence {} from {}", item.name.text, dotted(&item.extractor))
                .expect("text");
            columns(out, &item.columns);
        }
        ItemKind::Normalize(item) => {
            writeln!(out, "normalize {} from {}", item.name.text, source(&item.source))
                .expect("text");
            for clause in &item.clauses {
                writeln!(out, "  {}", normalize_clause(&clause.kind)).expect("text");
            }
        }
        ItemKind::Relate(item) => {
            let via: Vec<String> = item.via.iter().map(source).collect();
            writeln!(
                out,
                "relate {} from {} to {} via {via:?}",
                item.name.text,
                source(&item.from),
                source(&item.to)
            )
            .expect("text");
            for clause in &item.clauses {
                writeln!(out, "  {}", relate_clause(&clause.kind)).expect("text");
            }
        }
        ItemKind::Union(item) => {
            write!(out, "union {}: {} of ", item.name.text, item.schema.text).expect("text");
            match &item.members {
                UnionMembers::Relations(names) => {
                    write!(out, "{}", self::names(names)).expect("text")
                }
                UnionMembers::Emitted { what, modules, .. } => {
                    let modules: Vec<String> = modules.iter().map(dotted).collect();
                    write!(out, "{what:?} in {modules:?}").expect("text");
                }
            }
            if let Some(by) = &item.by {
                write!(out, " by {}", by.text).expect("text");
            }
            if let Some(fuse) = &item.fuse {
                write!(out, " fuse [{}] {}", self::names(&fuse.per), named(&fuse.aggregates))
                    .expect("text");
            }
            out.push('\n');
        }
        ItemKind::View(item) => {
            let schema = item.schema.as_ref().map_or("", |name| &name.text);
            writeln!(out, "view {} {schema:?}", item.name.text).expect("text");
            for arm in &item.arms {
                writeln!(out, "  from {}", source(&arm.from)).expect("text");
                for step in &arm.steps {
                    writeln!(out, "    {}", pipeline_step(&step.kind)).expect("text");
                }
            }
        }
        ItemKind::Fixpoint(item) => {
            let (name, bound) = (&item.name.text, item.bound.value);
            writeln!(out, "fixpoint {name} {bound}: {} views", item.members.len()).expect("text");
        }
        ItemKind::Closure(item) => writeln!(out, "{}", closure(item)).expect("text"),
        ItemKind::Check(item) => {
            writeln!(out, "check {} {:?}", check_rule(&item.rule), item.severity).expect("text")
        }
        ItemKind::Test(item) => {
            writeln!(out, "test {:?} for {}", item.name.value, item.target.text).expect("text");
            for clause in &item.clauses {
                writeln!(out, "  {}", test_clause(&clause.kind)).expect("text");
            }
        }
        ItemKind::Export(item) => writeln!(out, "export {}", names(&item.names)).expect("text"),
    }
}

fn normalize_clause(kind: &NormalizeClauseKind) -> String {
    use NormalizeClauseKind as K;
    match kind {
        K::Where(condition) => format!("where {}", render::expr(condition)),
        K::Id { name, namespace, over } => {
            format!("id {} in {:?} of [{}]", name.text, namespace.value, render::list(over))
        }
        K::Span { start, end } => format!("span {} .. {}", render::expr(start), render::expr(end)),
        K::Text { name, value, functions } => {
            format!("text {} = {} [{}]", name.text, render::expr(value), names(functions))
        }
        K::Key { name, entity, target, unless } => {
            let target = match target {
                KeyTarget::Span { start, end } => {
                    format!("at {} .. {}", render::expr(start), render::expr(end))
                }
                KeyTarget::Values(values) => format!("of [{}]", render::list(values)),
            };
            let unless = unless.as_ref().map_or(String::new(), render::expr);
            format!("key {} -> {} {target} unless {unless:?}", name.text, entity.text)
        }
        K::Keep(columns) => {
            let columns: Vec<String> =
                columns.iter().map(|keep| keep.column.text.clone() + &alias(&keep.alias)).collect();
            format!("keep {columns:?}")
        }
        K::Derive { name, value } => format!("derive {} = {}", name.text, render::expr(value)),
        K::Node { kind, properties } => {
            format!("node {} {}", render::expr(kind), named(properties))
        }
    }
}

fn closure(item: &ClosureItem) -> String {
    let ClosureItem { name, source, filter, from, to, depth } = item;
    let filter = filter.as_ref().map_or(String::new(), render::expr);
    let depth = depth.map(|depth| depth.value);
    let source = self::source(source);
    format!("closure {} {source} [{filter}] {} {} {depth:?}", name.text, from.text, to.text)
}

fn relate_clause(kind: &RelateClauseKind) -> String {
    use RelateClauseKind as K;
    match kind {
        K::On(condition) => format!("on {}", render::expr(condition)),
        K::Require(condition) => format!("require {}", render::expr(condition)),
        K::Score(score) => format!("score {}", render::expr(score)),
        K::Feature { name, value, weight } => {
            format!(
                "feature {} = {} weight {}",
                name.text,
                render::expr(value),
                render::expr(weight)
            )
        }
        K::Confidence(value) => format!("confidence {}", render::expr(value)),
        K::Rank { per, by, keep } => {
            format!("rank [{}] by [{}] keep {keep:?}", render::list(per), keys(by))
        }
        K::Edge { kind, properties } => {
            format!("edge {} {}", render::expr(kind), named(properties))
        }
        K::Provider(text) => format!("provider {:?}", text.value),
    }
}

fn test_clause(kind: &TestClauseKind) -> String {
    let (said, rows) = match kind {
        TestClauseKind::Given { relation, rows } => (format!("given {}", relation.text), rows),
        TestClauseKind::Expect(rows) => ("expect".to_owned(), rows),
    };
    let rows: Vec<String> = rows
        .rows
        .iter()
        .map(|row| {
            let cells = row.cells.iter();
            let cells: Vec<String> = cells
                .map(|cell| format!("{}: {}", cell.column.text, test_value(&cell.value)))
                .collect();
            let rest = if row.rest.is_some() { " ..." } else { "" };
            format!("{{{}{rest}}}", cells.join(", "))
        })
        .collect();
    format!("{said} [{}]", rows.join(", "))
}

fn test_value(value: &TestValue) -> String {
    match &value.kind {
        TestValueKind::Expr(value) => render::expr(value),
        TestValueKind::Span { start, end } => {
            format!("{} .. {}", render::expr(start), render::expr(end))
        }
        TestValueKind::List(values) => {
            format!("[{}]", values.iter().map(test_value).collect::<Vec<_>>().join(", "))
        }
    }
}

fn check_rule(rule: &CheckRule) -> String {
    let of = |columns: &CheckedColumns| {
        format!("{}[{}]", columns.relation.text, names(&columns.columns))
    };
    match rule {
        CheckRule::Unique(columns) => format!("unique {}", of(columns)),
        CheckRule::NotNull(columns) => format!("not_null {}", of(columns)),
        CheckRule::References { from, to } => format!("references {} {}", of(from), of(to)),
        CheckRule::Accepted { columns, values } => {
            format!("accepted {} [{}]", of(columns), render::list(values))
        }
        CheckRule::Expect { source, condition } => {
            format!("expect {} {}", self::source(source), render::expr(condition))
        }
        CheckRule::Empty(name) => format!("empty {}", name.text),
        CheckRule::Coverage { entity, sources, percent } => {
            let column = |column: &Option<Name>| column.as_ref().map(|name| name.text.clone());
            let sources: Vec<String> = sources
                .iter()
                .map(|one| format!("{} {:?}", one.relation.text, column(&one.column)))
                .collect();
            format!("coverage {} {sources:?} {}", entity.text, render::expr(percent))
        }
    }
}

fn pipeline_step(kind: &PipelineStepKind) -> String {
    use PipelineStepKind as K;
    match kind {
        K::Join { kind, source, on } => {
            format!("join {kind:?} {} on {}", self::source(source), render::expr(on))
        }
        K::Where(condition) => format!("where {}", render::expr(condition)),
        K::Select(columns) => format!("select {}", named(columns)),
        K::Derive(columns) => format!("derive {}", named(columns)),
        K::GroupBy { keys, aggregates } => format!("group {} {}", named(keys), named(aggregates)),
        K::Distinct => "distinct".to_owned(),
        K::Dedupe { per, best } => format!("dedupe [{}] best [{}]", render::list(per), keys(best)),
        K::SortLimit { by, count } => format!("sort [{}] limit {count}", keys(by)),
    }
}

fn columns(out: &mut String, columns: &[ColumnDecl]) {
    for column in columns {
        writeln!(out, "  {}: {} {:?}", column.name.text, render::ty(&column.ty), column.docs)
            .expect("text");
    }
}

fn named(columns: &[NamedExpr]) -> String {
    let columns: Vec<String> = columns
        .iter()
        .map(|named| match &named.value {
            Some(value) => format!("{}: {}", named.name.text, render::expr(value)),
            None => named.name.text.clone(),
        })
        .collect();
    format!("{{{}}}", columns.join(", "))
}

fn keys(keys: &[SortKey]) -> String {
    let keys: Vec<String> = keys
        .iter()
        .map(|key| render::expr(&key.expr) + if key.descending { " desc" } else { "" })
        .collect();
    keys.join(", ")
}

fn source(source: &RowSource) -> String {
    source.relation.text.clone() + &alias(&source.alias)
}

fn alias(alias: &Option<Name>) -> String {
    alias.as_ref().map_or(String::new(), |name| format!(" as {}", name.text))
}

fn names(names: &[Name]) -> String {
    names.iter().map(|name| &*name.text).collect::<Vec<_>>().join(", ")
}

fn dotted(name: &cpg_syntax::ast::DottedName) -> String {
    name.segments.iter().map(|segment| &*segment.text).collect::<Vec<_>>().join(".")
}

#[test]
fn use_const_and_export() {
    render::snapshot(
        "items_use_const_and_export",
        &outline(
            r#"
use std.graph.{Node, Edge as E,}
use std.graph.Node
use std.graph.Node as N
/// Weighs a name
///   against others.
@tag(core) @deprecated("why", x,)
@owner
const NAME_MATCH = 500
export a
export a, `b c`, d,
"#,
        ),
    );
}

#[test]
fn functions() {
    render::snapshot(
        "items_fn",
        &outline(
            r#"
fn one() = 1
fn size(start: Offset<byte>, end: Offset<byte>,) -> int = end - start
/// The length of a span.
@tag(core)
fn known(`a b`: Id<def>?, in: string) -> bool = `a b` is not null
fn chosen(if_so: bool) = if if_so
  then 1
  else 2
"#,
        ),
    );
}

#[test]
fn schema_and_evidence() {
    render::snapshot(
        "items_schema_and_evidence",
        &outline(
            r#"
schema Empty {}
schema Node { node_id: Id, kind: string }
schema Edge {
  /// The start.
  /// Of it.
  src: Id<`py def`>    // not this
  /* nor this */
  start: Offset<byte>?,
  kind: List<List<string>?>
  /// Where.
  line: Line<1>
  col: Col<utf8, 0>?
  `a b`: int,
  in: bool
}
evidence defs from extractor python.cst { path: Path }
evidence errors from extractor errors {
}
"#,
        ),
    );
}

#[test]
fn normalize() {
    render::snapshot(
        "items_normalize",
        &outline(
            r#"
normalize def from cst_defs as d {
  where d.name is not null
  id    def_id in "py_def"
  id    def_id in "py_def" of d.path, span(d.start, d.end),
  span  d.start .. d.end
  text  name = d.name
  text  name = d.name nfc casefold
  key   container_id -> def at d.container_start .. d.container_end unless d.container_kind is null
  key   module_id -> module of d.path, d.x ?? 1 unless d.y,
  keep  kind, name as other, key,
  keep  node
  derive size = d.end - d.start
  node  "DEF" { name, kind }
  node  case { kind == "class" => "CLASS", else => "DEF" } { name, other: kind }
  node  if a then "A" else "B"
}
normalize a from b { id x in "n" of a, span a.b .. a.c, key y -> z of q keep w, node "N" {} }
"#,
        ),
    );
}

#[test]
fn relate() {
    render::snapshot(
        "items_relate",
        &outline(
            r#"
relate calls from call as c to def as d via occurrence as o via symbol {
  on         c.callee_span overlaps o.span and o.defines == d.def_id
  require    not o.is_generated
  score      2000
  score      (1 + 2)
  feature    exact = c.callee_span == o.span  weight 20
  feature    near = b.score weight -1
  confidence 0.95
  rank       per c.call_id by score desc, d.span.start asc  keep 1
  rank       per c.call_id, score by score keep all
  rank       per c.call_id by score desc, edge,
  edge       "CALLS" { position: o.position, o.kind, score }
  edge       "CALLS"
  provider   "scip"
}
relate a from b to c {}
relate one_line from b to c { on b.x == c.x, score 1, edge "E", provider "p" }
"#,
        ),
    );
}

#[test]
fn union() {
    render::snapshot(
        "items_union",
        &outline(
            r#"
union nodes: Node of nodes in std.python, my.module by kind
union edges: Edge of edges in *
union props: Property of props in a
union some: Node of nodes, b, c
union fused: Edge of a by kind
  fuse per src, dst, kind { confidence: noisy_or(confidence), providers: collect(provider) }
"#,
        ),
    );
}

#[test]
fn checks() {
    render::snapshot(
        "items_check",
        &outline(
            r#"
/// Ids are ids.
check unique cpg_nodes(node_id)
@tag(core)
check unique cpg_edges(src, dst, kind,) severity error
check not_null cpg_nodes(`a b`, in) severity warn
check references cpg_edges(src, dst) -> cpg_nodes(node_id)
check accepted cpg_edges(kind) in ("CALLS", KIND,)
check expect cpg_edges: score severity warn
check expect cpg_edges as e: e.confidence between 0 and 1
  and e.start < e.end
check empty errors
check coverage call in call_by_scope, call_by_import(src), >= 60% severity warn
check coverage call in call_by_scope >= 99.5%
"#,
        ),
    );
}

#[test]
fn view() {
    render::snapshot(
        "items_view",
        &outline(
            r#"
view fan_in: FanIn =
  from calls as c
  join def as d on c.dst == d.def_id
  left join x on c.a == x.a and
    c.b == x.b
  semi join y on c.a == y.a
  anti join z on c.a == z.a where c.kind == "CALLS"
  derive { twice: c.n * 2, c.kind }
  select {
    a
    before
    b: a
    before: b
    c.d,
    in: c
    overlaps: d
  }
  group by dst, c.kind, k: c.a + 1 { callers: count_distinct(src), n: count() }
  dedupe per a, b keep best c desc, d
  sort a desc, limit limit 10
  distinct
view both =
    from a select { x: a.x }
  | from b as c where c.x is not null select { x }
"#,
        ),
    );
}
