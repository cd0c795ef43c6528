//! The binary as people run it: files in, tables and messages out.

mod bad_input;
mod builds;
mod call_graph;
mod changes;
mod check;
mod checks;
mod corpus;
mod edits;
mod examples;
mod explain;
mod explain_item;
mod export;
mod extract;
mod files;
mod fix;
mod fmt;
mod graph;
mod interrupted;
mod layers;
mod lsp;
mod plan;
mod policies;
mod positions;
mod profile;
mod project;
mod readers;
mod recursion;
mod sandbox;
mod schemas;
mod select;
mod shown;
mod sql;
mod tests;
<<<<<<< HEAD
mod walks;
=======
mod watch;
>>>>>>> 660c867 (Build again whenever something changes (never compiled: notify turns on features that recompile the query engine))
