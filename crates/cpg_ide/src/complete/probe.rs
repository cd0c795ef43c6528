//! Asking the parser and the checker what a name at the caret would be.

use cpg_base::TextRange;
use cpg_hir::semantics::{Facts, Role, facts_at, references_in};
use cpg_hir::{Db, Item};
use cpg_syntax::{ast, parse_item};

/// A name that no program has.
const MARK: &str = "cpg__caret__";

/// What may have to follow the name so that the grammar takes it, for what is only half written.
const ENDINGS: &[&str] = &[
    "",
    " on true",
    " .. 0",
    " weight 1",
    " then 0 else 0",
    " else 0",
    " by 1 keep 1",
    " keep best 1",
    " limit 1",
    " {}",
    " {",
    " to x {",
    " at 0 .. 0",
    " of 0",
    " of x",
    "(x)",
    ": 0",
    " = 0",
    " and 0",
    " in x >= 1%",
    " => 0 }",
];

/// What a name at the caret would be.
pub(super) struct Probe<'db> {
    /// Its role, if the parser gives it one.
    pub role: Option<Role>,
    /// What the checker finds in the item with that name in it.
    pub facts: Facts<'db>,
    /// Where the name stands in that item.
    pub at: u32,
}

impl<'db> Probe<'db> {
    /// `before` and `after` are the item's text around the caret. `None` when no ending makes the parser take it.
    pub fn new(db: &'db dyn Db, item: Item<'db>, before: &str, after: &str) -> Option<Self> {
        let rest_of_line = after.find(['\n', '\r']).unwrap_or(after.len());
        let (line, below) = after.split_at(rest_of_line);
        let tails: &[String] = &[format!("{line}{below}"), below.to_owned(), String::new()];
        let at = TextRange::from_usize(before.len(), before.len() + MARK.len());
        for tail in tails {
            for ending in ENDINGS {
                let text = format!("{before}{MARK}{ending}{}{tail}", closing(before, ending));
                let Some(tree) = parse_item(&text, item.keyword(db)).item else { continue };
                let role = references_in(&tree).into_iter().find(|one| one.text == MARK);
                let role = role.map(|reference| reference.role);
                if role.is_none() && !text_is_read(&tree, at) {
                    continue;
                }
                let facts = facts_at(db, item, &tree, at.start());
                if role.is_some() || facts.sources.is_some() {
                    return Some(Self { role, facts, at: at.start() });
                }
            }
        }
        None
    }
}

/// Whether the tree reaches beyond that place, so that a column without a role may stand there.
fn text_is_read(tree: &ast::Item, at: TextRange) -> bool {
    tree.range.end() >= at.end()
}

/// Closes the parentheses that are open in the last line, unless the ending opens a body.
fn closing(before: &str, ending: &str) -> String {
    if ending.ends_with('{') {
        return String::new();
    }
    let line = before.rsplit(['\n', '\r']).next().unwrap_or_default();
    let open = line.matches('(').count().saturating_sub(line.matches(')').count());
    ")".repeat(open.min(cpg_syntax::MAX_NESTING))
}
