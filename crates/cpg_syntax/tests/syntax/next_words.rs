//! What may come next.

use cpg_syntax::{ItemKeyword, next};

fn words(before: &str) -> Vec<String> {
    let word = before.split_whitespace().next().expect("an item begins with its keyword");
    next(before, ItemKeyword::from_word(word).expect("it is one")).words
}

#[test]
fn words_follow_from_the_grammar() {
    let cases: [(&str, &[&str]); 6] = [
        ("normalize n ", &["from"]),
        ("relate r from a as x ", &["to"]),
        ("view v = from a ", &["as"]),
        ("normalize n from a { keep b ", &["as"]),
        ("normalize n from a { key k -> n at b .. c ", &["unless"]),
        ("check accepted a(b) ", &["in"]),
    ];
    for (before, expected) in cases {
        let found = words(before);
        for word in expected {
            assert!(found.iter().any(|own| own == word), "{before}: {found:?}");
        }
    }
}

#[test]
fn clauses_expressions_and_types_are_told_apart() {
    let clause = next("normalize n from a {\n  keep b\n  ", ItemKeyword::Normalize);
    assert!(clause.clause && !clause.ty);
    let expression = next("normalize n from a {\n  where ", ItemKeyword::Normalize);
    assert!(expression.expression && !expression.clause);
    let ty = next("schema s {\n  a: ", ItemKeyword::Schema);
    assert!(ty.ty && !ty.expression);
}

#[test]
fn what_is_broken_before_does_not_matter() {
    let before = "normalize n from a {\n  id ??\n  keep b\n  where ";
    assert!(next(before, ItemKeyword::Normalize).expression);
    let nothing = next("normalize ? ? ", ItemKeyword::Normalize);
    assert_eq!(nothing, cpg_syntax::Next::default());
}
