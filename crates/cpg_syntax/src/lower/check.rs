//! `check`.

use pest::iterators::Pair;

use super::cursor::Cursor;
use super::{Lower, Lowered};
use crate::ast::{CheckItem, CheckRule, CheckSeverity, CheckedColumns, Covering, Expr};
use crate::grammar::Rule;

impl Lower<'_> {
    pub(super) fn check_item(&mut self, mut children: Cursor<'_>) -> Lowered<CheckItem> {
        let rule = children.any()?;
        let rule = self.check_rule(rule)?;
        let severity = match children.take_if(Rule::severity) {
            Some(pair) if self.children(pair.clone()).take_if(Rule::k_warn).is_some() => {
                CheckSeverity::Warn
            }
            _ => CheckSeverity::Error,
        };
        children.end()?;
        Ok(CheckItem { rule, severity })
    }

    fn check_rule(&mut self, pair: Pair<'_, Rule>) -> Lowered<CheckRule> {
        let rule = pair.as_rule();
        let mut children = self.children(pair);
        let check = match rule {
            Rule::unique_check => CheckRule::Unique(self.checked_columns(&mut children)?),
            Rule::not_null_check => CheckRule::NotNull(self.checked_columns(&mut children)?),
            Rule::references_check => CheckRule::References {
                from: self.checked_columns(&mut children)?,
                to: self.checked_columns(&mut children)?,
            },
            Rule::accepted_check => CheckRule::Accepted {
                columns: self.checked_columns(&mut children)?,
                values: self.exprs(children.all_of(Rule::expr))?,
            },
            Rule::expect_check => CheckRule::Expect {
                source: self.source(children.want(Rule::row_source)?)?,
                condition: self.expr(children.want(Rule::expr)?)?,
            },
            Rule::empty_check => CheckRule::Empty(self.name(&children.want(Rule::item_name)?)),
            Rule::coverage_check => {
                let entity = self.name(&children.want(Rule::item_name)?);
                let mut sources = Vec::new();
                for pair in children.all_of(Rule::covering) {
                    let mut children = self.children(pair);
                    let relation = self.name(&children.want(Rule::item_name)?);
                    let column = children.take_if(Rule::any_name).map(|pair| self.name(&pair));
                    children.end()?;
                    sources.push(Covering { relation, column });
                }
                let range = self.range(&children.want(Rule::number)?);
                let percent = Expr { kind: self.number(range, false)?, range };
                CheckRule::Coverage { entity, sources, percent }
            }
            _ => return Err(children.defect()),
        };
        children.end()?;
        Ok(check)
    }

    fn checked_columns(&mut self, children: &mut Cursor<'_>) -> Lowered<CheckedColumns> {
        let pair = children.want(Rule::checked_columns)?;
        let range = self.range(&pair);
        let mut children = self.children(pair);
        let relation = self.name(&children.want(Rule::item_name)?);
        let columns = self.names(children.rest_of(Rule::any_name)?);
        Ok(CheckedColumns { relation, columns, range })
    }
}
