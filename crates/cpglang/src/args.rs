//! The command line. Every flag can also be given by a `CPGLANG_…` variable; the flag wins.

use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum, ValueHint};

use cpg_base::nearest;
use cpg_engine::{CacheProfile, PlanLevel, RuntimeProfile};
use cpg_evidence::{ExtractOptions, FileOptions, FilePattern};
use cpg_plan::policy::Feature;

use crate::load::Roots;
use crate::size::ByteSize;

/// Builds a graph of source code into Delta tables, as a program says.
#[derive(Debug, Parser)]
#[command(name = "cpglang", version, propagate_version = true, after_help = EXIT_CODES)]
pub(crate) struct CommandLine {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 done; 1 the program or the query has errors; 2 wrong usage; 3 the build or the query failed; \
4 an audit or a test failed; 130 interrupted.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Extract, compute and publish the graph of some sources
    Build(BuildArgs),
    /// Say what `build` would do, and why, without doing it
    Plan(BuildArgs),
    /// Ask a published build with SQL
    Query(QueryArgs),
    /// List the runs of an output directory, or what one of them wrote
    History(HistoryArgs),
    /// Show what a build left beside its tables: what it decided, and why
    Artifacts(ArtifactsArgs),
    /// Report every mistake in a program, without touching data
    Check(CheckArgs),
    /// Run a program's tests in memory
    Test(TestArgs),
    /// Show which columns a column is computed from, or which are computed from it
    Lineage(LineageArgs),
    /// Lay programs out in the one canonical way
    Fmt(FmtArgs),
    /// Extract evidence alone, without a program, and print it or write it as files
    Extract(ExtractArgs),
    /// List extractors with their tables, columns and types, as contracts of the language
    Schema(SchemaArgs),
    /// Say all that is known of an item, or what an error code means
    Explain(ExplainArgs),
    /// Serve an editor over standard input and output
    Lsp(LspArgs),
}

#[derive(Debug, Args)]
pub(crate) struct BuildArgs {
    /// A directory of source code, which is also an import root; may be repeated
    #[arg(long = "source", value_name = "DIR", env = "CPGLANG_SOURCE", default_value = ".")]
    #[arg(value_hint = ValueHint::DirPath)]
    pub sources: Vec<PathBuf>,

    /// Where the tables go [default: `.cpglang` in the first source]
    #[arg(long, value_name = "DIR", env = "CPGLANG_OUT", value_hint = ValueHint::DirPath)]
    pub out: Option<PathBuf>,

    /// A program file, or a folder of them; may be repeated [default: the `*.cpg` files in the
    /// first source and those below its folder `cpg`]
    #[arg(long = "program", value_name = "PATH", env = "CPGLANG_PROGRAM")]
    #[arg(value_hint = ValueHint::AnyPath)]
    pub program: Vec<PathBuf>,

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
    /// The source whose folder holds the program and, unless told otherwise, the output.
    pub fn first_source(&self) -> &Path {
        self.sources.first().map_or(Path::new("."), PathBuf::as_path)
    }

    /// What the engine is told.
    pub fn profile(&self) -> RuntimeProfile {
        let source = self.first_source();
        let out = self.out.clone().unwrap_or_else(|| match source == Path::new(".") {
            true => PathBuf::from(".cpglang"),
            false => source.join(".cpglang"),
        });
        let mut profile = RuntimeProfile::new(source, out);
        profile.sources.clone_from(&self.sources);
        profile.extract = self.evidence.options();
        profile.cache = self.cache.clone().map(|folder| {
            let ByteSize(bytes) = self.cache_size;
            CacheProfile { folder, bytes: bytes as u64 }
        });
        profile.plan_gate = self.plan_gate.map(PlanGate::level);
        profile.without = self.without.iter().copied().collect();
        self.limits.apply(&mut profile);
        profile
    }
}

impl LimitArgs {
    /// Changes what was said.
    fn apply(&self, profile: &mut RuntimeProfile) {
        if let Some(threads) = self.threads {
            profile.threads = usize::from(threads);
        }
        if let Some(ByteSize(bytes)) = self.memory {
            profile.memory_bytes = bytes;
        }
    }
}

impl QueryArgs {
    /// What the engine is told.
    pub fn profile(&self) -> RuntimeProfile {
        let mut profile = RuntimeProfile::new(".", &self.out);
        self.limits.apply(&mut profile);
        profile
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

    /// The directory of the build
    #[arg(long, value_name = "DIR", env = "CPGLANG_OUT", default_value = ".cpglang")]
    #[arg(value_hint = ValueHint::DirPath)]
    pub out: PathBuf,

    /// How rows are printed
    #[arg(long, value_name = "FORMAT", env = "CPGLANG_FORMAT", default_value = "table")]
    pub format: RowFormat,

    #[command(flatten)]
    pub limits: LimitArgs,
}

/// Which build is meant.
#[derive(Debug, Args)]
pub(crate) struct PublishedArgs {
    /// The directory of the build
    #[arg(long, value_name = "DIR", env = "CPGLANG_OUT", default_value = ".cpglang")]
    #[arg(value_hint = ValueHint::DirPath)]
    pub out: PathBuf,
}

impl PublishedArgs {
    /// What the engine is told.
    pub fn profile(&self) -> RuntimeProfile {
        RuntimeProfile::new(".", &self.out)
    }
}

#[derive(Debug, Args)]
pub(crate) struct HistoryArgs {
    /// A run, whose tables are listed
    #[arg(value_name = "RUN")]
    pub run: Option<String>,

    #[command(flatten)]
    pub build: PublishedArgs,

    /// How rows are printed
    #[arg(long, value_name = "FORMAT", env = "CPGLANG_FORMAT", default_value = "table")]
    pub format: RowFormat,
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
    pub build: PublishedArgs,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Program files, or folders of them [default: those that `build` takes]
    #[arg(value_name = "PATH", env = "CPGLANG_PROGRAM", value_hint = ValueHint::AnyPath)]
    pub paths: Vec<PathBuf>,

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

    /// Run only the tests whose names contain this
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,

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
    pub build: PublishedArgs,

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
    pub program: ProgramArgs,
}

/// Which program is meant.
#[derive(Debug, Args)]
pub(crate) struct ProgramArgs {
    /// A program file, or a folder of them; may be repeated [default: those that `build` takes]
    #[arg(long = "program", value_name = "PATH", env = "CPGLANG_PROGRAM")]
    #[arg(value_hint = ValueHint::AnyPath)]
    pub program: Vec<PathBuf>,
}

impl ProgramArgs {
    /// Where its files are.
    pub fn roots(&self) -> Roots<'_> {
        match self.program.as_slice() {
            [] => Roots::Project(Path::new(".")),
            paths => Roots::Paths(paths),
        }
    }
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
pub(crate) struct LspArgs {
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

    /// A directory of source code; may be repeated
    #[arg(long = "source", value_name = "DIR", env = "CPGLANG_SOURCE", default_value = ".")]
    #[arg(value_hint = ValueHint::DirPath)]
    pub sources: Vec<PathBuf>,

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
        let source = self.sources.first().map_or(Path::new("."), PathBuf::as_path);
        let mut profile = RuntimeProfile::new(source, source.join(".cpglang"));
        profile.sources.clone_from(&self.sources);
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

/// What evidence is taken from, and how.
#[derive(Debug, Args)]
pub(crate) struct EvidenceArgs {
    /// Read only files that a pattern fits, as in a `.gitignore`: `*.py` or `/src/`; may be repeated
    #[arg(long, value_name = "GLOB", env = "CPGLANG_INCLUDE")]
    pub include: Vec<FilePattern>,

    /// Read no file that a pattern fits; may be repeated
    #[arg(long, value_name = "GLOB", env = "CPGLANG_EXCLUDE")]
    pub exclude: Vec<FilePattern>,

    /// Read only files that differ from a commit of their git repository, as in `main` or `HEAD~3`
    #[arg(long, value_name = "COMMIT", env = "CPGLANG_CHANGED_SINCE")]
    pub changed_since: Option<String>,

    /// The Python that the sources run with: `python.bytecode` compiles with it, by default with `python3` or `python`
    /// on the path; `python.imports` and `python.external` look at what it has, by default at nothing
    #[arg(long, value_name = "FILE", env = "CPGLANG_PYTHON", value_hint = ValueHint::FilePath)]
    pub python: Option<PathBuf>,

    /// The SCIP index that an indexer left [default: `index.scip` in each source]
    #[arg(long, value_name = "FILE", env = "CPGLANG_SCIP_INDEX", value_hint = ValueHint::FilePath)]
    pub scip_index: Option<PathBuf>,
}

impl EvidenceArgs {
    /// What extractors are told.
    pub fn options(&self) -> ExtractOptions {
        let (include, exclude) = (self.include.clone(), self.exclude.clone());
        let changed_since = self.changed_since.clone();
        let files = FileOptions { include, exclude, changed_since };
        let scip_index = self.scip_index.clone();
        let python = self.python.clone();
        ExtractOptions { files, python, scip_index, ..ExtractOptions::default() }
    }
}

/// What may be used.
#[derive(Debug, Args)]
pub(crate) struct LimitArgs {
    /// How many threads work at once [default: one for each core]
    #[arg(long, value_name = "N", env = "CPGLANG_THREADS")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,

    /// How much memory the rows being worked on may take, as in `512MiB` or `4GiB`; beyond it they
    /// move to disk
    #[arg(long, value_name = "SIZE", env = "CPGLANG_MEMORY")]
    pub memory: Option<ByteSize>,
}

#[derive(Debug, Args)]
pub(crate) struct MessageArgs {
    /// For people, drawn or in sentences for reading aloud; or as a stream of JSON objects, one a line, on
    /// standard output
    #[arg(long, value_name = "FORMAT", env = "CPGLANG_MESSAGE_FORMAT", default_value = "human")]
    pub message_format: MessageFormat,
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

/// Who reads the messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum MessageFormat {
    /// People who look at them.
    Human,
    /// People who have them read aloud.
    Narrated,
    /// Programs.
    Json,
}

/// How rows are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RowFormat {
    /// Aligned, with rules.
    Table,
    /// Comma-separated, with a header.
    Csv,
    /// One JSON array.
    Json,
    /// One JSON object a line.
    Ndjson,
}

impl RowFormat {
    /// What names of files in this format end with.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Table => "txt",
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
        }
    }
}
