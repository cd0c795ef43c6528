//! What commands are told that look at a published build with its program.

use clap::Args;

use cpg_engine::RuntimeProfile;

use super::{LimitArgs, MessageArgs, PlaceArgs, ProgramArgs, SelectArgs};
use crate::failure::Failure;

#[derive(Debug, Args)]
pub(crate) struct AuditArgs {
    #[command(flatten)]
    pub published: PublishedArgs,

    #[command(flatten)]
    pub select: SelectArgs,
}

#[derive(Debug, Args)]
pub(crate) struct MaintainArgs {
    #[command(flatten)]
    pub published: PublishedArgs,

    /// Only say what is due
    #[arg(long)]
    pub dry_run: bool,

    /// Say also what is not due
    #[arg(long, short, env = "CPGLANG_VERBOSE")]
    pub verbose: bool,
}

/// A published build, its program, and what may be used.
#[derive(Debug, Args)]
pub(crate) struct PublishedArgs {
    #[command(flatten)]
    pub place: PlaceArgs,

    #[command(flatten)]
    pub program: ProgramArgs,

    #[command(flatten)]
    pub limits: LimitArgs,

    #[command(flatten)]
    pub messages: MessageArgs,
}

impl PublishedArgs {
    /// What the engine is told, but for what the profile alone says.
    pub fn profile(&self) -> Result<RuntimeProfile, Failure> {
        let mut profile = self.place.profile()?;
        self.limits.apply(&mut profile);
        Ok(profile)
    }
}
