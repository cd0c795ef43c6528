//! Tests: rows in, rows out, for one relation.
//!
//! A test has no part in what is computed and none in a manifest: it is in no fingerprint.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{ExtractorCatalog, ExtractorSignature};
use crate::expr::Expr;
use crate::ir::Model;
use crate::spec::{EvidenceSpec, Relation, RelationId, Spec};

/// What a relation gives for some rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Test {
    /// What it shows.
    pub name: String,
    /// The relation that is computed.
    pub target: RelationId,
    /// All rows of some relations, each row with every column in the order of the relation's schema. A relation
    /// that is not among them is computed as in a build; evidence that is not has no rows.
    pub given: BTreeMap<RelationId, Vec<Vec<Value>>>,
    /// What the rows of `target` are.
    pub expected: Expected,
}

/// All rows that a relation must have, in any order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expected {
    /// The columns that are compared.
    pub columns: Vec<String>,
    /// In each row, a value for each of them.
    pub rows: Vec<Vec<Value>>,
}

/// A value that a program writes down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// The value of an expression that reads no column, carried as the column's values are.
    Scalar(Expr),
    /// A list of such values.
    List(Vec<Value>),
    /// Such values by their keys.
    Map(Vec<(Value, Value)>),
}

/// The extractor that the given rows come from in a test's program. No program can name it.
const GIVEN: &str = "#given";

impl Test {
    /// The program that computes the target from the given rows: of `relations`, those that the target needs, each
    /// given one as evidence of its own row, and the target as the only output.
    pub fn program(&self, relations: &BTreeMap<&RelationId, &Relation>) -> Model {
        let mut model =
            Model { exports: BTreeSet::from([self.target.clone()]), ..Model::default() };
        let mut seen = BTreeSet::new();
        let mut pending = vec![&self.target];
        while let Some(id) = pending.pop() {
            let Some(relation) = relations.get(id).filter(|_| seen.insert(id)) else { continue };
            if self.given.contains_key(id) {
                let spec = EvidenceSpec { extractor: GIVEN.to_owned(), table: id.to_string() };
                let spec = Spec::Evidence(spec);
                model.relations.push(Relation {
                    id: id.clone(),
                    spec,
                    schema: relation.schema.clone(),
                });
            } else {
                pending.extend(relation.spec.inputs());
                model.relations.push((*relation).clone());
            }
        }
        model
    }

    /// The extractors that such programs are compiled against, of those that `host` has.
    pub fn extractors(host: &ExtractorCatalog) -> ExtractorCatalog {
        let mut catalog = host.clone();
        let given = ExtractorSignature {
            version: 0,
            description: "the rows that a test gives".to_owned(),
            docs: BTreeMap::new(),
            tables: BTreeMap::new(),
        };
        catalog.extractors.insert(GIVEN.to_owned(), given);
        catalog
    }
}
