//! Clauses of `normalize` and `relate`.

use super::document::Document;
use crate::ast::{KeyTarget, NormalizeClauseKind, RelateClauseKind, SortKey};

impl Document<'_> {
    pub(super) fn normalize_clause(&mut self, clause: &NormalizeClauseKind) {
        use NormalizeClauseKind as Kind;
        match clause {
            Kind::Where(condition) => {
                self.words(&["where"]);
                self.value(condition);
            }
            Kind::Node { kind, properties } => {
                self.words(&["node"]);
                self.value(kind);
                if self.next() == "{" {
                    self.space();
                    self.named_block(properties);
                }
            }
            Kind::Derive { value, .. } => {
                self.words(&["derive"]);
                self.any();
                self.space();
                self.words(&["="]);
                self.value(value);
            }
            _ => {
                // What goes on in the next line stands to the right of the clause's first word.
                self.any();
                self.indent();
                self.space();
                self.clause_rest(clause);
                self.dedent();
            }
        }
    }

    /// What stands behind the first word of a clause of several parts.
    fn clause_rest(&mut self, clause: &NormalizeClauseKind) {
        use NormalizeClauseKind as Kind;
        match clause {
            Kind::Where(_) | Kind::Node { .. } | Kind::Derive { .. } => {}
            Kind::Id { over, .. } => {
                self.any();
                self.space();
                self.words(&["in"]);
                self.any();
                if self.next() == "of" {
                    self.open_line();
                    self.words(&["of"]);
                    self.exprs(over);
                    self.close();
                }
            }
            Kind::Span { start, end } => {
                self.open();
                self.operand(start);
                self.line();
                self.words(&[".."]);
                self.operand(end);
                self.close();
            }
            Kind::Text { value, functions, .. } => {
                self.any();
                self.space();
                self.words(&["="]);
                self.expr(value);
                for _ in functions {
                    let broken = self.may_begin_clause();
                    self.open_line_broken(broken);
                    self.any();
                    self.close();
                }
            }
            Kind::Key { target, unless, .. } => {
                self.any();
                self.space();
                self.words(&["->"]);
                self.any();
                self.open_line();
                match target {
                    KeyTarget::Span { start, end } => {
                        self.words(&["at"]);
                        self.expr(start);
                        self.space();
                        self.words(&[".."]);
                        self.expr(end);
                    }
                    KeyTarget::Values(values) => {
                        self.words(&["of"]);
                        self.exprs(values);
                    }
                }
                self.close();
                if let Some(unless) = unless {
                    self.open_line();
                    self.words(&["unless"]);
                    self.expr(unless);
                    self.close();
                }
            }
            Kind::Keep(columns) => {
                self.filled(columns.len(), |document, _| {
                    document.any();
                    document.alias();
                });
            }
        }
    }

    pub(super) fn relate_clause(&mut self, clause: &RelateClauseKind) {
        use RelateClauseKind as Kind;
        match clause {
            Kind::On(expr) | Kind::Require(expr) | Kind::Score(expr) | Kind::Confidence(expr) => {
                self.any();
                self.space();
                self.value(expr);
            }
            Kind::Feature { value, weight, .. } => {
                self.words(&["feature"]);
                self.any();
                self.space();
                self.words(&["="]);
                self.indent();
                self.open();
                self.operand(value);
                self.line();
                self.words(&["weight"]);
                self.operand(weight);
                self.close();
                self.dedent();
            }
            Kind::Rank { per, by, .. } => {
                self.words(&["rank", "per"]);
                self.indent();
                self.exprs(per);
                self.open_line();
                self.words(&["by"]);
                self.sort_keys(by);
                self.close();
                if self.next() == "keep" {
                    self.open_line();
                    self.words(&["keep"]);
                    self.any();
                    self.close();
                }
                self.dedent();
            }
            Kind::Edge { kind, properties } => {
                self.words(&["edge"]);
                self.value(kind);
                if self.next() == "{" {
                    self.space();
                    self.named_block(properties);
                }
            }
            Kind::Provider(_) => {
                self.words(&["provider"]);
                self.any();
            }
        }
    }

    pub(super) fn sort_keys(&mut self, keys: &[SortKey]) {
        self.filled(keys.len(), |document, index| {
            if let Some(key) = keys.get(index) {
                document.expr(&key.expr);
            }
            if matches!(document.next(), "asc" | "desc") {
                document.space();
                document.any();
            }
        });
    }
}
