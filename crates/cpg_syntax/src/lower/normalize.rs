//! Clauses of `normalize`.

use pest::iterators::Pair;

use super::{Lower, Lowered};
use crate::ast::{KeepColumn, KeyTarget, NormalizeClause, NormalizeClauseKind as Kind};
use crate::grammar::Rule;

impl Lower<'_> {
    pub(super) fn normalize_clauses(
        &mut self,
        pair: Pair<'_, Rule>,
    ) -> Lowered<Vec<NormalizeClause>> {
        let clauses = self.children(pair).rest_of(Rule::normalize_clause)?;
        clauses.into_iter().map(|clause| self.normalize_clause(clause)).collect()
    }

    fn normalize_clause(&mut self, pair: Pair<'_, Rule>) -> Lowered<NormalizeClause> {
        let range = self.range(&pair);
        let clause = self.children(pair).any()?;
        let rule = clause.as_rule();
        let mut children = self.children(clause);
        let kind = match rule {
            Rule::where_clause => Kind::Where(self.expr(children.want(Rule::expr)?)?),
            Rule::id_clause => Kind::Id {
                name: self.name(&children.want(Rule::any_name)?),
                namespace: self.string_or_slot(&mut children)?,
                over: self.exprs(children.all_of(Rule::expr))?,
            },
            Rule::span_clause => Kind::Span {
                start: self.expr(children.want(Rule::expr)?)?,
                end: self.expr(children.want(Rule::expr)?)?,
            },
            Rule::text_clause => Kind::Text {
                name: self.name(&children.want(Rule::any_name)?),
                value: self.expr(children.want(Rule::expr)?)?,
                functions: self.names(children.all_of(Rule::text_function)),
            },
            Rule::key_clause => {
                let name = self.name(&children.want(Rule::any_name)?);
                let entity = self.name(&children.want(Rule::item_name)?);
                let target = self.key_target(children.any()?)?;
                let unless = match children.take_if(Rule::expr) {
                    Some(pair) => Some(self.expr(pair)?),
                    None => None,
                };
                Kind::Key { name, entity, target, unless }
            }
            Rule::keep_clause => {
                let mut columns = Vec::new();
                for pair in children.all_of(Rule::keep_column) {
                    let mut parts = self.children(pair);
                    let column = self.name(&parts.want(Rule::column_name)?);
                    let alias = parts.take_if(Rule::any_name).map(|pair| self.name(&pair));
                    parts.end()?;
                    columns.push(KeepColumn { column, alias });
                }
                Kind::Keep(columns)
            }
            Rule::derive_clause => Kind::Derive {
                name: self.name(&children.want(Rule::any_name)?),
                value: self.expr(children.want(Rule::expr)?)?,
            },
            Rule::node_clause => {
                let kind = self.expr(children.want(Rule::expr)?)?;
                let properties = match children.take_if(Rule::named_block) {
                    Some(block) => self.named_block(block)?,
                    None => Vec::new(),
                };
                Kind::Node { kind, properties }
            }
            _ => return Err(children.defect()),
        };
        children.end()?;
        Ok(NormalizeClause { kind, range })
    }

    fn key_target(&mut self, pair: Pair<'_, Rule>) -> Lowered<KeyTarget> {
        let rule = pair.as_rule();
        let mut children = self.children(pair);
        match rule {
            Rule::key_span => {
                let start = self.expr(children.want(Rule::expr)?)?;
                let end = self.expr(children.want(Rule::expr)?)?;
                children.end()?;
                Ok(KeyTarget::Span { start, end })
            }
            Rule::key_values => Ok(KeyTarget::Values(self.exprs(children.rest_of(Rule::expr)?)?)),
            _ => Err(children.defect()),
        }
    }
}
