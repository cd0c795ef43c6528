//! Attributes: what is said of an item besides what it says itself.

use cpg_base::{Code, Severity};
use cpg_syntax::ItemKeyword;
use cpg_syntax::ast::{Attribute, AttributeArg};

use crate::checker::Checker;
use crate::db::Db;
use crate::files::{Item, parse};
use crate::names::{Resolution, Symbol, resolve};
use crate::problem::{Anchor, Problem};
use crate::references::{Role, references};

/// The attributes, each with how it is written and whether it may stand more than once.
const ATTRIBUTES: [(&str, &str, bool); 3] = [
    ("tag", "`@tag(NAME)`", true),
    ("deprecated", "`@deprecated(\"why\")`", false),
    ("owner", "`@owner(\"who\")`", false),
];

impl<'db> Checker<'db> {
    pub(super) fn attributes(&mut self, attributes: &[Attribute]) {
        for (at, attribute) in attributes.iter().enumerate() {
            let name = attribute.name.text.as_str();
            let Some((_, form, often)) = ATTRIBUTES.iter().find(|(known, ..)| *known == name)
            else {
                let message = format!("there is no attribute `@{name}`");
                let forms = ATTRIBUTES.map(|(_, form, _)| form).join(", ");
                let problem = Problem::error(Code::UnknownAttribute, attribute.name.range, message)
                    .help(format!("attributes are {forms}"))
                    .nearest(name, ATTRIBUTES.map(|(name, ..)| name));
                self.report(problem);
                continue;
            };
            let fits = match (name, attribute.args.as_slice()) {
                ("tag", [AttributeArg::Name(_)]) => true,
                ("tag", _) => false,
                (_, [AttributeArg::Text(text)]) => !text.value.trim().is_empty(),
                _ => false,
            };
            if !fits {
                let what = if name == "tag" { "name" } else { "string that says something" };
                let message = format!("`@{name}` takes one {what}");
                let problem = Problem::error(Code::WrongArguments, attribute.range, message)
                    .help(format!("write {form}"));
                self.report(problem);
            }
            let first = attributes.iter().take(at).find(|other| other.name.text == name);
            if let Some(first) = first.filter(|_| !often) {
                let message = format!("`@{name}` stands twice");
                let problem = Problem::error(Code::DuplicateClause, attribute.range, message)
                    .found("the second one")
                    .label(Anchor::Here(first.range), "the first one")
                    .help("keep one of them");
                self.report(problem);
            }
        }
    }
}

/// The string that an item's attribute of that name says.
pub(super) fn said<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a str> {
    attributes.iter().filter(|attribute| attribute.name.text == name).find_map(|attribute| {
        match attribute.args.as_slice() {
            [AttributeArg::Text(text)] => Some(text.value.as_str()),
            _ => None,
        }
    })
}

/// The tags of an item.
pub(super) fn tags(attributes: &[Attribute]) -> impl Iterator<Item = &str> {
    attributes.iter().filter(|attribute| attribute.name.text == "tag").flat_map(|attribute| {
        attribute.args.iter().filter_map(|arg| match arg {
            AttributeArg::Name(name) => Some(name.text.as_str()),
            AttributeArg::Text(_) => None,
        })
    })
}

/// Why an item should not be used any more, if that is said.
#[salsa::tracked]
fn deprecated<'db>(db: &'db dyn Db, item: Item<'db>) -> Option<String> {
    let tree = parse(db, item).item.as_ref()?;
    said(&tree.attributes, "deprecated").map(str::to_owned)
}

/// The places where an item uses one that should not be used any more.
#[salsa::tracked]
pub(crate) fn deprecated_uses<'db>(db: &'db dyn Db, item: Item<'db>) -> Vec<Problem<'db>> {
    let mut problems = Vec::new();
    // What should not be used itself may use others of its kind until all are gone.
    if deprecated(db, item).is_some() {
        return problems;
    }
    for reference in references(db, item) {
        let name = Symbol::new(db, reference.text);
        let Resolution::Item(found) = resolve(db, item.file(db), name) else { continue };
        let means_it = match reference.role {
            Role::Value => found.keyword(db) == ItemKeyword::Const,
            Role::Function => found.keyword(db) == ItemKeyword::Fn,
            _ => true,
        };
        let Some(why) = deprecated(db, found).as_ref().filter(|_| means_it) else { continue };
        let message = format!("{} should not be used any more: {why}", found.label(db));
        let mut problem = Problem::error(Code::Deprecated, reference.range, message)
            .label(Anchor::Name(found), "declared here");
        problem.severity = Severity::Warning;
        problems.push(problem);
    }
    problems.sort_by_key(|problem| problem.range);
    problems.dedup();
    problems
}
