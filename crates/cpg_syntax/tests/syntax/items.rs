//! Every form of every item, as the tree that it becomes.

use crate::outline::outline;
use crate::render;

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
evidence calls from parquet "data/*.parquet"
evidence rows from csv "rows.csv" { n: int }
evidence none from delta "table" {}
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
  window per a, b by c desc, d { place: row_number(), before: lag(c, 1) }
  window by w { n: rank() }
  window { n: count() }
  unnest unnest as name
  unnest a.b as at at at
  distinct
view both =
    from a select { x: a.x }
  | from b as c where c.x is not null select { x }
view fast = sql """select 1"""
view long: Schema = sql
  """
select "a" -- not a comment // of ours
from b where x = 'view'
view x = y
"""
"#,
        ),
    );
}

#[test]
fn template() {
    render::snapshot(
        "items_template",
        &outline(
            r#"
@tag(a) template relate linked(source: relation, key: column, n: int, t: float?) from source to other {
  on source.key == other.key rank per source.key by score keep n provider key
}
template normalize e(rows: relation, space: string,) from rows as r { id x in space of r.x }
template view v(rows: relation, n: int): Shape = from rows sort a limit n
template view w() = v(rows: base, n: 3 + 4,)
@tag(view) view x = w()
view y = `w`(from_, a.b, c: d)
view z = from w
normalize n = e(a)
"#,
        ),
    );
}

#[test]
fn policy() {
    render::snapshot(
        "items_policy",
        &outline(
            r#"
policy write for a, tag:core, kind:view, *, {
  partition by kind, for sort by path, span.start desc
  target_file_size 1_28MiB stats on a, b,
}
policy maintain for * { optimize when files_created > 10 or total_files > 100
  vacuum when versions > 10 retain 7d, checkpoint every 10 }
policy schema { mode strict }
policy cache for `a b` { keep table }
policy scan for x { pruning off pushdown on }
"#,
        ),
    );
}
