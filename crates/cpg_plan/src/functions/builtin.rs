//! The scalar functions of DataFusion that programs may call.
//!
//! Chosen by hand: pure, total as far as they can be, the same on every platform, and meaningful for code. What
//! they accept and return is asked of DataFusion ([`super::overloads`]), not written down.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::logical_expr::ScalarUDF;

/// One function of DataFusion.
pub(super) struct Builtin {
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    /// From how many arguments on it may give null although no argument is null.
    pub(super) null_from: Option<usize>,
    /// How many arguments programs may give; with more it could fail on values.
    pub(super) most_arguments: Option<usize>,
}

impl Builtin {
    const fn null_from(mut self, arguments: usize) -> Self {
        self.null_from = Some(arguments);
        self
    }

    const fn at_most(mut self, arguments: usize) -> Self {
        self.most_arguments = Some(arguments);
        self
    }
}

const fn total(name: &'static str, description: &'static str) -> Builtin {
    Builtin { name, description, null_from: None, most_arguments: None }
}

const fn partial(name: &'static str, description: &'static str) -> Builtin {
    total(name, description).null_from(0)
}

/// In the order of their names.
pub(super) const BUILTINS: &[Builtin] = &[
    total("abs", "A number without its sign."),
    total("array_concat", "The elements of several lists, one list after the other."),
    total("array_distinct", "The elements of a list, each once."),
    partial(
        "array_element",
        "The element of a list at a place counted from 1, from the end if negative; null outside the list.",
    ),
    total("array_has", "Whether a list holds a value."),
    total("array_has_all", "Whether the first list holds every element of the second."),
    total("array_has_any", "Whether two lists have an element in common."),
    // The second argument is a dimension, which the list may not have.
    total("array_length", "How many elements a list has.").null_from(2),
    // The third is where to begin, which must be in the list.
    partial(
        "array_position",
        "Where a list first holds a value, counted from 1; null where it does not.",
    )
    .at_most(2),
    total(
        "array_to_string",
        "The elements of a list in one string, a separator between them; null elements are left out.",
    ),
    total("ascii", "The number of a string's first character; 0 for an empty string."),
    total("bit_length", "How many bits a string takes in UTF-8."),
    total("btrim", "A string without white space, or the given characters, at both ends."),
    total("cardinality", "How many elements a list has, those of lists within it counted."),
    total("ceil", "The smallest whole number that is not smaller."),
    total("char_length", "How many characters a string has."),
    total("chr", "The character of that number."),
    total("coalesce", "The first argument that is not null."),
    total("concat", "Several strings as one; null counts as an empty string."),
    total(
        "concat_ws",
        "Several strings as one, the first argument between them; nulls are left out.",
    ),
    total("contains", "Whether the second string occurs in the first."),
    total("ends_with", "Whether the first string ends with the second."),
    total("exp", "The exponential of a number."),
    total(
        "find_in_set",
        "Which of a comma-separated list's parts a string is, counted from 1; 0 for none.",
    ),
    total("floor", "The largest whole number that is not larger."),
    total("gcd", "The greatest common divisor of two whole numbers."),
    total("greatest", "The largest argument that is not null."),
    total(
        "initcap",
        "A string with the first letter of each word in upper case and the others in lower case.",
    ),
    total("isnan", "Whether a number is NaN."),
    total("least", "The smallest argument that is not null."),
    total("left", "A string's first characters; all but the last ones if the count is negative."),
    total("levenshtein", "How many single-character edits turn one string into the other."),
    total("ln", "The natural logarithm of a number."),
    total("log10", "The logarithm of a number to base 10."),
    total("log2", "The logarithm of a number to base 2."),
    total("lower", "A string in lower case."),
    total(
        "lpad",
        "A string filled up at its start to a length, with spaces or the given string; cut where it is longer.",
    ),
    total("ltrim", "A string without white space, or the given characters, at its start."),
    partial("nullif", "The first argument; null where both are equal."),
    total("octet_length", "How many bytes a string takes in UTF-8."),
    // Further arguments of these are where to begin, which may be outside, and flags, which may be unknown;
    // flags can stand in the expression, as in `(?i)`.
    total("regexp_count", "How often a regular expression matches in a string.").at_most(2),
    total(
        "regexp_instr",
        "Where a regular expression first matches in a string, counted in characters from 1; 0 for nowhere.",
    )
    .at_most(2),
    total("regexp_like", "Whether a regular expression matches somewhere in a string.").at_most(2),
    partial(
        "regexp_match",
        "What a regular expression's groups match, or the whole match without groups; null without a match.",
    )
    .at_most(2),
    total(
        "regexp_replace",
        "A string with a regular expression's first match replaced, or all with the flag `g`.",
    ),
    total("repeat", "A string several times over."),
    total("replace", "A string with every occurrence of the second replaced by the third."),
    total("reverse", "A string's characters in reverse order."),
    total("right", "A string's last characters; all but the first ones if the count is negative."),
    total("round", "The nearest whole number, or the nearest with that many decimal places."),
    total(
        "rpad",
        "A string filled up at its end to a length, with spaces or the given string; cut where it is longer.",
    ),
    total("rtrim", "A string without white space, or the given characters, at its end."),
    total("signum", "-1, 0 or 1: a number's sign."),
    total(
        "split_part",
        "The part of a string between separators at a place counted from 1, from the end if negative; empty outside.",
    ),
    total("starts_with", "Whether the first string starts with the second."),
    total("string_to_array", "The parts of a string between separators."),
    total(
        "strpos",
        "Where the second string first occurs in the first, counted in characters from 1; 0 for nowhere.",
    ),
    total("substr", "A string from a character counted from 1 on, or that many characters of it."),
    total(
        "substring_index",
        "What precedes the nth occurrence of a separator; what follows it if n is negative.",
    ),
    total("to_hex", "A whole number in hexadecimal."),
    total(
        "translate",
        "A string with each character of the second replaced by the third's at its place.",
    ),
    total("trim", "A string without white space, or the given characters, at both ends."),
    total("trunc", "A number without its decimal places, or with that many of them."),
    total("upper", "A string in upper case."),
];

/// Every scalar function of DataFusion by every name it answers to.
pub(super) fn by_name() -> HashMap<String, Arc<ScalarUDF>> {
    datafusion::functions::all_default_functions()
        .into_iter()
        .chain(datafusion::functions_nested::all_default_nested_functions())
        .flat_map(|udf| {
            let names: Vec<String> = std::iter::once(udf.name())
                .chain(udf.aliases().iter().map(String::as_str))
                .map(str::to_owned)
                .collect();
            names.into_iter().map(move |name| (name, Arc::clone(&udf)))
        })
        .collect()
}
