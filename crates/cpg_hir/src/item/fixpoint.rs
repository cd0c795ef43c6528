//! `fixpoint`: views that may need each other, checked together.

use std::sync::Arc;

use cpg_base::Code;
use cpg_ir::spec::{
    FixpointMember, FixpointSpec, MemberSpec, Pipeline, Relation, RelationId, Spec,
};
use cpg_syntax::ast::{self, FixpointItem, ItemKind, PipelineArm, PipelineStepKind, ViewItem};

use super::{Checked, Lowered};
use crate::check::name_range;
use crate::checker::Checker;
use crate::db::Db;
use crate::files::{Item, block_members, parse};
use crate::members::relation_id;
use crate::names::Resolution;
use crate::problem::{Anchor, Problem};
use crate::row::{Origin, Row};
use crate::signature::{Emission, RelationSignature, Signature};
use crate::template::tree;

/// Finding out the rows of views that need each other takes time in the square of their number.
const MOST_VIEWS: usize = 200;

/// What checking a fixpoint finds.
#[derive(Debug, Clone, PartialEq, Eq, salsa::SalsaValue)]
pub(crate) struct Block<'db> {
    /// Of the fixpoint itself.
    pub own: Checked<'db>,
    /// Of its views, in the order of the text.
    members: Vec<(Item<'db>, Checked<'db>)>,
}

impl<'db> Block<'db> {
    /// What it finds of a view.
    pub fn member(&self, item: Item<'db>) -> Checked<'db> {
        let found = self.members.iter().find(|(member, _)| *member == item);
        found.map_or_else(Checked::unknown, |(_, checked)| checked.clone())
    }

    /// What is seen of each view.
    pub fn signatures(&self) -> Vec<(Item<'db>, RelationSignature)> {
        let members = self.members.iter().filter_map(|(item, checked)| match &*checked.signature {
            Signature::Relation(relation) => Some((*item, relation.clone())),
            _ => None,
        });
        members.collect()
    }
}

/// Checks the views of a fixpoint together: what one gives may depend on what the others give.
#[salsa::tracked(cycle_result = unknown)]
pub(crate) fn check_block<'db>(db: &'db dyn Db, block: Item<'db>) -> Block<'db> {
    let mut checker = Checker::new(db, block);
    let parsed = parse(db, block).item.as_ref();
    let mut bound = None;
    if let Some(ast::Item { attributes, kind: ItemKind::Fixpoint(tree), .. }) = parsed {
        checker.attributes(attributes);
        bound = checker.fixpoint_header(tree);
    }
    let mut views = Views::new(db, block);
    let count = views.whole.len() + views.broken.len();
    if count > MOST_VIEWS {
        let range = name_range(db, block);
        let message = format!("a fixpoint of {count} views: at most {MOST_VIEWS} can stand in one");
        checker.error(Code::OutOfRange, range, message);
        views.whole.clear();
    }
    let Inferred { rows, untyped } = infer(db, &views);

    let id = relation_id(db, block);
    let mut members = Vec::with_capacity(views.whole.len());
    let mut lowered = Some(Vec::with_capacity(views.whole.len()));
    for view in &views.whole {
        let mut own = views.checker(db, view, &rows);
        own.attributes(view.attributes);
        own.instance();
        if untyped.first() == Some(&view.item) {
            own.untyped(view, &views.whole, &untyped);
        }
        let (checked, member) = view.check(own, id.clone());
        members.push((view.item, checked));
        lowered = lowered.zip(member).map(|(mut lowered, member)| {
            lowered.push(member);
            lowered
        });
    }
    for item in &views.broken {
        let mut own = Checker::new(db, *item);
        match parse(db, *item).item.as_ref().map(|tree| &tree.kind) {
            Some(ItemKind::SqlView(tree)) => {
                let message = format!("`{}` stands in a fixpoint and is in SQL", tree.name.text);
                let problem = Problem::error(Code::RefusedSql, tree.query.range, message)
                    .found("a fixpoint must know which rows can only be added")
                    .help("say it in steps: `view NAME = from … select { … }`");
                own.report(problem);
            }
            // What is wrong with the template that it is made with.
            _ => _ = own.instance(),
        }
        members.push((*item, Checked { problems: own.into_problems(), ..Checked::unknown() }));
    }
    let whole = views.broken.is_empty() && !checker.has_errors() && !checker.incomplete;
    let relation = match (id, bound, lowered) {
        (Some(id), Some(bound), Some(members)) if whole => {
            let spec = FixpointSpec { bound, members };
            Some(Arc::new(Relation { id, schema: spec.row(), spec: Spec::Fixpoint(spec) }))
        }
        _ => None,
    };
    let own = Checked {
        signature: Arc::new(Signature::Nothing),
        relation,
        checks: Vec::new(),
        test: None,
        policy: None,
        problems: checker.into_problems(),
    };
    Block { own, members }
}

fn unknown<'db>(_db: &'db dyn Db, _id: salsa::Id, _block: Item<'db>) -> Block<'db> {
    Block { own: Checked::unknown(), members: Vec::new() }
}

/// The views of a fixpoint.
struct Views<'db> {
    /// Those that parse, at least in part.
    whole: Vec<View<'db>>,
    /// Those that do not: nothing is known of them.
    broken: Vec<Item<'db>>,
}

impl<'db> Views<'db> {
    fn new(db: &'db dyn Db, block: Item<'db>) -> Self {
        let mut views = Self { whole: Vec::new(), broken: Vec::new() };
        for item in block_members(db, block) {
            match View::new(db, item) {
                Some(view) => views.whole.push(view),
                None => views.broken.push(item),
            }
        }
        views
    }

    /// A check of `view` that knows so much of all of them.
    fn checker(&self, db: &'db dyn Db, view: &View<'db>, rows: &[Option<Row>]) -> Checker<'db> {
        let mut checker = Checker::new(db, view.item);
        let whole = self.whole.iter().zip(rows);
        let whole = whole.map(|(view, row)| (view.item, Some(view.id.clone()), row.clone()));
        let broken = self.broken.iter().map(|item| (*item, relation_id(db, *item), None));
        for (item, id, row) in whole.chain(broken) {
            // A view without a name cannot be read.
            let Some(id) = id else { continue };
            let row = row.unwrap_or_else(Row::unknown);
            checker.members.push((item, RelationSignature { id, row, emission: Emission::None }));
        }
        checker
    }
}

/// A view of a fixpoint, as far as it parses.
struct View<'db> {
    item: Item<'db>,
    id: RelationId,
    attributes: &'db [ast::Attribute],
    tree: &'db ViewItem,
}

impl<'db> View<'db> {
    fn new(db: &'db dyn Db, item: Item<'db>) -> Option<Self> {
        match tree(db, item)? {
            ast::Item { attributes, kind: ItemKind::View(tree), .. } => {
                Some(Self { item, id: relation_id(db, item)?, attributes, tree })
            }
            _ => None,
        }
    }

    /// What the check finds, and what becomes part of the fixpoint, if all is right.
    fn check(
        &self,
        mut checker: Checker<'db>,
        block: Option<RelationId>,
    ) -> (Checked<'db>, Option<FixpointMember>) {
        let mut pipeline: Option<Pipeline> = None;
        let (signature, relation) =
            checker.declared_relation(self.id.clone(), &self.tree.name, |checker| {
                let (row, lowered) = checker.pipeline(self.tree);
                pipeline = lowered;
                for column in &row.columns {
                    checker.tells_apart("fixpoint", &column.ty, self.tree.name.range);
                }
                Lowered::new(row, block.map(|block| Spec::Member(MemberSpec { block })))
            });
        let whole = !checker.has_errors() && !checker.incomplete;
        let relation = relation.filter(|_| whole);
        let member = relation.as_ref().zip(pipeline).map(|(relation, pipeline)| FixpointMember {
            id: self.id.clone(),
            pipeline,
            schema: relation.schema.clone(),
        });
        let checked = Checked {
            signature: Arc::new(signature),
            relation: relation.map(Arc::new),
            checks: Vec::new(),
            test: None,
            policy: None,
            problems: checker.into_problems(),
        };
        (checked, member)
    }
}

/// What is known of the views' rows before they are checked.
struct Inferred<'db> {
    /// For each view its row, as far as it is known.
    rows: Vec<Option<Row>>,
    /// The views of which every arm reads a view whose row is not known.
    untyped: Vec<Item<'db>>,
}

/// Finds out the rows: a view that promises a schema has that; others have what their first arm gives that reads no
/// view whose row is not known yet, widened until it holds what all of its arms give.
fn infer<'db>(db: &'db dyn Db, all: &Views<'db>) -> Inferred<'db> {
    let views = &all.whole;
    let promised = |view: &View<'db>| {
        let schema = view.tree.schema.as_ref()?;
        let row = all.checker(db, view, &[]).schema(schema);
        let row = row.map(|(_, row)| row.with_origin(Origin::Unknown));
        // A schema that there is not is reported once, by the check.
        Some(row.unwrap_or_else(Row::unknown))
    };
    let mut rows: Vec<Option<Row>> = views.iter().map(promised).collect();
    let promises: Vec<bool> = rows.iter().map(Option::is_some).collect();
    loop {
        let mut found = false;
        for (at, view) in views.iter().enumerate() {
            if rows.get(at).is_some_and(Option::is_some) {
                continue;
            }
            let mut checker = all.checker(db, view, &rows);
            let is_known = |name: &ast::Name| match checker.lookup(&name.text, name.range) {
                Resolution::Item(item) => {
                    views.iter().zip(&rows).all(|(view, row)| view.item != item || row.is_some())
                }
                Resolution::Broken | Resolution::Unknown => true,
            };
            let known = |arm: &&PipelineArm| read(arm).all(&is_known);
            let Some(arm) = view.tree.arms.iter().find(known) else { continue };
            let mut row = checker.arm(arm).row.with_origin(Origin::Unknown);
            row.open |= checker.incomplete;
            if let Some(slot) = rows.get_mut(at) {
                *slot = Some(row);
                found = true;
            }
        }
        if !found {
            break;
        }
    }
    let unknown = views.iter().zip(&rows).filter(|(_, row)| row.is_none());
    let untyped = unknown.map(|(view, _)| view.item).collect();

    // Types only become wider, and each has few wider ones; the limit is for what must never be.
    let columns: usize = rows.iter().flatten().map(|row| row.columns.len()).sum();
    for _ in 0..=4 * columns {
        let mut next = rows.clone();
        for ((view, promised), slot) in views.iter().zip(&promises).zip(&mut next) {
            if !promised && slot.is_some() {
                let mut checker = all.checker(db, view, &rows);
                let (row, _) = checker.pipeline(view.tree);
                let mut row = row.with_origin(Origin::Unknown);
                row.open |= checker.incomplete;
                *slot = Some(row);
            }
        }
        let settled = next == rows;
        rows = next;
        if settled {
            break;
        }
    }
    Inferred { rows, untyped }
}

/// The relations that an arm reads.
fn read(arm: &PipelineArm) -> impl Iterator<Item = &ast::Name> {
    let joined = arm.steps.iter().filter_map(|step| match &step.kind {
        PipelineStepKind::Join { source, .. } => Some(&source.relation),
        _ => None,
    });
    std::iter::once(&arm.from.relation).chain(joined)
}

impl<'db> Checker<'db> {
    /// What stands around the views; gives the bound.
    fn fixpoint_header(&mut self, tree: &FixpointItem) -> Option<u32> {
        if tree.members.is_empty() {
            let message = format!("the fixpoint `{}` has no view", tree.name.text);
            self.missing_clause(tree.name.range, message, "put `view NAME = …` into its braces");
        }
        self.at_least_one(tree.bound, "rounds")
    }

    fn untyped(&mut self, view: &View<'db>, views: &[View<'db>], untyped: &[Item<'db>]) {
        let name = &view.tree.name;
        let message = format!(
            "the columns of `{}` are not known: every arm of it reads itself or another such view",
            name.text
        );
        let mut problem = Problem::error(Code::UntypedView, name.range, message)
            .found("no arm to begin with")
            .help(format!(
                "add an arm that reads no view of the fixpoint, or say the columns: `view {}: SCHEMA = …`",
                name.text
            ));
        for other in views.iter().filter(|other| other.item != view.item) {
            if untyped.contains(&other.item) {
                problem = problem.label(Anchor::Name(other.item), "nor are those of this one");
            }
        }
        self.report(problem);
    }
}
