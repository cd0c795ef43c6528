//! The binary as people run it: files in, tables and messages out.

mod bad_input;
mod builds;
mod check;
mod checks;
mod explain;
mod extract;
mod files;
mod fmt;
mod graph;
mod interrupted;
mod lsp;
mod readers;
mod recursion;
mod sandbox;
mod shown;
mod sql;
