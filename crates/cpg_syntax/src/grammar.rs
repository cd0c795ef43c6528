//! The generated parser. Nothing outside this crate sees it.

use pest_derive::Parser;

/// Parses by the rules of `grammar/cpg.pest`.
#[derive(Parser)]
#[grammar = "../../grammar/cpg.pest"]
pub(crate) struct Grammar;
