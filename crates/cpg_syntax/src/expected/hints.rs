//! Advice for slips that are easy to name.

use cpg_base::nearest;

use super::{Lexical, Place, Rule, SyntaxError, Token, TokenKind};
use crate::keywords::ItemKeyword;

/// Adds what can be said of `token`, which stands where one of `expected` should.
pub(super) fn hint(
    error: SyntaxError,
    token: Option<Token>,
    expected: &[Rule],
    lexical: &Lexical<'_>,
    place: &Place<'_>,
) -> SyntaxError {
    let (item, body) = (place.item, place.body);
    let text = lexical.text;
    let Some(token) = token else { return error };
    let found = token.text(text);
    let expects = |rule| expected.contains(&rule);
    match found {
        "=" if expects(Rule::colon) => return error.replace(text, ":"),
        ":" if expects(Rule::equals) && !expects(Rule::arrow) => return error.replace(text, "="),
        "=" | "->" if expects(Rule::fat_arrow) => return error.replace(text, "=>"),
        "=>" | "=" | ":" if expects(Rule::arrow) => return error.replace(text, "->"),
        ".." if expects(Rule::ellipsis) => return error.replace(text, "..."),
        "." | "," if expects(Rule::dot_dot) && !expects(Rule::comma) => {
            return error.help("a span is written `START .. END`");
        }
        "," | ")" if item == ItemKeyword::Fn && expects(Rule::colon) => {
            return error.help("a parameter says its type, as in `name: string`");
        }
        "," | ")" if item == ItemKeyword::Template && expects(Rule::colon) => {
            return error.help(
                "a parameter says its kind, as in `rows: relation`, `key: column` or `limit: int`",
            );
        }
        "(" if expects(Rule::logic_op) || expects(Rule::arith_op) => {
            return error
                .help("the parenthesis of a call stands directly behind the function's name");
        }
        ";" => {
            return error.help("nothing ends with `;`: a line end or `,` separates").fix(
                "remove it",
                token.range,
                "",
            );
        }
        "if" if expects(Rule::operand) => {
            return error.help("put the `if … then … else …` into parentheses");
        }
        "limit" | "order" if expects(Rule::step) => {
            return error.help(
                "rows have no order of their own: `sort KEY, … limit N` says which ones stay",
            );
        }
        "having" if expects(Rule::step) => {
            return error.help("a `where` behind the group's aggregates leaves groups out");
        }
        "union" if expects(Rule::step) => {
            return error
                .help("the rows of several arms are put together by `|`, as in `from a | from b`");
        }
        "inner" | "outer" | "full" | "right" | "cross" if expects(Rule::step) => {
            return error.help("joins are `join`, `left join`, `semi join` and `anti join`");
        }
        "like" | "ilike" if expects(Rule::compare_op) => {
            return error.help(
                "`starts_with`, `contains`, `regexp_like` and, of paths, `glob` look into text, as in `starts_with(name, \"a\")`",
            );
        }
        _ if expects(Rule::k_extractor) => {
            return error.help(
                "evidence comes from an extractor, as in `from extractor python.cst`, or from files, as in `from parquet \"data/calls.parquet\"`",
            );
        }
        _ => {}
    }
    if token.kind != TokenKind::Word {
        return error;
    }
    if ItemKeyword::from_word(found).is_some() && expects(Rule::EOI) {
        return error.help("an item starts at the beginning of its line");
    }
    let begins =
        [Rule::normalize_clause, Rule::relate_clause, Rule::test_clause, Rule::step, Rule::setting]
            .into_iter()
            .any(expects);
    let fuses = item == ItemKeyword::Union && expects(Rule::EOI);
    let checks = expects(Rule::unique_check) || expects(Rule::k_unique);
    let clauses = body.unwrap_or(item).clauses();
    let words = if begins || fuses || checks { clauses } else { &[] };
    match nearest(found, words.iter().copied()) {
        Some(near) if near != found => {
            error.help(format!("did you mean `{near}`?")).replace(text, near)
        }
        _ if begins && body == Some(ItemKeyword::View) => {
            error.help(format!("steps are {}", listed(words)))
        }
        _ if checks => error.help(format!("checks are {}", listed(words))),
        _ if begins && body == Some(ItemKeyword::Policy) => {
            error.help(format!("settings are {}", listed(words)))
        }
        _ if begins => error.help(format!("clauses are {}", listed(words))),
        _ => error,
    }
}

fn listed(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}
