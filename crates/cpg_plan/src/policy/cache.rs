//! Where rows that several plans need are kept.

use cpg_ir::spec::RelationId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::program::{Materialisation, ProgramPlans};

/// Where a relation's rows are between being computed and being read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CacheDecision {
    /// The relation.
    pub relation: RelationId,
    /// Where.
    pub tier: CacheTier,
    /// Why.
    pub because: String,
    /// In how many plans it is read.
    pub readers: u64,
}

/// Where rows are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CacheTier {
    /// Nowhere: whoever reads them computes them, or reads the files that hold them.
    None,
    /// In a Delta table that only the build reads.
    StagedDelta,
    /// In a Delta table that everybody reads.
    Output,
    /// In a Delta table, as an extractor found them.
    Evidence,
}

/// What was decided for every relation of a program, inputs first.
pub fn cache(plans: &ProgramPlans) -> Vec<CacheDecision> {
    let decide = |id: &RelationId| {
        let kept = plans.materialisation(id)?;
        let tier = match kept {
            Materialisation::Files | Materialisation::Inline(_) => CacheTier::None,
            Materialisation::Stage(_) => CacheTier::StagedDelta,
            Materialisation::Output => CacheTier::Output,
            Materialisation::Evidence => CacheTier::Evidence,
        };
        let readers = plans.relations().iter();
        let readers = readers.filter(|reader| reader.deps().inputs.contains_key(id)).count() as u64;
        Some(CacheDecision { relation: id.clone(), tier, because: kept.to_string(), readers })
    };
    plans.relations().iter().filter_map(|relation| decide(relation.id())).collect()
}
