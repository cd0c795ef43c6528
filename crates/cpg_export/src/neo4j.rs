//! Neo4j: two CSV files with the headers that `neo4j-admin database import` asks for.

use std::io::{self, Write};

use crate::attribute::{Attribute, AttributeType, Cell};
use crate::error::ExportError;
use crate::graph::{Columns, Graph, Properties, attributes_of, ids, plain_batch};

/// Writes a graph: nodes into one file, relationships into the other. A node's kind is its label, an edge's kind its type;
/// lists have `;` in between. What has no value is empty, a text is always quoted, and may have line ends: the import
/// needs `--multiline-fields=true`.
///
/// # Errors
/// [`ExportError`] when the rows end early, are no graph, or cannot be written.
pub fn write_neo4j<E>(
    node_file: &mut impl Write,
    edge_file: &mut impl Write,
    graph: Graph<'_, E>,
) -> Result<(), ExportError<E>> {
    let nodes = Columns::new(&graph.node_schema, &["node_id", "kind"]);
    let edges = Columns::new(&graph.edge_schema, &["src", "dst", "kind"]);
    let kinds = Columns::new(&graph.node_schema, &["node_id"]);
    let edge_kinds = Columns::new(&graph.edge_schema, &["src", "dst"]);
    let told = |key: &Attribute| kinds.attributes().all(|column| column.name != key.name);
    let keys: Vec<Attribute> = attributes_of(&graph.keys).into_iter().filter(told).collect();

    node_file.write_all(b"node_id:ID,:LABEL")?;
    nodes.attributes().chain(&keys).try_for_each(|attribute| header(node_file, attribute))?;
    node_file.write_all(b"\n")?;
    let mut properties = Properties::new(graph.properties);
    for batch in graph.nodes {
        let batch = plain_batch(&batch.map_err(ExportError::Rows)?)?;
        for (row, id) in ids(&batch, "node_id")?.into_iter().enumerate() {
            write!(node_file, "{id},")?;
            let all = kinds.cells(&batch, row);
            field(node_file, kinds.named("kind", &all).unwrap_or(&Cell::Null))?;
            for cell in nodes.cells(&batch, row) {
                node_file.write_all(b",")?;
                field(node_file, &cell)?;
            }
            let own = properties.of(id)?;
            for key in &keys {
                node_file.write_all(b",")?;
                if let Some((_, value)) = own.iter().find(|(name, _)| *name == key.name) {
                    match key.ty {
                        AttributeType::Text | AttributeType::Texts => quoted(node_file, value)?,
                        _ => node_file.write_all(value.as_bytes())?,
                    }
                }
            }
            node_file.write_all(b"\n")?;
        }
    }
    node_file.flush()?;

    edge_file.write_all(b":START_ID,:END_ID,:TYPE")?;
    edges.attributes().try_for_each(|attribute| header(edge_file, attribute))?;
    edge_file.write_all(b"\n")?;
    for batch in graph.edges {
        let batch = plain_batch(&batch.map_err(ExportError::Rows)?)?;
        let ends = ids(&batch, "src")?.into_iter().zip(ids(&batch, "dst")?);
        for (row, (src, dst)) in ends.enumerate() {
            write!(edge_file, "{src},{dst},")?;
            let all = edge_kinds.cells(&batch, row);
            field(edge_file, edge_kinds.named("kind", &all).unwrap_or(&Cell::Null))?;
            for cell in edges.cells(&batch, row) {
                edge_file.write_all(b",")?;
                field(edge_file, &cell)?;
            }
            edge_file.write_all(b"\n")?;
        }
    }
    Ok(edge_file.flush()?)
}

/// `:` and `,` mean something in headers.
fn header(out: &mut impl Write, attribute: &Attribute) -> io::Result<()> {
    let name = attribute.name.replace([':', ',', '"', '\n', '\r'], "_");
    let ty = match attribute.ty {
        AttributeType::Bool => "boolean",
        AttributeType::Int => "long",
        AttributeType::Float => "double",
        AttributeType::Text => "string",
        AttributeType::Texts => "string[]",
    };
    write!(out, ",{name}:{ty}")
}

fn field(out: &mut impl Write, cell: &Cell<'_>) -> io::Result<()> {
    match cell {
        Cell::Null => Ok(()),
        Cell::Text(text) => quoted(out, text),
        Cell::Texts(texts) => quoted(out, &texts.join(";")),
        cell => out.write_all(cell.text(";").unwrap_or_default().as_bytes()),
    }
}

fn quoted(out: &mut impl Write, text: &str) -> io::Result<()> {
    out.write_all(b"\"")?;
    for (at, part) in text.split('"').enumerate() {
        if at > 0 {
            out.write_all(b"\"\"")?;
        }
        out.write_all(part.as_bytes())?;
    }
    out.write_all(b"\"")
}
