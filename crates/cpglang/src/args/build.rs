//! What a build is told.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

use cpg_base::nearest;
use cpg_engine::{CacheProfile, PlanLevel, RuntimeProfile};
use cpg_plan::policy::Feature;

use super::{EvidenceArgs, LimitArgs, MessageArgs, PlaceArgs, ProgramArgs, SelectArgs};
use crate::failure::Failure;
use crate::size::ByteSize;

#[derive(Debug, Args)]
pub(crate) struct BuildCommand {
    #[command(flatten)]
    pub build: BuildArgs,

    /// Do exactly what the plan in this file says, or nothing when that is not what would be done any more; `plan --save`
    /// writes such files
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub plan: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    pub build: BuildArgs,

    /// Also write the plan into this file, for `build --plan`
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub save: Option<PathBuf>,

    /// Instead, say how the program differs from that of a commit of its git repository, and who reads what differs; as
    /// Markdown
    #[arg(long, value_name = "COMMIT", conflicts_with = "save")]
    pub against: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct BuildArgs {
    #[command(flatten)]
    pub place: PlaceArgs,

    #[command(flatten)]
    pub program: ProgramArgs,

    #[command(flatten)]
    pub evidence: EvidenceArgs,

    /// Keep evidence by the content of files in this folder, for builds in other checkouts or of other branches
    #[arg(long, value_name = "DIR", env = "CPGLANG_CACHE", value_hint = ValueHint::DirPath)]
    pub cache: Option<PathBuf>,

    /// How much that folder may take, as in `512MiB`; what was not used for the longest time goes first
    #[arg(long, value_name = "SIZE", env = "CPGLANG_CACHE_SIZE", default_value = "2GiB")]
    pub cache_size: ByteSize,

    /// Fail when a table's plan does more than in the build before; how far plans are looked at
    #[arg(long, value_name = "LEVEL", env = "CPGLANG_PLAN_GATE")]
    pub plan_gate: Option<PlanGate>,

    /// Leave something off that only serves speed, as `cpglang artifacts capabilities` lists it; may be repeated
    #[arg(long, value_name = "FEATURE", env = "CPGLANG_WITHOUT", value_delimiter = ',')]
    #[arg(value_parser = feature)]
    pub without: Vec<Feature>,

    /// Leave something on that `cpglang.toml` leaves off; may be repeated
    #[arg(long, value_name = "FEATURE", env = "CPGLANG_WITH", value_delimiter = ',')]
    #[arg(value_parser = feature)]
    pub with: Vec<Feature>,

    #[command(flatten)]
    pub select: SelectArgs,

    /// Compute everything that is selected anew, also what is there already or in the cache
    #[arg(long, env = "CPGLANG_FULL_REFRESH")]
    pub full_refresh: bool,

    #[command(flatten)]
    pub limits: LimitArgs,

    #[command(flatten)]
    pub messages: MessageArgs,

    /// Print nothing but errors
    #[arg(long, short, env = "CPGLANG_QUIET", conflicts_with = "verbose")]
    pub quiet: bool,

    /// Say of each table why it was written or not
    #[arg(long, short, env = "CPGLANG_VERBOSE")]
    pub verbose: bool,
}

impl BuildArgs {
    /// What the engine is told, but for what the profile alone says.
    pub fn profile(&self) -> Result<RuntimeProfile, Failure> {
        let mut profile = self.place.profile()?;
        profile.extract = self.evidence.options();
        profile.cache = self.cache.clone().map(|folder| {
            let ByteSize(bytes) = self.cache_size;
            CacheProfile { folder, bytes: bytes as u64 }
        });
        profile.plan_gate = self.plan_gate.map(PlanGate::level);
        profile.refresh = self.full_refresh;
        self.limits.apply(&mut profile);
        Ok(profile)
    }
}

/// How far plans are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlanGate {
    /// What they consist of, and how many columns they read.
    Structure,
    /// Also the operators that carry them out.
    Physical,
    /// Also all that these are told.
    Full,
}

impl PlanGate {
    fn level(self) -> PlanLevel {
        match self {
            Self::Structure => PlanLevel::Structure,
            Self::Physical => PlanLevel::Physical,
            Self::Full => PlanLevel::Full,
        }
    }
}

/// A feature by its name.
fn feature(name: &str) -> Result<Feature, String> {
    Feature::named(name).ok_or_else(|| {
        let names = Feature::ALL.map(Feature::name);
        match nearest(name, names) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("features are {}", names.join(", ")),
        }
    })
}
