//! Which features can be used, and who says so.

use std::collections::BTreeMap;

use clap::ArgMatches;
use clap::parser::ValueSource;
use cpg_base::Code;
use cpg_plan::policy::Feature;

use super::{Origin, Place, keys};
use crate::failure::Failure;

/// Whether a feature can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Gate {
    /// Whether it can, as far as the profile goes.
    pub on: bool,
    /// Who says so.
    pub origin: Origin,
}

/// What holds of each feature, given what the file says of some.
///
/// # Errors
/// When flags, or variables, leave one on and off at once.
pub(super) fn resolve(
    file: &BTreeMap<Feature, (bool, Place)>,
    matches: &ArgMatches,
) -> Result<BTreeMap<Feature, Gate>, Failure> {
    let mut gates = BTreeMap::new();
    for feature in Feature::ALL {
        let (on, off) = (said(matches, "with", feature), said(matches, "without", feature));
        let gate = match (on, off) {
            (Some(on), Some(off)) if is_flag(&on) == is_flag(&off) => {
                return Err(Failure::coded(
                    Code::ContradictorySettings,
                    format!("`{}` is left on by `{on}` and off by `{off}`", feature.name()),
                    "say one of the two",
                ));
            }
            (Some(origin), off) if is_flag(&origin) || off.is_none() => Gate { on: true, origin },
            (_, Some(origin)) => Gate { on: false, origin },
            _ => match file.get(&feature) {
                Some((on, place)) => Gate { on: *on, origin: Origin::File(place.clone()) },
                None => Gate { on: true, origin: Origin::BuiltIn },
            },
        };
        gates.insert(feature, gate);
    }
    Ok(gates)
}

/// Who names the feature in an argument, if the command has it.
fn said(matches: &ArgMatches, id: &str, feature: Feature) -> Option<Origin> {
    let mut named = matches.try_get_many::<Feature>(id).ok().flatten()?;
    named.find(|one| **one == feature)?;
    Some(match matches.value_source(id)? {
        ValueSource::EnvVariable => Origin::Variable(keys::variable(id)),
        _ => Origin::Flag(format!("--{id}")),
    })
}

fn is_flag(origin: &Origin) -> bool {
    matches!(origin, Origin::Flag(_))
}
