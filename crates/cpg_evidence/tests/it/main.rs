//! The extractors as a build uses them: files in, batches out.

mod bad_input;
mod bytecode;
mod calls;
mod cpython;
mod definitions;
mod determinism;
mod environment;
mod external;
mod flow;
mod git;
mod imported_modules;
mod imports;
mod keys;
mod mutated;
mod names;
mod needs;
mod oracle;
mod repo;
mod scan;
mod scip;
mod scip_indexers;
mod support;
mod symtable;
mod syntax_tree;
mod treesitter;
mod values;
