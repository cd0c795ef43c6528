//! Whether a pair of ids can be a candidate more than once.

use cpg_ir::expr::Expr;
use cpg_ir::spec::{Arm, JoinKind, OutputColumn, RelateSpec, RelationId, Spec, Step};

use super::super::Lowering;

impl Lowering<'_> {
    /// Whether no two rows that are kept have the same ids.
    pub(super) fn pairs_are_unique(&self, spec: &RelateSpec) -> bool {
        let best_of_wider_group = spec.rank.as_ref().is_some_and(|rank| {
            rank.keep == Some(1)
                && rank.per.iter().all(|value| {
                    *value == Expr::column(0, spec.from_id.as_str())
                        || *value == Expr::column(1, spec.to_id.as_str())
                })
        });
        best_of_wider_group || self.candidates_are_unique(spec)
    }

    /// Whether no two candidates have the same ids.
    pub(super) fn candidates_are_unique(&self, spec: &RelateSpec) -> bool {
        spec.via.is_empty()
            && self.is_unique(&spec.from, &spec.from_id)
            && self.is_unique(&spec.to, &spec.to_id)
    }

    /// Whether no two rows of `relation` have the same value in `column`. An entity's id is unique: a build in which
    /// it is not fails. Relations are acyclic, so this ends.
    fn is_unique(&self, relation: &RelationId, column: &str) -> bool {
        let Ok(found) = self.find(relation) else {
            return false;
        };
        match &found.spec {
            Spec::Normalize(spec) => spec.id_column == column,
            Spec::View(spec) => match spec.pipeline.arms.as_slice() {
                [arm] => self.is_unique_in(arm, column),
                _ => false,
            },
            Spec::Evidence(_)
            | Spec::Files(_)
            | Spec::Relate(_)
            | Spec::Union(_)
            | Spec::Sql(_)
            | Spec::Fixpoint(_)
            | Spec::Member(_)
            | Spec::Closure(_) => false,
        }
    }

    /// Follows a column of the arm's result back to its first row source, as long as no step can repeat rows.
    fn is_unique_in(&self, arm: &Arm, column: &str) -> bool {
        let mut column = column.to_owned();
        for step in arm.steps.iter().rev() {
            match step {
                Step::Where { .. } | Step::Distinct | Step::Limit { .. } => {}
                Step::Join { join: JoinKind::Semi | JoinKind::Anti, .. } => {}
                Step::Join { join: JoinKind::Inner | JoinKind::Left, .. } => return false,
                Step::Select { columns } => match source_of(columns, &column) {
                    Some(source) => column = source,
                    None => return false,
                },
                Step::Derive { columns } => {
                    if columns.iter().any(|added| added.name == column) {
                        return false;
                    }
                }
                Step::Window(window) => {
                    if window.columns.iter().any(|added| added.name == column) {
                        return false;
                    }
                }
                Step::Unnest(_) => return false,
                Step::GroupBy { keys, .. } => {
                    return matches!(keys.as_slice(), [only] if only.name == column);
                }
                Step::Dedupe { keys, .. } => {
                    if *keys == [Expr::column(0, column.as_str())] {
                        return true;
                    }
                }
            }
        }
        self.is_unique(&arm.from, &column)
    }
}

/// The column of row source 0 that a selected column is a copy of.
fn source_of(columns: &[OutputColumn], name: &str) -> Option<String> {
    let selected = columns.iter().find(|column| column.name == name)?;
    match &selected.value {
        Expr::Column { source: 0, name } => Some(name.clone()),
        _ => None,
    }
}
