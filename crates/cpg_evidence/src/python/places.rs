//! Ids of places that stay when lines move.
//!
//! A place is a span of the syntax tree: an expression, a name, a definition. Its id is taken over what stands around it
//! rather than over offsets: the statement that it begins in, by the definition around that, the text of its head and
//! its number among equal ones there; and how far into this head the span begins and how long it is. So a comment, a
//! blank line or another function changes the id of no place in code that stays as it is (docs/decisions/places.md).

use std::cell::{Cell, OnceCell};

use cpg_ir::stable_id::IdHasher;
use ruff_python_ast::visitor::source_order::{self, SourceOrderVisitor};
use ruff_python_ast::{ElifElseClause, ExceptHandler, MatchCase, ModModule, Stmt};
use ruff_text_size::{Ranged, TextRange, TextSize};
use rustc_hash::FxHashMap;

use crate::table::kind;

/// Spreads small numbers over all bits, as multiplicative hashing does (Knuth, The Art of Computer Programming, 6.4). It is
/// odd, so that no two numbers share a product.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// The places of a file; what they are told by is looked for when the first is asked for.
pub(super) struct Places<'m> {
    file: i64,
    syntax: &'m ModModule,
    text: &'m str,
    heads: OnceCell<Vec<Head>>,
    /// The head that was found last: the next place is mostly in it, or in the one after.
    last: Cell<usize>,
}

/// A statement or clause, up to where the statements in it begin.
struct Head {
    start: TextSize,
    end: TextSize,
    id: u64,
}

impl<'m> Places<'m> {
    pub(super) fn new(file: i64, syntax: &'m ModModule, text: &'m str) -> Self {
        Self { file, syntax, text, heads: OnceCell::new(), last: Cell::new(0) }
    }
}

impl kind::Places for Places<'_> {
    fn id(&self, range: TextRange) -> i64 {
        let heads = self.heads.get_or_init(|| heads(self.file, self.syntax, self.text));
        let last = self.last.get();
        let begins_in = |at: usize| {
            heads[at].start <= range.start()
                && heads.get(at + 1).is_none_or(|next| range.start() < next.start)
        };
        let near = [last, last + 1].into_iter().find(|at| *at < heads.len() && begins_in(*at));
        // The first one begins where the file does.
        let at = near.unwrap_or_else(|| {
            heads.partition_point(|head| head.start <= range.start()).saturating_sub(1)
        });
        let Some(head) = heads.get(at) else { return 0 };
        self.last.set(at);
        let begin = u64::from((range.start() - head.start).to_u32());
        // What reaches beyond is a whole statement: it stays the same, whatever the statements in it are.
        let length = if range.end() <= head.end { u64::from(range.len().to_u32()) } else { 0 };
        (head.id ^ ((begin << 32) | length).wrapping_mul(SPREAD)).cast_signed() & i64::MAX
    }
}

/// The heads of a file in the order in which they begin.
fn heads(file: i64, syntax: &ModModule, text: &str) -> Vec<Head> {
    let mut hasher = IdHasher::new("py_place");
    hasher.int(file);
    let mut walk = Walk {
        text,
        around: hasher.finish(),
        hasher,
        counts: FxHashMap::default(),
        heads: Vec::new(),
    };
    let start = TextSize::new(0);
    walk.heads.push(Head { start, end: start, id: walk.around.cast_unsigned() });
    walk.visit_body(&syntax.body);
    walk.heads
}

struct Walk<'m> {
    text: &'m str,
    /// Has taken the file.
    hasher: IdHasher,
    /// The id of the definition around.
    around: i64,
    /// How many there were of each so far.
    counts: FxHashMap<i64, i64>,
    heads: Vec<Head>,
}

impl Walk<'_> {
    fn head(&mut self, range: TextRange) {
        let text = &self.text[range];
        let id = self.numbered(text).cast_unsigned();
        self.heads.push(Head { start: range.start(), end: range.end(), id });
    }

    /// The id of what is called so in the definition around, as the next one of it.
    fn numbered(&mut self, name: &str) -> i64 {
        let id = self.hasher.clone().int(self.around).string(name).finish();
        let count = self.counts.entry(id).or_default();
        *count += 1;
        if *count == 1 { id } else { self.hasher.clone().int(id).int(*count).finish() }
    }
}

impl<'m> SourceOrderVisitor<'m> for Walk<'_> {
    fn visit_stmt(&mut self, stmt: &'m Stmt) {
        self.head(TextRange::new(stmt.start(), head_end(stmt)));
        let name = match stmt {
            Stmt::FunctionDef(def) => format!("def {}", def.name),
            Stmt::ClassDef(class) => format!("class {}", class.name),
            _ => return source_order::walk_stmt(self, stmt),
        };
        // Parameters and bases may change without moving what is inside.
        let inside = self.numbered(&name);
        let around = std::mem::replace(&mut self.around, inside);
        source_order::walk_stmt(self, stmt);
        self.around = around;
    }

    fn visit_elif_else_clause(&mut self, clause: &'m ElifElseClause) {
        if let Some(test) = &clause.test {
            self.head(TextRange::new(clause.start(), test.end()));
        }
        source_order::walk_elif_else_clause(self, clause);
    }

    fn visit_except_handler(&mut self, handler: &'m ExceptHandler) {
        let ExceptHandler::ExceptHandler(clause) = handler;
        let end = clause.name.as_ref().map(Ranged::end);
        let end = end.or_else(|| clause.type_.as_ref().map(|caught| caught.end()));
        if let Some(end) = end {
            self.head(TextRange::new(handler.start(), end));
        }
        source_order::walk_except_handler(self, handler);
    }

    fn visit_match_case(&mut self, case: &'m MatchCase) {
        let end = case.guard.as_ref().map_or(case.pattern.end(), |guard| guard.end());
        self.head(TextRange::new(case.start(), end));
        source_order::walk_match_case(self, case);
    }

    // No statement stands in an expression.
    fn visit_expr(&mut self, _: &'m ruff_python_ast::Expr) {}
}

/// Where the head of a statement ends: of one that holds no others, where it does itself.
fn head_end(stmt: &Stmt) -> TextSize {
    match stmt {
        Stmt::FunctionDef(def) => {
            def.returns.as_ref().map_or(def.parameters.end(), |returned| returned.end())
        }
        Stmt::ClassDef(class) => class.arguments.as_ref().map_or_else(
            || class.type_params.as_ref().map_or(class.name.end(), |params| params.end()),
            |arguments| arguments.end(),
        ),
        Stmt::If(node) => node.test.end(),
        Stmt::While(node) => node.test.end(),
        Stmt::For(node) => node.iter.end(),
        Stmt::With(node) => node.items.last().map_or(node.start(), Ranged::end),
        Stmt::Match(node) => node.subject.end(),
        Stmt::Try(node) => node.start(),
        _ => stmt.end(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use ruff_python_ast::Expr;
    use ruff_python_parser::parse_module;

    use super::*;
    use crate::table::kind::Places as _;

    /// The ids of all names in a source, by how they are written and what number they have among equal ones.
    fn ids(text: &str) -> BTreeMap<(String, usize), i64> {
        struct Names(Vec<TextRange>);
        impl<'a> SourceOrderVisitor<'a> for Names {
            fn visit_expr(&mut self, expr: &'a Expr) {
                if expr.is_name_expr() {
                    self.0.push(expr.range());
                }
                source_order::walk_expr(self, expr);
            }
        }
        let parsed = parse_module(text).expect("it is Python");
        let mut names = Names(Vec::new());
        names.visit_body(&parsed.syntax().body);
        let places = Places::new(1, parsed.syntax(), text);
        let mut ids = BTreeMap::new();
        for range in names.0 {
            let name = text[range].to_owned();
            let number = (0..).find(|number| !ids.contains_key(&(name.clone(), *number)));
            ids.insert((name, number.unwrap_or_default()), places.id(range));
        }
        ids
    }

    const SOURCE: &str = "\
import x
a = b(c)
@d
def f(g=h):
    if i:
        return j
    elif k:
        return j
    try:
        l()
    except m as n:
        with o as p:
            q(lambda: r)
    return j
class s(t):
    def f(self):
        return j
";

    #[test]
    fn every_place_has_an_id_of_its_own() {
        let ids = ids(SOURCE);
        let distinct: std::collections::BTreeSet<_> = ids.values().collect();
        assert_eq!(distinct.len(), ids.len());
    }

    #[test]
    fn lines_that_move_keep_their_ids() {
        let before = ids(SOURCE);
        let moved = [
            SOURCE.replace("import x\n", "# a comment\n\nimport x\nimport y\n"),
            SOURCE.replace("    if i", "    # a comment\n    if i"),
            SOURCE.replace("    try:", "\n    try:  # a comment"),
            SOURCE.replace("@d\n", "def new(): pass\n@d\n"),
            SOURCE.replace(
                "        return j\n    elif",
                "        '''text'''\n        return j\n    elif",
            ),
        ];
        for source in moved {
            assert_ne!(source, SOURCE);
            assert_eq!(ids(&source), before, "{source}");
        }
    }

    #[test]
    fn what_is_edited_has_others_and_nothing_else_has() {
        let before = ids(SOURCE);
        let after = ids(&SOURCE.replace("a = b(c)", "a = b(2, c)"));
        let changed: Vec<_> =
            before.iter().filter(|(key, id)| after.get(key) != Some(id)).collect();
        let changed: Vec<_> = changed.iter().map(|((name, _), _)| name.as_str()).collect();
        assert_eq!(changed, ["a", "b", "c"]);
    }
}
