//! SVG: a picture of a small graph, drawn in layers from left to right.

mod layout;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use crate::dot::{label, named};
use crate::error::ExportError;
use crate::graph::{Columns, Graph, ids, plain_batch};
use crate::xml::escaped;
use layout::Layout;

/// More nodes than that are no picture.
const MOST_NODES: usize = 300;

/// In pixels.
const ROW: usize = 40;
const BOX: usize = 26;
const BETWEEN: usize = 110;
const MARGIN: usize = 20;
const CHARACTER: usize = 7;

/// Labels are cut to that many characters.
const LONGEST: usize = 48;

/// Writes a graph as a picture, labelled as in DOT. Edges have labels where there are several kinds of them.
///
/// # Errors
/// [`ExportError`] when the rows end early, are no graph or too many to be seen, or cannot be written.
pub fn write_svg<E>(out: &mut impl Write, graph: Graph<'_, E>) -> Result<(), ExportError<E>> {
    let nodes = Columns::new(&graph.node_schema, &["node_id"]);
    let edges = Columns::new(&graph.edge_schema, &["src", "dst"]);
    let mut labels: Vec<String> = Vec::new();
    let mut places: BTreeMap<i64, usize> = BTreeMap::new();
    for batch in graph.nodes {
        let batch = plain_batch(&batch.map_err(ExportError::Rows)?)?;
        for (row, id) in ids(&batch, "node_id")?.into_iter().enumerate() {
            places.insert(id, labels.len());
            labels.push(cut(&label(&nodes, &nodes.cells(&batch, row))));
            if labels.len() > MOST_NODES {
                let why = format!("more than {MOST_NODES} nodes are no picture: choose fewer");
                return Err(ExportError::Shape(why));
            }
        }
    }
    let mut ways: BTreeSet<(usize, usize, String)> = BTreeSet::new();
    for batch in graph.edges {
        let batch = plain_batch(&batch.map_err(ExportError::Rows)?)?;
        let ends = ids(&batch, "src")?.into_iter().zip(ids(&batch, "dst")?);
        for (row, (src, dst)) in ends.enumerate() {
            if let (Some(src), Some(dst)) = (places.get(&src), places.get(&dst)) {
                let kind = named(&edges, "kind", &edges.cells(&batch, row)).unwrap_or_default();
                ways.insert((*src, *dst, kind));
            }
        }
    }
    let pairs: Vec<(usize, usize)> = ways.iter().map(|(src, dst, _)| (*src, *dst)).collect();
    Ok(draw(out, &labels, &ways, &Layout::new(labels.len(), &pairs))?)
}

fn cut(label: &str) -> String {
    let characters = label.chars().count();
    match characters > LONGEST {
        // The end of a dotted name says most.
        true => {
            let end: String = label.chars().skip(characters - LONGEST + 1).collect();
            format!("…{end}")
        }
        false => label.to_owned(),
    }
}

fn draw(
    out: &mut impl Write,
    labels: &[String],
    ways: &BTreeSet<(usize, usize, String)>,
    layout: &Layout,
) -> io::Result<()> {
    let width_of = |node: usize| labels[node].chars().count() * CHARACTER + 16;
    let mut lefts = Vec::new();
    let mut left = MARGIN;
    for layer in &layout.layers {
        lefts.push(left);
        left += layer.iter().map(|node| width_of(*node)).max().unwrap_or_default() + BETWEEN;
    }
    let tallest = layout.layers.iter().map(Vec::len).max().unwrap_or_default();
    let (width, height) = (left.saturating_sub(BETWEEN) + MARGIN, tallest * ROW + 2 * MARGIN);
    let mut corner = vec![(0, 0); labels.len()];
    for (layer, left) in layout.layers.iter().zip(&lefts) {
        let above = (tallest - layer.len()) * ROW / 2;
        for (place, node) in layer.iter().enumerate() {
            corner[*node] = (*left, MARGIN + above + place * ROW);
        }
    }

    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"monospace\" font-size=\"11\">\n\
         <defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" \
         markerHeight=\"8\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"#667\"/></marker></defs>\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>"
    )?;
    let kinds: BTreeSet<&String> = ways.iter().map(|(_, _, kind)| kind).collect();
    for (src, dst, kind) in ways {
        let (from, to) = (corner[*src], corner[*dst]);
        let (x1, y1) = (from.0 + width_of(*src), from.1 + BOX / 2);
        let (x2, y2) = (to.0, to.1 + BOX / 2);
        // Ways back leave and arrive on the same sides, in a bow.
        let bow = if x2 > x1 { (x2 - x1) / 2 } else { BETWEEN * 3 / 4 };
        writeln!(
            out,
            "<path d=\"M{x1} {y1}C{} {y1} {} {y2} {x2} {y2}\" fill=\"none\" stroke=\"#99a\" \
             marker-end=\"url(#tip)\"/>",
            x1 + bow,
            x2.saturating_sub(bow)
        )?;
        if kinds.len() > 1 {
            let (x, y) = (x1.midpoint(x2), y1.midpoint(y2).saturating_sub(3));
            write!(
                out,
                "<text x=\"{x}\" y=\"{y}\" text-anchor=\"middle\" fill=\"#667\" \
                         font-size=\"8\">"
            )?;
            escaped(out, kind)?;
            writeln!(out, "</text>")?;
        }
    }
    for (node, label) in labels.iter().enumerate() {
        let ((x, y), width) = (corner[node], width_of(node));
        write!(
            out,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{BOX}\" rx=\"4\" \
             fill=\"#eef3fb\" stroke=\"#557\"/><text x=\"{}\" y=\"{}\" fill=\"#112\">",
            x + 8,
            y + 17
        )?;
        escaped(out, label)?;
        writeln!(out, "</text>")?;
    }
    writeln!(out, "</svg>")?;
    out.flush()
}
