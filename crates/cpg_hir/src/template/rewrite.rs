//! Writes a template's body out: its places become those of the expansion, its parameters what stands for them.

use std::collections::BTreeMap;

use cpg_base::TextRange;
use cpg_syntax::ast::{self, Expr, ExprKind, ItemKind, Name};

/// What stands for a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Bound {
    /// An item.
    Item(Name),
    /// A column's name.
    Column(Name),
    /// A value.
    Value(Expr),
}

/// What a parameter was used as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Use {
    /// A row source, an entity.
    Item,
    /// The name of a column.
    Column,
    /// A part of an expression.
    Value,
    /// A literal: a number, or a string.
    Literal {
        /// A number.
        number: bool,
    },
}

/// A place where a parameter stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Used {
    /// The parameter.
    pub parameter: String,
    /// As what.
    pub what: Use,
    /// Where.
    pub range: TextRange,
}

/// Rewrites one body.
pub(crate) struct Rewrite<'a> {
    /// What stands for each parameter.
    bound: &'a BTreeMap<String, Bound>,
    /// The parameters in the place of literals.
    slots: &'a [ast::Slot],
    /// How far the body's places are moved.
    by: u32,
    /// Where parameters stand.
    pub used: Vec<Used>,
}

impl<'a> Rewrite<'a> {
    pub fn new(bound: &'a BTreeMap<String, Bound>, slots: &'a [ast::Slot], by: u32) -> Self {
        Self { bound, slots, by, used: Vec::new() }
    }

    /// The body, written out.
    pub fn body(&mut self, kind: &mut ItemKind) {
        match kind {
            ItemKind::Normalize(item) => self.normalize(item),
            ItemKind::Relate(item) => self.relate(item),
            ItemKind::View(item) => self.view(item),
            ItemKind::Instance(item) => {
                self.place(&mut item.range);
                self.plain(&mut item.name);
                self.plain(&mut item.template);
                for argument in &mut item.arguments {
                    argument.parameter.iter_mut().for_each(|name| self.plain(name));
                    self.argument(&mut argument.value);
                }
            }
            _ => {}
        }
    }

    fn normalize(&mut self, item: &mut ast::NormalizeItem) {
        use ast::NormalizeClauseKind as Clause;
        self.plain(&mut item.name);
        self.source(&mut item.source);
        for clause in &mut item.clauses {
            let slot = self.slot(clause.range);
            self.place(&mut clause.range);
            match &mut clause.kind {
                Clause::Where(value) => self.expr(value),
                Clause::Id { name, namespace, over } => {
                    self.column(name);
                    self.text(namespace, slot);
                    self.exprs(over);
                }
                Clause::Span { start, end } => {
                    self.expr(start);
                    self.expr(end);
                }
                Clause::Text { name, value, functions } => {
                    self.column(name);
                    self.expr(value);
                    functions.iter_mut().for_each(|name| self.plain(name));
                }
                Clause::Key { name, entity, target, unless } => {
                    self.column(name);
                    self.item(entity);
                    match target {
                        ast::KeyTarget::Span { start, end } => {
                            self.expr(start);
                            self.expr(end);
                        }
                        ast::KeyTarget::Values(values) => self.exprs(values),
                    }
                    unless.iter_mut().for_each(|value| self.expr(value));
                }
                Clause::Keep(columns) => {
                    for column in columns {
                        self.column(&mut column.column);
                        column.alias.iter_mut().for_each(|name| self.column(name));
                    }
                }
                Clause::Derive { name, value } => {
                    self.column(name);
                    self.expr(value);
                }
                Clause::Node { kind, properties } => {
                    self.expr(kind);
                    self.named(properties);
                }
            }
        }
    }

    fn relate(&mut self, item: &mut ast::RelateItem) {
        use ast::RelateClauseKind as Clause;
        self.plain(&mut item.name);
        for source in [&mut item.from, &mut item.to].into_iter().chain(&mut item.via) {
            self.source(source);
        }
        for clause in &mut item.clauses {
            let slot = self.slot(clause.range);
            self.place(&mut clause.range);
            match &mut clause.kind {
                Clause::On(value)
                | Clause::Require(value)
                | Clause::Score(value)
                | Clause::Confidence(value) => self.expr(value),
                Clause::Feature { name, value, weight } => {
                    self.plain(name);
                    self.expr(value);
                    self.expr(weight);
                }
                Clause::Rank { per, by, keep } => {
                    self.exprs(per);
                    self.sort_keys(by);
                    if let (Some(keep), Some(slot)) = (keep, slot) {
                        self.number(keep, slot);
                    }
                }
                Clause::Edge { kind, properties } => {
                    self.expr(kind);
                    self.named(properties);
                }
                Clause::Provider(text) => self.text(text, slot),
            }
        }
    }

    fn view(&mut self, item: &mut ast::ViewItem) {
        use ast::PipelineStepKind as Step;
        self.plain(&mut item.name);
        item.schema.iter_mut().for_each(|name| self.plain(name));
        for arm in &mut item.arms {
            self.place(&mut arm.range);
            self.source(&mut arm.from);
            for step in &mut arm.steps {
                let slot = self.slot(step.range);
                self.place(&mut step.range);
                match &mut step.kind {
                    Step::Join { source, on, .. } => {
                        self.source(source);
                        self.expr(on);
                    }
                    Step::Where(value) => self.expr(value),
                    Step::Select(columns) | Step::Derive(columns) => self.named(columns),
                    Step::GroupBy { keys, aggregates } => {
                        self.named(keys);
                        self.named(aggregates);
                    }
                    Step::Window(window) => {
                        self.exprs(&mut window.per);
                        self.sort_keys(&mut window.by);
                        self.named(&mut window.columns);
                    }
                    Step::Unnest(unnest) => {
                        self.expr(&mut unnest.list);
                        self.column(&mut unnest.element);
                        unnest.place.iter_mut().for_each(|name| self.column(name));
                    }
                    Step::Distinct => {}
                    Step::Dedupe { per, best } => {
                        self.exprs(per);
                        self.sort_keys(best);
                    }
                    Step::SortLimit { by, count } => {
                        self.sort_keys(by);
                        if let Some(slot) = slot {
                            self.number(count, slot);
                        }
                    }
                }
            }
        }
    }

    // ---- Names ------------------------------------------------------------------------------------------

    fn place(&self, range: &mut TextRange) {
        *range = range.shifted(self.by);
    }

    /// A name that no parameter may stand for.
    fn plain(&self, name: &mut Name) {
        self.place(&mut name.range);
    }

    fn note(&mut self, parameter: &str, what: Use, range: TextRange) {
        self.used.push(Used { parameter: parameter.to_owned(), what, range });
    }

    /// The name of an item.
    fn item(&mut self, name: &mut Name) {
        self.plain(name);
        if let Some(bound) = self.bound.get(&name.text) {
            self.note(&name.text, Use::Item, name.range);
            if let Bound::Item(argument) = bound {
                *name = argument.clone();
            }
        }
    }

    /// The name of a column.
    fn column(&mut self, name: &mut Name) {
        self.plain(name);
        if let Some(Bound::Column(argument)) = self.bound.get(&name.text) {
            self.note(&name.text, Use::Column, name.range);
            *name = argument.clone();
        }
    }

    /// A row source; the parameter's name is its alias where it has no other.
    fn source(&mut self, source: &mut ast::RowSource) {
        let written = source.relation.clone();
        self.item(&mut source.relation);
        source.alias.iter_mut().for_each(|name| self.plain(name));
        if source.alias.is_none() && self.bound.contains_key(&written.text) {
            let range = written.range.shifted(self.by);
            source.alias = Some(Name { text: written.text, range });
        }
    }

    // ---- Literals ---------------------------------------------------------------------------------------

    /// The parameter that stands for a literal of that clause or step.
    fn slot(&self, clause: TextRange) -> Option<&'a Name> {
        let inside = |slot: &&ast::Slot| {
            let range = slot.parameter.range;
            clause.start() <= range.start() && range.end() <= clause.end()
        };
        self.slots.iter().find(inside).map(|slot| &slot.parameter)
    }

    fn text(&mut self, text: &mut ast::Text, slot: Option<&Name>) {
        self.place(&mut text.range);
        let Some(slot) = slot else { return };
        self.note(&slot.text, Use::Literal { number: false }, text.range);
        if let Some(Bound::Value(Expr { kind: ExprKind::Text(value), range })) =
            self.bound.get(&slot.text)
        {
            *text = ast::Text { value: value.clone(), range: *range };
        }
    }

    fn number<T: TryFrom<i64>>(&mut self, number: &mut T, slot: &Name) {
        let range = slot.range.shifted(self.by);
        self.note(&slot.text, Use::Literal { number: true }, range);
        if let Some(Bound::Value(Expr { kind: ExprKind::Int(value), .. })) =
            self.bound.get(&slot.text)
            && let Ok(value) = T::try_from(*value)
        {
            *number = value;
        }
    }

    // ---- Expressions ------------------------------------------------------------------------------------

    fn named(&mut self, columns: &mut [ast::NamedExpr]) {
        for column in columns {
            match &mut column.value {
                Some(value) => {
                    self.expr(value);
                    self.column(&mut column.name);
                }
                None => {
                    let kind = ExprKind::Name(column.name.text.clone());
                    let mut value = Expr { kind, range: column.name.range };
                    self.expr(&mut value);
                    if let Some(Bound::Value(_)) = self.bound.get(&column.name.text) {
                        column.value = Some(value);
                        self.plain(&mut column.name);
                    } else {
                        self.column(&mut column.name);
                    }
                }
            }
        }
    }

    fn sort_keys(&mut self, keys: &mut [ast::SortKey]) {
        keys.iter_mut().for_each(|key| self.expr(&mut key.expr));
    }

    fn exprs<'e>(&mut self, exprs: impl IntoIterator<Item = &'e mut Expr>) {
        exprs.into_iter().for_each(|expr| self.expr(expr));
    }

    /// An argument of another template: a parameter of any kind may be handed on.
    fn argument(&mut self, expr: &mut Expr) {
        if let ExprKind::Name(text) = &expr.kind
            && let Some(Bound::Item(name)) = self.bound.get(text)
        {
            let text = text.clone();
            let range = expr.range.shifted(self.by);
            self.note(&text, Use::Item, range);
            *expr = Expr { kind: ExprKind::Name(name.text.clone()), range: name.range };
            return;
        }
        self.expr(expr);
    }

    fn expr(&mut self, expr: &mut Expr) {
        let Expr { kind, range } = expr;
        self.place(range);
        match kind {
            ExprKind::Null
            | ExprKind::Bool(_)
            | ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Text(_) => {}
            ExprKind::Name(text) => match self.bound.get(text) {
                Some(Bound::Value(value)) => {
                    let (text, range) = (text.clone(), *range);
                    self.note(&text, Use::Value, range);
                    *expr = value.clone();
                }
                Some(Bound::Column(name)) => {
                    let (text, range) = (text.clone(), *range);
                    self.note(&text, Use::Value, range);
                    *expr = Expr { kind: ExprKind::Name(name.text.clone()), range: name.range };
                }
                // The alias of a row source, or nothing of the template's.
                Some(Bound::Item(_)) | None => {}
            },
            ExprKind::Field { base, field } => {
                self.expr(base);
                self.column(field);
            }
            ExprKind::Call { function, args } => {
                self.plain(function);
                self.exprs(args);
            }
            ExprKind::Unary { op_range, operand, .. } => {
                self.place(op_range);
                self.expr(operand);
            }
            ExprKind::Binary { op_range, left, right, .. } => {
                self.place(op_range);
                self.expr(left);
                self.expr(right);
            }
            ExprKind::Between { value, low, high, .. } => {
                self.exprs([&mut **value, &mut **low, &mut **high]);
            }
            ExprKind::In { value, list, .. } => {
                self.expr(value);
                self.exprs(list);
            }
            ExprKind::Case { branches, otherwise } => {
                for (condition, value) in branches {
                    self.expr(condition);
                    self.expr(value);
                }
                self.exprs(otherwise.as_deref_mut());
            }
            ExprKind::Cast { value, ty } => {
                self.expr(value);
                self.ty(ty);
            }
        }
    }

    fn ty(&mut self, ty: &mut ast::TypeExpr) {
        self.place(&mut ty.range);
        self.plain(&mut ty.name);
        let holds_entity = ty.name.text == "Id";
        for arg in &mut ty.args {
            match arg {
                ast::TypeArg::Type(arg) => {
                    self.ty(arg);
                    if holds_entity {
                        // Its place was moved with the type around it.
                        let by = std::mem::take(&mut self.by);
                        self.item(&mut arg.name);
                        self.by = by;
                    }
                }
                ast::TypeArg::Int(_, range) => self.place(range),
            }
        }
    }
}
