//! The runtime profile: everything about a run that is no part of the program.

use std::collections::BTreeSet;
use std::path::PathBuf;

use cpg_evidence::ExtractOptions;
use cpg_ir::spec::RelationId;
use cpg_plan::policy::Feature;

use crate::plan::BuildPlan;
use crate::root::Location;

/// Where a build reads and writes, and what it may use. Nothing here changes what a table holds, except
/// through the sources' files and what extractors are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuntimeProfile {
    /// The source directories.
    pub sources: Vec<PathBuf>,
    /// Which of their files are read, and what else extractors are told.
    pub extract: ExtractOptions,
    /// The project's folder: what the locations of evidence in files are relative to.
    pub project: PathBuf,
    /// The output root.
    pub out: Location,
    /// How many threads work at once; at least 1.
    pub threads: usize,
    /// Where evidence is kept for other builds, if anywhere.
    pub cache: Option<CacheProfile>,
    /// What is left off, although this build and this host could do it.
    pub without: BTreeSet<Feature>,
    /// How far plans are compared with those of the build before, which they may not be worse than.
    pub plan_gate: Option<PlanLevel>,
    /// Which part of the program the build is about; all of it where nothing is selected.
    pub selection: Option<Selection>,
    /// Whether everything that the build is about is computed anew, also what is there already or kept elsewhere.
    pub refresh: bool,
    /// What the build is to do, and nothing else; whatever is needed where nothing is said.
    pub plan: Option<BuildPlan>,
    /// How many bytes the rows held by running operators may take, together.
    pub memory_bytes: usize,
}

/// A part of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// How it was said, for people.
    pub said: String,
    /// The relations whose tables are wanted. Those that these are computed from are built, too.
    pub relations: BTreeSet<RelationId>,
}

/// How far plans are looked at. Each level looks at what those before it do, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PlanLevel {
    /// What they consist of, and how many columns they read.
    Structure,
    /// The operators that carry them out.
    Physical,
    /// All that these operators are told.
    Full,
}

/// Where evidence is kept by what it is taken from, for builds of the same files elsewhere or later. It changes nothing but
/// how long a build takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheProfile {
    /// The folder, which any number of builds may use at once.
    pub folder: PathBuf,
    /// How many bytes it may take between builds.
    pub bytes: u64,
}

impl RuntimeProfile {
    /// One source, which is the project's folder, every core of the machine and 1 GiB.
    pub fn new(source: impl Into<PathBuf>, out: impl Into<Location>) -> Self {
        let source = source.into();
        Self {
            project: source.clone(),
            sources: vec![source],
            extract: ExtractOptions::default(),
            out: out.into(),
            cache: None,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            without: BTreeSet::new(),
            plan_gate: None,
            selection: None,
            refresh: false,
            plan: None,
            memory_bytes: 1 << 30,
        }
    }
}
