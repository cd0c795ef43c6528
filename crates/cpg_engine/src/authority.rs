//! Who says what a run is: the semantic side knows what is meant and where it lies, the execution side how it is
//! carried out. The second holds the first; neither is made outside this crate.

use std::fmt;
use std::sync::Arc;

use cpg_evidence::ExtractorMap;
use cpg_ir::catalog::ExtractorCatalog;
use cpg_ir::ir::RelationDocs;
use cpg_ir::manifest::{EvidenceNeeds, ProgramManifest};
use cpg_ir::policy::RelationPolicies;
use cpg_ir::spec::RelationId;
use cpg_plan::TableKey;
use cpg_plan::policy::Feature;
use cpg_plan::program::{ProgramPlans, Task};

use crate::capabilities::Capabilities;
use crate::error::{EngineError, Result};
use crate::profile::RuntimeProfile;
use crate::resolver::DatasetResolver;
use crate::root::Place;
use crate::scope::Scope;

/// What a run means: the program, where its data lies, and the run's profile.
#[derive(Debug)]
pub(crate) struct SemanticContext {
    manifest: Arc<ProgramManifest>,
    resolver: Arc<DatasetResolver>,
    profile: RuntimeProfile,
}

/// How a run is carried out: the meaning, the plans, and the extractors that they need.
pub(crate) struct ExecutionAuthority {
    semantic: SemanticContext,
    plans: ProgramPlans,
    scope: Scope,
    needs: EvidenceNeeds,
    extractors: ExtractorMap,
    catalog: ExtractorCatalog,
    capabilities: Capabilities,
}

impl ExecutionAuthority {
    /// Plans the program, whose tables lie below `root`.
    ///
    /// # Errors
    /// When a plan or an extractor that the program needs is missing, or nothing is selected, before any work is done.
    pub(crate) fn new(
        manifest: Arc<ProgramManifest>,
        profile: RuntimeProfile,
        root: Place,
    ) -> Result<Self> {
        let planning = |error: &dyn fmt::Display| EngineError::internal("planning", error);
        let plans = ProgramPlans::new(&manifest).map_err(|error| planning(&error))?;
        let scope = Scope::new(&plans, profile.selection.as_ref())?;
        let needs = plans.evidence_needs();
        let external = &profile.extract.external;
        let extractors = ExtractorMap::with(&needs, external).map_err(|error| planning(&error))?;
        let catalog = cpg_evidence::catalog_with(external);
        let capabilities = Capabilities::probe(&profile);
        let resolver = DatasetResolver::new(root, profile.project.clone(), Arc::clone(&manifest));
        Ok(Self {
            semantic: SemanticContext { manifest, resolver, profile },
            plans,
            scope,
            needs,
            extractors,
            catalog,
            capabilities,
        })
    }

    /// The run's profile.
    pub(crate) fn profile(&self) -> &RuntimeProfile {
        &self.semantic.profile
    }

    /// Where data lies.
    pub(crate) fn resolver(&self) -> &Arc<DatasetResolver> {
        &self.semantic.resolver
    }

    /// The program.
    pub(crate) fn manifest(&self) -> &ProgramManifest {
        &self.semantic.manifest
    }

    /// The program's plans.
    pub(crate) fn plans(&self) -> &ProgramPlans {
        &self.plans
    }

    /// The tables that the run is about.
    pub(crate) fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The task that fills a relation's table.
    ///
    /// # Errors
    /// When it has none, which would be a defect.
    pub(crate) fn task(&self, id: &RelationId) -> Result<&Task> {
        let missing = || EngineError::internal(format!("`{id}`"), "no task fills it");
        self.plans.task(id).ok_or_else(missing)
    }

    /// The table that holds a relation's rows.
    ///
    /// # Errors
    /// When none does, which would be a defect.
    pub(crate) fn table(&self, id: &RelationId) -> Result<TableKey> {
        let missing = || EngineError::internal(format!("`{id}`"), "no table holds its rows");
        self.plans.table(id).ok_or_else(missing)
    }

    /// Whether a feature can be used.
    pub(crate) fn has(&self, feature: Feature) -> bool {
        self.capabilities.features.missing(feature).is_none()
    }

    /// What the plans read of extractors.
    pub(crate) fn needs(&self) -> &EvidenceNeeds {
        &self.needs
    }

    /// The extractors that give it.
    pub(crate) fn extractors(&self) -> &ExtractorMap {
        &self.extractors
    }

    /// What this build and this host can do.
    pub(crate) fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// What every extractor emits.
    pub(crate) fn catalog(&self) -> &ExtractorCatalog {
        &self.catalog
    }

    /// What the program says of how a relation's rows are kept and read.
    pub(crate) fn policies(&self, relation: &RelationId) -> Option<&RelationPolicies> {
        self.manifest().policies().relations.get(relation)
    }

    /// What readers should know of a relation.
    pub(crate) fn docs(&self, relation: &RelationId) -> Option<&RelationDocs> {
        self.manifest().ir().docs().get(relation)
    }
}
