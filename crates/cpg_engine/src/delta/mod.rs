//! Tables on disk: data files first, the log last.
//!
//! Every version of a table of ours is one commit that replaces all files, so the newest commit's JSON says
//! everything: which files the version has, and which task made it. Data files lie in a folder named after the
//! run that wrote them, which tells what a dead run left behind.

pub(crate) mod commit;
pub(crate) mod orphans;
pub(crate) mod read;
pub(crate) mod state;
pub(crate) mod write;

/// A data file of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DataFile {
    /// Relative to the table's folder.
    pub(crate) path: String,
    /// Its size in bytes.
    pub(crate) bytes: u64,
    /// How many rows it holds.
    pub(crate) rows: u64,
}

/// The keys under which commits say where they come from.
pub(crate) mod provenance {
    /// The fingerprint of the task whose rows these are.
    pub(crate) const TASK: &str = "cpglang.task_fingerprint";
    /// The run that wrote them.
    pub(crate) const RUN: &str = "cpglang.run";
    /// The manifest it ran.
    pub(crate) const MANIFEST: &str = "cpglang.manifest";
}
