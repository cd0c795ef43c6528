//! What this build of the engine and this host can do.

use cpg_ir::canon::{Domain, Fingerprint};
use cpg_plan::policy::{Availability, Feature, Features};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::{EngineError, Result};
use crate::profile::RuntimeProfile;

/// What a run could use. Nothing of it changes what a table holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Capabilities {
    /// The version of cpglang.
    pub engine: String,
    /// The version of DataFusion.
    pub datafusion: String,
    /// The version of the library that reads and writes Delta tables.
    pub delta: String,
    /// The operating system and the processor, as in `linux-x86_64`.
    pub host: String,
    /// What can be left off, and whether it is.
    pub features: Features,
}

impl Capabilities {
    /// Looks at the build and the host, and at what the profile leaves off.
    pub(crate) fn probe(profile: &RuntimeProfile) -> Self {
        let feature = |feature: Feature| {
            let available = !profile.without.contains(&feature);
            let because = match available {
                true => "this build has it".to_owned(),
                false => format!("the profile leaves `{}` off", feature.name()),
            };
            (feature, Availability { available, because })
        };
        Self {
            engine: env!("CARGO_PKG_VERSION").to_owned(),
            datafusion: datafusion::DATAFUSION_VERSION.to_owned(),
            delta: deltalake::crate_version().to_owned(),
            host: format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH),
            features: Features(Feature::ALL.into_iter().map(feature).collect()),
        }
    }

    /// Of all of it. Equal wherever runs can use the same.
    ///
    /// # Errors
    /// When it cannot be encoded, which would be a defect.
    pub(crate) fn fingerprint(&self) -> Result<Fingerprint> {
        Fingerprint::of(Domain::Artifact, self)
            .map_err(|error| EngineError::internal("the capabilities", error))
    }
}
