//! What may come next, as the grammar says it.

use pest::Parser as _;

use super::{Failure, describe};
use crate::form::Form;
use crate::grammar::{Grammar, Rule};
use crate::keywords::ItemKeyword;
use crate::lexical::{Lexical, MAX_NESTING};
use crate::recover;

/// What may follow the beginning of an item.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Next {
    /// Words of the language, sorted, each once.
    pub words: Vec<String>,
    /// Whether a clause, a rule or a step may begin: one of [`ItemKeyword::clauses`].
    pub clause: bool,
    /// Whether an expression may begin.
    pub expression: bool,
    /// Whether a type may begin.
    pub ty: bool,
}

/// A character that no rule takes, so that parsing ends there.
const STOP: &str = " ;";

/// What may follow `before`, which begins as the chunk of an item does.
pub fn next(before: &str, keyword: ItemKeyword) -> Next {
    let lexical = Lexical::new(before);
    if lexical.depth > MAX_NESTING {
        return Next::default();
    }
    let form = Form::of(keyword, &lexical);
    let end = u32::try_from(lexical.masked.trim_end().len()).unwrap_or(u32::MAX);
    let stopped = |rule: Rule, from: u32| {
        let text = lexical.masked.get(from as usize..).unwrap_or_default();
        let error = Grammar::parse(rule, &format!("{text}{STOP}")).err()?;
        let failure = Failure::new(&error, from);
        (failure.at >= end).then(|| failure.next(form.body().unwrap_or(keyword)))
    };
    stopped(form.chunk(), 0)
        .or_else(|| {
            let (part, start) = recover::last_piece(form, &lexical)?;
            stopped(part, start)
        })
        .unwrap_or_default()
}

impl Failure {
    fn next(&self, keyword: ItemKeyword) -> Next {
        let mut next = Next::default();
        for rule in &self.expected {
            match describe(*rule).1.as_str() {
                "a clause" | "a step" | "a setting" => next.clause = true,
                "an expression" => next.expression = true,
                "a type" | "a type or a number" => next.ty = true,
                "an operator" if *rule == Rule::logic_op => {
                    next.words.extend(["and", "or"].map(str::to_owned));
                }
                "an operator" if *rule != Rule::arith_op => {
                    next.words.extend(["is", "in", "not", "between"].map(str::to_owned));
                }
                said => next.words.extend(quoted_words(said)),
            }
        }
        next.clause |= next.words.iter().any(|word| keyword.clauses().contains(&word.as_str()));
        next.words.sort_unstable();
        next.words.dedup();
        next
    }
}

/// The words in backquotes.
fn quoted_words(said: &str) -> impl Iterator<Item = String> {
    let quoted = said.split('`').skip(1).step_by(2);
    let is_word = |part: &&str| part.starts_with(|c: char| c.is_ascii_alphabetic());
    quoted.filter(is_word).map(str::to_owned)
}
