//! What a view of a fixpoint may do with the rows of the fixpoint's views: nothing that could take a row away when
//! they grow, and nothing that could go on for ever.
//!
//! Rows are only added round after round, so a step over rows that still grow must give more of them when it gets
//! more: joins, filters and columns do; groups, ranks, limits and the absence of rows do not. And the values of such
//! rows must be among finitely many: those of other relations, constants, truth values, and parts and conversions of
//! these, which cannot be strung together without end. Then a view has finitely many rows and a fixpoint ends.

use std::collections::BTreeSet;

use cpg_base::{Code, TextRange};
use cpg_ir::expr::Expr;
use cpg_ir::spec::{OutputColumn, Step};
use cpg_ir::types::SemanticType;
use cpg_syntax::ast::{JoinKind, Name, NamedExpr, PipelineStep, PipelineStepKind};

use crate::checker::Checker;
use crate::names::Resolution;
use crate::problem::{Anchor, Problem};

/// What of the rows at some point of an arm comes from views of the fixpoint.
#[derive(Debug, Default)]
pub(super) struct Growth {
    /// The first such view that is read.
    read: Option<Name>,
    /// For each row source, the columns that hold values of such views.
    sources: Vec<Held>,
}

/// Columns that hold values of the fixpoint's views.
#[derive(Debug)]
enum Held {
    /// These.
    Only(BTreeSet<String>),
    /// All but these.
    AllBut(BTreeSet<String>),
}

impl Held {
    fn of_source(is_member: bool) -> Self {
        if is_member { Self::AllBut(BTreeSet::new()) } else { Self::Only(BTreeSet::new()) }
    }

    fn holds(&self, column: &str) -> bool {
        match self {
            Self::Only(held) => held.contains(column),
            Self::AllBut(free) => !free.contains(column),
        }
    }

    fn add(&mut self, column: &str, held: bool) {
        match self {
            Self::Only(columns) if held => columns.insert(column.to_owned()),
            Self::AllBut(columns) if !held => columns.insert(column.to_owned()),
            _ => false,
        };
    }
}

impl Growth {
    fn is_held(&self, expr: &Expr) -> bool {
        let mut held = false;
        expr.walk(&mut |part| {
            if let Expr::Column { source, name } = part {
                let source = self.sources.get(*source as usize);
                held |= source.is_some_and(|source| source.holds(name));
            }
        });
        held
    }

    /// Whether only finitely many values can come of it.
    fn is_finite(&self, value: &Expr) -> bool {
        match value {
            _ if !self.is_held(value) => true,
            Expr::Column { .. } => true,
            Expr::Field { base, .. } | Expr::Cast { value: base, .. } => self.is_finite(base),
            Expr::Coalesce(values) => values.iter().all(|value| self.is_finite(value)),
            Expr::Case { branches, otherwise } => {
                let values = branches.iter().map(|(_, value)| value);
                values.chain(otherwise.as_deref()).all(|value| self.is_finite(value))
            }
            _ => false,
        }
    }
}

impl<'db> Checker<'db> {
    /// That of an arm's first row source.
    pub(super) fn growth_of(&self, from: &Name) -> Growth {
        let is_member = self.is_member(from);
        Growth { read: is_member.then(|| from.clone()), sources: vec![Held::of_source(is_member)] }
    }

    fn is_member(&self, name: &Name) -> bool {
        match self.lookup(&name.text, name.range) {
            Resolution::Item(item) => self.member(item).is_some(),
            Resolution::Broken | Resolution::Unknown => false,
        }
    }

    /// Goes over a step, which was lowered to that, and reports what does not grow with the fixpoint's views.
    pub(super) fn grow(
        &mut self,
        growth: &mut Growth,
        step: &PipelineStep,
        lowered: Option<&Step>,
    ) {
        if self.members.is_empty() {
            return;
        }
        match (&step.kind, lowered) {
            (PipelineStepKind::Join { kind, source, .. }, _) => {
                let name = &source.relation;
                let is_member = self.is_member(name);
                let absent = match kind {
                    JoinKind::Inner | JoinKind::Semi => None,
                    JoinKind::Left => Some("left join"),
                    JoinKind::Anti => Some("anti join"),
                };
                if let (true, Some(clause)) = (is_member, absent) {
                    self.not_monotone(clause, step.range, name);
                }
                if is_member && growth.read.is_none() {
                    growth.read = Some(name.clone());
                }
                if matches!(kind, JoinKind::Inner | JoinKind::Left) {
                    growth.sources.push(Held::of_source(is_member));
                }
            }
            (PipelineStepKind::Select(tree), Some(Step::Select { columns })) => {
                let mut row = Held::of_source(false);
                self.grow_columns(growth, tree, columns, &mut row);
                growth.sources = vec![row];
            }
            (PipelineStepKind::Derive(tree), Some(Step::Derive { columns })) => {
                let mut added = Held::of_source(false);
                self.grow_columns(growth, tree, columns, &mut added);
                if let Some(last) = growth.sources.last_mut() {
                    for column in columns {
                        last.add(&column.name, added.holds(&column.name));
                    }
                }
            }
            (PipelineStepKind::Unnest(tree), Some(Step::Unnest(unnest))) => {
                // An element is a part of what is there.
                let held = growth.is_held(&unnest.list);
                if let Some(last) = growth.sources.last_mut() {
                    last.add(&tree.element.text, held);
                }
            }
            (PipelineStepKind::Window(_), _) => {
                self.must_not_grow(growth, "window", step.range);
            }
            (PipelineStepKind::GroupBy { .. }, _) => {
                self.must_not_grow(growth, "group by", step.range);
                growth.sources = vec![Held::of_source(false)];
            }
            (PipelineStepKind::Dedupe { .. }, _) => {
                self.must_not_grow(growth, "dedupe", step.range)
            }
            (PipelineStepKind::SortLimit { .. }, _) => {
                self.must_not_grow(growth, "sort … limit", step.range);
            }
            (
                PipelineStepKind::Where(_)
                | PipelineStepKind::Distinct
                | PipelineStepKind::Select(_)
                | PipelineStepKind::Derive(_)
                | PipelineStepKind::Unnest(_),
                _,
            ) => {}
        }
    }

    /// Adds computed columns to `row`, and reports those that could have values without end.
    fn grow_columns(
        &mut self,
        growth: &Growth,
        tree: &[NamedExpr],
        columns: &[OutputColumn],
        row: &mut Held,
    ) {
        for column in columns {
            let held = growth.is_held(&column.value);
            row.add(&column.name, held);
            if column.ty.semantic == SemanticType::Bool || growth.is_finite(&column.value) {
                continue;
            }
            let Some(view) = &growth.read else { continue };
            let written = tree.iter().find(|written| written.name.text == column.name);
            let range = written.map_or(view.range, |written| match &written.value {
                Some(value) => value.range,
                None => written.name.range,
            });
            let message = format!("`{}` makes new values of those of `{}`", column.name, view.text);
            let problem = Problem::error(Code::UnboundedValue, range, message)
                .found("each round could find another one, without end")
                .label(Anchor::Here(view.range), format!("`{}` is read here", view.text))
                .help("take over columns as they are, and compute this in a view that reads the fixpoint");
            self.report(problem);
        }
    }

    fn must_not_grow(&mut self, growth: &Growth, clause: &str, range: TextRange) {
        if let Some(view) = &growth.read {
            self.not_monotone(clause, range, view);
        }
    }

    fn not_monotone(&mut self, clause: &str, range: TextRange, view: &Name) {
        let message = format!("`{clause}` over `{}`, a view of the same fixpoint", view.text);
        let problem = Problem::error(Code::NotMonotone, range, message)
            .found("a row that it gives now may be wrong once there are more rows")
            .label(Anchor::Here(view.range), format!("`{}` is read here", view.text))
            .help("do this in a view that reads the fixpoint");
        self.report(problem);
    }
}
