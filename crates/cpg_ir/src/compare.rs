//! How one program differs from another, and who reads what differs.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use crate::ir::IrRelation;
use crate::manifest::ProgramManifest;
use crate::spec::RelationId;

/// How a program differs from an earlier one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ProgramDifference {
    /// The relations that are not the same, by name.
    pub relations: Vec<RelationDifference>,
    /// Outputs that the earlier program does not have.
    pub outputs_added: Vec<String>,
    /// Outputs that only the earlier program has.
    pub outputs_removed: Vec<String>,
    /// Whether other checks are made.
    pub checks: bool,
    /// Whether other policies hold.
    pub policies: bool,
}

/// A relation that is not the same in both programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RelationDifference {
    /// Its whole name.
    pub relation: RelationId,
    /// What became of it.
    pub fate: RelationFate,
    /// The parts of its meaning that differ, as in `steps.2.predicate`, with both values where these are plain.
    pub parts: Vec<String>,
    /// Columns that it did not have.
    pub columns_added: Vec<String>,
    /// Columns that it has no more.
    pub columns_removed: Vec<String>,
    /// Columns of another type.
    pub columns_retyped: Vec<String>,
    /// All relations that are computed from it, directly or not; of the earlier program where only that has it.
    pub readers: BTreeSet<RelationId>,
    /// The outputs among it and its readers.
    pub outputs: BTreeSet<String>,
}

/// What became of a relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RelationFate {
    /// Only the later program has it.
    New,
    /// Only the earlier program has it.
    Gone,
    /// It means something else.
    Changed,
}

impl ProgramDifference {
    /// How `now` differs from `before`, in what outputs need.
    ///
    /// # Errors
    /// When a relation has no JSON form, which would be a defect.
    pub fn between(before: &ProgramManifest, now: &ProgramManifest) -> serde_json::Result<Self> {
        let mut relations = Vec::new();
        let (old, new) = (by_name(before), by_name(now));
        let names: BTreeSet<&RelationId> = old.keys().chain(new.keys()).copied().collect();
        for id in names {
            relations.extend(match (old.get(id), new.get(id)) {
                (Some(old), Some(new)) => changed(now, old, new)?,
                (Some(old), None) => Some(of_one(before, old, RelationFate::Gone)),
                (None, Some(new)) => Some(of_one(now, new, RelationFate::New)),
                (None, None) => None,
            });
        }
        let outputs = |manifest: &ProgramManifest| -> BTreeSet<String> {
            manifest.outputs().keys().cloned().collect()
        };
        let (old, new) = (outputs(before), outputs(now));
        Ok(Self {
            relations,
            outputs_added: new.difference(&old).cloned().collect(),
            outputs_removed: old.difference(&new).cloned().collect(),
            checks: before.checks() != now.checks(),
            policies: before.policies() != now.policies(),
        })
    }

    /// Whether the programs are the same.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

fn by_name(manifest: &ProgramManifest) -> BTreeMap<&RelationId, &IrRelation> {
    manifest.ir().relations().iter().map(|one| (&one.relation.id, one)).collect()
}

fn changed(
    manifest: &ProgramManifest,
    old: &IrRelation,
    new: &IrRelation,
) -> serde_json::Result<Option<RelationDifference>> {
    let (before, now) = (&old.relation, &new.relation);
    let parts =
        parts_that_differ(&serde_json::to_value(&before.spec)?, &serde_json::to_value(&now.spec)?);
    if parts.is_empty() && before.schema == now.schema {
        return Ok(None);
    }
    let retyped = now.schema.columns.iter().filter(|column| {
        before.schema.column(&column.name).is_some_and(|before| before.ty != column.ty)
    });
    Ok(Some(RelationDifference {
        parts,
        columns_added: now.schema.names_beyond(&before.schema),
        columns_removed: before.schema.names_beyond(&now.schema),
        columns_retyped: retyped.map(|column| column.name.clone()).collect(),
        ..of_one(manifest, new, RelationFate::Changed)
    }))
}

fn of_one(
    manifest: &ProgramManifest,
    relation: &IrRelation,
    fate: RelationFate,
) -> RelationDifference {
    let id = &relation.relation.id;
    let readers = readers(manifest, id);
    let outputs = manifest.outputs().iter();
    let outputs = outputs.filter(|(_, of)| *of == id || readers.contains(of));
    RelationDifference {
        relation: id.clone(),
        fate,
        parts: Vec::new(),
        columns_added: Vec::new(),
        columns_removed: Vec::new(),
        columns_retyped: Vec::new(),
        outputs: outputs.map(|(name, _)| name.clone()).collect(),
        readers,
    }
}

/// All that is computed from a relation.
fn readers(manifest: &ProgramManifest, id: &RelationId) -> BTreeSet<RelationId> {
    let mut found = BTreeSet::new();
    // Inputs come before what reads them.
    for one in manifest.ir().relations() {
        let mut inputs = one.relation.spec.inputs().into_iter();
        if one.relation.id != *id && inputs.any(|input| input == id || found.contains(input)) {
            found.insert(one.relation.id.clone());
        }
    }
    found
}

/// Where two values differ, as in `steps.2.predicate`: the nearest part that has a name, with both values where these
/// are plain.
pub fn parts_that_differ(before: &Value, now: &Value) -> Vec<String> {
    let mut found = Vec::new();
    differences(before, now, String::new(), &mut found);
    found
}

fn differences(before: &Value, now: &Value, at: String, found: &mut Vec<String>) {
    let below = |part: &str| match at.is_empty() {
        true => part.to_owned(),
        false => format!("{at}.{part}"),
    };
    match (before, now) {
        _ if before == now => {}
        (Value::Object(old), Value::Object(new)) if old.keys().eq(new.keys()) => {
            for (key, old) in old {
                differences(old, &new[key], below(key), found);
            }
        }
        (Value::Array(old), Value::Array(new)) if old.len() == new.len() => {
            for (place, (old, new)) in old.iter().zip(new).enumerate() {
                differences(old, new, below(&place.to_string()), found);
            }
        }
        (Value::Array(old), Value::Array(new)) => {
            found.push(format!("`{at}` has {} parts instead of {}", new.len(), old.len()));
        }
        (old, new) if is_plain(old) && is_plain(new) => {
            found.push(format!("`{at}` is {new}, was {old}"));
        }
        _ => found.push(format!("`{at}`")),
    }
}

fn is_plain(value: &Value) -> bool {
    !matches!(value, Value::Object(_) | Value::Array(_))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn differences_are_named_as_deep_as_they_lie() {
        let before =
            json!({ "steps": [{ "limit": 3 }, { "where": { "op": "eq" } }], "columns": [1] });
        let now = json!({ "steps": [{ "limit": 4 }, { "where": [1] }], "columns": [1, 2] });
        let mut found = parts_that_differ(&before, &now);
        found.sort();
        assert_eq!(
            found,
            [
                "`columns` has 2 parts instead of 1",
                "`steps.0.limit` is 4, was 3",
                "`steps.1.where`"
            ]
        );
    }
}
