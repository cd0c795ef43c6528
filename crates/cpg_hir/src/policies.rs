//! The policies of the whole program: for each relation and setting, the most specific policy that says it.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use cpg_base::{Code, Severity, TextRange};
use cpg_ir::policy::{Declared, PolicyTarget, ProgramPolicies, RelationPolicies, ValidateMode};
use cpg_ir::spec::RelationId;
use cpg_syntax::ItemKeyword;

use crate::built::built;
use crate::checker::RELATIONS;
use crate::db::Db;
use crate::files::{Item, Program, SourceFile, items};
use crate::graph::order;
use crate::item::{PlacedTarget, Setting, Target, check_item, documentation, exported, unfit};
use crate::members::relation_id;
use crate::problem::{Anchor, Problem};

/// What the program's policies come to.
#[derive(Debug, Clone, PartialEq, Eq, salsa::SalsaValue)]
pub(crate) struct Effective<'db> {
    /// The settings of each relation.
    pub policies: ProgramPolicies,
    /// What is wrong with policies together, each with the policy it is about.
    pub problems: Vec<(Item<'db>, Problem<'db>)>,
}

/// A setting where it is said.
#[derive(Clone, Copy)]
struct Said<'db> {
    by: Item<'db>,
    target: &'db Target<'db>,
    target_range: TextRange,
    setting: &'db Setting,
    range: TextRange,
}

impl Said<'_> {
    /// Whether it is said of an item, which has these tags if any are looked for.
    fn is_for(&self, db: &dyn Db, item: Item<'_>, tags: Option<&BTreeSet<String>>) -> bool {
        match self.target {
            Target::All => true,
            Target::Kind(kind) => *kind == item.keyword(db),
            Target::Tag(tag) => tags.is_some_and(|tags| tags.contains(tag)),
            Target::Item(other) => *other == item,
        }
    }

    fn target(&self) -> PolicyTarget {
        match self.target {
            Target::All => PolicyTarget::All,
            Target::Kind(kind) => PolicyTarget::Kind(kind.as_str().to_owned()),
            Target::Tag(tag) => PolicyTarget::Tag(tag.clone()),
            Target::Item(_) => PolicyTarget::Item,
        }
    }
}

/// What the program's policies say of an item's rows and their table, if they say anything.
pub fn policies_of<'db>(db: &'db dyn Db, item: Item<'db>) -> Option<&'db RelationPolicies> {
    effective(db).policies.relations.get(&relation_id(db, item)?)
}

/// Decides which policy holds where.
#[salsa::tracked]
pub(crate) fn effective<'db>(db: &'db dyn Db) -> Effective<'db> {
    let said = said(db);
    let mut effective = Effective { policies: ProgramPolicies::default(), problems: Vec::new() };
    if said.is_empty() {
        return effective;
    }
    effective.validate(&said);
    let built = built(db);
    let exports: HashSet<Item<'db>> = exported(db).iter().map(|export| export.target).collect();
    let mut matched = vec![false; said.len()];
    // A program without outputs has no tables that a policy could be for.
    if exports.is_empty() {
        return effective;
    }
    // Where no policy is for a tag, no edit of a comment matters here.
    let by_tag = said.iter().any(|one| matches!(one.target, Target::Tag(_)));
    for item in &order(db).items {
        if !RELATIONS.contains(&item.keyword(db)) {
            continue;
        }
        let tags = by_tag.then(|| &documentation(db, *item).tags);
        let is_meant =
            |one: &Said<'db>| one.setting.is_of_relations() && one.is_for(db, *item, tags);
        let mut meant = said.iter().enumerate().filter(|(_, one)| is_meant(one)).peekable();
        if meant.peek().is_none() {
            continue;
        }
        let Some(id) = relation_id(db, *item) else { continue };
        let place = Place { exported: exports.contains(item), built: built.contains(item) };
        let mut best: BTreeMap<&str, Said<'db>> = BTreeMap::new();
        for (at, one) in meant {
            if let Some(why) = one.setting.missing(place, item.keyword(db)) {
                if let Target::Item(_) = one.target {
                    matched[at] = true;
                    effective.without_effect(db, *item, one, &why);
                }
                continue;
            }
            matched[at] = true;
            effective.compete(&mut best, *one);
        }
        effective.settle(db, *item, &id, &best);
    }
    for (one, matched) in said.iter().zip(matched) {
        if !matched && one.setting.is_of_relations() {
            effective.unmatched(one);
        }
    }
    effective.problems.dedup();
    effective
}

/// Where a policy says something.
pub(crate) struct SaidAt<'db> {
    pub policy: Item<'db>,
    /// Where it says of what.
    pub target: TextRange,
    pub setting: TextRange,
}

/// Where that is said of a relation which holds of the settings in these slots: the most specific, of equals the first.
pub(crate) fn deciding<'db>(
    db: &'db dyn Db,
    item: Item<'db>,
    slots: &[&str],
) -> Option<SaidAt<'db>> {
    let tags = &documentation(db, item).tags;
    let of_slots = said(db).into_iter().filter(|one| slots.contains(&one.setting.slot()));
    let meant = of_slots.filter(|one| one.is_for(db, item, Some(tags)));
    let best = meant.reduce(|best, one| {
        let more = one.target().specificity() > best.target().specificity();
        if more { one } else { best }
    })?;
    Some(SaidAt { policy: best.by, target: best.target_range, setting: best.range })
}

/// Every setting of every policy, in the order of the program's text.
fn said(db: &dyn Db) -> Vec<Said<'_>> {
    let mut said = Vec::new();
    for item in Program::get(db).files(db).iter().flat_map(|file| policies_in(db, *file)) {
        let Some(policy) = &check_item(db, *item).policy else { continue };
        for PlacedTarget { target, range: target_range } in &policy.targets {
            for (setting, range) in &policy.settings {
                let (target_range, range) = (*target_range, *range);
                said.push(Said { by: *item, target, target_range, setting, range });
            }
        }
    }
    said.sort_by_cached_key(|one| (one.by.module(db).to_owned(), one.by.start(db), one.range));
    said
}

/// The policies of a file. A query of its own, so that an edit looks at one file for them.
#[salsa::tracked]
fn policies_in<'db>(db: &'db dyn Db, file: SourceFile) -> Vec<Item<'db>> {
    let items = items(db, file).iter().copied();
    items.filter(|item| item.keyword(db) == ItemKeyword::Policy).collect()
}

/// What a relation is to the program.
#[derive(Clone, Copy)]
struct Place {
    exported: bool,
    built: bool,
}

impl Setting {
    fn is_of_relations(&self) -> bool {
        !matches!(self, Self::Validate(_))
    }

    /// The name of what it sets.
    fn slot(&self) -> &'static str {
        match self {
            Self::Partition(_) => "partition",
            Self::Sort(_) => "sort",
            Self::TargetFileBytes(_) => "target_file_size",
            Self::Stats(_) => "stats",
            Self::Optimize(_) => "optimize",
            Self::Vacuum(_) => "vacuum",
            Self::CheckpointEvery(_) => "checkpoint",
            Self::Schema(_) => "schema mode",
            Self::Keep(_) => "keep",
            Self::Pruning(_) => "pruning",
            Self::Pushdown(_) => "pushdown",
            Self::ChangeFeed(_) => "change_feed",
            Self::Validate(_) => "validate mode",
        }
    }

    /// Why it can have no effect on a relation; `None` when it can.
    fn missing(&self, place: Place, keyword: ItemKeyword) -> Option<String> {
        let built = place.built.then_some(()).ok_or("no output needs it, so it is never built");
        match self {
            Self::Validate(_) => None,
            Self::Pruning(_) | Self::Pushdown(_) => built.err().map(str::to_owned),
            Self::Keep(_) if keyword == ItemKeyword::Evidence => {
                Some("evidence is always kept, with its extractor's tables".to_owned())
            }
            Self::Keep(_) if place.exported => Some("an output is always kept".to_owned()),
            Self::Keep(_) => built.err().map(str::to_owned),
            _ if place.exported => None,
            _ => Some("it is no output, so it has no table for readers".to_owned()),
        }
    }
}

impl<'db> Effective<'db> {
    fn problem(&mut self, by: Item<'db>, problem: Problem<'db>) {
        self.problems.push((by, problem));
    }

    /// The mode in which policies are validated.
    fn validate(&mut self, said: &[Said<'db>]) {
        let mut first: Option<(&Said<'db>, ValidateMode)> = None;
        for one in said {
            let Setting::Validate(mode) = one.setting else { continue };
            match first {
                Some((before, _)) => self.conflict(before, one),
                None => {
                    first = Some((one, *mode));
                    self.policies.validate = *mode;
                }
            }
        }
    }

    fn compete(&mut self, best: &mut BTreeMap<&str, Said<'db>>, one: Said<'db>) {
        let slot = one.setting.slot();
        match best.get(slot) {
            Some(before) => {
                let (own, other) = (one.target().specificity(), before.target().specificity());
                if own > other {
                    best.insert(slot, one);
                } else if own == other && (one.by, one.range) != (before.by, before.range) {
                    let before = *before;
                    self.conflict(&before, &one);
                }
            }
            None => {
                best.insert(slot, one);
            }
        }
    }

    fn conflict(&mut self, first: &Said<'db>, second: &Said<'db>) {
        let slot = second.setting.slot();
        let message = format!("two policies say `{slot}`, and none is more specific");
        let label = if first.by == second.by {
            Anchor::Here(first.range)
        } else {
            Anchor::Inside(first.by, first.range)
        };
        let problem = Problem::error(Code::AmbiguousPolicy, second.range, message)
            .found("the second one")
            .label(label, "the first one")
            .help("keep one, or say it for the item that it is meant for");
        self.problem(second.by, problem);
    }

    /// A setting for one item that it cannot change anything of.
    fn without_effect(&mut self, db: &'db dyn Db, item: Item<'db>, one: &Said<'db>, why: &str) {
        let message =
            format!("`{}` changes nothing of {}: {why}", one.setting.slot(), item.label(db));
        let problem = Problem::error(Code::UnfitPolicy, one.target_range, message)
            .label(Anchor::Name(item), "declared here");
        self.problem(one.by, problem);
    }

    /// A setting for relations of which there are none.
    fn unmatched(&mut self, one: &Said<'db>) {
        let slot = one.setting.slot();
        let message =
            format!("`{slot}` holds for nothing: no relation that it could change is meant");
        let problem = Problem::error(Code::UnfitPolicy, one.target_range, message);
        self.problem(one.by, problem);
    }

    /// Keeps what won for a relation.
    fn settle(
        &mut self,
        db: &'db dyn Db,
        item: Item<'db>,
        id: &RelationId,
        best: &BTreeMap<&str, Said<'db>>,
    ) {
        let mut policies = RelationPolicies::default();
        for one in best.values() {
            // What is said for one item is checked where it is said.
            if !matches!(one.target, Target::Item(_)) {
                for problem in unfit(db, item, one.setting) {
                    self.problem(one.by, problem);
                }
            }
            set(&mut policies, one);
        }
        if policies != RelationPolicies::default() {
            self.policies.relations.insert(id.clone(), policies);
        }
    }
}

fn set(policies: &mut RelationPolicies, one: &Said<'_>) {
    fn declared<T>(value: T, one: &Said<'_>) -> Option<Declared<T>> {
        Some(Declared { value, target: one.target() })
    }
    let names = |columns: &[(String, TextRange)]| {
        columns.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>()
    };
    match one.setting {
        Setting::Partition(columns) => policies.partition = declared(names(columns), one),
        Setting::Stats(columns) => policies.stats = declared(names(columns), one),
        Setting::Sort(keys) => {
            let keys = keys.iter().map(|(key, _)| key.clone()).collect();
            policies.sort = declared(keys, one);
        }
        Setting::TargetFileBytes(bytes) => policies.target_file_bytes = declared(*bytes, one),
        Setting::Optimize(when) => policies.optimize = declared(when.clone(), one),
        Setting::Vacuum(vacuum) => policies.vacuum = declared(vacuum.clone(), one),
        Setting::CheckpointEvery(versions) => policies.checkpoint_every = declared(*versions, one),
        Setting::Schema(mode) => policies.schema = declared(*mode, one),
        Setting::Keep(keep) => policies.keep = declared(*keep, one),
        Setting::Pruning(on) => policies.pruning = declared(*on, one),
        Setting::Pushdown(on) => policies.pushdown = declared(*on, one),
        Setting::ChangeFeed(on) => policies.change_feed = declared(*on, one),
        Setting::Validate(_) => {}
    }
}

/// The problems of policies with the severity that `policy validate` gives to those that merely do not fit.
pub(crate) fn weighed<'db>(db: &'db dyn Db, problem: &Problem<'db>) -> Option<Problem<'db>> {
    if problem.code != Code::UnfitPolicy {
        return Some(problem.clone());
    }
    let mut problem = problem.clone();
    match effective(db).policies.validate {
        ValidateMode::Error => {}
        ValidateMode::Warn => problem.severity = Severity::Warning,
        ValidateMode::Off => return None,
    }
    Some(problem)
}
