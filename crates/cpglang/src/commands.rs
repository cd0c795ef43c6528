//! What each command does, but for `build`, which `main.rs` spells out.

mod artifacts;
mod check;
mod clean;
mod completions;
mod doctor;
mod explain;
mod extract;
mod extractors;
mod fmt;
mod history;
mod init;
mod item;
mod lineage;
mod lsp;
mod plan;
mod query;
mod schema;
mod test;

pub(crate) use artifacts::artifacts;
pub(crate) use check::check;
pub(crate) use clean::clean;
pub(crate) use completions::completions;
pub(crate) use doctor::doctor;
pub(crate) use explain::explain;
pub(crate) use extract::extract;
pub(crate) use fmt::fmt;
pub(crate) use history::history;
pub(crate) use init::init;
pub(crate) use lineage::lineage;
pub(crate) use lsp::lsp;
pub(crate) use plan::plan;
pub(crate) use query::query;
pub(crate) use schema::schema;
pub(crate) use test::test;
