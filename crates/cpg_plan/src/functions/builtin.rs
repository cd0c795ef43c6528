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
    /// An expression of the language and its value.
    pub(super) example: (&'static str, &'static str),
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

const fn total(
    name: &'static str,
    description: &'static str,
    example: (&'static str, &'static str),
) -> Builtin {
    Builtin { name, description, example, null_from: None, most_arguments: None }
}

const fn partial(
    name: &'static str,
    description: &'static str,
    example: (&'static str, &'static str),
) -> Builtin {
    total(name, description, example).null_from(0)
}

/// In the order of their names.
pub(super) const BUILTINS: &[Builtin] = &[
    total("abs", "A number without its sign.", ("abs(-3)", "3")),
    total("array_concat", "The elements of several lists, one list after the other.", (r#"array_concat(string_to_array("a,b", ","), string_to_array("c", ","))"#, r#"["a", "b", "c"]"#)),
    total("array_distinct", "The elements of a list, each once.", (r#"array_distinct(string_to_array("a", ","))"#, r#"["a"]"#)),
    partial("array_element", "The element of a list at a place counted from 1, from the end if negative; null outside the list.", (r#"array_element(string_to_array("a,b", ","), -1)"#, r#""b""#)),
    total("array_has", "Whether a list holds a value.", (r#"array_has(string_to_array("a,b", ","), "b")"#, "true")),
    total("array_has_all", "Whether the first list holds every element of the second.", (r#"array_has_all(string_to_array("a,b", ","), string_to_array("b", ","))"#, "true")),
    total("array_has_any", "Whether two lists have an element in common.", (r#"array_has_any(string_to_array("a,b", ","), string_to_array("c", ","))"#, "false")),
    // The second argument is a dimension, which the list may not have.
    total("array_length", "How many elements a list has.", (r#"array_length(string_to_array("a,b", ","))"#, "2")).null_from(2),
    // The third is where to begin, which must be in the list.
    partial("array_position", "Where a list first holds a value, counted from 1; null where it does not.", (r#"array_position(string_to_array("a,b", ","), "b")"#, "2"))
    .at_most(2),
    total("array_to_string", "The elements of a list in one string, a separator between them; null elements are left out.", (r#"array_to_string(string_to_array("a,b", ","), "-")"#, r#""a-b""#)),
    total("ascii", "The number of a string's first character; 0 for an empty string.", (r#"ascii("a")"#, "97")),
    total("bit_length", "How many bits a string takes in UTF-8.", (r#"bit_length("é")"#, "16")),
    total("btrim", "A string without white space, or the given characters, at both ends.", (r#"btrim("--a--", "-")"#, r#""a""#)),
    total("cardinality", "How many elements a list has, those of lists within it counted.", (r#"cardinality(string_to_array("a,b", ","))"#, "2")),
    total("ceil", "The smallest whole number that is not smaller.", ("ceil(1.2)", "2.0")),
    total("char_length", "How many characters a string has.", (r#"char_length("é")"#, "1")),
    total("chr", "The character of that number.", ("chr(97)", r#""a""#)),
    total("coalesce", "The first argument that is not null.", (r#"coalesce(null, "a")"#, r#""a""#)),
    total("concat", "Several strings as one; null counts as an empty string.", (r#"concat("a", null, "b")"#, r#""ab""#)),
    total("concat_ws", "Several strings as one, the first argument between them; nulls are left out.", (r#"concat_ws("-", "a", null, "b")"#, r#""a-b""#)),
    total("contains", "Whether the second string occurs in the first.", (r#"contains("abc", "b")"#, "true")),
    total("ends_with", "Whether the first string ends with the second.", (r#"ends_with("abc", "bc")"#, "true")),
    total("exp", "The exponential of a number.", ("exp(0.0)", "1.0")),
    total("find_in_set", "Which of a comma-separated list's parts a string is, counted from 1; 0 for none.", (r#"find_in_set("b", "a,b")"#, "2")),
    total("floor", "The largest whole number that is not larger.", ("floor(1.8)", "1.0")),
    total("gcd", "The greatest common divisor of two whole numbers.", ("gcd(12, 18)", "6")),
    total("greatest", "The largest argument that is not null.", ("greatest(1, 3, 2)", "3")),
    total("initcap", "A string with the first letter of each word in upper case and the others in lower case.", (r#"initcap("some words")"#, r#""Some Words""#)),
    total("isnan", "Whether a number is NaN.", ("isnan(1.0)", "false")),
    total("least", "The smallest argument that is not null.", ("least(3, 1, 2)", "1")),
    total("left", "A string's first characters; all but the last ones if the count is negative.", (r#"left("abc", 2)"#, r#""ab""#)),
    total("levenshtein", "How many single-character edits turn one string into the other.", (r#"levenshtein("kitten", "sitting")"#, "3")),
    total("ln", "The natural logarithm of a number.", ("ln(1.0)", "0.0")),
    total("log10", "The logarithm of a number to base 10.", ("log10(1000.0)", "3.0")),
    total("log2", "The logarithm of a number to base 2.", ("log2(8.0)", "3.0")),
    total("lower", "A string in lower case.", (r#"lower("ABC")"#, r#""abc""#)),
    total("lpad", "A string filled up at its start to a length, with spaces or the given string; cut where it is longer.", (r#"lpad("7", 3, "0")"#, r#""007""#)),
    total("ltrim", "A string without white space, or the given characters, at its start.", (r#"ltrim("  a ")"#, r#""a ""#)),
    partial("nullif", "The first argument; null where both are equal.", (r#"nullif("a", "a")"#, "null")),
    total("octet_length", "How many bytes a string takes in UTF-8.", (r#"octet_length("é")"#, "2")),
    // Further arguments of these are where to begin, which may be outside, and flags, which may be unknown;
    // flags can stand in the expression, as in `(?i)`.
    total("regexp_count", "How often a regular expression matches in a string.", (r#"regexp_count("a1b22", "[0-9]+")"#, "2")).at_most(2),
    total("regexp_instr", "Where a regular expression first matches in a string, counted in characters from 1; 0 for nowhere.", (r#"regexp_instr("ab12", "[0-9]")"#, "3"))
    .at_most(2),
    total("regexp_like", "Whether a regular expression matches somewhere in a string.", (r#"regexp_like("ab12", "^[a-z]+[0-9]+$")"#, "true")).at_most(2),
    partial("regexp_match", "What a regular expression's groups match, or the whole match without groups; null without a match.", (r#"regexp_match("ab12", "([a-z]+)([0-9]+)")"#, r#"["ab", "12"]"#))
    .at_most(2),
    total("regexp_replace", "A string with a regular expression's first match replaced, or all with the flag `g`.", (r#"regexp_replace("a1b2", "[0-9]", "", "g")"#, r#""ab""#)),
    total("repeat", "A string several times over.", (r#"repeat("ab", 2)"#, r#""abab""#)),
    total("replace", "A string with every occurrence of the second replaced by the third.", (r#"replace("abcb", "b", "x")"#, r#""axcx""#)),
    total("reverse", "A string's characters in reverse order.", (r#"reverse("abc")"#, r#""cba""#)),
    total("right", "A string's last characters; all but the first ones if the count is negative.", (r#"right("abc", 2)"#, r#""bc""#)),
    total("round", "The nearest whole number, or the nearest with that many decimal places.", ("round(1.25, 1)", "1.3")),
    total("rpad", "A string filled up at its end to a length, with spaces or the given string; cut where it is longer.", (r#"rpad("7", 3, "0")"#, r#""700""#)),
    total("rtrim", "A string without white space, or the given characters, at its end.", (r#"rtrim(" a  ")"#, r#"" a""#)),
    total("signum", "-1, 0 or 1: a number's sign.", ("signum(-2.5)", "-1.0")),
    total("split_part", "The part of a string between separators at a place counted from 1, from the end if negative; empty outside.", (r#"split_part("a.b.c", ".", 2)"#, r#""b""#)),
    total("starts_with", "Whether the first string starts with the second.", (r#"starts_with("abc", "ab")"#, "true")),
    total("string_to_array", "The parts of a string between separators.", (r#"string_to_array("a,b", ",")"#, r#"["a", "b"]"#)),
    total("strpos", "Where the second string first occurs in the first, counted in characters from 1; 0 for nowhere.", (r#"strpos("abc", "c")"#, "3")),
    total("substr", "A string from a character counted from 1 on, or that many characters of it.", (r#"substr("abc", 2)"#, r#""bc""#)),
    total("substring_index", "What precedes the nth occurrence of a separator; what follows it if n is negative.", (r#"substring_index("a.b.c", ".", 2)"#, r#""a.b""#)),
    total("to_hex", "A whole number in hexadecimal.", ("to_hex(255)", r#""ff""#)),
    total("translate", "A string with each character of the second replaced by the third's at its place.", (r#"translate("abc", "ac", "xz")"#, r#""xbz""#)),
    total("trim", "A string without white space, or the given characters, at both ends.", (r#"trim("  a  ")"#, r#""a""#)),
    total("trunc", "A number without its decimal places, or with that many of them.", ("trunc(1.8)", "1.0")),
    total("upper", "A string in upper case.", (r#"upper("abc")"#, r#""ABC""#)),
];

/// What the language calls for forms of its own, whose types it knows better: maps are of types without end.
pub(super) const FOR_FORMS: [&str; 2] = ["map_keys", "map_values"];

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
