//! Graphs in the formats of other tools, written as their rows come.
//!
//! ```text
//! nodes, edges, properties, each in order ──graph──► elements ─┬─graphml──► one XML document
//!                                                              ├─neo4j────► two CSV files with headers of Neo4j
//!                                                              └─dot, mermaid, svg──► pictures
//! any rows ──csv, parquet──► one file
//! ```
//!
//! A writer holds a batch of rows and what one node has, and nothing that grows with the graph. Only SVG, which draws small
//! graphs itself, holds all.

mod attribute;
mod dot;
mod error;
mod graph;
mod graphml;
mod mermaid;
mod neo4j;
mod svg;
mod table;
mod xml;

pub use attribute::{Attribute, AttributeType, Cell};
pub use dot::write_dot;
pub use error::ExportError;
pub use graph::{Graph, Key, Part};
pub use graphml::write_graphml;
pub use mermaid::write_mermaid;
pub use neo4j::write_neo4j;
pub use svg::write_svg;
pub use table::{write_csv, write_parquet};
