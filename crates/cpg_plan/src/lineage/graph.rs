//! The columns of a whole program and what is computed from what.

use std::collections::{BTreeMap, BTreeSet};

use cpg_ir::ir::SemanticIr;
use cpg_ir::spec::{RelationId, Spec};

use super::{ColumnRef, Lineage, Origins, lineage};
use crate::error::PlanError;
use crate::lower::lower;

/// Which way a lineage is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To what a column is computed from.
    Up,
    /// To what is computed from it.
    Down,
}

/// The lineage of every relation of a program. Evidence has none: it is where lineages begin.
#[derive(Debug, Clone, Default)]
pub struct LineageGraph {
    relations: BTreeMap<RelationId, Lineage>,
    /// By column: the columns that are computed from it.
    readers: BTreeMap<ColumnRef, Origins>,
}

impl LineageGraph {
    /// The lineage of all relations of a program, of all their columns.
    ///
    /// # Errors
    /// When a relation cannot be planned.
    pub fn of(ir: &SemanticIr) -> Result<Self, PlanError> {
        let mut graph = Self::default();
        for relation in ir.relations() {
            let id = &relation.relation.id;
            if matches!(relation.relation.spec, Spec::Evidence(_)) {
                continue;
            }
            let traced = lineage(&lower(ir, id)?).map_err(|why| PlanError::new(id, why))?;
            for (column, origins) in &traced.columns {
                let reader = ColumnRef { relation: id.clone(), column: column.clone() };
                for origin in origins {
                    graph.readers.entry(origin.clone()).or_default().insert(reader.clone());
                }
            }
            graph.relations.insert(id.clone(), traced);
        }
        Ok(graph)
    }

    /// The lineage of a relation; `None` for evidence.
    pub fn relation(&self, id: &RelationId) -> Option<&Lineage> {
        self.relations.get(id)
    }

    /// The columns one step away: those from which `column` is computed, or those that are computed from it.
    pub fn next(&self, column: &ColumnRef, direction: Direction) -> &Origins {
        const NONE: &Origins = &Origins::new();
        let found = match direction {
            Direction::Up => self
                .relations
                .get(&column.relation)
                .and_then(|lineage| lineage.columns.get(&column.column)),
            Direction::Down => self.readers.get(column),
        };
        found.unwrap_or(NONE)
    }

    /// Every step that can be reached from `columns`: from what is computed to what it is computed from.
    pub fn edges<'a>(
        &self,
        columns: impl IntoIterator<Item = &'a ColumnRef>,
        direction: Direction,
    ) -> BTreeSet<(ColumnRef, ColumnRef)> {
        let mut edges = BTreeSet::new();
        let mut seen: BTreeSet<ColumnRef> = columns.into_iter().cloned().collect();
        let mut pending: Vec<ColumnRef> = seen.iter().cloned().collect();
        while let Some(column) = pending.pop() {
            for next in self.next(&column, direction) {
                let edge = match direction {
                    Direction::Up => (column.clone(), next.clone()),
                    Direction::Down => (next.clone(), column.clone()),
                };
                edges.insert(edge);
                if seen.insert(next.clone()) {
                    pending.push(next.clone());
                }
            }
        }
        edges
    }
}
