//! What each command does, but for `build`, which `main.rs` spells out.

mod check;
mod explain;
mod fmt;
mod item;
mod lineage;
mod lsp;
mod query;
mod test;

pub(crate) use check::check;
pub(crate) use explain::explain;
pub(crate) use fmt::fmt;
pub(crate) use lineage::lineage;
pub(crate) use lsp::lsp;
pub(crate) use query::query;
pub(crate) use test::test;
