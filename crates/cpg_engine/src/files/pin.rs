//! The files that a build reads, as they were when it began.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use cpg_ir::canon::{Domain, Fingerprint};
use cpg_ir::file::{FileFormat, FileProblem, FileSource};
use cpg_ir::spec::RelationId;
use cpg_plan::signals::Protocol;
use datafusion::catalog::TableProvider;
use datafusion::datasource::listing::{ListingTable, ListingTableConfig};

use super::contract::Contract;
use super::{describe, locate};
use crate::delta::protocol;
use crate::error::{EngineError, Result};
use crate::runtime;

/// The rows of every relation of a program that lie in files.
#[derive(Debug, Default)]
pub(crate) struct GivenFiles(BTreeMap<RelationId, Given>);

/// The rows of one relation.
#[derive(Debug)]
struct Given {
    source: FileSource,
    /// What the rows depend on.
    finding: Fingerprint,
    rows: Rows,
}

#[derive(Debug)]
enum Rows {
    /// Files, and how their columns are laid out where readers must know.
    Files { files: Vec<Pinned>, layout: Option<SchemaRef> },
    /// A Delta table at one version, which keeps what it holds.
    Delta { table: Arc<dyn TableProvider>, protocol: Protocol },
}

/// A file as it was when it was looked at.
#[derive(Debug, PartialEq, Eq)]
struct Pinned {
    path: PathBuf,
    bytes: u64,
    changed: Option<SystemTime>,
}

impl Pinned {
    fn look(path: &Path) -> std::io::Result<Self> {
        let metadata = std::fs::metadata(path)?;
        let changed = metadata.modified().ok();
        Ok(Self { path: path.to_owned(), bytes: metadata.len(), changed })
    }
}

impl GivenFiles {
    /// Looks at the files below `root` that relations read.
    ///
    /// # Errors
    /// [`EngineError::BrokenEvidence`] when they are gone or cannot be read.
    pub(crate) fn look(root: &Path, named: Vec<(RelationId, FileSource)>) -> Result<Self> {
        if named.is_empty() {
            return Ok(Self::default());
        }
        let runtime = runtime::start(1)?;
        let root = root.to_owned();
        let looked = runtime.spawn(async move {
            let mut found = BTreeMap::new();
            for (relation, source) in named {
                let given = Given::look(&root, &source).await.map_err(|problem| {
                    EngineError::BrokenEvidence {
                        evidence: relation.to_string(),
                        reason: in_words(&source, problem),
                    }
                })?;
                found.insert(relation, given);
            }
            Ok(Self(found))
        });
        runtime
            .block_on(looked)
            .map_err(|error| EngineError::internal("looking at files", error))?
    }

    /// What the rows of a relation depend on.
    pub(crate) fn finding(&self, relation: &RelationId) -> Option<(&FileSource, Fingerprint)> {
        self.0.get(relation).map(|given| (&given.source, given.finding))
    }

    /// What the rows of every relation depend on.
    pub(crate) fn findings(&self) -> BTreeMap<RelationId, Fingerprint> {
        self.0.iter().map(|(relation, given)| (relation.clone(), given.finding)).collect()
    }

    /// Whether the table that holds a relation's rows can be read.
    pub(crate) fn protocol(&self, relation: &RelationId) -> Protocol {
        match self.0.get(relation).map(|given| &given.rows) {
            Some(Rows::Delta { protocol, .. }) => protocol.clone(),
            _ => Protocol::Compatible,
        }
    }

    /// The rows of a relation in the columns of `schema`, each held to it while it is read.
    ///
    /// # Errors
    /// When a file is gone, and for relations that are not in files, which would be a defect.
    pub(crate) fn table(
        &self,
        relation: &RelationId,
        schema: SchemaRef,
    ) -> Result<Arc<dyn TableProvider>> {
        let unknown = || EngineError::internal(format!("`{relation}`"), "it is in no files");
        let given = self.0.get(relation).ok_or_else(unknown)?;
        let rows = match &given.rows {
            Rows::Delta { table, .. } => Arc::clone(table),
            Rows::Files { files, layout } => {
                let broken = |reason: String| EngineError::BrokenEvidence {
                    evidence: relation.to_string(),
                    reason,
                };
                let urls = files
                    .iter()
                    .map(|file| describe::file_url(&file.path).map_err(broken))
                    .collect::<Result<Vec<_>>>()?;
                let config = ListingTableConfig::new_with_multi_paths(urls)
                    .with_listing_options(describe::options(given.source.format))
                    .with_schema(read_as(given.source.format, layout.as_ref(), &schema));
                let table = ListingTable::try_new(config).map_err(|error| {
                    EngineError::internal(format!("the files of `{relation}`"), error)
                })?;
                Arc::new(table)
            }
        };
        Ok(Arc::new(Contract::new(relation.to_string(), rows, schema)))
    }

    /// Whether the files are as they were when the build began.
    ///
    /// # Errors
    /// [`EngineError::BrokenEvidence`] for the first that is not: rows may come from either state.
    pub(crate) fn unchanged(&self) -> Result<()> {
        for (relation, given) in &self.0 {
            let Rows::Files { files, .. } = &given.rows else { continue };
            for file in files {
                if Pinned::look(&file.path).ok().as_ref() != Some(file) {
                    let name = file.path.file_name().unwrap_or_default().to_string_lossy();
                    return Err(EngineError::BrokenEvidence {
                        evidence: relation.to_string(),
                        reason: format!("`{name}` changed while it was read"),
                    });
                }
            }
        }
        Ok(())
    }
}

impl Given {
    async fn look(root: &Path, source: &FileSource) -> std::result::Result<Self, FileProblem> {
        let paths = locate::files(root, source)?;
        let unreadable = |why: String| FileProblem::Unreadable(why);
        if source.format == FileFormat::Delta {
            let (table, version) = describe::open(&paths[0]).await?;
            let id = table.snapshot().map_err(|error| unreadable(error.to_string()))?;
            let id = id.metadata().id().to_owned();
            let scan = describe::scan(&table).await.map_err(unreadable)?;
            let finding = fingerprint(&("delta", id, version))?;
            let protocol = protocol::of_reader(&table);
            let rows = Rows::Delta { table: Arc::new(scan), protocol };
            return Ok(Self { source: source.clone(), finding, rows });
        }
        let mut files = Vec::with_capacity(paths.len());
        let mut contents = Vec::with_capacity(paths.len());
        for path in &paths {
            let failed = |error: std::io::Error| unreadable(error.to_string());
            // Looked at first: a change while it is hashed shows later.
            files.push(Pinned::look(path).map_err(failed)?);
            let file = BufReader::with_capacity(1 << 20, File::open(path).map_err(failed)?);
            contents.push(Fingerprint::of_reader(Domain::Evidence, file).map_err(failed)?);
        }
        // Rows are a bag: which file holds which does not matter.
        contents.sort();
        let finding = fingerprint(&("files", contents))?;
        let layout = match source.format {
            FileFormat::Csv | FileFormat::Arrow => {
                Some(describe::stored(&paths[0], source.format).await.map_err(unreadable)?)
            }
            _ => None,
        };
        let rows = Rows::Files { files, layout };
        Ok(Self { source: source.clone(), finding, rows })
    }
}

fn fingerprint<T: serde::Serialize>(value: &T) -> std::result::Result<Fingerprint, FileProblem> {
    Fingerprint::of(Domain::Evidence, value)
        .map_err(|error| FileProblem::Unreadable(error.to_string()))
}

/// The columns that readers are told of: those that are wanted, as they are wanted, but for formats whose readers find
/// columns by their places. Nulls are allowed everywhere: the contract looks for them.
fn read_as(format: FileFormat, layout: Option<&SchemaRef>, wanted: &SchemaRef) -> SchemaRef {
    let nullable = |name: &str, ty: &DataType| Field::new(name, ty.clone(), true);
    let fields: Vec<Field> = match layout {
        None => wanted.fields().iter().map(|f| nullable(f.name(), f.data_type())).collect(),
        Some(layout) => layout
            .fields()
            .iter()
            .map(|field| match wanted.field_with_name(field.name()) {
                Ok(wanted) if format.is_text() => nullable(field.name(), wanted.data_type()),
                Err(_) if format.is_text() => nullable(field.name(), &DataType::Utf8),
                _ => nullable(field.name(), field.data_type()),
            })
            .collect(),
    };
    Arc::new(Schema::new(fields))
}

fn in_words(source: &FileSource, problem: FileProblem) -> String {
    match problem {
        FileProblem::Missing => format!("there is no file at `{}`", source.location),
        FileProblem::Location(why) | FileProblem::Unreadable(why) => why,
    }
}
