//! Walking over the children of a pair.

use cpg_base::TextRange;
use pest::iterators::{Pair, Pairs};

use super::{Lowered, Stop};
use crate::grammar::Rule;

/// The children of a pair that say something.
pub(crate) struct Cursor<'i> {
    pairs: Pairs<'i, Rule>,
    /// The parent's place, for reports of defects.
    parent: TextRange,
}

impl<'i> Cursor<'i> {
    pub(crate) fn new(pairs: Pairs<'i, Rule>, parent: TextRange) -> Self {
        Self { pairs, parent }
    }

    /// The next child's rule.
    pub(crate) fn peek(&mut self) -> Option<Rule> {
        while let Some(pair) = self.pairs.peek() {
            if !is_silent(pair.as_rule()) {
                return Some(pair.as_rule());
            }
            self.pairs.next();
        }
        None
    }

    /// The next child of whatever rule.
    pub(crate) fn any(&mut self) -> Lowered<Pair<'i, Rule>> {
        self.next().ok_or(self.defect())
    }

    /// The next child, which is of that rule.
    pub(crate) fn want(&mut self, rule: Rule) -> Lowered<Pair<'i, Rule>> {
        self.take_if(rule).ok_or(self.defect())
    }

    /// The next child if it is of that rule.
    pub(crate) fn take_if(&mut self, rule: Rule) -> Option<Pair<'i, Rule>> {
        if self.peek() == Some(rule) { self.pairs.next() } else { None }
    }

    /// Every next child of that rule.
    pub(crate) fn all_of(&mut self, rule: Rule) -> Vec<Pair<'i, Rule>> {
        std::iter::from_fn(|| self.take_if(rule)).collect()
    }

    /// Every child left, all of that rule.
    pub(crate) fn rest_of(mut self, rule: Rule) -> Lowered<Vec<Pair<'i, Rule>>> {
        let pairs = self.all_of(rule);
        self.end()?;
        Ok(pairs)
    }

    /// Nothing is left.
    pub(crate) fn end(mut self) -> Lowered<()> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.defect()),
        }
    }

    /// Where the parent stands.
    pub(crate) fn parent(&self) -> TextRange {
        self.parent
    }

    /// That the children are not what the grammar produces.
    pub(crate) fn defect(&self) -> Stop {
        Stop::Defect(self.parent)
    }
}

impl<'i> Iterator for Cursor<'i> {
    type Item = Pair<'i, Rule>;

    fn next(&mut self) -> Option<Self::Item> {
        self.peek()?;
        self.pairs.next()
    }
}

/// Whether a token is of use to the parser only: what it says follows from its neighbours.
fn is_silent(rule: Rule) -> bool {
    use Rule as R;
    matches!(
        rule,
        R::EOI
            | R::open_brace
            | R::close_brace
            | R::open_paren
            | R::close_paren
            | R::less
            | R::greater
            | R::colon
            | R::comma
            | R::dot
            | R::open_bracket
            | R::close_bracket
            | R::dot_dot
            | R::arrow
            | R::fat_arrow
            | R::equals
            | R::pipe
            | R::star
            | R::at_sign
            | R::k_from
            | R::k_extractor
            | R::k_as
            | R::k_to
            | R::k_via
            | R::k_over
            | R::k_bound
            | R::k_depth
            | R::at_most
            | R::k_of
            | R::k_in
            | R::k_fuse
            | R::k_per
            | R::k_where
            | R::k_id
            | R::k_span
            | R::k_text
            | R::k_key
            | R::k_derive
            | R::k_node
            | R::k_at
            | R::k_on
            | R::k_require
            | R::k_score
            | R::k_feature
            | R::k_weight
            | R::k_confidence
            | R::k_rank
            | R::k_edge
            | R::k_provider
            | R::k_join
            | R::k_select
            | R::k_group
            | R::k_window
            | R::k_unnest
            | R::k_sql
            | R::k_distinct
            | R::k_dedupe
            | R::k_best
            | R::k_sort
            | R::k_limit
            | R::k_asc
            | R::k_keep
            | R::k_by
            | R::k_unless
            | R::at_least
            | R::percent
            | R::k_unique
            | R::k_not_null
            | R::k_references
            | R::k_accepted
            | R::k_expect
            | R::k_empty
            | R::k_coverage
            | R::k_severity
            | R::k_for
            | R::k_given
            | R::k_is
            | R::k_between
            | R::k_and
            | R::k_if
            | R::k_then
            | R::k_case
            | R::k_partition
            | R::k_target_file_size
            | R::k_stats
            | R::k_optimize
            | R::k_vacuum
            | R::k_when
            | R::k_retain
            | R::k_checkpoint
            | R::k_every
            | R::k_mode
            | R::k_pruning
            | R::k_pushdown
            | R::k_change_feed
            | R::cast_name
    )
}
