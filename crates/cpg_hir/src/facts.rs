//! What editors are told of an item: what its names mean, what its expressions are, what may stand where.
//!
//! An item's check writes it down on request, so that there is no second reading of what a program means; checks
//! for diagnostics write nothing.

use cpg_base::TextRange;
use cpg_ir::spec::JoinStrategy;
use cpg_syntax::ast;

use crate::checker::Checker;
use crate::db::Db;
use crate::expr::{Scope, Source};
use crate::files::{Item, parse};
use crate::item::observe_item;
use crate::row::{Origin, Row, RowColumn};
use crate::ty::Ty;

/// What was found while an item was checked. Ranges are relative to the item.
#[derive(Debug, Clone, Default, PartialEq, Eq, salsa::SalsaValue)]
pub struct Facts<'db> {
    /// The items whose rows are read, as often as they are.
    pub inputs: Vec<Item<'db>>,
    /// The row that the item gives, when it is one that has rows.
    pub row: Option<Row>,
    /// Names and what they mean, in the order in which they were read.
    pub names: Vec<Mention<'db>>,
    /// Every expression with its type; what surrounds another comes after it.
    pub types: Vec<(TextRange, Ty)>,
    /// The join that follows from types, where the program says none.
    pub inferred: Option<Inferred>,
    /// What an expression at the place that was asked for sees.
    pub sources: Option<Vec<Source>>,
    /// Whether an aggregate is expected there.
    pub aggregate: bool,
    /// That place.
    at: Option<u32>,
}

/// A name with what it means.
#[derive(Debug, Clone, PartialEq, Eq, salsa::SalsaValue)]
pub struct Mention<'db> {
    /// Where it stands.
    pub range: TextRange,
    /// What it means.
    pub meaning: Meaning<'db>,
}

/// What a name means.
#[derive(Debug, Clone, PartialEq, Eq, salsa::SalsaValue)]
pub enum Meaning<'db> {
    /// An item.
    Item(Item<'db>),
    /// A column.
    Column {
        /// Its name.
        name: String,
        /// Where it comes from.
        origin: Origin,
        /// Its type.
        ty: Ty,
    },
    /// A column, where it gets its name.
    Declared {
        /// Its name.
        name: String,
        /// Its type.
        ty: Ty,
    },
    /// A row source, where it gets its name.
    SourceDeclared,
    /// A row source.
    Source,
    /// An end of a span.
    Field,
}

/// A join that follows from types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inferred {
    /// As a program would say it, without `on`.
    pub on: String,
    /// What it follows from.
    pub strategy: JoinStrategy,
}

/// What an item's names mean. The newest few are kept.
#[salsa::tracked(lru = 512)]
pub fn facts<'db>(db: &'db dyn Db, item: Item<'db>) -> Facts<'db> {
    match &parse(db, item).item {
        Some(tree) => observe_item(db, item, tree, Facts::default()),
        None => Facts::default(),
    }
}

/// The same for a tree that the item could have, with what an expression at `at` sees.
pub fn facts_at<'db>(db: &'db dyn Db, item: Item<'db>, tree: &ast::Item, at: u32) -> Facts<'db> {
    observe_item(db, item, tree, Facts { at: Some(at), ..Facts::default() })
}

impl Facts<'_> {
    /// The type of the expression that is written exactly there.
    pub fn type_at(&self, range: TextRange) -> Option<&Ty> {
        self.types.iter().rev().find(|(own, _)| *own == range).map(|(_, ty)| ty)
    }
}

impl<'db> Checker<'db> {
    /// Writes down what a name means.
    pub fn note_name(&mut self, range: TextRange, meaning: Meaning<'db>) {
        if !self.is_own(range) {
            return;
        }
        if let Some(facts) = &mut self.facts {
            facts.names.push(Mention { range, meaning });
        }
    }

    /// Whether a place is in the item's own text, and not in a template that it is made with.
    fn is_own(&self, range: TextRange) -> bool {
        self.facts.is_some() && self.home(range) == self.item
    }

    /// Writes down that a name means that column, if there is one.
    pub fn note_column(&mut self, range: TextRange, column: Option<&RowColumn>) {
        if !self.is_own(range) {
            return;
        }
        if let (Some(facts), Some(column)) = (&mut self.facts, column) {
            let RowColumn { name, ty, origin } = column.clone();
            facts.names.push(Mention { range, meaning: Meaning::Column { name, origin, ty } });
        }
    }

    /// Writes down what an expression there sees.
    pub fn note_scope(&mut self, range: TextRange, scope: &Scope) {
        if self.is_own(range)
            && let Some(facts) = &mut self.facts
            && facts.at.is_some_and(|at| range.touches(at))
        {
            facts.sources = Some(scope.sources.clone());
            facts.aggregate = false;
        }
    }

    /// Writes down that an aggregate is expected there, and what its argument sees.
    pub fn note_aggregate(&mut self, range: TextRange, scope: &Scope) {
        self.note_scope(range, scope);
        if let Some(facts) = &mut self.facts
            && facts.at.is_some_and(|at| range.touches(at))
        {
            facts.aggregate = true;
        }
    }

    /// Writes down the type of an expression.
    pub fn note_type(&mut self, range: TextRange, ty: &Ty) {
        if !self.is_own(range) {
            return;
        }
        if let Some(facts) = &mut self.facts {
            facts.types.push((range, ty.clone()));
        }
    }

    /// Writes down the row that the item gives.
    pub fn note_row(&mut self, row: &Row) {
        if let Some(facts) = &mut self.facts {
            facts.row = Some(row.clone());
        }
    }

    /// Writes down a join that follows from types.
    pub fn note_strategy(&mut self, inferred: Inferred) {
        if let Some(facts) = &mut self.facts {
            facts.inferred = Some(inferred);
        }
    }
}
