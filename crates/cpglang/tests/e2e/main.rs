//! The binary as people run it: files in, tables and messages out.

mod bad_input;
mod builds;
mod call_graph;
mod check;
mod checks;
mod corpus;
mod edits;
mod explain;
mod explain_item;
mod extract;
mod files;
mod fix;
mod fmt;
mod graph;
mod interrupted;
mod lsp;
mod plan;
mod policies;
mod profile;
mod readers;
mod recursion;
mod sandbox;
mod schemas;
mod shown;
mod sql;
mod tests;
