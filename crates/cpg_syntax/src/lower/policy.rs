//! `policy`.

use cpg_base::TextRange;
use pest::iterators::Pair;

use super::cursor::Cursor;
use super::{Lower, Lowered};
use crate::ast::{PolicyItem, PolicyTarget, Quantity, Setting, SettingKind as Kind};
use crate::grammar::Rule;

impl Lower<'_> {
    /// A policy up to its settings.
    pub(super) fn policy_item(&mut self, mut children: Cursor<'_>) -> Lowered<PolicyItem> {
        let kind = self.name(&children.want(Rule::any_name)?);
        let mut targets = Vec::new();
        for pair in children.rest_of(Rule::policy_target)? {
            let range = self.range(&pair);
            let mut children = self.children(pair);
            targets.push(if let Some(item) = children.take_if(Rule::item_name) {
                PolicyTarget::Item(self.name(&item))
            } else if let Some(key) = children.take_if(Rule::any_name) {
                let value = self.name(&children.want(Rule::any_name)?);
                PolicyTarget::Selector { key: self.name(&key), value }
            } else {
                PolicyTarget::All(range)
            });
            children.end()?;
        }
        Ok(PolicyItem { kind, targets, settings: Vec::new() })
    }

    pub(super) fn settings(&mut self, pair: Pair<'_, Rule>) -> Lowered<Vec<Setting>> {
        let settings = self.children(pair).rest_of(Rule::setting)?;
        settings.into_iter().map(|setting| self.setting(setting)).collect()
    }

    fn setting(&mut self, pair: Pair<'_, Rule>) -> Lowered<Setting> {
        let range = self.range(&pair);
        let setting = self.children(pair).any()?;
        let rule = setting.as_rule();
        let mut children = self.children(setting);
        let kind = match rule {
            Rule::partition_setting => Kind::Partition(self.names(children.all_of(Rule::any_name))),
            Rule::sort_setting => Kind::Sort(self.sort_keys(children.all_of(Rule::sort_key))?),
            Rule::size_setting => Kind::TargetFileSize(self.quantity(&mut children)?),
            Rule::stats_setting => Kind::Stats(self.names(children.all_of(Rule::any_name))),
            Rule::optimize_setting => Kind::Optimize(self.expr(children.want(Rule::expr)?)?),
            Rule::vacuum_setting => Kind::Vacuum {
                when: self.expr(children.want(Rule::expr)?)?,
                retain: self.quantity(&mut children)?,
            },
            Rule::checkpoint_setting => Kind::Checkpoint(self.quantity(&mut children)?),
            Rule::mode_setting => Kind::Mode(self.name(&children.want(Rule::any_name)?)),
            Rule::keep_setting => Kind::Keep(self.name(&children.want(Rule::any_name)?)),
            Rule::pruning_setting => Kind::Pruning(self.name(&children.want(Rule::any_name)?)),
            Rule::pushdown_setting => Kind::Pushdown(self.name(&children.want(Rule::any_name)?)),
            Rule::change_feed_setting => {
                Kind::ChangeFeed(self.name(&children.want(Rule::any_name)?))
            }
            _ => return Err(children.defect()),
        };
        children.end()?;
        Ok(Setting { kind, range })
    }

    fn quantity(&mut self, children: &mut Cursor<'_>) -> Lowered<Quantity> {
        let range = self.range(&children.want(Rule::quantity)?);
        let written = self.text(range);
        let digits = written.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let unit = written.get(digits.len()..).unwrap_or_default().to_owned();
        let number = self.digits(TextRange::new(range.start(), range.end() - length(&unit)))?;
        Ok(Quantity { number, unit, range })
    }
}

fn length(text: &str) -> u32 {
    TextRange::from_usize(0, text.len()).end()
}
