//! What relations mean, as hashes: each from its own clauses and the hashes of what it reads.

use std::collections::BTreeMap;

use super::EmitError;
use crate::canon::{Domain, Fingerprint};
use crate::spec::{FixpointSpec, JoinStrategy, Relation, RelationId, Spec};

/// The hashes of relations that come inputs before readers. Of each fixpoint the views are put in the order that
/// follows from what they mean, and the row that follows from that.
pub(super) fn of_specs(
    ordered: &mut [Relation],
) -> Result<BTreeMap<RelationId, Fingerprint>, EmitError> {
    let mut hashes: BTreeMap<RelationId, Fingerprint> = BTreeMap::new();
    // What the views of fixpoints mean among each other.
    let mut members: BTreeMap<RelationId, Fingerprint> = BTreeMap::new();
    for relation in ordered {
        let hash = match &mut relation.spec {
            Spec::Fixpoint(spec) => {
                let meanings = of_members(spec, &hashes)?;
                spec.members.sort_by_key(|member| (meanings.get(&member.id), member.id.clone()));
                relation.schema = spec.row();
                let mut block: Vec<Fingerprint> = meanings.values().copied().collect();
                block.sort_unstable();
                members.extend(meanings);
                Fingerprint::of(Domain::Spec, &("fixpoint", spec.bound, block))?
            }
            Spec::Member(spec) => {
                let own = (hashes.get(&spec.block), members.get(&relation.id));
                Fingerprint::of(Domain::Spec, &("member", own, &relation.schema))?
            }
            spec => {
                let mut spec = spec.clone();
                for input in spec.inputs_mut() {
                    if let Some(hash) = hashes.get(input) {
                        *input = RelationId::of_meaning(*hash);
                    }
                }
                // How a join condition was come by is no part of its meaning.
                if let Spec::Relate(relate) = &mut spec {
                    relate.strategy = JoinStrategy::Declared;
                }
                Fingerprint::of(Domain::Spec, &(spec, &relation.schema))?
            }
        };
        hashes.insert(relation.id.clone(), hash);
    }
    Ok(hashes)
}

/// What each view of a fixpoint means, given that the others are named by what they mean: in the first round nothing
/// is known of any view, and each round tells apart what reads views that the one before told apart. After as many
/// rounds as there are views, two views have one hash only when they say the same of views that have, all the way
/// down, and then they have the same rows. Names play no part in it.
fn of_members(
    spec: &FixpointSpec,
    hashes: &BTreeMap<RelationId, Fingerprint>,
) -> Result<BTreeMap<RelationId, Fingerprint>, EmitError> {
    let nothing = Fingerprint::of(Domain::Spec, "a view of a fixpoint")?;
    let mut known: BTreeMap<RelationId, Fingerprint> =
        spec.members.iter().map(|member| (member.id.clone(), nothing)).collect();
    for _ in 0..=spec.members.len() {
        let mut next = BTreeMap::new();
        for member in &spec.members {
            let mut pipeline = member.pipeline.clone();
            for input in pipeline.inputs_mut() {
                if let Some(hash) = known.get(input).or_else(|| hashes.get(input)) {
                    *input = RelationId::of_meaning(*hash);
                }
            }
            let hash = Fingerprint::of(Domain::Spec, &("rule", pipeline, &member.schema))?;
            next.insert(member.id.clone(), hash);
        }
        known = next;
    }
    Ok(known)
}
