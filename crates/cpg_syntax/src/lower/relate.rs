//! Clauses of `relate`.

use pest::iterators::Pair;

use super::{Lower, Lowered};
use crate::ast::{RelateClause, RelateClauseKind as Kind, SortKey};
use crate::grammar::Rule;

impl Lower<'_> {
    pub(super) fn relate_clauses(&mut self, pair: Pair<'_, Rule>) -> Lowered<Vec<RelateClause>> {
        let clauses = self.children(pair).rest_of(Rule::relate_clause)?;
        clauses.into_iter().map(|clause| self.relate_clause(clause)).collect()
    }

    fn relate_clause(&mut self, pair: Pair<'_, Rule>) -> Lowered<RelateClause> {
        let range = self.range(&pair);
        let clause = self.children(pair).any()?;
        let rule = clause.as_rule();
        let mut children = self.children(clause);
        let kind = match rule {
            Rule::on_clause => Kind::On(self.expr(children.want(Rule::expr)?)?),
            Rule::require_clause => Kind::Require(self.expr(children.want(Rule::expr)?)?),
            Rule::score_clause => Kind::Score(self.expr(children.want(Rule::expr)?)?),
            Rule::feature_clause => Kind::Feature {
                name: self.name(&children.want(Rule::any_name)?),
                value: self.expr(children.want(Rule::expr)?)?,
                weight: self.expr(children.want(Rule::expr)?)?,
            },
            Rule::confidence_clause => Kind::Confidence(self.expr(children.want(Rule::expr)?)?),
            Rule::rank_clause => {
                let per = self.exprs(children.all_of(Rule::expr))?;
                let by = self.sort_keys(children.all_of(Rule::sort_key))?;
                let keep = match self.integer_or_slot(&mut children)? {
                    Some(count) => Some(count),
                    None => children.take_if(Rule::k_all).and(None),
                };
                Kind::Rank { per, by, keep }
            }
            Rule::edge_clause => {
                let kind = self.expr(children.want(Rule::expr)?)?;
                let properties = match children.take_if(Rule::named_block) {
                    Some(block) => self.named_block(block)?,
                    None => Vec::new(),
                };
                Kind::Edge { kind, properties }
            }
            Rule::provider_clause => Kind::Provider(self.string_or_slot(&mut children)?),
            _ => return Err(children.defect()),
        };
        children.end()?;
        Ok(RelateClause { kind, range })
    }

    pub(super) fn sort_keys(&mut self, pairs: Vec<Pair<'_, Rule>>) -> Lowered<Vec<SortKey>> {
        let mut keys = Vec::new();
        for pair in pairs {
            let mut children = self.children(pair);
            let expr = self.expr(children.want(Rule::expr)?)?;
            let descending = children.take_if(Rule::k_desc).is_some();
            children.end()?;
            keys.push(SortKey { expr, descending });
        }
        Ok(keys)
    }
}
