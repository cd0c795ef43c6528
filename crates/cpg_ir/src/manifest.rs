//! The compiled manifest: the single source of truth about locations and names at run time.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::canon::{Domain, Fingerprint};
use crate::catalog::ExtractorCatalog;
use crate::check::{self, Check};
use crate::file::FileSource;
use crate::ir::{EmitError, IrRelation, Model, SemanticIr};
use crate::policy::ProgramPolicies;
use crate::spec::{RelationId, Spec};

/// The version of the manifest's JSON form.
pub const MANIFEST_VERSION: u32 = 1;

/// Where a dataset lives below the output root.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Area {
    /// Evidence as extracted.
    Extract,
    /// Relations that several others read, kept between builds.
    Stage,
    /// Outputs.
    Graph,
}

impl Area {
    /// The folder's name.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Extract => "extract",
            Self::Stage => "stage",
            Self::Graph => "graph",
        }
    }
}

/// Where a relation's rows are kept when they are kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct DatasetBinding {
    /// Which folder of the output root.
    pub area: Area,
    /// The table's name within it.
    pub table: String,
}

/// What is needed of an extractor: by table, the columns.
pub type EvidenceNeeds = BTreeMap<String, BTreeMap<String, Vec<String>>>;

/// A compiled program: what is computed, and where it lives relative to the output root.
///
/// Made only by [`ProgramManifest::compile`]; immutable. Its JSON form is the same, byte for byte, wherever and
/// whenever the same program is compiled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProgramManifest {
    manifest_version: u32,
    fingerprint: Fingerprint,
    ir: SemanticIr,
    bindings: BTreeMap<RelationId, DatasetBinding>,
    outputs: BTreeMap<String, RelationId>,
    extractors: BTreeMap<String, u32>,
    docs: BTreeMap<RelationId, crate::ir::RelationDocs>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    checks: Vec<Check>,
    #[serde(skip_serializing_if = "ProgramPolicies::is_default")]
    policies: ProgramPolicies,
}

/// A checked program: its relations, and what must hold of their rows.
#[derive(Debug, Clone, Default)]
pub struct CheckedProgram {
    /// Its relations.
    pub model: Model,
    /// What must hold of the relations that its exports need.
    pub checks: Vec<Check>,
    /// How its tables are laid out, looked after and read.
    pub policies: ProgramPolicies,
}

impl From<Model> for CheckedProgram {
    fn from(model: Model) -> Self {
        Self { model, checks: Vec::new(), policies: ProgramPolicies::default() }
    }
}

/// Why a model could not be compiled to a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CompileError {
    /// The model is no program.
    Emit(EmitError),
    /// Two exports of one name: the first and the second.
    OutputName(RelationId, RelationId),
    /// A relation reads an extractor that this build does not have.
    MissingExtractor {
        /// Who reads it.
        relation: RelationId,
        /// The extractor's key.
        extractor: String,
    },
    /// Two extractors have tables of one name, which is where evidence is kept.
    SharedTable {
        /// The table's name.
        table: String,
        /// The two extractors' keys.
        extractors: [String; 2],
    },
    /// A check looks at a relation that no export needs.
    UnbuiltCheck {
        /// The check.
        check: Box<Check>,
        /// The relation.
        relation: RelationId,
    },
}

impl std::fmt::Display for CompileError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Emit(error) => error.fmt(f),
            Self::OutputName(first, second) => {
                write!(
                    f,
                    "`{first}` and `{second}` are exported under one name, `{}`",
                    first.name()
                )
            }
            Self::MissingExtractor { relation, extractor } => {
                write!(
                    f,
                    "`{relation}` needs the extractor `{extractor}`, which this build does not have"
                )
            }
            Self::SharedTable { table, extractors: [first, second] } => {
                write!(f, "the extractors `{first}` and `{second}` both have a table `{table}`")
            }
            Self::UnbuiltCheck { check, relation } => {
                write!(f, "the check `{check}` looks at `{relation}`, which no export needs")
            }
        }
    }
}

impl std::error::Error for CompileError {}

impl From<EmitError> for CompileError {
    fn from(error: EmitError) -> Self {
        Self::Emit(error)
    }
}

impl ProgramManifest {
    /// The one way from a checked program to something that can be planned and run.
    ///
    /// # Errors
    /// See [`CompileError`].
    pub fn compile(
        program: impl Into<CheckedProgram>,
        catalog: &ExtractorCatalog,
    ) -> Result<Self, CompileError> {
        let CheckedProgram { model, checks, mut policies } = program.into();
        let ir = SemanticIr::emit(model)?;
        let checks = check::canonical(checks).map_err(EmitError::from)?;
        for check in &checks {
            let unbuilt = check.rule.relations().into_iter().find(|id| ir.relation(id).is_none());
            if let Some(relation) = unbuilt {
                return Err(CompileError::UnbuiltCheck {
                    check: Box::new(check.clone()),
                    relation: relation.clone(),
                });
            }
        }
        let mut bindings = BTreeMap::new();
        let mut outputs: BTreeMap<String, RelationId> = BTreeMap::new();
        let mut extractors = BTreeMap::new();
        let mut tables: BTreeMap<&str, &str> = BTreeMap::new();
        for IrRelation { relation, exported, .. } in ir.relations() {
            let id = &relation.id;
            if let Spec::Evidence(spec) = &relation.spec {
                let signature = catalog.extractors.get(&spec.extractor).ok_or_else(|| {
                    CompileError::MissingExtractor {
                        relation: id.clone(),
                        extractor: spec.extractor.clone(),
                    }
                })?;
                extractors.insert(spec.extractor.clone(), signature.version);
                let first = tables.entry(&spec.table).or_insert(&spec.extractor);
                if *first != spec.extractor {
                    return Err(CompileError::SharedTable {
                        table: spec.table.clone(),
                        extractors: [(*first).to_owned(), spec.extractor.clone()],
                    });
                }
            }
            if *exported && let Some(first) = outputs.insert(id.name().to_owned(), id.clone()) {
                return Err(CompileError::OutputName(first, id.clone()));
            }
            if let Some(binding) = binding(id, &relation.spec, *exported) {
                bindings.insert(id.clone(), binding);
            }
        }
        policies.relations.retain(|id, _| bindings.contains_key(id));
        let docs = ir.docs().clone();
        let fingerprint = Fingerprint::of(
            Domain::Manifest,
            &(MANIFEST_VERSION, &ir, &bindings, &outputs, &extractors, &docs, &checks, &policies),
        )
        .map_err(EmitError::from)?;
        Ok(Self {
            manifest_version: MANIFEST_VERSION,
            fingerprint,
            ir,
            bindings,
            outputs,
            extractors,
            docs,
            checks,
            policies,
        })
    }

    /// The program.
    pub fn ir(&self) -> &SemanticIr {
        &self.ir
    }

    /// Where a relation's rows are kept, when they are kept. Every relation of the program has a binding but those whose
    /// rows lie in files: see [`Self::files`].
    pub fn binding(&self, id: &RelationId) -> Option<&DatasetBinding> {
        self.bindings.get(id)
    }

    /// The files that hold a relation's rows, if they are not the build's own.
    pub fn files(&self, id: &RelationId) -> Option<&FileSource> {
        match &self.ir.relation(id)?.relation.spec {
            Spec::Files(source) => Some(source),
            _ => None,
        }
    }

    /// All bindings.
    pub fn bindings(&self) -> &BTreeMap<RelationId, DatasetBinding> {
        &self.bindings
    }

    /// The outputs by the names readers see.
    pub fn outputs(&self) -> &BTreeMap<String, RelationId> {
        &self.outputs
    }

    /// The versions of the extractors that the program needs, by key.
    pub fn extractors(&self) -> &BTreeMap<String, u32> {
        &self.extractors
    }

    /// What must hold of the rows, each check once, in the order of their canonical forms.
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// How tables are laid out, looked after and read, as far as the program says.
    pub fn policies(&self) -> &ProgramPolicies {
        &self.policies
    }

    /// The fingerprint of everything known at compile time.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }
}

/// Rows in files stay where they are. Evidence is kept under its table's name, which one extractor has, so that two
/// contracts for one table share the data; outputs under
/// the name that readers see; what is staged under its qualified name, which is unique.
fn binding(id: &RelationId, spec: &Spec, exported: bool) -> Option<DatasetBinding> {
    Some(match spec {
        _ if exported => DatasetBinding { area: Area::Graph, table: id.name().to_owned() },
        Spec::Files(_) => return None,
        Spec::Evidence(spec) => DatasetBinding { area: Area::Extract, table: spec.table.clone() },
        _ => DatasetBinding { area: Area::Stage, table: id.as_str().to_owned() },
    })
}
