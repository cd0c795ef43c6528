//! `check`.

use super::document::{Document, Separator};
use super::expr::ARGUMENTS;
use crate::ast::{CheckItem, CheckRule, CheckedColumns};

impl Document<'_> {
    pub(super) fn check(&mut self, item: &CheckItem) {
        self.words(&["check"]);
        self.any();
        self.space();
        match &item.rule {
            CheckRule::Unique(columns) | CheckRule::NotNull(columns) => {
                self.checked_columns(columns);
            }
            CheckRule::References { from, to } => {
                self.indent();
                self.checked_columns(from);
                self.open_line();
                self.words(&["->"]);
                self.checked_columns(to);
                self.close();
                self.dedent();
            }
            CheckRule::Accepted { columns, values } => {
                self.checked_columns(columns);
                self.space();
                self.words(&["in"]);
                self.among(values);
            }
            CheckRule::Expect { source, condition } => {
                self.open();
                self.row_source(source);
                self.word(":");
                self.indent();
                self.line();
                self.expr(condition);
                self.dedent();
                self.close();
            }
            CheckRule::Empty(_) => self.any(),
            CheckRule::Coverage { sources, .. } => {
                self.any();
                self.space();
                self.words(&["in"]);
                self.indent();
                self.filled(sources.len(), |document, _| {
                    document.any();
                    if document.word_if("(") {
                        document.any();
                        document.word(")");
                    }
                });
                self.separator(Separator::None);
                self.open_line();
                self.words(&[">="]);
                self.any();
                self.word("%");
                self.close();
                self.dedent();
            }
        }
        if self.next() == "severity" {
            self.indent();
            self.open_line();
            self.words(&["severity"]);
            self.any();
            self.close();
            self.dedent();
        }
    }

    /// `REL(a, b)`.
    fn checked_columns(&mut self, columns: &CheckedColumns) {
        self.any();
        self.bracketed(["(", ")"], ARGUMENTS, columns.columns.len(), |document, _| document.any());
    }
}
