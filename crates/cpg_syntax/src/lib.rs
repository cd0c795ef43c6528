//! Item splitter, parser and syntax trees of the `.cpg` language.

pub mod ast;
