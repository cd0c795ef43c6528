//! GraphML: one XML document, which networkx, yEd, Gephi and others read.

use std::io::Write;

use crate::attribute::{Attribute, AttributeType};
use crate::error::ExportError;
use crate::graph::{Columns, Graph, Properties, attributes_of, ids, plain_batch};
use crate::xml::escaped;

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
    <graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n";

/// Writes a graph. Nodes go by their ids, edges by their number; lists are texts with `;` in between.
///
/// # Errors
/// [`ExportError`] when the rows end early, are no graph, or cannot be written.
pub fn write_graphml<E>(out: &mut impl Write, graph: Graph<'_, E>) -> Result<(), ExportError<E>> {
    let nodes = Columns::new(&graph.node_schema, &["node_id"]);
    let edges = Columns::new(&graph.edge_schema, &["src", "dst"]);
    let told = |key: &Attribute| nodes.attributes().all(|column| column.name != key.name);
    let keys: Vec<Attribute> = attributes_of(&graph.keys).into_iter().filter(told).collect();
    out.write_all(HEAD.as_bytes())?;
    for (at, attribute) in nodes.attributes().enumerate() {
        declare(out, &format!("n{at}"), "node", attribute)?;
    }
    for (at, attribute) in keys.iter().enumerate() {
        declare(out, &format!("p{at}"), "node", attribute)?;
    }
    for (at, attribute) in edges.attributes().enumerate() {
        declare(out, &format!("e{at}"), "edge", attribute)?;
    }
    out.write_all(b"<graph id=\"cpg\" edgedefault=\"directed\">\n")?;

    let mut properties = Properties::new(graph.properties);
    for batch in graph.nodes {
        let batch = plain_batch(&batch.map_err(ExportError::Rows)?)?;
        for (row, id) in ids(&batch, "node_id")?.into_iter().enumerate() {
            write!(out, "<node id=\"{id}\">")?;
            for (at, cell) in nodes.cells(&batch, row).iter().enumerate() {
                data(out, "n", at, cell.text(";"))?;
            }
            for (key, value) in properties.of(id)? {
                if let Some(at) = keys.iter().position(|known| known.name == key) {
                    data(out, "p", at, Some(value))?;
                }
            }
            out.write_all(b"</node>\n")?;
        }
    }
    let mut number = 0_u64;
    for batch in graph.edges {
        let batch = plain_batch(&batch.map_err(ExportError::Rows)?)?;
        let ends = ids(&batch, "src")?.into_iter().zip(ids(&batch, "dst")?);
        for (row, (src, dst)) in ends.enumerate() {
            write!(out, "<edge id=\"e{number}\" source=\"{src}\" target=\"{dst}\">")?;
            number += 1;
            for (at, cell) in edges.cells(&batch, row).iter().enumerate() {
                data(out, "e", at, cell.text(";"))?;
            }
            out.write_all(b"</edge>\n")?;
        }
    }
    out.write_all(b"</graph>\n</graphml>\n")?;
    Ok(out.flush()?)
}

fn declare(out: &mut impl Write, id: &str, of: &str, attribute: &Attribute) -> std::io::Result<()> {
    let ty = match attribute.ty {
        AttributeType::Bool => "boolean",
        AttributeType::Int => "long",
        AttributeType::Float => "double",
        AttributeType::Text | AttributeType::Texts => "string",
    };
    write!(out, "<key id=\"{id}\" for=\"{of}\" attr.type=\"{ty}\" attr.name=\"")?;
    escaped(out, &attribute.name)?;
    out.write_all(b"\"/>\n")
}

fn data(out: &mut impl Write, of: &str, at: usize, value: Option<String>) -> std::io::Result<()> {
    let Some(value) = value else {
        return Ok(());
    };
    write!(out, "<data key=\"{of}{at}\">")?;
    escaped(out, &value)?;
    out.write_all(b"</data>")
}
