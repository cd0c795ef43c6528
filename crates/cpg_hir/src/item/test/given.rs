//! Which relations a test must give, and which it gives for nothing.

use std::collections::HashSet;

use cpg_base::{Code, TextRange};
use cpg_syntax::ast::{ItemKind, TestItem, UnionMembers};

use super::Given;
use crate::checker::{Checker, RELATIONS};
use crate::db::Db;
use crate::files::{Item, parse};
use crate::graph::dependencies;
use crate::names::Resolution;
use crate::problem::{Anchor, Problem};

impl<'db> Checker<'db> {
    /// Reports relations that are given and not read, and inputs that could only be empty by mistake.
    pub(super) fn check_given(
        &mut self,
        tree: &TestItem,
        target: Item<'db>,
        given: &[Given<'db, '_>],
    ) {
        let items: HashSet<Item<'db>> = given.iter().filter_map(|given| given.input.item).collect();
        let read = reads(self.db, target, &items);
        for given in given {
            let Some(item) = given.input.item.filter(|item| !read.contains(item)) else { continue };
            let message = format!("`{}` reads nothing of `{}`", tree.target.text, given.name.text);
            let found = match item == target {
                true => "it is what the test computes".to_owned(),
                false => "has no part in what the test computes".to_owned(),
            };
            let problem = Problem::error(Code::UnreadGiven, given.name.range, message)
                .found(found)
                .label(Anchor::Name(target), "what is computed")
                .help("remove the clause, or give what it is computed from");
            self.report(problem);
        }
        if given.iter().any(|given| given.input.item.is_none()) || self.incomplete {
            return;
        }
        for input in named_inputs(self.db, target) {
            let computed = reads(self.db, input, &items);
            if !items.contains(&input) && computed.is_disjoint(&items) {
                self.input_without_rows(tree, input);
            }
        }
    }

    fn input_without_rows(&mut self, tree: &TestItem, input: Item<'db>) {
        let Some(name) = input.name(self.db) else { return };
        let message = format!("nothing is given for `{name}`, which `{}` reads", tree.target.text);
        let problem = Problem::error(Code::MissingClause, tree.target.range, message)
            .found("would be computed from no rows")
            .label(Anchor::Name(input), "declared here");
        let problem = match self.lookup(name, tree.target.range) {
            Resolution::Item(item) if item == input => {
                let at = tree.clauses.first().map(|clause| clause.range.start());
                let problem = problem.help(format!(
                    "add `given {name} [ … ]`; `given {name} []` says that it has no rows"
                ));
                match at {
                    Some(at) => problem.fix(
                        format!("add `given {name} []`"),
                        TextRange::empty(at),
                        format!("given {name} []\n  "),
                    ),
                    None => problem,
                }
            }
            _ => {
                let module = input.module(self.db);
                problem.help(format!("add `use {module}.{name}` and `given {name} [ … ]`"))
            }
        };
        self.report(problem);
    }
}

/// The relations that `from` needs; those that are given are not looked through.
fn reads<'db>(db: &'db dyn Db, from: Item<'db>, given: &HashSet<Item<'db>>) -> HashSet<Item<'db>> {
    let mut reached = HashSet::new();
    let mut pending = vec![from];
    while let Some(item) = pending.pop() {
        for input in relations_needed(db, item) {
            if reached.insert(input) && !given.contains(&input) {
                pending.push(input);
            }
        }
    }
    reached
}

fn relations_needed<'db>(db: &'db dyn Db, item: Item<'db>) -> impl Iterator<Item = Item<'db>> {
    // A view of a fixpoint needs what all of them need.
    let needed = dependencies(db, item.block(db).unwrap_or(item)).iter().copied();
    needed.filter(move |input| RELATIONS.contains(&input.keyword(db)))
}

/// The relations that an item names as its inputs. What a union takes from whole modules is not named.
fn named_inputs<'db>(db: &'db dyn Db, item: Item<'db>) -> Vec<Item<'db>> {
    if let Some(ItemKind::Union(tree)) = parse(db, item).item.as_ref().map(|tree| &tree.kind)
        && matches!(tree.members, UnionMembers::Emitted { .. })
    {
        return Vec::new();
    }
    relations_needed(db, item).collect()
}
