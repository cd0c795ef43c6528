//! Parses one item.

use cpg_base::{Code, TextRange};
use pest::Parser;

use crate::ast;
use crate::block;
use crate::comment::Comment;
use crate::error::SyntaxError;
use crate::expected::{Failure, Place};
use crate::form::Form;
use crate::grammar::Grammar;
use crate::keywords::ItemKeyword;
use crate::lexical::{Lexical, MAX_NESTING};
use crate::lower::{Lower, Stop};
use crate::recover;

/// An item, as far as it could be read. Every range is relative to the start of its chunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedItem {
    /// The item; `None` when its header is broken. With errors, clauses and columns may be missing from it.
    pub item: Option<ast::Item>,
    /// What is wrong, in order; when empty, the item is whole.
    pub errors: Vec<SyntaxError>,
    /// Every comment, in order.
    pub comments: Vec<Comment>,
}

/// How deep an item may be nested and still be parsed on any stack.
const SHALLOW: usize = 16;

/// Bytes of stack for the deepest item; it takes below 2 MiB without optimisation.
const DEEP_STACK: usize = 4 * 1024 * 1024;

/// Parses the text of a chunk that [`split`](crate::split()) cut out.
pub fn parse_item(chunk: &str, keyword: ItemKeyword) -> ParsedItem {
    if keyword == ItemKeyword::Fixpoint {
        return block::parse(chunk);
    }
    let lexical = Lexical::new(chunk);
    let mut lower = Lower::new(&lexical);
    let item = if lexical.depth > MAX_NESTING {
        None
    } else if lexical.depth > SHALLOW {
        // Deep items get a stack of their own, so that whether they parse does not depend on the thread.
        stacker::maybe_grow(DEEP_STACK, DEEP_STACK, || parse(keyword, &lexical, &mut lower))
    } else {
        parse(keyword, &lexical, &mut lower)
    };
    let mut errors = lexical.errors.clone();
    errors.append(&mut lower.errors);
    if errors.is_empty() {
        errors.extend(lower.docs.leftovers());
    }
    errors.sort_by_key(|error| error.range);
    errors.dedup();
    ParsedItem { item, errors, comments: lexical.comments }
}

fn parse(keyword: ItemKeyword, lexical: &Lexical<'_>, lower: &mut Lower<'_>) -> Option<ast::Item> {
    let form = Form::of(keyword, lexical);
    let place = Place::new(keyword, form, lexical);
    match Grammar::parse(form.chunk(), &lexical.masked) {
        Ok(mut pairs) => {
            let lowered =
                pairs.next().map_or(Err(Stop::Defect(whole(lexical))), |pair| lower.item(pair));
            reported(lowered, lower)
        }
        Err(error) => {
            let failure = Failure::new(&error, 0);
            if failure.expects_end()
                && let Some(before) = lexical.masked.get(..failure.at as usize)
                && let Ok(mut pairs) = Grammar::parse(form.chunk(), before)
                && form.body() != Some(ItemKeyword::View)
            {
                // A whole item, and something behind it.
                lower.errors.extend(failure.error(lexical, &place));
                return pairs.next().and_then(|pair| reported(lower.item(pair), lower));
            }
            recover::item(form, lexical, lower, &failure, &place)
        }
    }
}

/// What was lowered; a defect becomes an error like others.
pub(crate) fn reported<T>(lowered: Result<T, Stop>, lower: &mut Lower<'_>) -> Option<T> {
    match lowered {
        Ok(value) => Some(value),
        Err(Stop::Reported) => None,
        Err(Stop::Defect(range)) => {
            let message = "the parser does not understand its own grammar here";
            lower.errors.push(
                SyntaxError::new(Code::Internal, range, message).help("please report this program"),
            );
            None
        }
    }
}

fn whole(lexical: &Lexical<'_>) -> TextRange {
    TextRange::from_usize(0, lexical.text.len())
}
