//! The command line. What a flag says goes before its `CPGLANG_…` variable, and that before `cpglang.toml`: see
//! [`crate::profile`], where an argument with a variable is a key of that file.

mod build;
mod export;
mod shared;
mod upkeep;

use std::path::PathBuf;

use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum, ValueHint};

use cpg_engine::RuntimeProfile;

use crate::failure::Failure;

pub(crate) use build::{BuildArgs, BuildCommand, PlanArgs};
pub(crate) use export::{ExportArgs, ExportFormat};
pub(crate) use shared::{
    EvidenceArgs, LimitArgs, MessageArgs, MessageFormat, OUT, PlaceArgs, ProgramArgs, RowFormat,
    SelectArgs, SourceArgs,
};
pub(crate) use upkeep::{AuditArgs, MaintainArgs, PublishedArgs};

/// Builds a graph of source code into Delta tables, as a program says.
#[derive(Debug, Parser)]
#[command(name = "cpglang", version, propagate_version = true, after_help = EXIT_CODES)]
pub(crate) struct CommandLine {
    /// Which of the profiles of `cpglang.toml` holds
    #[arg(long, global = true, value_name = "NAME", env = "CPGLANG_PROFILE")]
    pub profile: Option<String>,

    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 done; 1 the program or the query has errors; 2 wrong usage; 3 the build or the query failed; \
4 an audit or a test failed; 130 interrupted.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Begin a project: a profile, a program to start from, and a line for git
    Init(InitArgs),
    /// Extract, compute and publish the graph of some sources
    Build(BuildCommand),
    /// Build, and build again whenever a file of the sources or the program changes
    Watch(BuildArgs),
    /// Say what `build` would do, and why, without doing it
    Plan(PlanArgs),
    /// Ask a published build with SQL
    Query(QueryArgs),
    /// List the runs of an output directory, or what one of them wrote
    History(HistoryArgs),
    /// Show which rows differ between two builds
    Diff(DiffArgs),
    /// Go back to an earlier build: put its tables back and publish them
    Rollback(RollbackArgs),
    /// Show what a build left beside its tables: what it decided, and why
    Artifacts(ArtifactsArgs),
    /// Report every mistake in a program, without touching data
    Check(CheckArgs),
    /// Run a program's tests in memory
    Test(TestArgs),
    /// Look whether a program's checks hold of a published build, without building
    Audit(AuditArgs),
    /// Show which columns a column is computed from, or which are computed from it
    Lineage(LineageArgs),
    /// Lay programs out in the one canonical way
    Fmt(FmtArgs),
    /// Write the graph of a published build for other tools
    Export(ExportArgs),
    /// Extract evidence alone, without a program, and print it or write it as files
    Extract(ExtractArgs),
    /// List extractors with their tables, columns and types, as contracts of the language
    Schema(SchemaArgs),
    /// Say all that is known of an item, or what an error code means
    Explain(ExplainArgs),
    /// Say what holds and who says so, and whether what a build needs is there
    Doctor(DoctorArgs),
    /// Remove what killed builds left behind and no published build needs
    Clean(CleanArgs),
    /// Put small files together, remove old ones and sum logs up, where a program's policies ask for it, without building
    Maintain(MaintainArgs),
    /// Print a script that completes command lines of cpglang in a shell
    Completions(CompletionsArgs),
    /// Serve an editor over standard input and output
    Lsp(LspArgs),
}

impl QueryArgs {
    /// What the engine is told.
    pub fn profile(&self) -> Result<RuntimeProfile, Failure> {
        let mut profile = self.place.profile()?;
        self.limits.apply(&mut profile);
        Ok(profile)
    }
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("what").required(true).args(["sql", "file"])))]
pub(crate) struct QueryArgs {
    /// The query, such as "select kind, count(*) from cpg_nodes group by kind"
    #[arg(value_name = "SQL")]
    pub sql: Option<String>,

    /// A file that holds the query; `-` reads standard input
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: Option<PathBuf>,

    #[command(flatten)]
    pub place: PlaceArgs,

    /// How rows are printed
    #[arg(long, value_name = "FORMAT", env = "CPGLANG_FORMAT", default_value = "table")]
    pub format: RowFormat,

    #[command(flatten)]
    pub limits: LimitArgs,
}

#[derive(Debug, Args)]
pub(crate) struct HistoryArgs {
    /// A run, whose tables are listed
    #[arg(value_name = "RUN")]
    pub run: Option<String>,

    #[command(flatten)]
    pub place: PlaceArgs,

    /// How rows are printed
    #[arg(long, value_name = "FORMAT", env = "CPGLANG_FORMAT", default_value = "table")]
    pub format: RowFormat,
}

#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// The earlier run, by name or number [default: the one before the later run]
    #[arg(value_name = "BEFORE")]
    pub before: Option<String>,

    /// The later run, by name or number [default: the newest]
    #[arg(value_name = "AFTER")]
    pub after: Option<String>,

    /// Show what changed since the run that this file names, and afterwards name the newest in it; where it is not there,
    /// all rows are new. So a reader that is run after every build sees each change once
    #[arg(long, value_name = "FILE", conflicts_with_all = ["before", "after"])]
    #[arg(value_hint = ValueHint::FilePath)]
    pub cursor: Option<PathBuf>,

    /// Only this output; may be repeated [default: all]
    #[arg(long = "table", value_name = "NAME")]
    pub tables: Vec<String>,

    /// As text with the first rows of each table, as one JSON object, or as one JSON object a row
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: DiffFormat,

    /// How many rows of each table the text shows
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub limit: usize,

    #[command(flatten)]
    pub place: PlaceArgs,

    #[command(flatten)]
    pub limits: LimitArgs,
}

/// How differences are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    /// Numbers, and the first rows.
    Text,
    /// One object.
    Json,
    /// An object a row.
    Ndjson,
}

#[derive(Debug, Args)]
pub(crate) struct RollbackArgs {
    /// The run to go back to, by name or number
    #[arg(value_name = "RUN")]
    pub run: String,

    #[command(flatten)]
    pub place: PlaceArgs,

    #[command(flatten)]
    pub messages: MessageArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ArtifactsArgs {
    /// A kind of documents, whose newest is printed [default: lists the kinds]
    #[arg(value_name = "KIND")]
    pub kind: Option<String>,

    /// Print what documents of that kind hold, as a JSON Schema
    #[arg(long, requires = "kind")]
    pub schema: bool,

    #[command(flatten)]
    pub place: PlaceArgs,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Program files, or folders of them [default: those that `build` takes]
    #[arg(value_name = "PATH", env = "CPGLANG_PROGRAM", value_hint = ValueHint::AnyPath)]
    pub paths: Vec<PathBuf>,

    #[command(flatten)]
    pub place: PlaceArgs,

    /// Apply the fixes that are proposed, as long as they leave fewer mistakes, and check again
    #[arg(long)]
    pub fix: bool,

    #[command(flatten)]
    pub messages: MessageArgs,
}

#[derive(Debug, Args)]
pub(crate) struct TestArgs {
    /// Program files, or folders of them [default: those that `build` takes]
    #[arg(value_name = "PATH", env = "CPGLANG_PROGRAM", value_hint = ValueHint::AnyPath)]
    pub paths: Vec<PathBuf>,

    #[command(flatten)]
    pub source: SourceArgs,

    /// Run only the tests whose names contain this
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,

    #[command(flatten)]
    pub select: SelectArgs,

    #[command(flatten)]
    pub messages: MessageArgs,

    /// Print nothing but failures
    #[arg(long, short, env = "CPGLANG_QUIET")]
    pub quiet: bool,
}

#[derive(Debug, Args)]
pub(crate) struct FmtArgs {
    /// Program files, or folders of them; `-` reads standard input and prints the result [default: those that
    /// `build` takes]
    #[arg(value_name = "PATH", env = "CPGLANG_PROGRAM", value_hint = ValueHint::AnyPath)]
    pub paths: Vec<PathBuf>,

    #[command(flatten)]
    pub source: SourceArgs,

    /// Change nothing, name the files that are not laid out so, and end with code 1 when there are any
    #[arg(long)]
    pub check: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// An item, such as `cpg_nodes` or `std.python.calls.call`, or a code, such as `unknown-name`
    #[arg(value_name = "ITEM|CODE")]
    pub what: String,

    /// Its meaning as the compiler hands it on, as JSON
    #[arg(long)]
    pub ir: bool,

    /// Its plan over its inputs
    #[arg(long)]
    pub logical: bool,

    /// How the plan runs, with all that is computed with it
    #[arg(long)]
    pub physical: bool,

    /// Where its columns and its rows come from
    #[arg(long)]
    pub lineage: bool,

    /// What is known of its plan: how it is kept and why, what it reads and calls
    #[arg(long)]
    pub signals: bool,

    /// What its fingerprint is taken over
    #[arg(long)]
    pub fingerprint: bool,

    /// What its rows look like as JSON, as a JSON Schema
    #[arg(long)]
    pub json_schema: bool,

    /// How it is kept, written and scanned, and why: as the newest build decided, or as a first one would
    #[arg(long)]
    pub decisions: bool,

    #[command(flatten)]
    pub place: PlaceArgs,

    #[command(flatten)]
    pub program: ProgramArgs,

    #[command(flatten)]
    pub messages: MessageArgs,
}

#[derive(Debug, Args)]
pub(crate) struct LineageArgs {
    /// An item, such as `cpg_nodes`, or a column of it, such as `cpg_nodes.name`
    #[arg(value_name = "ITEM[.COLUMN]")]
    pub what: String,

    /// What it is computed from; the default
    #[arg(long, conflicts_with = "down")]
    pub up: bool,

    /// What is computed from it
    #[arg(long)]
    pub down: bool,

    /// As an indented text, a graph for Graphviz or Mermaid, or JSON
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: GraphFormat,

    #[command(flatten)]
    pub source: SourceArgs,

    #[command(flatten)]
    pub program: ProgramArgs,
}

/// How a graph is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GraphFormat {
    /// Indented.
    Text,
    /// For Graphviz.
    Dot,
    /// For Mermaid.
    Mermaid,
    /// One JSON object.
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// Where the project is; made if it is not there
    #[arg(value_name = "DIR", default_value = ".", value_hint = ValueHint::DirPath)]
    pub folder: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    pub build: BuildArgs,

    /// How commands that print rows print them
    #[arg(long, value_name = "FORMAT", env = "CPGLANG_FORMAT", default_value = "table")]
    pub format: RowFormat,
}

#[derive(Debug, Args)]
pub(crate) struct CleanArgs {
    #[command(flatten)]
    pub place: PlaceArgs,

    /// Only say what would be removed
    #[arg(long)]
    pub dry_run: bool,

    /// The folder in which builds keep evidence
    #[arg(long, value_name = "DIR", env = "CPGLANG_CACHE", value_hint = ValueHint::DirPath)]
    pub cache: Option<PathBuf>,

    /// Also remove everything that is kept in that folder
    #[arg(long)]
    pub empty_cache: bool,

    #[command(flatten)]
    pub messages: MessageArgs,
}

#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub(crate) struct LspArgs {
    /// The directory of the build that programs are compared with [default: `.cpglang` in each folder]
    #[arg(long, value_name = "DIR", env = "CPGLANG_OUT", value_hint = ValueHint::DirPath)]
    pub out: Option<PathBuf>,

    /// Taken and not needed: there is no other way to speak, and many editors say so
    #[arg(long, hide = true)]
    pub stdio: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ExtractArgs {
    /// An extractor, as `cpglang schema` lists them; may be repeated
    #[arg(long = "extractor", value_name = "KEY", required = true)]
    pub extractors: Vec<String>,

    /// A table of theirs; may be repeated [default: all]
    #[arg(long = "table", value_name = "NAME")]
    pub tables: Vec<String>,

    #[command(flatten)]
    pub source: SourceArgs,

    /// Write a file for each table into this directory instead of printing
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub to: Option<PathBuf>,

    /// How rows are printed
    #[arg(long, value_name = "FORMAT", env = "CPGLANG_FORMAT", default_value = "table")]
    pub format: RowFormat,

    #[command(flatten)]
    pub evidence: EvidenceArgs,

    /// How many threads work at once [default: one for each core]
    #[arg(long, value_name = "N", env = "CPGLANG_THREADS")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
}

impl ExtractArgs {
    /// What the engine is told.
    pub fn profile(&self) -> RuntimeProfile {
        let source = self.source.first();
        let mut profile = RuntimeProfile::new(source, source.join(OUT));
        profile.sources.clone_from(&self.source.sources);
        profile.extract = self.evidence.options();
        if let Some(threads) = self.threads {
            profile.threads = usize::from(threads);
        }
        profile
    }
}

#[derive(Debug, Args)]
pub(crate) struct SchemaArgs {
    /// An extractor; may be repeated [default: all]
    #[arg(long = "extractor", value_name = "KEY")]
    pub extractors: Vec<String>,

    /// As rows, one for each column, instead of contracts
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<RowFormat>,
}
