//! What `export` is told.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

use cpg_engine::RuntimeProfile;

use super::{LimitArgs, PlaceArgs};
use crate::failure::Failure;

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// Which tool it is for
    #[arg(long, value_name = "FORMAT")]
    pub format: ExportFormat,

    /// The file to write, or for formats with several files the folder [default: standard output]
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub to: Option<PathBuf>,

    /// Only nodes of this kind, and edges between them; may be repeated
    #[arg(long = "node-kind", value_name = "KIND")]
    pub node_kinds: Vec<String>,

    /// Only edges of this kind, and nodes that they join; may be repeated
    #[arg(long = "edge-kind", value_name = "KIND")]
    pub edge_kinds: Vec<String>,

    /// Only what lies around the definition of this dotted name
    #[arg(long, value_name = "NAME")]
    pub around: Option<String>,

    /// How many edges away what lies around it may be
    #[arg(long, value_name = "N", default_value_t = 1, requires = "around")]
    #[arg(value_parser = clap::value_parser!(u32).range(..=64))]
    pub depth: u32,

    /// An output to write instead of nodes, edges and properties, as CSV or Parquet; may be repeated
    #[arg(long = "table", value_name = "NAME")]
    #[arg(conflicts_with_all = ["node_kinds", "edge_kinds", "around"])]
    pub tables: Vec<String>,

    #[command(flatten)]
    pub place: PlaceArgs,

    #[command(flatten)]
    pub limits: LimitArgs,
}

/// A form that other tools read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// GraphML, as networkx, Gephi and yEd read it.
    Graphml,
    /// Two CSV files for `neo4j-admin database import`.
    Neo4jCsv,
    /// A Parquet file for each table.
    Parquet,
    /// A CSV file for each table.
    Csv,
    /// A picture for Graphviz.
    Dot,
    /// A picture for Mermaid.
    Mermaid,
    /// A picture of a small graph.
    Svg,
}

impl ExportFormat {
    /// Whether it is one text.
    pub fn is_document(self) -> bool {
        matches!(self, Self::Graphml | Self::Dot | Self::Mermaid | Self::Svg)
    }
}

impl ExportArgs {
    /// What the engine is told.
    pub fn profile(&self) -> Result<RuntimeProfile, Failure> {
        let mut profile = self.place.profile()?;
        self.limits.apply(&mut profile);
        Ok(profile)
    }
}
