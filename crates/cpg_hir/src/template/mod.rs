//! Items that are made with a template: what they mean, written out, and where each part of that stands.
//!
//! An expansion has places of its own: those in the instance come first, as they are in it; those in the
//! template follow, moved behind the instance's text, and so on for a template that is made with another one.
//! So a place alone tells which text it is in, and with it where names are looked up: a body's in the template's
//! module, an argument's in the module that gives it.

mod bind;
mod rewrite;

use cpg_base::{Code, TextRange};
use cpg_syntax::ItemKeyword;
use cpg_syntax::ast::{self, InstanceItem, ItemKind, TemplateItem};

use crate::db::Db;
use crate::files::{Item, parse};
use crate::names::{Resolution, Symbol, resolve};
use crate::problem::{Anchor, Problem};
pub(crate) use bind::{Arguments, Kind, bind};
pub(crate) use rewrite::{Bound, Rewrite, Use, Used};

/// What an instance means.
#[derive(Debug, Clone, Default, PartialEq, Eq, salsa::SalsaValue)]
pub(crate) struct Expansion<'db> {
    /// The item as if it were written out; `None` when that is not known.
    pub tree: Option<ast::Item>,
    /// The templates in the order in which they were used, each with how far its places are moved.
    templates: Vec<(Item<'db>, u32)>,
    /// The values that were given, each with what it must be.
    pub values: Vec<TypedValue>,
    /// Where parameters stand in the templates.
    used: Vec<(TextRange, TextRange)>,
    /// What is wrong with the instance itself.
    pub problems: Vec<Problem<'db>>,
}

/// A value that was given for a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TypedValue {
    /// The value's place.
    pub range: TextRange,
    /// The parameter's name.
    pub parameter: String,
    /// The parameter's type.
    pub ty: ast::TypeExpr,
}

impl<'db> Expansion<'db> {
    /// The item in whose text a place of the instance `item` is, and where in it.
    fn located(
        &self,
        db: &'db dyn Db,
        item: Item<'db>,
        range: TextRange,
    ) -> (Item<'db>, TextRange) {
        let own = length(db, item);
        if range.start() < own {
            return (item, TextRange::new(range.start(), range.end().min(own - 1)));
        }
        let before = self.templates.partition_point(|(_, moved)| *moved <= range.start());
        let Some((template, moved)) = before.checked_sub(1).and_then(|at| self.templates.get(at))
        else {
            return (item, TextRange::empty(0));
        };
        let end = range.end().min(moved + length(db, *template) - 1);
        (*template, TextRange::new(range.start() - moved, end - moved))
    }

    /// The templates it is made with.
    pub fn templates(&self) -> impl Iterator<Item = Item<'db>> {
        self.templates.iter().map(|(item, _)| *item)
    }
}

/// An item's tree as it means: of an instance what it stands for, of others what is written.
pub(crate) fn tree<'db>(db: &'db dyn Db, item: Item<'db>) -> Option<&'db ast::Item> {
    match parse(db, item).item.as_ref()? {
        ast::Item { kind: ItemKind::Instance(_), .. } => expansion(db, item).tree.as_ref(),
        written => Some(written),
    }
}

/// Writes an instance out. Nothing comes of an item that is none.
#[salsa::tracked]
pub(crate) fn expansion<'db>(db: &'db dyn Db, item: Item<'db>) -> Expansion<'db> {
    let mut expansion = Expansion::default();
    let Some(written) = &parse(db, item).item else { return expansion };
    let ItemKind::Instance(instance) = &written.kind else { return expansion };
    let mut call = instance.clone();
    let mut holder = item;
    let mut moved = length(db, item);
    loop {
        let (found, template) = match template_of(db, holder, &call) {
            Ok(found) => found,
            Err(problem) => {
                expansion.problems.extend(problem.map(|problem| *problem));
                return expansion;
            }
        };
        // Templates that need themselves are reported where cycles are.
        if expansion.templates().any(|other| other == found) {
            return expansion;
        }
        let home = |range| expansion.located(db, item, range).0;
        let Arguments { bound, values, problems } = bind(db, &home, &[], &call, found, template);
        expansion.templates.push((found, moved));
        if !problems.is_empty() {
            expansion.problems.extend(problems);
            return expansion;
        }
        let mut body = template.body.clone();
        let mut rewrite = Rewrite::new(&bound, &template.slots, moved);
        rewrite.body(&mut body);
        for used in rewrite.used {
            if let Some(Bound::Value(value)) = bound.get(&used.parameter) {
                expansion.used.push((value.range, used.range));
            } else if let Some(Bound::Item(name) | Bound::Column(name)) = bound.get(&used.parameter)
            {
                expansion.used.push((name.range, used.range));
            }
        }
        for mut value in values {
            shift_type(&mut value.ty, moved);
            expansion.values.push(value);
        }
        moved += length(db, found);
        holder = found;
        match body {
            ItemKind::Instance(next) => call = next,
            mut kind => {
                rename(&mut kind, &instance.name);
                expansion.tree = Some(ast::Item { kind, ..written.clone() });
                return expansion;
            }
        }
    }
}

/// The template that an instance names.
pub(crate) fn template_of<'db>(
    db: &'db dyn Db,
    holder: Item<'db>,
    call: &InstanceItem,
) -> Result<(Item<'db>, &'db TemplateItem), Option<Box<Problem<'db>>>> {
    let name = &call.template;
    let found = match resolve(db, holder.file(db), Symbol::new(db, name.text.as_str())) {
        Resolution::Item(found) => found,
        Resolution::Broken => return Err(None),
        Resolution::Unknown => return Err(Some(Box::new(bind::no_template(db, holder, name)))),
    };
    if found.keyword(db) != ItemKeyword::Template {
        let message = format!("expected a template, found {}", found.label(db));
        let problem = Problem::error(Code::WrongItemKind, name.range, message);
        return Err(Some(Box::new(problem.label(Anchor::Name(found), "declared here"))));
    }
    let Some(ast::Item { kind: ItemKind::Template(template), .. }) = &parse(db, found).item else {
        return Err(None);
    };
    let of = kind_of(&template.body);
    if of != Some(call.keyword) {
        let (written, of) = (call.keyword, of.map_or("", ItemKeyword::as_str));
        let message = format!("`{}` is a template of a `{of}`, not of a `{written}`", name.text);
        let problem = Problem::error(Code::WrongItemKind, name.range, message)
            .label(Anchor::Name(found), "declared here")
            .help(format!("begin the item with `{of}`"));
        return Err(Some(Box::new(problem)));
    }
    Ok((found, template))
}

/// The kind of item that a body says.
fn kind_of(body: &ItemKind) -> Option<ItemKeyword> {
    match body {
        ItemKind::Normalize(_) => Some(ItemKeyword::Normalize),
        ItemKind::Relate(_) => Some(ItemKeyword::Relate),
        ItemKind::View(_) => Some(ItemKeyword::View),
        ItemKind::Instance(instance) => Some(instance.keyword),
        _ => None,
    }
}

fn rename(body: &mut ItemKind, name: &ast::Name) {
    match body {
        ItemKind::Normalize(item) => item.name = name.clone(),
        ItemKind::Relate(item) => item.name = name.clone(),
        ItemKind::View(item) => item.name = name.clone(),
        _ => {}
    }
}

fn shift_type(ty: &mut ast::TypeExpr, by: u32) {
    ty.range = ty.range.shifted(by);
    ty.name.range = ty.name.range.shifted(by);
    for arg in &mut ty.args {
        match arg {
            ast::TypeArg::Type(arg) => shift_type(arg, by),
            ast::TypeArg::Int(_, range) => *range = range.shifted(by),
        }
    }
}

/// How many places an item's tree has, its end included. Taken from the tree, since comments do not count.
fn length<'db>(db: &'db dyn Db, item: Item<'db>) -> u32 {
    parse(db, item).item.as_ref().map_or(0, |tree| tree.range.end()) + 1
}

/// The item in whose text a place of `item` is, and where in it.
pub(crate) fn located<'db>(
    db: &'db dyn Db,
    item: Item<'db>,
    range: TextRange,
) -> (Item<'db>, TextRange) {
    if is_instance(db, item) { expansion(db, item).located(db, item, range) } else { (item, range) }
}

/// The item in whose module the names at a place of `item` are looked up.
pub(crate) fn home<'db>(db: &'db dyn Db, item: Item<'db>, range: TextRange) -> Item<'db> {
    located(db, item, range).0
}

/// Where in a template what stands at `range` in its instance `item` is used.
pub(crate) fn use_of<'db>(
    db: &'db dyn Db,
    item: Item<'db>,
    range: TextRange,
) -> Option<(Item<'db>, TextRange)> {
    if !is_instance(db, item) {
        return None;
    }
    let mut at = None;
    for (argument, used) in &expansion(db, item).used {
        if argument.start() <= range.start() && range.end() <= argument.end() {
            at = at.or(Some(*used));
        }
    }
    at.map(|used| located(db, item, used))
}

/// The values that an item gives to the template it is made with; none when it is made with none.
pub(crate) fn given<'db>(db: &'db dyn Db, item: Item<'db>) -> &'db [TypedValue] {
    if is_instance(db, item) { &expansion(db, item).values } else { &[] }
}

fn is_instance<'db>(db: &'db dyn Db, item: Item<'db>) -> bool {
    matches!(parse(db, item).item, Some(ast::Item { kind: ItemKind::Instance(_), .. }))
}
