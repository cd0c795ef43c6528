//! The arguments of an instance against the parameters of its template.

use std::collections::BTreeMap;

use cpg_base::{Code, TextRange};
use cpg_syntax::ItemKeyword;
use cpg_syntax::ast::{self, Expr, ExprKind, InstanceItem, Name, Parameter, TemplateItem};

use super::{Bound, TypedValue};
use crate::checker::RELATIONS;
use crate::db::Db;
use crate::files::Item;
use crate::names::{Resolution, Symbol, resolve, visible_names};
use crate::problem::{Anchor, Problem};

/// What a parameter may stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `relation`: an item with rows.
    Relation,
    /// `entity`: an item with ids.
    Entity,
    /// `column`: the name of a column.
    Column,
    /// A type: a value of it.
    Value,
}

impl Kind {
    /// The words for kinds that are no types.
    pub const WORDS: [&'static str; 3] = ["relation", "entity", "column"];

    /// The kind that a parameter says.
    pub fn of(ty: &ast::TypeExpr) -> Self {
        match ty.name.text.as_str() {
            "relation" => Self::Relation,
            "entity" => Self::Entity,
            "column" => Self::Column,
            _ => Self::Value,
        }
    }

    fn expected(self) -> &'static str {
        match self {
            Self::Relation => "the name of a relation",
            Self::Entity => "the name of an entity",
            Self::Column => "the name of a column",
            Self::Value => "a value",
        }
    }
}

/// What was made of the arguments of an instance.
pub(crate) struct Arguments<'db> {
    /// What stands for each parameter.
    pub bound: BTreeMap<String, Bound>,
    /// The values among that.
    pub values: Vec<TypedValue>,
    /// What is wrong.
    pub problems: Vec<Problem<'db>>,
}

/// Gives each parameter of `template` its argument. `home` says in which item an argument stands; `own` are the
/// parameters of the template that hands them on, when it is one that is checked.
pub(crate) fn bind<'db>(
    db: &'db dyn Db,
    home: &dyn Fn(TextRange) -> Item<'db>,
    own: &[Parameter],
    call: &InstanceItem,
    found: Item<'db>,
    template: &TemplateItem,
) -> Arguments<'db> {
    let (mut bound, mut values) = (BTreeMap::new(), Vec::new());
    let mut binder = Binder { db, home, own, call, found, problems: Vec::new() };
    let given = binder.given(&template.parameters);
    for parameter in &template.parameters {
        let Some(value) = given.get(parameter.name.text.as_str()) else { continue };
        let kind = Kind::of(&parameter.ty);
        if kind == Kind::Value {
            if let Some(slot) =
                template.slots.iter().find(|slot| slot.parameter.text == parameter.name.text)
            {
                binder.literal(value, slot, parameter);
            }
            values.push(TypedValue {
                range: value.range,
                parameter: parameter.name.text.clone(),
                ty: parameter.ty.clone(),
            });
            bound.insert(parameter.name.text.clone(), Bound::Value((*value).clone()));
            continue;
        }
        let ExprKind::Name(text) = &value.kind else {
            binder.misfit(value.range, kind, parameter);
            continue;
        };
        let name = Name { text: text.clone(), range: value.range };
        let name = if kind == Kind::Column {
            Bound::Column(name)
        } else {
            binder.item(&name, kind, parameter);
            Bound::Item(name)
        };
        bound.insert(parameter.name.text.clone(), name);
    }
    Arguments { bound, values, problems: binder.problems }
}

struct Binder<'a, 'db> {
    db: &'db dyn Db,
    home: &'a dyn Fn(TextRange) -> Item<'db>,
    own: &'a [Parameter],
    call: &'a InstanceItem,
    found: Item<'db>,
    problems: Vec<Problem<'db>>,
}

impl<'a, 'db> Binder<'a, 'db> {
    fn report(&mut self, code: Code, range: TextRange, message: String) -> &mut Problem<'db> {
        let template = Anchor::Name(self.found);
        self.problems.push(Problem::error(code, range, message).label(template, "the template"));
        let last = self.problems.len() - 1;
        &mut self.problems[last]
    }

    /// The arguments by their parameters.
    fn given(&mut self, parameters: &'a [Parameter]) -> BTreeMap<&'a str, &'a Expr> {
        let name = self.call.template.text.as_str();
        let mut given: BTreeMap<&str, &Expr> = BTreeMap::new();
        let mut positional = parameters.iter();
        for argument in &self.call.arguments {
            let parameter = match &argument.parameter {
                None => positional.next(),
                Some(named) => parameters.iter().find(|one| one.name.text == named.text),
            };
            let range = argument.parameter.as_ref().map_or(argument.value.range, |one| one.range);
            match (parameter, &argument.parameter) {
                (Some(parameter), _) => {
                    if given.insert(&parameter.name.text, &argument.value).is_some() {
                        let message =
                            format!("`{}` is given twice to `{name}`", parameter.name.text);
                        self.report(Code::WrongArguments, range, message);
                    }
                }
                (None, Some(named)) => {
                    let message = format!("`{name}` has no parameter `{}`", named.text);
                    let problem = self.report(Code::WrongArguments, range, message);
                    let names = parameters.iter().map(|one| one.name.text.as_str());
                    *problem = problem.clone().nearest(&named.text, names);
                }
                (None, None) => {
                    let count = parameters.len();
                    let message = format!("`{name}` takes {count} arguments, this is one more");
                    self.report(Code::WrongArguments, range, message);
                }
            }
        }
        let missing: Vec<String> = parameters
            .iter()
            .filter(|one| !given.contains_key(one.name.text.as_str()))
            .map(|one| format!("`{}: {}`", one.name.text, written(&one.ty)))
            .collect();
        if !missing.is_empty() && self.problems.is_empty() {
            let message = format!("`{name}` lacks an argument for {}", missing.join(", "));
            self.report(Code::WrongArguments, self.call.range, message);
        }
        given
    }

    fn misfit(&mut self, range: TextRange, kind: Kind, parameter: &Parameter) {
        let name = &parameter.name.text;
        let message = format!("`{name}` must be {}", kind.expected());
        self.report(Code::WrongArguments, range, message);
    }

    /// A literal, where the body has place for nothing else.
    fn literal(&mut self, value: &Expr, slot: &ast::Slot, parameter: &Parameter) {
        let handed_on = match &value.kind {
            ExprKind::Name(text) => self.own_parameter(text).is_some(),
            ExprKind::Int(number) if slot.number => *number >= 0,
            ExprKind::Text(_) => !slot.number,
            _ => false,
        };
        if !handed_on {
            let what = if slot.number { "a number" } else { "a string" };
            let message = format!("`{}` must be {what} as it is written", parameter.name.text);
            self.report(Code::NotConstant, value.range, message);
        }
    }

    /// A parameter of the template that hands its arguments on.
    fn own_parameter(&self, name: &str) -> Option<&'a Parameter> {
        self.own.iter().find(|one| one.name.text == name)
    }

    fn item(&mut self, name: &Name, kind: Kind, parameter: &Parameter) {
        let kinds: &[ItemKeyword] =
            if kind == Kind::Entity { &[ItemKeyword::Normalize] } else { &RELATIONS };
        if let Some(own) = self.own_parameter(&name.text) {
            let fits = match Kind::of(&own.ty) {
                Kind::Entity => true,
                Kind::Relation => kind == Kind::Relation,
                Kind::Column | Kind::Value => false,
            };
            if !fits {
                self.misfit(name.range, kind, parameter);
            }
            return;
        }
        let holder = (self.home)(name.range);
        let symbol = Symbol::new(self.db, name.text.as_str());
        match resolve(self.db, holder.file(self.db), symbol) {
            Resolution::Item(item) if kinds.contains(&item.keyword(self.db)) => {}
            Resolution::Item(item) => {
                let (db, expected) = (self.db, kind.expected());
                let message = format!("expected {expected}, found {}", item.label(db));
                let problem = self.report(Code::WrongItemKind, name.range, message);
                *problem = problem.clone().label(Anchor::Name(item), "declared here");
            }
            Resolution::Broken => {}
            Resolution::Unknown => {
                let db = self.db;
                let message = format!("no item `{}` is declared or imported here", name.text);
                let problem = self.report(Code::UnknownName, name.range, message);
                *problem = problem
                    .clone()
                    .found(format!("expected {}", kind.expected()))
                    .nearest(&name.text, fitting(db, holder, kinds));
            }
        }
    }
}

/// The names in `holder`'s file that stand for items of these kinds.
fn fitting<'db>(
    db: &'db dyn Db,
    holder: Item<'db>,
    kinds: &[ItemKeyword],
) -> impl Iterator<Item = &'db str> {
    let file = holder.file(db);
    visible_names(db, file).filter(move |near| match resolve(db, file, Symbol::new(db, *near)) {
        Resolution::Item(item) => kinds.contains(&item.keyword(db)),
        Resolution::Broken | Resolution::Unknown => false,
    })
}

/// That no item has the name of a template.
pub(super) fn no_template<'db>(db: &'db dyn Db, holder: Item<'db>, name: &Name) -> Problem<'db> {
    let message = format!("no item `{}` is declared or imported here", name.text);
    Problem::error(Code::UnknownName, name.range, message)
        .found("expected a template")
        .nearest(&name.text, fitting(db, holder, &[ItemKeyword::Template]))
}

/// A type as written.
fn written(ty: &ast::TypeExpr) -> String {
    let mark = if ty.nullable { "?" } else { "" };
    let args: Vec<String> = ty
        .args
        .iter()
        .map(|arg| match arg {
            ast::TypeArg::Type(arg) => written(arg),
            ast::TypeArg::Int(number, _) => number.to_string(),
        })
        .collect();
    let args = if args.is_empty() { String::new() } else { format!("<{}>", args.join(", ")) };
    format!("{}{args}{mark}", ty.name.text)
}
