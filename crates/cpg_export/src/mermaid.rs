//! Mermaid, which many viewers of Markdown draw.

use std::io::{self, Write};

use crate::dot::{label, named};
use crate::error::ExportError;
use crate::graph::{Columns, Graph, ids, plain_batch};

/// Writes a graph as a flowchart, labelled as in DOT.
///
/// # Errors
/// [`ExportError`] when the rows end early, are no graph, or cannot be written.
pub fn write_mermaid<E>(out: &mut impl Write, graph: Graph<'_, E>) -> Result<(), ExportError<E>> {
    let nodes = Columns::new(&graph.node_schema, &["node_id"]);
    let edges = Columns::new(&graph.edge_schema, &["src", "dst"]);
    out.write_all(b"flowchart LR\n")?;
    for batch in graph.nodes {
        let batch = plain_batch(&batch.map_err(ExportError::Rows)?)?;
        for (row, id) in ids(&batch, "node_id")?.into_iter().enumerate() {
            write!(out, "  n{}[\"", name_of(id))?;
            escaped(out, &label(&nodes, &nodes.cells(&batch, row)))?;
            out.write_all(b"\"]\n")?;
        }
    }
    for batch in graph.edges {
        let batch = plain_batch(&batch.map_err(ExportError::Rows)?)?;
        let ends = ids(&batch, "src")?.into_iter().zip(ids(&batch, "dst")?);
        for (row, (src, dst)) in ends.enumerate() {
            let kind = named(&edges, "kind", &edges.cells(&batch, row)).unwrap_or_default();
            write!(out, "  n{} -- \"", name_of(src))?;
            escaped(out, &kind)?;
            writeln!(out, "\" --> n{}", name_of(dst))?;
        }
    }
    Ok(out.flush()?)
}

/// Names have no minus.
fn name_of(id: i64) -> String {
    id.to_string().replace('-', "m")
}

fn escaped(out: &mut impl Write, text: &str) -> io::Result<()> {
    for character in text.chars() {
        match character {
            '"' | '#' | '<' | '>' | '&' | '`' => write!(out, "#{};", u32::from(character))?,
            '\n' | '\r' | '\0' => out.write_all(b" ")?,
            character => write!(out, "{character}")?,
        }
    }
    Ok(())
}
