//! What can go wrong while a program runs, each kind with its code and what to do next.

use std::error::Error;
use std::io;
use std::path::PathBuf;

use cpg_base::Code;
use datafusion::error::DataFusionError;
use deltalake::DeltaTableError;

use crate::files::BrokenEvidence;
use crate::record::{CheckRecord, SchemaDivergence};
use crate::root::{Location, of_store};

/// Why a build or a query did not finish.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// A source directory that cannot be read.
    #[error("source `{}`: {reason}", path.display())]
    BadSource {
        /// The directory as it was given.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Sources without a single file.
    #[error("nothing to read below {}", list(sources))]
    NothingToExtract {
        /// The directories as they were given.
        sources: Vec<PathBuf>,
    },
    /// Files of evidence that are gone, or break while they are read.
    #[error("evidence `{evidence}`: {reason}")]
    BrokenEvidence {
        /// The relation.
        evidence: String,
        /// What is wrong.
        reason: String,
    },
    /// An output that cannot be used.
    #[error("output `{out}`: {reason}")]
    BadOutput {
        /// Where it was to lie.
        out: Location,
        /// What is wrong with it.
        reason: String,
    },
    /// An output whose location nobody knows how to reach.
    #[error("output `{location}`: nothing is known of the scheme `{scheme}`")]
    UnknownScheme {
        /// The location as it was given.
        location: String,
        /// What it begins with.
        scheme: String,
        /// The known scheme that was probably meant.
        known: Option<String>,
    },
    /// A store that does not let anybody in.
    #[error("the store refuses `{out}`: {reason}")]
    NoCredentials {
        /// What was asked for.
        out: String,
        /// What it says.
        reason: String,
    },
    /// A store without the bucket of an output.
    #[error("{what}: the store has no such bucket")]
    NoBucket {
        /// What was read or written.
        what: String,
    },
    /// A store that writes objects again that are there.
    #[error("{what}: the store does not keep two builds apart: {reason}")]
    NoConditions {
        /// What was read or written.
        what: String,
        /// What it did.
        reason: String,
    },
    /// A store that does not answer, or with failures only.
    #[error("{what}: the store cannot be used: {reason}")]
    StoreUnavailable {
        /// What was read or written.
        what: String,
        /// What it says.
        reason: String,
    },
    /// Another build took an output over.
    #[error("another build took `{out}` over, since this one was not heard of for long")]
    LeaseLost {
        /// Where it lies.
        out: Location,
    },
    /// A table of this program whose newest version was written by something else.
    #[error("table `{table}` was changed by something else: version {version}, {operation}")]
    ForeignTable {
        /// Area and name, as in `graph/cpg_nodes`.
        table: String,
        /// The version that is not ours.
        version: u64,
        /// What its writer says it did.
        operation: String,
    },
    /// A table whose log cannot be read.
    #[error("version {version} of `{table}` cannot be read: {reason}")]
    DamagedLog {
        /// Area and name, as in `graph/cpg_nodes`.
        table: String,
        /// The version.
        version: u64,
        /// What is wrong with its commit.
        reason: String,
    },
    /// Another build holds the output.
    #[error("another build is writing to `{out}`{}", by.as_ref().map(|by| format!(": {by}")).unwrap_or_default())]
    OutputBusy {
        /// Where it lies.
        out: Location,
        /// Whose build it is, where that is known.
        by: Option<String>,
    },
    /// No complete build to read.
    #[error("no build in `{out}`")]
    NoBuild {
        /// Where it was looked for.
        out: Location,
    },
    /// A run that there is not.
    #[error("{}", unknown_run(said, known))]
    UnknownRun {
        /// How it was said.
        said: String,
        /// Those that it may mean, or else all, oldest first.
        known: Vec<String>,
    },
    /// A published build of which a part is not there any more.
    #[error("`{table}` of {run} is not there any more: {reason}")]
    BuildGone {
        /// The run that published it.
        run: String,
        /// Area and name of a table.
        table: String,
        /// What of it is gone.
        reason: String,
    },
    /// A build that would not do what its plan says.
    #[error("a build would not do any more what the plan says:{}", differences.iter().map(|one| format!("\n  {one}")).collect::<String>())]
    PlanOutdated {
        /// In what.
        differences: Vec<String>,
    },
    /// A query that is no valid SQL over the build.
    #[error("{message}")]
    BadQuery {
        /// What the planner says.
        message: String,
        /// The nearest names, where a name is wrong.
        help: Option<String>,
    },
    /// Rows of one relation that share an id.
    #[error("`{relation}` has {collisions} ids that several rows share:\n{examples}")]
    IdCollision {
        /// The relation.
        relation: String,
        /// How many ids are affected.
        collisions: u64,
        /// Up to three of them with their rows, one row a line.
        examples: String,
    },
    /// Checks of the program that do not hold.
    #[error("{}:{}", failing(failed.len()), failed.iter().map(|check| format!("\n{check}")).collect::<String>())]
    CheckFailed {
        /// Those whose severity keeps a build from being published.
        failed: Vec<CheckRecord>,
    },
    /// Checks whose rows a published build does not have as the program means them.
    #[error("{run} does not have what {} as the program means it", counted_readers(*checks))]
    NotAudited {
        /// The run that published the build.
        run: String,
        /// How many checks.
        checks: usize,
    },
    /// A table whose columns must stay would get others.
    #[error("the columns of `{}` would change: {divergence}", divergence.table)]
    SchemaDiverged {
        /// What would change.
        divergence: Box<SchemaDivergence>,
    },
    /// What the program asks for and cannot have.
    #[error("the program asks for what it cannot have:{}", issues.iter().map(|issue| format!("\n  {issue}")).collect::<String>())]
    UnfitPolicy {
        /// What, each with its code.
        issues: Vec<String>,
    },
    /// Plans that do more than those of the build before.
    #[error("{} worse than before:{}", counted_plans(differences.len()), differences.iter().map(|one| format!("\n  {one}")).collect::<String>())]
    PlanRegressed {
        /// In what, plan by plan.
        differences: Vec<String>,
    },
    /// A selection without a table.
    #[error("`{said}` selects nothing that has a table")]
    NothingSelected {
        /// How it was said.
        said: String,
    },
    /// A document of a build that is not what it should be.
    #[error("document `{name}`: {reason}")]
    BadArtifact {
        /// The run, or the document's kind.
        name: String,
        /// What is wrong.
        reason: String,
    },
    /// Files or tables that cannot be read or written.
    #[error("{what}: {reason}")]
    Storage {
        /// What was read or written.
        what: String,
        /// Why it failed.
        reason: String,
    },
    /// Work that does not fit into the memory it was given.
    #[error("{what} does not fit into the {} MiB it was given: {reason}", mib(*limit))]
    OutOfMemory {
        /// Which work.
        what: String,
        /// The limit in bytes.
        limit: usize,
        /// Who asked for how much.
        reason: String,
    },
    /// A budget of memory that a task cannot work with, whatever its rows are.
    #[error(
        "`{task}` sorts, for which it needs more than the {} MiB that a sort sets aside, and the build is given {} MiB",
        mib(*set_aside),
        mib(*limit)
    )]
    TooLittleMemory {
        /// The first relation of those.
        task: String,
        /// The budget in bytes.
        limit: usize,
        /// What one sort sets aside, in bytes.
        set_aside: usize,
        /// How many run at once where all threads do.
        at_once: usize,
    },
    /// Somebody asked the build to stop.
    #[error("interrupted")]
    Interrupted,
    /// A defect of cpglang.
    #[error("{what}: {reason}")]
    Internal {
        /// What was attempted.
        what: String,
        /// What happened instead.
        reason: String,
    },
}

fn counted_plans(differences: usize) -> String {
    match differences {
        1 => "a plan is".to_owned(),
        _ => "plans are".to_owned(),
    }
}

fn unknown_run(said: &str, known: &[String]) -> String {
    match known.iter().filter(|run| !said.is_empty() && run.starts_with(said)).count() {
        0 | 1 => format!("there is no run `{said}`"),
        several => format!("`{said}` may be any of {several} runs"),
    }
}

fn mib(bytes: usize) -> usize {
    bytes / (1024 * 1024)
}

fn counted_readers(checks: usize) -> String {
    match checks {
        1 => "a check reads".to_owned(),
        _ => format!("{checks} checks read"),
    }
}

fn failing(count: usize) -> String {
    match count {
        1 => "a check fails".to_owned(),
        _ => format!("{count} checks fail"),
    }
}

fn list(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| format!("`{}`", path.display())).collect::<Vec<_>>().join(", ")
}

impl EngineError {
    /// The error's code.
    pub fn code(&self) -> Code {
        match self {
            Self::BadSource { .. } => Code::BadSource,
            Self::NothingToExtract { .. } => Code::NothingToExtract,
            Self::BrokenEvidence { .. } => Code::BrokenEvidence,
            Self::BadOutput { .. } => Code::BadOutput,
            Self::UnknownScheme { .. } => Code::UnknownScheme,
            Self::NoCredentials { .. } => Code::NoCredentials,
            Self::NoBucket { .. } => Code::NoBucket,
            Self::NoConditions { .. } => Code::NoConditions,
            Self::StoreUnavailable { .. } => Code::StoreUnavailable,
            Self::LeaseLost { .. } => Code::LeaseLost,
            Self::ForeignTable { .. } => Code::ForeignTable,
            Self::DamagedLog { .. } => Code::DamagedLog,
            Self::OutputBusy { .. } => Code::OutputBusy,
            Self::NoBuild { .. } => Code::NoBuild,
            Self::UnknownRun { .. } => Code::UnknownRun,
            Self::BuildGone { .. } => Code::BuildGone,
            Self::PlanOutdated { .. } => Code::PlanOutdated,
            Self::BadQuery { .. } => Code::BadQuery,
            Self::IdCollision { .. } => Code::IdCollision,
            Self::CheckFailed { .. } => Code::CheckFailed,
            Self::NotAudited { .. } => Code::NotAudited,
            Self::SchemaDiverged { .. } => Code::SchemaDiverged,
            Self::UnfitPolicy { .. } => Code::UnfitPolicy,
            Self::PlanRegressed { .. } => Code::PlanRegressed,
            Self::NothingSelected { .. } => Code::NothingSelected,
            Self::BadArtifact { .. } => Code::BadArtifact,
            Self::Storage { .. } => Code::Storage,
            Self::OutOfMemory { .. } => Code::OutOfMemory,
            Self::TooLittleMemory { .. } => Code::TooLittleMemory,
            Self::Interrupted => Code::Interrupted,
            Self::Internal { .. } => Code::Internal,
        }
    }

    /// What to do next.
    pub fn help(&self) -> Option<String> {
        let help = match self {
            Self::BadSource { .. } => "give the directory that holds the source code",
            Self::NothingToExtract { .. } => {
                "give a directory with source files; files that version control ignores are not read"
            }
            Self::BrokenEvidence { .. } => {
                "mend the files, or say in the contract what they hold; the previous build is unchanged"
            }
            Self::BadOutput { out: Location::Bucket(_), .. } => {
                "say `s3://BUCKET/PREFIX`, and in variables `AWS_…` how the store is reached"
            }
            Self::BadOutput { .. } => "give a directory that can be created and written to",
            Self::UnknownScheme { known, .. } => {
                return Some(match known {
                    Some(known) => format!("perhaps `{known}://` is meant"),
                    None => "give a directory, or `s3://BUCKET/PREFIX`".to_owned(),
                });
            }
            Self::NoCredentials { .. } => {
                "set `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY` for a user who may list, read, write and remove there"
            }
            Self::NoBucket { .. } => {
                "make the bucket, or look at `AWS_ENDPOINT_URL` and `AWS_REGION`: builds make no buckets"
            }
            Self::NoConditions { .. } => {
                "use a store that honours `If-None-Match` and `If-Match`, or build to a directory"
            }
            Self::StoreUnavailable { .. } => {
                "the previous build is unchanged; look at `AWS_ENDPOINT_URL` and the store, and build again"
            }
            Self::LeaseLost { .. } => {
                "build again when the other one is done; nothing of this build is published"
            }
            Self::ForeignTable { table, .. } => {
                return Some(format!(
                    "to keep that change, move the folder `{table}` away or build to another output \
                     directory; to drop it, delete the folder"
                ));
            }
            Self::DamagedLog { table, .. } => {
                return Some(format!(
                    "restore the file from a copy, or delete the folder `{table}`: a build makes the table anew"
                ));
            }
            Self::OutputBusy { .. } => {
                "wait until it is done, or build to another output directory"
            }
            Self::NoBuild { .. } => "run `cpglang build` with this output directory first",
            Self::UnknownRun { known, .. } => {
                const SHOWN: usize = 3;
                let newest = known.iter().rev().take(SHOWN);
                let named = newest.map(|run| format!("`{run}`")).collect::<Vec<_>>().join(", ");
                return Some(match known.len() {
                    0 => "nothing was built here yet".to_owned(),
                    1..=SHOWN => format!("there are {named}"),
                    _ => format!("the newest are {named}; `cpglang history` lists all"),
                });
            }
            Self::BuildGone { .. } => {
                "`cpglang build` makes anew what the newest build lacks; of earlier ones, what was removed stays so"
            }
            Self::PlanOutdated { .. } => {
                "look at a new plan with `cpglang plan --save FILE`; nothing was written"
            }
            Self::BadQuery { help, .. } => return help.clone(),
            Self::IdCollision { .. } => {
                "make what the id is taken over distinguish the rows; the previous build is unchanged"
            }
            Self::CheckFailed { .. } => {
                "mend the sources or the program, or say `severity warn`; the previous build is unchanged"
            }
            Self::NotAudited { .. } => {
                "`cpglang build` makes the tables as the program means them; `--select` looks at a part"
            }
            Self::SchemaDiverged { .. } => {
                "build to another output directory, or say `mode evolve`; the previous build is unchanged"
            }
            Self::UnfitPolicy { .. } => "remove the policy, or say `policy validate { mode warn }`",
            Self::PlanRegressed { .. } => {
                "mend the program, or build once without `--plan-gate` to accept them; the previous build is unchanged"
            }
            Self::NothingSelected { .. } => {
                "select an output, or `NAME+` for what reads `NAME`, too; `cpglang explain NAME` says how rows are kept"
            }
            Self::BadArtifact { .. } => {
                "use the version of cpglang that wrote it, or build again into an empty folder"
            }
            Self::Storage { .. } => {
                "the previous build is unchanged; mend the cause and build again"
            }
            Self::OutOfMemory { .. } => {
                "give more memory or fewer threads; the previous build is unchanged"
            }
            Self::TooLittleMemory { set_aside, at_once, .. } => {
                // As much again for the rows themselves.
                let least = mib(2 * set_aside * at_once);
                let say = format!("say `--memory {least}MiB` or more");
                return Some(match at_once {
                    1 => say,
                    _ => format!(
                        "{say}, since up to {at_once} sorts run at once; with fewer threads less is enough"
                    ),
                });
            }
            Self::Interrupted => "the previous build is unchanged",
            Self::Internal { .. } => "this is a defect of cpglang; please report it",
        };
        Some(help.to_owned())
    }

    pub(crate) fn storage(what: impl Into<String>, reason: impl std::fmt::Display) -> Self {
        Self::Storage { what: what.into(), reason: reason.to_string() }
    }

    /// What an error of a file or an object means while `what` is read or written.
    pub(crate) fn io(what: impl Into<String>, error: io::Error) -> Self {
        Self::stored(what, &error)
    }

    /// What an error of whatever reads or writes `what` means.
    fn stored(what: impl Into<String>, error: &(dyn Error + 'static)) -> Self {
        let what = what.into();
        of_store(&what, error).unwrap_or_else(|| Self::storage(what, error))
    }

    pub(crate) fn internal(what: impl Into<String>, reason: impl std::fmt::Display) -> Self {
        Self::Internal { what: what.into(), reason: reason.to_string() }
    }

    /// What an error of the query engine means while `what` runs under a limit of `limit` bytes.
    pub(crate) fn execution(what: &str, limit: usize, error: &DataFusionError) -> Self {
        match error.find_root() {
            DataFusionError::ResourcesExhausted(reason) => {
                // The pool's report goes on with a table of consumers: the first line says who failed.
                let reason = reason.lines().next().unwrap_or_default().to_owned();
                Self::OutOfMemory { what: what.to_owned(), limit, reason }
            }
            DataFusionError::External(cause) if cause.is::<BrokenEvidence>() => {
                match cause.downcast_ref::<BrokenEvidence>() {
                    Some(BrokenEvidence { evidence, reason }) => {
                        Self::BrokenEvidence { evidence: evidence.clone(), reason: reason.clone() }
                    }
                    None => Self::internal(what, cause),
                }
            }
            root @ (DataFusionError::IoError(_)
            | DataFusionError::ObjectStore(_)
            | DataFusionError::ParquetError(_)) => Self::stored(what, root),
            root => Self::internal(what, root),
        }
    }

    /// What an error of a table's storage means while `what` is read or written.
    pub(crate) fn delta(what: &str, error: &DeltaTableError) -> Self {
        Self::stored(what, error)
    }
}

/// What almost everything here returns.
pub type Result<T> = std::result::Result<T, EngineError>;
