//! What each command does, but for `build`, which `main.rs` spells out.

mod check;
mod explain;
mod extract;
mod extractors;
mod fmt;
mod lsp;
mod query;
mod schema;

pub(crate) use check::check;
pub(crate) use explain::explain;
pub(crate) use extract::extract;
pub(crate) use fmt::fmt;
pub(crate) use lsp::lsp;
pub(crate) use query::query;
pub(crate) use schema::schema;
