//! What holds for every text.

use std::fs;
use std::path::Path;

use cpg_base::{Code, TextRange};
use cpg_syntax::{SyntaxError, parse_item, split};
use proptest::prelude::*;

/// Splits and parses a text, and checks what holds for all of them.
pub fn check(text: &str) {
    let split = split(text);
    let mut end = 0;
    for chunk in &split.chunks {
        assert!(end <= chunk.range.start() && !chunk.range.is_empty());
        let mut inner = chunk.range.start();
        for member in &chunk.members {
            assert!(inner <= member.range.start() && !member.range.is_empty());
            inner = member.range.end();
            let member_text = member.range.slice(text).expect("views lie in the text");
            sound(member_text, &parse_item(member_text, member.keyword).errors);
        }
        assert!(inner <= chunk.range.end());
        end = chunk.range.end();
        let chunk_text = chunk.range.slice(text).expect("chunks lie in the text");
        let parsed = parse_item(chunk_text, chunk.keyword);
        assert!(
            parsed.item.is_some() || !parsed.errors.is_empty(),
            "nothing said of {chunk_text:?}"
        );
        sound(chunk_text, &parsed.errors);
        if let Some(item) = &parsed.item {
            assert!(
                item.range
                    .slice(chunk_text)
                    .is_some_and(|item| item.starts_with(chunk.keyword.as_str()))
            );
        }
        for comment in &parsed.comments {
            assert!(
                comment.range.slice(chunk_text).is_some_and(|comment| comment.starts_with('/'))
            );
        }
        // Alone, the chunk is the same one item.
        let again = cpg_syntax::split(chunk_text);
        assert_eq!(again.chunks.len(), 1, "{chunk_text:?}");
        assert_eq!(again.chunks[0].name, chunk.name);
    }
    sound(text, &split.errors);
    let outside = |range: TextRange| {
        split
            .chunks
            .iter()
            .all(|chunk| range.start() < chunk.range.start() || chunk.range.end() <= range.start())
    };
    assert!(split.comments.iter().all(|comment| outside(comment.range)));
    assert!(end as usize <= text.len());
}

fn sound(text: &str, errors: &[SyntaxError]) {
    for error in errors {
        assert!(error.range.slice(text).is_some(), "{error:?} in {text:?}");
        assert!(
            error.fix.as_ref().is_none_or(|fix| fix.range.slice(text).is_some()),
            "{error:?} in {text:?}"
        );
        assert_ne!(error.code, Code::Internal, "{error:?} in {text:?}");
        assert!(!error.message.is_empty());
    }
}

pub fn sample() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../stdlib/python/definitions.cpg");
    fs::read_to_string(path).expect("the standard library is there")
}

#[test]
fn every_beginning_of_a_program_is_answered() {
    let text = sample();
    // Whole items before the last one are tested by themselves.
    for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
        let start =
            split(&text[..end]).chunks.last().map_or(0, |chunk| chunk.range.start() as usize);
        check(&text[start..end]);
    }
    check(&text);
}

#[test]
fn line_ends_and_a_byte_order_mark_change_nothing() {
    let text = sample();
    let kinds = |text: &str| -> Vec<_> {
        let split = split(text);
        assert_eq!(split.errors, []);
        let items = split.chunks.iter().map(|chunk| {
            let parsed = parse_item(chunk.range.slice(text).expect("in the text"), chunk.keyword);
            assert_eq!(parsed.errors, []);
            let item = parsed.item.expect("without errors");
            (chunk.keyword, chunk.name.clone(), item.docs)
        });
        (items.collect::<Vec<_>>(), split.module_docs).0
    };
    let expected = kinds(&text);
    assert_eq!(kinds(&text.replace('\n', "\r\n")), expected);
    assert_eq!(kinds(&text.replace('\n', "\r")), expected);
    assert_eq!(kinds(&format!("\u{FEFF}{text}")), expected);
}

/// Texts of what programs are made of, in any order.
pub fn soup() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "use",
        "const",
        "schema",
        "evidence",
        "normalize",
        "relate",
        "union",
        "fixpoint",
        "bound",
        "closure",
        "over",
        "depth",
        "view",
        "export",
        "fn",
        "check",
        "test",
        "for",
        "given",
        "expect",
        "...",
        "unique",
        "expect",
        "coverage",
        "severity",
        "60%",
        "from",
        "to",
        "via",
        "as",
        "of",
        "in",
        "on",
        "by",
        "per",
        "fuse",
        "where",
        "id",
        "span",
        "text",
        "key",
        "keep",
        "derive",
        "node",
        "edge",
        "rank",
        "score",
        "feature",
        "weight",
        "provider",
        "join",
        "left",
        "select",
        "group",
        "distinct",
        "dedupe",
        "best",
        "sort",
        "limit",
        "and",
        "or",
        "not",
        "is",
        "null",
        "between",
        "if",
        "then",
        "else",
        "case",
        "cast",
        "overlaps",
        "before",
        "a",
        "b.c",
        "f(",
        "X",
        "`q q`",
        "1",
        "2.5",
        "\"s\"",
        "\"",
        "'",
        "`",
        "{",
        "}",
        "(",
        ")",
        "<",
        ">",
        "[",
        "]",
        ":",
        ",",
        ".",
        "..",
        "->",
        "=>",
        "=",
        "==",
        "!=",
        "??",
        "?",
        "+",
        "-",
        "*",
        "/",
        "%",
        "|",
        "||",
        "&&",
        "!",
        "@",
        "@tag(a)",
        "//",
        "/// d",
        "//! m",
        "/*",
        "*/",
        "\\",
        ";",
        "é",
        "\u{202E}",
        "\0",
        "\u{FEFF}",
    ]);
    let gap = prop::sample::select(vec!["", " ", " ", " ", "\n", "\n  ", "\r\n", "\r"]);
    prop::collection::vec((words, gap), 0..60)
        .prop_map(|parts| parts.into_iter().flat_map(|(word, gap)| [word, gap]).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_answered(text in any::<String>()) {
        check(&text);
    }

    #[test]
    fn any_soup_of_tokens_is_answered(text in soup()) {
        check(&text);
    }

    #[test]
    fn a_program_with_a_hole_is_answered(at in any::<prop::sample::Index>(), length in 1..20_usize) {
        let text = sample();
        let mut start = at.index(text.len());
        let mut end = (start + length).min(text.len());
        while !text.is_char_boundary(start) { start -= 1; }
        while !text.is_char_boundary(end) { end += 1; }
        check(&format!("{}{}", &text[..start], &text[end..]));
    }

    #[test]
    fn a_program_with_something_extra_is_answered(at in any::<prop::sample::Index>(), extra in soup()) {
        let text = sample();
        let mut at = at.index(text.len());
        while !text.is_char_boundary(at) { at -= 1; }
        check(&format!("{}{extra}{}", &text[..at], &text[at..]));
    }
}
