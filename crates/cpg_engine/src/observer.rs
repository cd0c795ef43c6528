//! What a build tells while it runs.

use cpg_plan::policy::PolicyIssue;

use crate::resolver::Dataset;

/// Something that happened during a build, in the order in which it happened.
#[derive(Debug)]
#[non_exhaustive]
pub enum BuildEvent<'a> {
    /// The sources were listed and hashed.
    Scanned {
        /// How many files they hold.
        files: u64,
        /// Their size in bytes.
        bytes: u64,
    },
    /// The program asks for what it had better not ask for.
    PolicyIssue {
        /// What.
        issue: &'a PolicyIssue,
    },
    /// It is known what there is to do.
    Planned {
        /// Tables to write.
        stale: usize,
        /// Tables that are as they should be.
        fresh: usize,
    },
    /// Extraction came further.
    Extracting {
        /// Files done.
        done: u64,
        /// Files in all.
        total: u64,
    },
    /// A table's rows are being computed.
    TaskStarted {
        /// The table.
        dataset: &'a Dataset,
        /// Why now.
        reason: &'a str,
    },
    /// A table's rows are on disk, not yet visible.
    TaskFinished {
        /// The table.
        dataset: &'a Dataset,
        /// How many rows.
        rows: u64,
        /// Of how many bytes on disk.
        bytes: u64,
        /// How long it took.
        seconds: f64,
    },
    /// A fixpoint that was computed for a table ended before all of its rows were found.
    BoundReached {
        /// The table.
        dataset: &'a Dataset,
        /// The fixpoint.
        fixpoint: &'a str,
        /// How many rounds it went through.
        rounds: u32,
    },
    /// A table's new version is visible.
    Committed {
        /// The table.
        dataset: &'a Dataset,
        /// The version.
        version: u64,
    },
    /// Old files of a table are gone.
    Vacuumed {
        /// The table.
        dataset: &'a Dataset,
        /// How many.
        files: u64,
    },
    /// The build is what readers see from now on.
    Published {
        /// Its name.
        run: &'a str,
    },
}

/// Who is told. Called from several threads, seldom; it should return soon.
pub trait BuildObserver: Send + Sync {
    /// Something happened.
    fn event(&self, event: BuildEvent<'_>);
}

/// Nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl BuildObserver for Silent {
    fn event(&self, _: BuildEvent<'_>) {}
}
