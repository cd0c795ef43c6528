//! `template`, and the items that are made with one.

use std::collections::BTreeMap;

use cpg_base::{Code, Severity, nearest};
use cpg_syntax::ItemKeyword;
use cpg_syntax::ast::{self, Expr, ExprKind, ItemKind, Name, Parameter, TemplateItem};

use super::check_item;
use crate::checker::{Checker, RELATIONS};
use crate::expr::{Misfit, Typed};
use crate::files::parse;
use crate::problem::{Anchor, Problem};
use crate::references::{Role, references};
use crate::template::{Arguments, Bound, Kind, Rewrite, Use, Used, bind, expansion, template_of};

impl<'db> Checker<'db> {
    /// A template by itself: its parameters, and the names of its body that are no parameters. What depends on
    /// columns and types is checked with each instance.
    pub(super) fn template_item(&mut self, tree: &TemplateItem) {
        self.template_parameters(&tree.parameters);
        if let ItemKind::Instance(call) = &tree.body {
            match template_of(self.db, self.item, call) {
                Ok((found, template)) => {
                    let item = self.item;
                    let home = |_| item;
                    let Arguments { problems, .. } =
                        bind(self.db, &home, &tree.parameters, call, found, template);
                    problems.into_iter().for_each(|problem| self.report(problem));
                }
                Err(problem) => problem.into_iter().for_each(|problem| self.report(*problem)),
            }
        }
        let used = uses(tree);
        for parameter in &tree.parameters {
            self.parameter_uses(parameter, &used);
        }
        for slot in &tree.slots {
            let name = &slot.parameter;
            if !tree.parameters.iter().any(|one| one.name.text == name.text) {
                let message = format!("the template has no parameter `{}`", name.text);
                let names = tree.parameters.iter().map(|one| one.name.text.as_str());
                let what = if slot.number { "a number" } else { "a string" };
                let problem = Problem::error(Code::UnknownName, name.range, message)
                    .found(format!("expected {what} or a parameter"))
                    .nearest(&name.text, names);
                self.report(problem);
            }
        }
        self.template_names();
    }

    fn template_parameters(&mut self, parameters: &[Parameter]) {
        let mut seen = BTreeMap::new();
        for Parameter { name, ty } in parameters {
            if let Some(first) = seen.insert(name.text.as_str(), name.range) {
                let message = format!("two parameters are called `{}`", name.text);
                let problem = Problem::error(Code::DuplicateParameter, name.range, message)
                    .label(Anchor::Here(first), "the first one")
                    .help("give one of them another name");
                self.report(problem);
            }
            let written = ty.name.text.as_str();
            if Kind::of(ty) == Kind::Value {
                if nearest(written, Kind::WORDS).is_some() {
                    let message = format!("no kind of parameter is called `{written}`");
                    let problem = Problem::error(Code::UnknownType, ty.name.range, message);
                    self.report(problem.nearest(written, Kind::WORDS));
                } else {
                    self.declared_type(ty);
                }
            } else if ty.nullable || !ty.args.is_empty() {
                let message = format!("`{}` takes no arguments and no `?`", ty.name.text);
                let problem = Problem::error(Code::WrongTypeArguments, ty.range, message)
                    .help("it says what kind of name is given, and is no type");
                self.report(problem);
            }
        }
    }

    /// Whether a parameter stands only where something of its kind may stand, and anywhere at all.
    fn parameter_uses(&mut self, parameter: &Parameter, used: &[Used]) {
        let Parameter { name, ty } = parameter;
        let kind = Kind::of(ty);
        let mut uses = used.iter().filter(|used| used.parameter == name.text).peekable();
        if uses.peek().is_none() && !self.incomplete {
            let message = format!("the template does not use `{}`", name.text);
            let mut problem = Problem::error(Code::UnusedParameter, name.range, message)
                .help("remove it, here and where the template is used");
            problem.severity = Severity::Warning;
            self.report(problem);
        }
        for used in uses {
            let plain = !ty.nullable && ty.args.is_empty();
            let expected = match used.what {
                Use::Item if !matches!(kind, Kind::Relation | Kind::Entity) => "an item",
                Use::Literal { number: true } if !(plain && ty.name.text == "int") => "an `int`",
                Use::Literal { number: false } if !(plain && ty.name.text == "string") => {
                    "a `string`"
                }
                _ => continue,
            };
            let message = format!("expected {expected}, found the parameter `{}`", name.text);
            let problem = Problem::error(Code::TypeMismatch, used.range, message)
                .label(Anchor::Here(ty.range), "what it may stand for");
            self.report(problem);
        }
    }

    /// Reports names of the body that stand for nothing in the template's module.
    fn template_names(&mut self) {
        for reference in references(self.db, self.item) {
            let name = Name { text: reference.text.to_owned(), range: reference.range };
            match reference.role {
                Role::Relation => {
                    self.item_named(&name, &RELATIONS, "a relation");
                }
                Role::Entity => {
                    self.item_named(&name, &[ItemKeyword::Normalize], "an entity");
                }
                Role::Schema => {
                    self.item_named(&name, &[ItemKeyword::Schema], "a schema");
                }
                Role::Function => self.known_function(&name),
                Role::Value | Role::Output | Role::Template => {}
            }
        }
    }

    /// What an instance stands for; `None` when that is not known, for a reason that is told.
    pub(super) fn instance(&mut self) -> Option<&'db ast::Item> {
        let expansion = expansion(self.db, self.item);
        let broken = expansion.templates().any(|template| {
            let wrong = |problem: &Problem<'_>| problem.severity == Severity::Error;
            !parse(self.db, template).errors.is_empty()
                || check_item(self.db, template).problems.iter().any(wrong)
        });
        if broken {
            return None;
        }
        for problem in &expansion.problems {
            self.report(problem.clone());
        }
        expansion.tree.as_ref()
    }

    /// Whether a value is not what its template's parameter says, which is reported.
    pub(crate) fn is_given_wrong(&mut self, typed: &Typed) -> bool {
        let Some(given) = self.given.iter().find(|given| given.range == typed.range) else {
            return false;
        };
        let ty = self.declared_type(&given.ty);
        let Some(to) = ty.known() else { return false };
        let Err(misfit) = typed.fit(to) else { return false };
        let message = match misfit {
            Misfit::Null => format!("`{}` is `{to}`, and this may be null", given.parameter),
            Misfit::Meaning(_) => {
                format!("`{}` is `{to}`, this is `{}`", given.parameter, typed.ty)
            }
        };
        let problem = Problem::error(misfit.code(), typed.range, message)
            .label(Anchor::Here(given.ty.range), "the parameter");
        self.report(problem);
        true
    }
}

/// Where the parameters of a template stand in its body.
fn uses(tree: &TemplateItem) -> Vec<Used> {
    let stands_for_itself = |parameter: &Parameter| {
        let name = parameter.name.clone();
        let bound = match Kind::of(&parameter.ty) {
            Kind::Relation | Kind::Entity => Bound::Item(name.clone()),
            Kind::Column => Bound::Column(name.clone()),
            Kind::Value => {
                let kind = ExprKind::Name(name.text.clone());
                Bound::Value(Expr { kind, range: name.range })
            }
        };
        (name.text, bound)
    };
    let bound = tree.parameters.iter().map(stands_for_itself).collect();
    let mut rewrite = Rewrite::new(&bound, &tree.slots, 0);
    rewrite.body(&mut tree.body.clone());
    rewrite.used
}
