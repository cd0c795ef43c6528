//! What each command does, but for `build`, which `main.rs` spells out.

mod check;
mod explain;
mod fmt;
mod lsp;
mod query;

pub(crate) use check::check;
pub(crate) use explain::explain;
pub(crate) use fmt::fmt;
pub(crate) use lsp::lsp;
pub(crate) use query::query;
