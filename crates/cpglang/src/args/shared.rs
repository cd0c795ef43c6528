//! What several commands are told, and what each value may be.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum, ValueHint};

use cpg_base::{Code, nearest};
use cpg_engine::{Location, RuntimeProfile, Selection};
use cpg_evidence::{ExtractOptions, FileOptions, FilePattern};

use cpg_ir::ir::Model;
use cpg_ir::manifest::ProgramManifest;
use cpg_ir::select::{Selector, UnknownSelector};
use cpg_ir::spec::RelationId;

use crate::failure::Failure;
use crate::load::Roots;
use crate::size::ByteSize;

/// Where source code is, and the program beside it.
#[derive(Debug, Args)]
pub(crate) struct SourceArgs {
    /// A directory of source code, which is also an import root; may be repeated. The first one holds the program and
    /// the output, unless other flags say where these are
    #[arg(long = "source", value_name = "DIR", env = "CPGLANG_SOURCE", default_value = ".")]
    #[arg(value_hint = ValueHint::DirPath)]
    pub sources: Vec<PathBuf>,
}

impl SourceArgs {
    /// The source whose folder holds the program and, unless told otherwise, the output.
    pub fn first(&self) -> &Path {
        self.sources.first().map_or(Path::new("."), PathBuf::as_path)
    }

    /// Where the program's files are, given those that were named.
    pub fn roots<'a>(&'a self, named: &'a [PathBuf]) -> Roots<'a> {
        match named {
            [] => Roots::Project(self.first()),
            paths => Roots::Paths(paths),
        }
    }
}

/// The directory of a build within the first source, unless told otherwise.
pub(crate) const OUT: &str = ".cpglang";

/// Where tables are.
#[derive(Debug, Args)]
pub(crate) struct PlaceArgs {
    #[command(flatten)]
    pub source: SourceArgs,

    /// The directory of the build, or `s3://BUCKET/PREFIX` [default: `.cpglang` in the first source]
    #[arg(long, value_name = "DIR", env = "CPGLANG_OUT", value_hint = ValueHint::DirPath)]
    out: Option<PathBuf>,
}

impl PlaceArgs {
    /// The output root.
    pub fn out(&self) -> Result<Location, Failure> {
        let source = self.source.first();
        let out = self.out.clone().unwrap_or_else(|| match source == Path::new(".") {
            true => PathBuf::from(OUT),
            false => source.join(OUT),
        });
        Ok(Location::parse(out)?)
    }

    /// What the engine is told.
    pub fn profile(&self) -> Result<RuntimeProfile, Failure> {
        let mut profile = RuntimeProfile::new(self.source.first(), self.out()?);
        profile.sources.clone_from(&self.source.sources);
        Ok(profile)
    }
}

/// Which program is meant.
#[derive(Debug, Args)]
pub(crate) struct ProgramArgs {
    /// A program file, or a folder of them; may be repeated [default: the `*.cpg` files in the
    /// first source and those below its folder `cpg`]
    #[arg(long = "program", value_name = "PATH", env = "CPGLANG_PROGRAM")]
    #[arg(value_hint = ValueHint::AnyPath)]
    pub program: Vec<PathBuf>,
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

    /// The SCIP index that an indexer left [default: `index.scip` in each source that has one]
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

/// Which part of a program is meant.
#[derive(Debug, Args)]
pub(crate) struct SelectArgs {
    /// Only these: `NAME`, `+NAME` with all that it is computed from, `NAME+` with all that is computed
    /// from it; or `kind:`, `tag:` or `path:` in place of a name; may be repeated
    #[arg(long, value_name = "WHAT", env = "CPGLANG_SELECT", value_delimiter = ',')]
    #[arg(allow_hyphen_values = true)]
    pub select: Vec<Selector>,

    /// Not these, unless something selected needs them; may be repeated
    #[arg(long, value_name = "WHAT", env = "CPGLANG_DESELECT", value_delimiter = ',')]
    pub deselect: Vec<Selector>,
}

impl SelectArgs {
    /// Whether anything is said.
    pub fn is_given(&self) -> bool {
        !self.select.is_empty() || !self.deselect.is_empty()
    }

    /// What is selected of a program; nothing where all of it is meant.
    pub fn of(&self, manifest: &ProgramManifest) -> Result<Option<Selection>, Failure> {
        if !self.is_given() {
            return Ok(None);
        }
        let relations = manifest
            .select(&self.select, &self.deselect)
            .map_err(|unknown| not_there(unknown, "`cpglang plan -v` lists all tables"))?;
        let said = self.select.iter().map(ToString::to_string);
        let not = self.deselect.iter().map(|one| format!("but not {one}"));
        Ok(Some(Selection { said: said.chain(not).collect::<Vec<_>>().join(", "), relations }))
    }

    /// The items of a program that are selected, needed by an output or not.
    pub fn of_all(&self, model: &Model) -> Result<BTreeSet<RelationId>, Failure> {
        model.select(&self.select, &self.deselect).map_err(|unknown| {
            not_there(unknown, "`path:` and the name of a file selects all of its items")
        })
    }
}

fn not_there(UnknownSelector { selector, known }: UnknownSelector, else_help: &str) -> Failure {
    const SHOWN: usize = 8;
    let help = match nearest(selector.word(), known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "the program has nothing of that sort".to_owned(),
        None if known.len() <= SHOWN => {
            format!("there are {}", known.into_iter().collect::<Vec<_>>().join(", "))
        }
        None => else_help.to_owned(),
    };
    let message = format!("nothing of the program is `{selector}`");
    Failure::coded(Code::UnknownSelection, message, help)
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

impl LimitArgs {
    /// Changes what was said.
    pub fn apply(&self, profile: &mut RuntimeProfile) {
        if let Some(threads) = self.threads {
            profile.threads = usize::from(threads);
        }
        if let Some(ByteSize(bytes)) = self.memory {
            profile.memory_bytes = bytes;
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct MessageArgs {
    /// For people, drawn or in sentences for reading aloud; or as a stream of JSON objects, one a line, on
    /// standard output
    #[arg(long, value_name = "FORMAT", env = "CPGLANG_MESSAGE_FORMAT", default_value = "human")]
    pub message_format: MessageFormat,
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
