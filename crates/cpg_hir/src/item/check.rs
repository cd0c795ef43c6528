//! `check`: what must hold of the rows that a build gives.

use std::collections::BTreeSet;

use cpg_base::{Code, TextRange};
use cpg_ir::check::{Check, CheckRule, CheckSeverity, CoverageSource};
use cpg_ir::expr::{Expr, Finite, Literal};
use cpg_ir::spec::RelationId;
use cpg_ir::types::{ColumnType, SemanticType};
use cpg_syntax::ItemKeyword;
use cpg_syntax::ast::{self, CheckItem, CheckedColumns, Covering, Name};

use crate::checker::{Checker, Input};
use crate::expr::{Misfit, Scope, Source, Typed, number};
use crate::facts::Meaning;
use crate::names::Resolution;
use crate::problem::{Anchor, Problem};
use crate::row::RowColumn;
use crate::ty::{SemanticRules, Ty};

/// A column that a check names.
struct Named<'a> {
    name: &'a Name,
    /// `None` when nothing is known of it because of another error.
    ty: Option<ColumnType>,
}

impl<'db> Checker<'db> {
    /// The checks that an item declares: one for each column where each column is checked by itself. None when
    /// something is wrong.
    pub(super) fn declared_checks(&mut self, tree: &CheckItem) -> Vec<Check> {
        let severity = match tree.severity {
            ast::CheckSeverity::Error => CheckSeverity::Error,
            ast::CheckSeverity::Warn => CheckSeverity::Warn,
        };
        let rules = self.check_rules(&tree.rule).unwrap_or_default();
        rules.into_iter().map(|rule| Check { rule, severity }).collect()
    }

    fn check_rules(&mut self, rule: &ast::CheckRule) -> Option<Vec<CheckRule>> {
        match rule {
            ast::CheckRule::Unique(columns) => {
                let (_, named) = self.named(columns);
                for column in named {
                    let ty = column.ty.map_or(Ty::Unknown, Ty::Known);
                    self.tells_apart("unique", &ty, column.name.range);
                }
                let (relation, columns) = self.named_set(columns)?;
                Some(vec![CheckRule::Unique { relation, columns }])
            }
            ast::CheckRule::NotNull(columns) => {
                self.never_null(columns);
                let (relation, columns) = self.named_set(columns)?;
                Some(vec![CheckRule::NotNull { relation, columns }])
            }
            ast::CheckRule::References { from, to } => Some(vec![self.references(from, to)?]),
            ast::CheckRule::Accepted { columns, values } => self.accepted(columns, values),
            ast::CheckRule::Expect { source, condition } => {
                Some(vec![self.expectation(source, condition)?])
            }
            ast::CheckRule::Empty(name) => {
                let relation = self.input(name).relation()?.id.clone();
                Some(vec![CheckRule::Empty { relation }])
            }
            ast::CheckRule::Coverage { entity, sources, percent } => {
                Some(vec![self.coverage(entity, sources, percent)?])
            }
        }
    }

    /// `REL(a, b)`, the columns there and each named once.
    fn named<'a>(&mut self, tree: &'a CheckedColumns) -> (Input<'db>, Vec<Named<'a>>) {
        let input = self.input(&tree.relation);
        let mut named: Vec<Named<'a>> = Vec::with_capacity(tree.columns.len());
        for name in &tree.columns {
            if let Some(first) = named.iter().find(|first| first.name.text == name.text) {
                let message = format!("the column `{}` is named twice", name.text);
                let problem = Problem::error(Code::DuplicateColumn, name.range, message)
                    .label(Anchor::Here(first.name.range), "the first time")
                    .help("name it once");
                self.report(problem);
                continue;
            }
            let ty = self.checked_column(&input, &tree.relation, name);
            let ty = ty.and_then(|column| column.ty.known().cloned());
            named.push(Named { name, ty });
        }
        (input, named)
    }

    /// The relation and the names of its columns; `None` when one is not there.
    fn named_set(&mut self, tree: &CheckedColumns) -> Option<(RelationId, BTreeSet<String>)> {
        let (input, named) = self.named(tree);
        let relation = input.relation()?.id.clone();
        let names = |named: &[Named<'_>]| {
            named.iter().map(|column| column.name.text.clone()).collect::<BTreeSet<_>>()
        };
        named.iter().all(|column| column.ty.is_some()).then(|| (relation, names(&named)))
    }

    /// Warns of columns that a check need not look at.
    fn never_null(&mut self, tree: &CheckedColumns) {
        let Resolution::Item(item) = self.lookup(&tree.relation.text, tree.relation.range) else {
            return;
        };
        let input = self.input_of(item);
        let Some(relation) = input.relation() else { return };
        for name in &tree.columns {
            let known = relation.row.column(&name.text).and_then(|column| column.ty.known());
            if known.is_some_and(|ty| !ty.nullable) {
                let message = format!("`{}` is never null", name.text);
                let problem = Problem::error(Code::NeverNull, name.range, message)
                    .found("the check always holds")
                    .label(Anchor::Column(item, name.text.clone()), "its type says so")
                    .help("check columns whose types end with `?`")
                    .warning();
                self.report(problem);
            }
        }
    }

    /// A column of that relation; a name that is none is reported.
    pub(super) fn checked_column(
        &mut self,
        input: &Input<'db>,
        relation: &Name,
        name: &Name,
    ) -> Option<RowColumn> {
        let row = input.row();
        let column = row.column(&name.text).cloned();
        self.note_column(name.range, column.as_ref());
        if column.is_none() && !row.open {
            let message = format!("`{}` has no column `{}`", relation.text, name.text);
            let problem = Problem::error(Code::UnknownColumn, name.range, message)
                .nearest(&name.text, row.names());
            self.report(problem);
        }
        column
    }

    fn references(&mut self, from: &CheckedColumns, to: &CheckedColumns) -> Option<CheckRule> {
        let (input, columns) = self.named(from);
        let (target, targets) = self.named(to);
        if let [_, second, ..] = to.columns.as_slice() {
            let message = "a reference is to one column";
            let problem = Problem::error(Code::WrongArguments, second.range, message)
                .found("the second one")
                .help("write a check for each column that is referred to");
            self.report(problem);
            return None;
        }
        let [Named { name, ty: Some(to) }] = targets.as_slice() else { return None };
        if !to.semantic.has_equality() {
            self.tells_apart("references", &Ty::Known(to.clone()), name.range);
            return None;
        }
        let mut fits = true;
        for column in &columns {
            let Some(own) = &column.ty else {
                fits = false;
                continue;
            };
            // Nulls refer to nothing, so only the meaning counts.
            let value = placeholder(own.semantic.clone(), column.name.range);
            if let Err(code) = value.refers_to(&to.semantic) {
                fits = false;
                let message = format!(
                    "`{}` is `{}`, and cannot be one of `{}`, which is `{}`",
                    column.name.text, own.semantic, name.text, to.semantic
                );
                let problem = Problem::error(code, column.name.range, message)
                    .label(Anchor::Here(name.range), "what it is to refer to");
                self.report(problem);
            }
        }
        let (relation, target) = (input.relation()?, target.relation()?);
        fits.then(|| CheckRule::References {
            relation: relation.id.clone(),
            columns: columns.iter().map(|column| column.name.text.clone()).collect(),
            target: target.id.clone(),
            target_column: name.text.clone(),
        })
    }

    fn accepted(&mut self, tree: &CheckedColumns, values: &[ast::Expr]) -> Option<Vec<CheckRule>> {
        let (input, columns) = self.named(tree);
        let values: Vec<Typed> =
            values.iter().map(|value| self.expr(&mut Scope::default(), value)).collect();
        let mut rules = Vec::with_capacity(columns.len());
        let mut fits = true;
        for column in &columns {
            let Some(ty) = &column.ty else {
                fits = false;
                continue;
            };
            let mut accepted: Vec<Literal> = Vec::with_capacity(values.len());
            for value in &values {
                match self.accepted_value(value, column.name, ty) {
                    Some(literal) => accepted.push(literal),
                    None => fits = false,
                }
            }
            if let Some(relation) = input.relation() {
                rules.push(CheckRule::Accepted {
                    relation: relation.id.clone(),
                    column: column.name.text.clone(),
                    values: accepted,
                });
            }
        }
        (fits && input.relation().is_some()).then_some(rules)
    }

    /// A constant as a column carries it.
    fn accepted_value(&mut self, value: &Typed, column: &Name, ty: &ColumnType) -> Option<Literal> {
        if value.ty == Ty::Unknown {
            return None;
        }
        if value.literal().is_none() || value.is_null() {
            let problem = Problem::error(Code::NotConstant, value.range, "expected a constant")
                .found("not known before the build runs, or null")
                .help("write a literal or the name of a constant; null always passes");
            self.report(problem);
            return None;
        }
        match value.fit(ty) {
            Ok(Expr::Literal(literal)) => Some(literal),
            misfit => {
                let code = misfit.err().map_or(Code::TypeMismatch, Misfit::code);
                let message = format!(
                    "`{}` is `{}`, so `{}` cannot be one of its values",
                    column.text, ty.semantic, value.ty
                );
                self.error(code, value.range, message);
                None
            }
        }
    }

    fn expectation(&mut self, source: &ast::RowSource, condition: &ast::Expr) -> Option<CheckRule> {
        let input = self.input(&source.relation);
        let alias = source.alias.as_ref().unwrap_or(&source.relation);
        self.note_name(alias.range, Meaning::SourceDeclared);
        let alias = Some(alias.text.clone());
        let mut scope = Scope::new(vec![Source { alias, row: input.row() }]);
        let condition = self.condition(&mut scope, condition);
        if condition.literal().is_some() && !self.has_errors() {
            let problem =
                Problem::error(Code::TypeMismatch, condition.range, "expected a condition on rows")
                    .found("the same for every row");
            self.report(problem);
        }
        Some(CheckRule::Expect {
            relation: input.relation()?.id.clone(),
            condition: condition.expr,
        })
    }

    fn coverage(
        &mut self,
        entity: &Name,
        sources: &[Covering],
        percent: &ast::Expr,
    ) -> Option<CheckRule> {
        let percent = self.percent(percent);
        let item = self.item_named(entity, &[ItemKeyword::Normalize], "an entity")?;
        let input = self.input_of(item);
        let id = input.row().id().cloned();
        let semantic = id.as_ref().and_then(|id| id.ty.semantic());
        let mut found = BTreeSet::new();
        for source in sources {
            found.extend(self.covering(entity, semantic, source));
        }
        let complete = found.len() == sources.len();
        let rule = CheckRule::Coverage {
            entity: input.relation()?.id.clone(),
            id: id?.name,
            sources: found,
            percent: percent?,
        };
        complete.then_some(rule)
    }

    fn percent(&mut self, percent: &ast::Expr) -> Option<Finite> {
        let value = self.expr(&mut Scope::default(), percent);
        let value = value.literal().and_then(number).and_then(Finite::new)?;
        if value.get() > 0.0 && value.get() <= 100.0 {
            return Some(value);
        }
        let message = "expected a share above 0% and of at most 100%";
        self.error(Code::OutOfRange, percent.range, message);
        None
    }

    /// Where the ids of an entity, which mean `id`, stand in a relation.
    fn covering(
        &mut self,
        entity: &Name,
        id: Option<&SemanticType>,
        source: &Covering,
    ) -> Option<CoverageSource> {
        let input = self.input(&source.relation);
        let column = match &source.column {
            Some(name) => {
                let column = self.checked_column(&input, &source.relation, name)?;
                let value = placeholder(id?.clone(), name.range);
                if let Err(code) = value.refers_to(column.ty.semantic()?) {
                    let message = format!(
                        "`{}` holds no ids of `{}`: it is `{}`",
                        name.text, entity.text, column.ty
                    );
                    self.error(code, name.range, message);
                    return None;
                }
                column.name
            }
            None => self.only_id(entity, id?, &input, &source.relation)?,
        };
        Some(CoverageSource { relation: input.relation()?.id.clone(), column })
    }

    /// The one column of a relation that holds ids of that meaning.
    fn only_id(
        &mut self,
        entity: &Name,
        id: &SemanticType,
        input: &Input<'db>,
        relation: &Name,
    ) -> Option<String> {
        let row = input.row();
        let mut holders = row.columns.iter().filter(|column| column.ty.semantic() == Some(id));
        let first = holders.next();
        let others: Vec<&RowColumn> = holders.collect();
        match first {
            Some(only) if others.is_empty() => return Some(only.name.clone()),
            Some(first) => {
                let columns = std::iter::once(first).chain(others);
                let forms: Vec<String> =
                    columns.map(|column| format!("`{}({})`", relation.text, column.name)).collect();
                let message =
                    format!("several columns of `{}` hold ids of `{}`", relation.text, entity.text);
                let problem = Problem::error(Code::AmbiguousColumn, relation.range, message)
                    .help(format!("write {}", forms.join(" or ")));
                self.report(problem);
            }
            None if row.open => {}
            None => {
                let message =
                    format!("no column of `{}` holds ids of `{}`", relation.text, entity.text);
                let ids = row
                    .columns
                    .iter()
                    .filter(|column| column.ty.semantic().is_some_and(|semantic| semantic.is_id()));
                let ids: Vec<String> =
                    ids.map(|column| format!("`{}: {}`", column.name, column.ty)).collect();
                let problem = Problem::error(Code::IdMismatch, relation.range, message);
                let problem = match ids.as_slice() {
                    [] => problem,
                    ids => problem.found(format!("it has {}", ids.join(", "))),
                };
                self.report(problem);
            }
        }
        None
    }
}

/// Some value of that meaning.
fn placeholder(semantic: SemanticType, range: TextRange) -> Typed {
    Typed::new(Expr::column(0, ""), Ty::required(semantic), range)
}
