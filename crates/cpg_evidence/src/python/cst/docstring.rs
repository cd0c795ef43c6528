//! Docstrings.

use std::borrow::Cow;

use ruff_python_ast::{Expr, ExprStringLiteral, Stmt};

use super::tables::cst_docstrings;
use super::{Context, distinct};

pub(super) fn docstrings<'m>(context: &Context<'m>) -> Vec<cst_docstrings::Row<'m>> {
    let model = context.model;
    let module = docstring(model.body).map(|literal| ("module", None, literal));
    let defs = model.defs.iter().filter_map(|def| {
        let literal = docstring(def.node.body()?)?;
        Some((def.node.kind(), Some(def), literal))
    });
    let rows = module.into_iter().chain(defs).map(|(owner_kind, owner, literal)| {
        let (start, end) = context.span(literal.range);
        let owner_span = owner.map(|def| context.span(def.range));
        cst_docstrings::Row {
            owner_kind: Cow::Borrowed(owner_kind),
            owner_start: owner_span.map(|span| span.0),
            owner_end: owner_span.map(|span| span.1),
            owner_key: owner.and_then(|def| model.key(def.body)).map(Cow::Borrowed),
            start,
            end,
            text: Cow::Owned(clean(literal.value.to_str())),
            start_line: context.start_line(literal.range),
        }
    });
    distinct(rows.collect(), |row| (row.start, row.end))
}

fn docstring(body: &[Stmt]) -> Option<&ExprStringLiteral> {
    match body.first()? {
        Stmt::Expr(statement) => match &*statement.value {
            Expr::StringLiteral(literal) => Some(literal),
            _ => None,
        },
        _ => None,
    }
}

/// A docstring as `inspect.cleandoc` shows it: tabs expanded, the indentation that all lines but the first share
/// removed, blank lines at both ends dropped.
fn clean(text: &str) -> String {
    let expanded = expand_tabs(text);
    let mut lines: Vec<&str> = expanded.split('\n').collect();
    let indent = |line: &str| line.chars().take_while(|c| is_space(*c)).count();
    let margin = lines
        .iter()
        .skip(1)
        .filter(|line| !line.chars().all(is_space))
        .map(|line| indent(line))
        .min();
    if let Some((first, rest)) = lines.split_first_mut() {
        *first = first.trim_start_matches(is_space);
        if let Some(margin) = margin {
            for line in rest {
                *line = line.char_indices().nth(margin).map_or("", |(start, _)| &line[start..]);
            }
        }
    }
    let is_full = |line: &&str| !line.is_empty();
    let first = lines.iter().position(is_full).unwrap_or(lines.len());
    let last = lines.iter().rposition(is_full).map_or(first, |last| last + 1);
    lines[first..last].join("\n")
}

/// What `str.strip` strips in source code.
fn is_space(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\x1c'..='\x1f')
}

/// Tabs to the next multiple of eight columns, as `str.expandtabs` does.
fn expand_tabs(text: &str) -> Cow<'_, str> {
    if !text.contains('\t') {
        return Cow::Borrowed(text);
    }
    let mut expanded = String::with_capacity(text.len() + 64);
    let mut column = 0;
    for character in text.chars() {
        match character {
            '\t' => {
                let blanks = 8 - column % 8;
                expanded.extend(std::iter::repeat_n(' ', blanks));
                column += blanks;
            }
            '\n' | '\r' => {
                expanded.push(character);
                column = 0;
            }
            _ => {
                expanded.push(character);
                column += 1;
            }
        }
    }
    Cow::Owned(expanded)
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn cleans_as_the_interpreter_does() {
        assert_eq!(clean("  one line  "), "one line  ");
        assert_eq!(
            clean("\n    first\n      second\n\n    third\n    "),
            "first\n  second\n\nthird"
        );
        assert_eq!(clean("head\n\tbody\n\t  more\n"), "head\nbody\n  more");
        assert_eq!(clean(""), "");
        assert_eq!(clean("   \n   \n"), "   ");
        assert_eq!(clean("a\n\u{a0}b"), "a\nb");
    }
}
