//! Patterns.

use ruff_python_ast::Pattern;
use ruff_text_size::Ranged;

use super::value::Value;
use super::walk::{NodeId, Slot, Walk};

impl<'m> Walk<'_, 'm> {
    pub(super) fn pattern(&mut self, slot: Slot, pattern: &'m Pattern) {
        let range = pattern.range();
        match pattern {
            Pattern::MatchValue(pattern) => {
                let node = self.node(slot, "MatchValue", range);
                self.expr(Slot::one(node, "value"), &pattern.value);
            }
            Pattern::MatchSingleton(pattern) => {
                let value = Value::singleton(pattern.value);
                self.node_with(slot, "MatchSingleton", range, || Some(value));
            }
            Pattern::MatchSequence(pattern) => {
                let node = self.node(slot, "MatchSequence", range);
                self.patterns(node, "patterns", &pattern.patterns);
            }
            Pattern::MatchMapping(pattern) => {
                let rest = || Value::identifier(pattern.rest.as_ref());
                let node = self.node_with(slot, "MatchMapping", range, rest);
                self.exprs(node, "keys", &pattern.keys);
                self.patterns(node, "patterns", &pattern.patterns);
            }
            Pattern::MatchClass(pattern) => {
                let keywords = &pattern.arguments.keywords;
                let names = || Value::names(keywords.iter().map(|keyword| &keyword.attr));
                let node = self.node_with(slot, "MatchClass", range, names);
                self.expr(Slot::one(node, "cls"), &pattern.cls);
                self.patterns(node, "patterns", &pattern.arguments.patterns);
                let patterns = keywords.iter().map(|keyword| &keyword.pattern);
                self.patterns(node, "kwd_patterns", patterns);
            }
            Pattern::MatchStar(pattern) => {
                let name = || Value::identifier(pattern.name.as_ref());
                self.node_with(slot, "MatchStar", range, name);
            }
            Pattern::MatchAs(pattern) => {
                let name = || Value::identifier(pattern.name.as_ref());
                let node = self.node_with(slot, "MatchAs", range, name);
                if let Some(inner) = &pattern.pattern {
                    self.pattern(Slot::one(node, "pattern"), inner);
                }
            }
            Pattern::MatchOr(pattern) => {
                let node = self.node(slot, "MatchOr", range);
                self.patterns(node, "patterns", &pattern.patterns);
            }
        }
    }

    fn patterns(
        &mut self,
        parent: NodeId,
        field: &'static str,
        patterns: impl IntoIterator<Item = &'m Pattern>,
    ) {
        for (position, pattern) in patterns.into_iter().enumerate() {
            self.pattern(Slot::at(parent, field, position), pattern);
        }
    }
}
