//! What checking one item needs: its names, and a place for what is wrong with it.

use std::collections::HashSet;
use std::sync::Arc;

use cpg_base::{Code, Severity, TextRange};
use cpg_ir::catalog::{ExtractorCatalog, FunctionCatalog};
use cpg_syntax::ItemKeyword;
use cpg_syntax::ast;

use crate::catalogs::Catalogs;
use crate::db::Db;
use crate::expr::Lines;
use crate::facts::{Facts, Meaning};
use crate::files::{Item, block_members, parse};
use crate::names::{Resolution, Symbol, declared, modules, resolve, visible_names};
use crate::problem::{Anchor, Problem};
use crate::row::{Origin, Row};
use crate::signature::{RelationSignature, Signature, signature};
use crate::template::{TypedValue, given, home};

/// The kinds of items that have rows.
pub const RELATIONS: [ItemKeyword; 6] = [
    ItemKeyword::Evidence,
    ItemKeyword::Normalize,
    ItemKeyword::Relate,
    ItemKeyword::Union,
    ItemKeyword::View,
    ItemKeyword::Closure,
];

/// The check of one item under way.
pub(crate) struct Checker<'db> {
    pub db: &'db dyn Db,
    pub item: Item<'db>,
    problems: Vec<Problem<'db>>,
    /// Whether the parser found errors in the item: then what is missing may stand where it could not read.
    pub incomplete: bool,
    /// Where a `where` clause can be inserted so that it guards what is being checked.
    pub guard_at: Option<u32>,
    /// The items read so far.
    inputs: Vec<Item<'db>>,
    /// What is written down for editors, when they asked.
    pub facts: Option<Box<Facts<'db>>>,
    /// The views of the fixpoint in which the item stands, with what is known of them so far.
    pub members: Vec<(Item<'db>, RelationSignature)>,
    /// The lines of positions, where these may stand.
    pub lines: Option<Lines>,
    /// The values that an instance gives to its template, with what they must be.
    pub given: &'db [TypedValue],
}

/// A relation that an item reads.
#[derive(Clone)]
pub(crate) struct Input<'db> {
    /// Its item; `None` when the name is unknown.
    pub item: Option<Item<'db>>,
    /// What is seen of it.
    signature: Option<Arc<Signature>>,
    /// Where its columns come from.
    origin: Origin,
}

impl<'db> Input<'db> {
    /// What is seen of it; `None` when it is broken.
    pub fn relation(&self) -> Option<&RelationSignature> {
        match self.signature.as_deref() {
            Some(Signature::Relation(relation)) => Some(relation),
            _ => None,
        }
    }

    /// Its row.
    pub fn row(&self) -> Row {
        let row = self.relation().map_or_else(Row::unknown, |relation| relation.row.clone());
        row.with_origin(self.origin)
    }
}

impl<'db> Checker<'db> {
    pub fn new(db: &'db dyn Db, item: Item<'db>) -> Self {
        let incomplete = !parse(db, item).errors.is_empty();
        Self {
            db,
            item,
            problems: Vec::new(),
            incomplete,
            guard_at: None,
            inputs: Vec::new(),
            facts: None,
            members: Vec::new(),
            lines: None,
            given: given(db, item),
        }
    }

    pub fn report(&mut self, problem: Problem<'db>) {
        self.problems.push(problem);
    }

    pub fn error(&mut self, code: Code, range: TextRange, message: impl Into<String>) {
        self.report(Problem::error(code, range, message));
    }

    pub fn has_errors(&self) -> bool {
        self.problems.iter().any(|problem| problem.severity == Severity::Error)
    }

    /// What was written down for editors.
    pub fn take_facts(&mut self) -> Facts<'db> {
        let mut facts = self.facts.take().map(|facts| *facts).unwrap_or_default();
        facts.inputs = std::mem::take(&mut self.inputs);
        facts
    }

    /// Whether nothing is wrong but that a policy does not fit, which the program may take lightly.
    pub fn only_misfits(&self) -> bool {
        !self.incomplete && self.problems.iter().all(|problem| problem.code == Code::UnfitPolicy)
    }

    /// What was found, each thing once: a value used twice is wrong once.
    pub fn into_problems(mut self) -> Vec<Problem<'db>> {
        let mut told = HashSet::new();
        self.problems
            .retain(|problem| told.insert((problem.code, problem.range, problem.message.clone())));
        self.problems
    }

    pub fn functions(&self) -> &'db FunctionCatalog {
        Catalogs::get(self.db).functions(self.db)
    }

    pub fn extractors(&self) -> &'db ExtractorCatalog {
        Catalogs::get(self.db).extractors(self.db)
    }

    /// What `name` stands for at that place, without a word when it is nothing.
    pub fn lookup(&self, name: &str, at: TextRange) -> Resolution<'db> {
        resolve(self.db, self.home(at).file(self.db), Symbol::new(self.db, name))
    }

    /// The item in whose module the names at a place are looked up.
    pub fn home(&self, at: TextRange) -> Item<'db> {
        home(self.db, self.item, at)
    }

    /// The item called `name`, which must be of one of `kinds`; `expected` says so in words.
    pub fn item_named(
        &mut self,
        name: &ast::Name,
        kinds: &[ItemKeyword],
        expected: &str,
    ) -> Option<Item<'db>> {
        let found = self.lookup(&name.text, name.range);
        if let Resolution::Item(item) = found {
            self.note_name(name.range, Meaning::Item(item));
        }
        match found {
            Resolution::Broken => None,
            Resolution::Unknown => {
                let message = format!("no item `{}` is declared or imported here", name.text);
                let names = visible_names(self.db, self.home(name.range).file(self.db));
                let db = self.db;
                let fitting = names.filter(|near| match self.lookup(near, name.range) {
                    Resolution::Item(item) => kinds.contains(&item.keyword(db)),
                    Resolution::Broken | Resolution::Unknown => false,
                });
                let problem = Problem::error(Code::UnknownName, name.range, message)
                    .found(format!("expected {expected}"))
                    .nearest(&name.text, fitting);
                let problem = match self.declaring_module(&name.text, kinds) {
                    Some(module) => problem
                        .help(format!("`{module}` declares it: add `use {module}.{}`", name.text)),
                    None => problem,
                };
                self.report(problem);
                None
            }
            Resolution::Item(found) if kinds.contains(&found.keyword(self.db)) => Some(found),
            Resolution::Item(found) => {
                let label = found.label(self.db);
                let message = format!("expected {expected}, found {label}");
                let mut problem = Problem::error(Code::WrongItemKind, name.range, message)
                    .label(Anchor::Name(found), "declared here");
                if found.keyword(self.db) == ItemKeyword::Fixpoint
                    && kinds.contains(&ItemKeyword::View)
                    && let Some(members) = self.members_in_words(found)
                {
                    problem = problem.help(format!("name one of its views: {members}"));
                }
                self.report(problem);
                None
            }
        }
    }

    /// The first module that declares an item of that name and one of `kinds`.
    pub fn declaring_module(&self, name: &str, kinds: &[ItemKeyword]) -> Option<&'db str> {
        let found = modules(self.db).iter().find(|(_, file)| {
            declared(self.db, **file)
                .get(name)
                .is_some_and(|item| kinds.contains(&item.keyword(self.db)))
        });
        found.map(|(module, _)| module.as_str())
    }

    /// The relation called `name`.
    pub fn input(&mut self, name: &ast::Name) -> Input<'db> {
        let item = self.item_named(name, &RELATIONS, "a relation");
        match item {
            Some(item) => self.input_of(item),
            None => Input { item: None, signature: None, origin: Origin::Unknown },
        }
    }

    /// What is known of `item`, if it is a view of the fixpoint in which the checked item stands.
    pub fn member(&self, item: Item<'db>) -> Option<&RelationSignature> {
        self.members.iter().find(|(member, _)| *member == item).map(|(_, known)| known)
    }

    /// The names of a fixpoint's views; `None` when it has none.
    pub fn members_in_words(&self, block: Item<'db>) -> Option<String> {
        let members = block_members(self.db, block);
        let names: Vec<String> = members
            .iter()
            .filter_map(|member| Some(format!("`{}`", member.name(self.db).as_ref()?)))
            .collect();
        (!names.is_empty()).then(|| names.join(", "))
    }

    /// The relation that `item` declares.
    pub fn input_of(&mut self, item: Item<'db>) -> Input<'db> {
        let origin = self.origin(item);
        let signature = match self.member(item) {
            Some(member) => Arc::new(Signature::Relation(member.clone())),
            None => signature(self.db, item).clone(),
        };
        Input { item: Some(item), signature: Some(signature), origin }
    }

    /// Where the columns of `item` come from.
    fn origin(&mut self, item: Item<'db>) -> Origin {
        self.inputs.push(item);
        u32::try_from(self.inputs.len() - 1).map_or(Origin::Unknown, Origin::Input)
    }

    /// The row that the schema called `name` says, with its item.
    pub fn schema(&mut self, name: &ast::Name) -> Option<(Item<'db>, Row)> {
        let item = self.item_named(name, &[ItemKeyword::Schema], "a schema")?;
        match &**signature(self.db, item) {
            Signature::Schema(row) => {
                let origin = self.origin(item);
                Some((item, row.clone().with_origin(origin)))
            }
            _ => None,
        }
    }

    /// Reports the second of two clauses of which one may stand.
    pub fn duplicate_clause(&mut self, what: &str, first: TextRange, second: TextRange) {
        let problem = Problem::error(
            Code::DuplicateClause,
            second,
            format!("the `{what}` clause stands twice"),
        )
        .found("the second one")
        .label(Anchor::Here(first), "the first one")
        .help("keep one of them");
        self.report(problem);
    }

    /// Reports a clause that must stand but does not, unless it may be in what the parser could not read.
    pub fn missing_clause(&mut self, range: TextRange, message: impl Into<String>, help: &str) {
        if !self.incomplete {
            self.report(Problem::error(Code::MissingClause, range, message).help(help));
        }
    }

    /// Adds a column to a row, or reports that it has one of that name.
    pub fn add_column(
        &mut self,
        row: &mut Row,
        name: &str,
        range: TextRange,
        ty: crate::ty::Ty,
    ) -> bool {
        if row.column(name).is_some() {
            let problem = Problem::error(
                Code::DuplicateColumn,
                range,
                format!("two columns are called `{name}`"),
            )
            .help("give one of them another name");
            self.report(problem);
            return false;
        }
        let meaning = Meaning::Declared { name: name.to_owned(), ty: ty.clone() };
        self.note_name(range, meaning);
        row.declare(name, ty, range);
        true
    }
}
