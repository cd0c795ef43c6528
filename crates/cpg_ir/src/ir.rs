//! The semantic program: all relations a build needs, pruned and hashed.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::canon::{Domain, Fingerprint};
use crate::spec::{Relation, RelationId, Spec};

mod hashes;

/// What the frontend hands over: every relation that checked, and what is exported.
#[derive(Debug, Clone, Default)]
pub struct Model {
    /// All relations.
    pub relations: Vec<Relation>,
    /// The exported ones.
    pub exports: BTreeSet<RelationId>,
    /// Documentation by relation. Not part of any hash but the manifest's.
    pub docs: BTreeMap<RelationId, RelationDocs>,
}

/// What readers should know of a relation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelationDocs {
    /// The item's doc comment.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// The columns' doc comments, by column.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, String>,
    /// The item's tags.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub tags: BTreeSet<String>,
    /// Who answers for the item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Why the item should not be used any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<String>,
}

/// Why a model is no program. The frontend reports each of these with its place, so meeting one here is a
/// defect of the frontend, told instead of panicking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EmitError {
    /// Two relations of one identity.
    Duplicate(RelationId),
    /// A relation reads one that is not there.
    Unknown {
        /// Who reads.
        reader: RelationId,
        /// What is missing.
        input: RelationId,
    },
    /// Relations that read each other, in order.
    Cycle(Vec<RelationId>),
    /// A spec without a canonical form.
    Encoding(String),
}

impl std::fmt::Display for EmitError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Duplicate(id) => write!(f, "relation `{id}` is declared twice"),
            Self::Unknown { reader, input } => {
                write!(f, "relation `{reader}` reads `{input}`, which is not in the program")
            }
            Self::Cycle(ids) => {
                let path: Vec<_> = ids.iter().map(RelationId::as_str).collect();
                write!(f, "relations read each other: {}", path.join(" -> "))
            }
            Self::Encoding(why) => write!(f, "a spec has no canonical form: {why}"),
        }
    }
}

impl std::error::Error for EmitError {}

impl From<serde_json::Error> for EmitError {
    fn from(error: serde_json::Error) -> Self {
        Self::Encoding(error.to_string())
    }
}

/// How far a relation is from evidence. Shown to people and used to group work; derived from the spec alone.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// What extractors found, and what lies in files.
    Evidence,
    /// Entities made from evidence.
    Entity,
    /// Relations between entities.
    Relation,
    /// Unions of entities and relations.
    Graph,
    /// Everything else that is computed.
    View,
}

/// One relation of the emitted program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IrRelation {
    /// The relation.
    #[serde(flatten)]
    pub relation: Relation,
    /// How far it is from evidence.
    pub tier: Tier,
    /// Its meaning's hash: its own clauses, and its inputs by theirs.
    pub spec_hash: Fingerprint,
    /// Whether it is an output.
    pub exported: bool,
}

/// Relations whose candidates come from the same join, which is computed once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinGroup {
    /// The joined relations: `from`, `to` and `via`, in order.
    pub inputs: Vec<RelationId>,
    /// The relations that share the join.
    pub members: Vec<RelationId>,
}

/// A program: every relation that an export needs, inputs before readers.
///
/// Made only by [`SemanticIr::emit`], so what holds one holds a program that is complete, acyclic and pruned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SemanticIr {
    relations: Vec<IrRelation>,
    join_groups: Vec<JoinGroup>,
    model_hash: Fingerprint,
    ir_hash: Fingerprint,
    #[serde(skip)]
    docs: BTreeMap<RelationId, RelationDocs>,
}

impl SemanticIr {
    /// Orders, prunes to what the exports need, groups joins and hashes.
    ///
    /// # Errors
    /// See [`EmitError`].
    pub fn emit(model: Model) -> Result<Self, EmitError> {
        let Model { relations, exports, mut docs } = model;
        let mut ordered = order(relations)?;
        let spec_hashes = hashes::of_specs(&mut ordered)?;
        let model_hash =
            Fingerprint::of(Domain::Model, &spec_hashes.values().collect::<BTreeSet<_>>())?;

        let needed = needed(&ordered, &exports);
        let relations: Vec<IrRelation> = ordered
            .into_iter()
            .filter(|relation| needed.contains(&relation.id))
            .map(|relation| IrRelation {
                tier: tier(&relation.spec),
                spec_hash: spec_hashes[&relation.id],
                exported: exports.contains(&relation.id),
                relation,
            })
            .collect();
        docs.retain(|id, _| needed.contains(id));
        let join_groups = join_groups(&relations)?;
        // The set of outputs, by the names that readers see, and what each means.
        let outputs: BTreeSet<_> = relations
            .iter()
            .filter(|r| r.exported)
            .map(|r| (r.relation.id.name(), r.spec_hash))
            .collect();
        let ir_hash = Fingerprint::of(Domain::Ir, &outputs)?;
        Ok(Self { relations, join_groups, model_hash, ir_hash, docs })
    }

    /// The relations, inputs before readers; among independent ones, by identity.
    pub fn relations(&self) -> &[IrRelation] {
        &self.relations
    }

    /// The relation of that identity.
    pub fn relation(&self, id: &RelationId) -> Option<&IrRelation> {
        self.relations.iter().find(|r| &r.relation.id == id)
    }

    /// Joins that more than one relation needs.
    pub fn join_groups(&self) -> &[JoinGroup] {
        &self.join_groups
    }

    /// Documentation by relation.
    pub fn docs(&self) -> &BTreeMap<RelationId, RelationDocs> {
        &self.docs
    }

    /// The hash of the meaning of every relation that was declared, needed or not.
    pub fn model_hash(&self) -> Fingerprint {
        self.model_hash
    }

    /// The hash of the outputs: their names and what they mean.
    pub fn ir_hash(&self) -> Fingerprint {
        self.ir_hash
    }
}

fn tier(spec: &Spec) -> Tier {
    match spec {
        Spec::Evidence(_) | Spec::Files(_) => Tier::Evidence,
        Spec::Normalize(_) => Tier::Entity,
        Spec::Relate(_) => Tier::Relation,
        Spec::Union(_) => Tier::Graph,
        Spec::View(_) | Spec::Sql(_) | Spec::Fixpoint(_) | Spec::Member(_) | Spec::Closure(_) => {
            Tier::View
        }
    }
}

/// Inputs before readers; among independent relations, by identity, so that declaration order never shows.
fn order(relations: Vec<Relation>) -> Result<Vec<Relation>, EmitError> {
    let mut pending: BTreeMap<RelationId, Relation> = BTreeMap::new();
    for relation in relations {
        let id = relation.id.clone();
        if pending.insert(id.clone(), relation).is_some() {
            return Err(EmitError::Duplicate(id));
        }
    }
    for relation in pending.values() {
        if let Some(input) =
            relation.spec.inputs().into_iter().find(|input| !pending.contains_key(*input))
        {
            return Err(EmitError::Unknown { reader: relation.id.clone(), input: input.clone() });
        }
    }
    let mut waits: BTreeMap<RelationId, usize> = BTreeMap::new();
    let mut readers: BTreeMap<RelationId, Vec<RelationId>> = BTreeMap::new();
    for relation in pending.values() {
        let inputs: BTreeSet<_> = relation.spec.inputs().into_iter().collect();
        waits.insert(relation.id.clone(), inputs.len());
        for input in inputs {
            readers.entry(input.clone()).or_default().push(relation.id.clone());
        }
    }
    let mut ready: BTreeSet<RelationId> =
        waits.iter().filter(|(_, n)| **n == 0).map(|(id, _)| id.clone()).collect();
    let mut ordered = Vec::with_capacity(pending.len());
    while let Some(id) = ready.pop_first() {
        for reader in readers.get(&id).into_iter().flatten() {
            if let Some(count) = waits.get_mut(reader) {
                *count -= 1;
                if *count == 0 {
                    ready.insert(reader.clone());
                }
            }
        }
        ordered.extend(pending.remove(&id));
    }
    if pending.is_empty() { Ok(ordered) } else { Err(EmitError::Cycle(find_cycle(&pending))) }
}

/// Some cycle among relations of which each waits for another of them, first element repeated at the end.
fn find_cycle(pending: &BTreeMap<RelationId, Relation>) -> Vec<RelationId> {
    let mut path: Vec<RelationId> = Vec::new();
    let mut current = pending.keys().next().cloned();
    while let Some(id) = current {
        if let Some(start) = path.iter().position(|seen| *seen == id) {
            path.drain(..start);
            path.push(id);
            break;
        }
        current =
            pending[&id].spec.inputs().into_iter().find(|i| pending.contains_key(*i)).cloned();
        path.push(id);
    }
    path
}

fn needed(ordered: &[Relation], exports: &BTreeSet<RelationId>) -> BTreeSet<RelationId> {
    let mut needed = exports.clone();
    for relation in ordered.iter().rev() {
        if needed.contains(&relation.id) {
            needed.extend(relation.spec.inputs().into_iter().cloned());
        }
    }
    needed
}

fn join_groups(relations: &[IrRelation]) -> Result<Vec<JoinGroup>, EmitError> {
    let mut groups: BTreeMap<String, JoinGroup> = BTreeMap::new();
    for IrRelation { relation, .. } in relations {
        if let Spec::Relate(spec) = &relation.spec {
            let inputs: Vec<RelationId> = relation.spec.inputs().into_iter().cloned().collect();
            let key = serde_json::to_string(&(&inputs, &spec.on))?;
            groups
                .entry(key)
                .or_insert_with(|| JoinGroup { inputs, members: Vec::new() })
                .members
                .push(relation.id.clone());
        }
    }
    let mut groups: Vec<JoinGroup> =
        groups.into_values().filter(|group| group.members.len() > 1).collect();
    groups.sort_by(|a, b| a.members.cmp(&b.members));
    Ok(groups)
}

#[cfg(test)]
mod tests;
