//! Pipelines of `view`.

use pest::iterators::Pair;

use super::{Lower, Lowered};
use crate::ast::{
    JoinKind, PipelineArm, PipelineStep, PipelineStepKind as Kind, UnnestStep, WindowStep,
};
use crate::grammar::Rule;

impl Lower<'_> {
    /// Adds the arms and steps of a part of a view; steps before the first arm are left out.
    pub(super) fn arms(
        &mut self,
        pair: Pair<'_, Rule>,
        arms: &mut Vec<PipelineArm>,
    ) -> Lowered<()> {
        for pair in self.children(pair) {
            let range = self.range(&pair);
            match pair.as_rule() {
                Rule::from_step => {
                    let mut children = self.children(pair);
                    let from = self.source(children.want(Rule::row_source)?)?;
                    children.end()?;
                    arms.push(PipelineArm { from, steps: Vec::new(), range });
                }
                Rule::step => {
                    let step = self.step(pair)?;
                    if let Some(arm) = arms.last_mut() {
                        arm.range = arm.range.cover(range);
                        arm.steps.push(step);
                    }
                }
                _ => return Err(self.children(pair).defect()),
            }
        }
        Ok(())
    }

    fn step(&mut self, pair: Pair<'_, Rule>) -> Lowered<PipelineStep> {
        let range = self.range(&pair);
        let step = self.children(pair).any()?;
        let rule = step.as_rule();
        let mut children = self.children(step);
        let kind = match rule {
            Rule::join_step => {
                let kind = match children.take_if(Rule::join_kind) {
                    None => JoinKind::Inner,
                    Some(kind) => match kind.as_str() {
                        "left" => JoinKind::Left,
                        "semi" => JoinKind::Semi,
                        _ => JoinKind::Anti,
                    },
                };
                let source = self.source(children.want(Rule::row_source)?)?;
                let on = self.expr(children.want(Rule::expr)?)?;
                Kind::Join { kind, source, on }
            }
            Rule::where_step => Kind::Where(self.expr(children.want(Rule::expr)?)?),
            Rule::select_step => Kind::Select(self.named_block(children.want(Rule::named_block)?)?),
            Rule::derive_step => Kind::Derive(self.named_block(children.want(Rule::named_block)?)?),
            Rule::group_step => {
                let mut keys = Vec::new();
                for pair in children.all_of(Rule::named_expr) {
                    keys.push(self.named_expr(pair)?);
                }
                let aggregates = self.named_block(children.want(Rule::named_block)?)?;
                Kind::GroupBy { keys, aggregates }
            }
            Rule::window_step => {
                let per = self.exprs(children.all_of(Rule::expr))?;
                let by = self.sort_keys(children.all_of(Rule::sort_key))?;
                let columns = self.named_block(children.want(Rule::named_block)?)?;
                Kind::Window(WindowStep { per, by, columns })
            }
            Rule::unnest_step => {
                let list = self.expr(children.want(Rule::expr)?)?;
                let element = self.name(&children.want(Rule::any_name)?);
                let place = children.take_if(Rule::any_name).map(|pair| self.name(&pair));
                Kind::Unnest(UnnestStep { list, element, place })
            }
            Rule::distinct_step => Kind::Distinct,
            Rule::dedupe_step => {
                let per = self.exprs(children.all_of(Rule::expr))?;
                let best = self.sort_keys(children.all_of(Rule::sort_key))?;
                Kind::Dedupe { per, best }
            }
            Rule::sort_step => {
                let by = self.sort_keys(children.all_of(Rule::sort_key))?;
                let count = self.integer_or_slot(&mut children)?.ok_or(children.defect())?;
                Kind::SortLimit { by, count }
            }
            _ => return Err(children.defect()),
        };
        children.end()?;
        Ok(PipelineStep { kind, range })
    }
}
