//! A lineage as text, as a graph for other tools, or as JSON.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use cpg_ir::spec::RelationId;
use cpg_plan::lineage::{ColumnRef, Direction, LineageGraph};
use serde::Serialize;

use crate::args::GraphFormat;
use crate::console::Message;
use crate::failure::Failure;

type Edges = BTreeSet<(ColumnRef, ColumnRef)>;

/// The lineage of `columns`, which are of one relation.
pub(super) fn draw(
    graph: &LineageGraph,
    columns: &[ColumnRef],
    direction: Direction,
    format: GraphFormat,
) -> Result<String, Failure> {
    if format == GraphFormat::Text {
        return Ok(
            Tree { graph, direction, text: String::new(), told: BTreeSet::new() }.draw(columns)
        );
    }
    let edges = graph.edges(columns, direction);
    let nodes: BTreeSet<&ColumnRef> =
        columns.iter().chain(edges.iter().flat_map(|(a, b)| [a, b])).collect();
    match format {
        GraphFormat::Dot => Ok(dot(&nodes, &edges)),
        GraphFormat::Mermaid => Ok(mermaid(&nodes, &edges)),
        _ => json(graph, columns, direction, &nodes, &edges),
    }
}

/// An indented text. A column that was shown before is not followed again.
struct Tree<'a> {
    graph: &'a LineageGraph,
    direction: Direction,
    text: String,
    told: BTreeSet<&'a ColumnRef>,
}

impl<'a> Tree<'a> {
    fn draw(mut self, columns: &'a [ColumnRef]) -> String {
        // With a stack of its own: a program can be as deep as it is long.
        let mut pending: Vec<(usize, &ColumnRef)> =
            columns.iter().rev().map(|column| (0, column)).collect();
        while let Some((level, column)) = pending.pop() {
            let arrow = match (level, self.direction) {
                (0, _) => "",
                (_, Direction::Up) => "<- ",
                (_, Direction::Down) => "-> ",
            };
            let next = self.graph.next(column, self.direction);
            let again = !self.told.insert(column) && !next.is_empty();
            let more = if again { "  (see above)" } else { "" };
            let indent = "  ".repeat(level);
            let _ = writeln!(self.text, "{indent}{arrow}{}{more}", name(column));
            if !again {
                pending.extend(next.iter().rev().map(|next| (level + 1, next)));
            }
        }
        if let Some(relation) = columns.first()
            && self.direction == Direction::Up
            && let Some(lineage) = self.graph.relation(&relation.relation)
            && !lineage.rows.is_empty()
        {
            let _ = writeln!(self.text, "which rows there are");
            for column in &lineage.rows {
                let _ = writeln!(self.text, "  <- {}", name(column));
            }
        }
        self.text
    }
}

fn name(column: &ColumnRef) -> String {
    format!("{}.{}", column.relation, column.column)
}

fn by_relation<'a>(
    nodes: &BTreeSet<&'a ColumnRef>,
) -> BTreeMap<&'a RelationId, Vec<&'a ColumnRef>> {
    let mut grouped: BTreeMap<&RelationId, Vec<&ColumnRef>> = BTreeMap::new();
    for node in nodes.iter().copied() {
        grouped.entry(&node.relation).or_default().push(node);
    }
    grouped
}

/// Arrows go where values go.
fn dot(nodes: &BTreeSet<&ColumnRef>, edges: &Edges) -> String {
    let mut text = String::from("digraph lineage {\n  rankdir=LR;\n  node [shape=box];\n");
    for (at, (relation, columns)) in by_relation(nodes).into_iter().enumerate() {
        let _ =
            writeln!(text, "  subgraph cluster_{at} {{\n    label={};", quoted(relation.as_str()));
        for column in columns {
            let _ =
                writeln!(text, "    {} [label={}];", quoted(&name(column)), quoted(&column.column));
        }
        text.push_str("  }\n");
    }
    for (computed, from) in edges {
        let _ = writeln!(text, "  {} -> {};", quoted(&name(from)), quoted(&name(computed)));
    }
    text + "}\n"
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn mermaid(nodes: &BTreeSet<&ColumnRef>, edges: &Edges) -> String {
    let numbers: BTreeMap<&ColumnRef, usize> =
        nodes.iter().enumerate().map(|(at, node)| (*node, at)).collect();
    let number = |node: &ColumnRef| numbers.get(node).copied().unwrap_or_default();
    let label = |text: &str| text.replace('"', "#quot;");
    let mut text = String::from("flowchart LR\n");
    for (at, (relation, columns)) in by_relation(nodes).into_iter().enumerate() {
        let _ = writeln!(text, "  subgraph r{at}[\"{}\"]", label(relation.as_str()));
        for column in columns {
            let _ = writeln!(text, "    c{}[\"{}\"]", number(column), label(&column.column));
        }
        text.push_str("  end\n");
    }
    for (computed, from) in edges {
        let _ = writeln!(text, "  c{} --> c{}", number(from), number(computed));
    }
    text
}

#[derive(Serialize)]
struct LineageBody<'a> {
    direction: &'static str,
    of: Vec<ColumnBody<'a>>,
    columns: Vec<ColumnBody<'a>>,
    edges: Vec<EdgeBody<'a>>,
    /// The columns that decide which rows the relation has.
    rows: Vec<ColumnBody<'a>>,
}

#[derive(Serialize)]
struct ColumnBody<'a> {
    relation: &'a str,
    column: &'a str,
}

#[derive(Serialize)]
struct EdgeBody<'a> {
    from: ColumnBody<'a>,
    to: ColumnBody<'a>,
}

fn json(
    graph: &LineageGraph,
    columns: &[ColumnRef],
    direction: Direction,
    nodes: &BTreeSet<&ColumnRef>,
    edges: &Edges,
) -> Result<String, Failure> {
    fn body(column: &ColumnRef) -> ColumnBody<'_> {
        ColumnBody { relation: column.relation.as_str(), column: &column.column }
    }
    let rows = columns.first().and_then(|column| graph.relation(&column.relation));
    let body = LineageBody {
        direction: if direction == Direction::Up { "up" } else { "down" },
        of: columns.iter().map(body).collect(),
        columns: nodes.iter().map(|column| body(column)).collect(),
        edges: edges.iter().map(|(to, from)| EdgeBody { from: body(from), to: body(to) }).collect(),
        rows: rows.into_iter().flat_map(|lineage| &lineage.rows).map(body).collect(),
    };
    let text = serde_json::to_string(&Message::new("lineage", body));
    text.map(|text| text + "\n").map_err(|error| Failure::output(error.into()))
}
