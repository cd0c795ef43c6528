//! DOT, the language of Graphviz.

use std::io::{self, Write};

use crate::attribute::{Attribute, Cell};
use crate::error::ExportError;
use crate::graph::{Columns, Graph, ids, plain_batch};

/// Writes a graph as a picture to be: nodes are labelled by their qualified names, else their names, else their kinds;
/// edges by their kinds. What else nodes have is left out.
///
/// # Errors
/// [`ExportError`] when the rows end early, are no graph, or cannot be written.
pub fn write_dot<E>(out: &mut impl Write, graph: Graph<'_, E>) -> Result<(), ExportError<E>> {
    let nodes = Columns::new(&graph.node_schema, &["node_id"]);
    let edges = Columns::new(&graph.edge_schema, &["src", "dst"]);
    out.write_all(b"digraph cpg {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\"];\n")?;
    for batch in graph.nodes {
        let batch = plain_batch(&batch.map_err(ExportError::Rows)?)?;
        for (row, id) in ids(&batch, "node_id")?.into_iter().enumerate() {
            let cells = nodes.cells(&batch, row);
            write!(out, "  \"{id}\" [label=\"")?;
            escaped(out, &label(&nodes, &cells))?;
            out.write_all(b"\"")?;
            attributes(out, &nodes, &cells, &["kind", "path", "start_line"])?;
            out.write_all(b"];\n")?;
        }
    }
    for batch in graph.edges {
        let batch = plain_batch(&batch.map_err(ExportError::Rows)?)?;
        let ends = ids(&batch, "src")?.into_iter().zip(ids(&batch, "dst")?);
        for (row, (src, dst)) in ends.enumerate() {
            let cells = edges.cells(&batch, row);
            write!(out, "  \"{src}\" -> \"{dst}\" [label=\"")?;
            escaped(out, &named(&edges, "kind", &cells).unwrap_or_default())?;
            out.write_all(b"\"")?;
            attributes(out, &edges, &cells, &["confidence"])?;
            out.write_all(b"];\n")?;
        }
    }
    out.write_all(b"}\n")?;
    Ok(out.flush()?)
}

/// What people call a node.
pub(crate) fn label(nodes: &Columns, cells: &[Cell<'_>]) -> String {
    let given = |name: &str| named(nodes, name, cells).filter(|text| !text.is_empty());
    given("qualified_name")
        .or_else(|| given("name"))
        .or_else(|| given("text"))
        .or_else(|| given("kind"))
        .unwrap_or_default()
}

pub(crate) fn named(columns: &Columns, name: &str, cells: &[Cell<'_>]) -> Option<String> {
    columns.named(name, cells)?.text(";")
}

fn attributes(
    out: &mut impl Write,
    columns: &Columns,
    cells: &[Cell<'_>],
    names: &[&str],
) -> io::Result<()> {
    let shown = columns.attributes().zip(cells);
    for (Attribute { name, .. }, cell) in
        shown.filter(|(one, _)| names.contains(&one.name.as_str()))
    {
        if let Some(text) = cell.text(";") {
            write!(out, ", {name}=\"")?;
            escaped(out, &text)?;
            out.write_all(b"\"")?;
        }
    }
    Ok(())
}

fn escaped(out: &mut impl Write, text: &str) -> io::Result<()> {
    for character in text.chars() {
        match character {
            '"' => out.write_all(b"\\\"")?,
            '\\' => out.write_all(b"\\\\")?,
            '\n' => out.write_all(b"\\n")?,
            '\0' | '\r' => {}
            character => write!(out, "{character}")?,
        }
    }
    Ok(())
}
