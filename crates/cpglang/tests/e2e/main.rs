//! The binary as people run it: files in, tables and messages out.

mod bad_input;
mod builds;
mod check;
mod checks;
mod explain;
mod fmt;
mod graph;
mod interrupted;
mod lsp;
mod policies;
mod readers;
mod sandbox;
mod shown;
