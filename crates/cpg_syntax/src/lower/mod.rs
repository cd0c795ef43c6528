//! Syntax trees from the pairs of the generated parser.
//!
//! The grammar accepts a little more than the language has, where that gives better errors: operators of other
//! languages, chained comparisons, missing separators. What it accepts wrongly is reported here.

mod check;
mod columns;
mod cursor;
mod docs;
mod expr;
mod items;
mod literal;
mod normalize;
mod policy;
mod relate;
mod template;
mod test;
mod view;

use cpg_base::{Code, TextRange};
use pest::iterators::Pair;

use crate::ast;
use crate::error::SyntaxError;
use crate::grammar::Rule;
use crate::lexical::Lexical;
use cursor::Cursor;
pub(crate) use docs::Docs;
pub use literal::place_in_string;

/// Why something could not be lowered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// An error that is reported already.
    Reported,
    /// Pairs in an order that the grammar does not produce, at that place: a defect.
    Defect(TextRange),
}

pub(crate) type Lowered<T> = Result<T, Stop>;

/// Lowers the pairs of one item, or of pieces of it.
pub(crate) struct Lower<'a> {
    pub(crate) lexical: &'a Lexical<'a>,
    /// Where the text that was parsed starts in the item.
    pub(crate) base: u32,
    pub(crate) docs: Docs,
    /// Names where literals stand, so far.
    slots: Vec<ast::Slot>,
    pub(crate) errors: Vec<SyntaxError>,
}

impl<'a> Lower<'a> {
    pub(crate) fn new(lexical: &'a Lexical<'a>) -> Self {
        Self { lexical, base: 0, docs: Docs::new(lexical), slots: Vec::new(), errors: Vec::new() }
    }

    /// Where a pair stands in the item, without the white space that the parser ran over behind it.
    fn range(&self, pair: &Pair<'_, Rule>) -> TextRange {
        let span = pair.as_span();
        let end = span.start() + span.as_str().trim_end().len();
        TextRange::from_usize(span.start(), end).shifted(self.base)
    }

    /// What is written there.
    fn text(&self, range: TextRange) -> &'a str {
        range.slice(self.lexical.text).unwrap_or_default()
    }

    fn report(&mut self, error: SyntaxError) {
        self.errors.push(error);
    }

    /// A pair's children, punctuation and keywords that say nothing left out.
    fn children<'i>(&self, pair: Pair<'i, Rule>) -> Cursor<'i> {
        let range = self.range(&pair);
        Cursor::new(pair.into_inner(), range)
    }

    fn name(&self, pair: &Pair<'_, Rule>) -> ast::Name {
        let range = self.range(pair);
        let text = self.text(range).trim_matches('`').to_owned();
        ast::Name { text, range }
    }

    fn names(&self, pairs: Vec<Pair<'_, Rule>>) -> Vec<ast::Name> {
        pairs.iter().map(|pair| self.name(pair)).collect()
    }

    fn dotted(&self, pair: Pair<'_, Rule>) -> Lowered<ast::DottedName> {
        let range = self.range(&pair);
        let segments = self.names(self.children(pair).rest_of(Rule::any_name)?);
        Ok(ast::DottedName { segments, range })
    }

    fn source(&self, pair: Pair<'_, Rule>) -> Lowered<ast::RowSource> {
        let mut children = self.children(pair);
        let relation = self.name(&children.want(Rule::item_name)?);
        let alias = children.take_if(Rule::item_name).map(|pair| self.name(&pair));
        children.end()?;
        Ok(ast::RowSource { relation, alias })
    }

    /// Reports elements of a list that are separated by neither a comma nor a line end.
    fn separated(&mut self, before: Option<TextRange>, element: TextRange) {
        let Some(before) = before else { return };
        let between = TextRange::new(before.end(), element.start());
        let gap = between.slice(&self.lexical.masked).unwrap_or_default();
        if gap.contains([',', '\n', '\r']) {
            return;
        }
        let Some(token) = self.lexical.token_at(element.start()) else { return };
        let found = self.text(token.range);
        self.report(
            SyntaxError::new(
                Code::Syntax,
                token.range,
                format!("expected `,` or a new line, found `{found}`"),
            )
            .found("on the same line as what is before it")
            .fix("insert `,`", TextRange::empty(before.end()), ","),
        );
    }
}
