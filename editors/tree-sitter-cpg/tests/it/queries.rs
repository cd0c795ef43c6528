//! Queries fit the grammar, and find what they are for.

use std::collections::BTreeMap;

use tree_sitter::{Language, Parser, Query, QueryCursor, StreamingIterator as _};

use crate::generated::every_word;

fn language() -> Language {
    tree_sitter_cpg::LANGUAGE.into()
}

/// What each piece of a text is captured as; where several patterns match, the last one counts, as for editors.
fn captures(query: &str, text: &str) -> BTreeMap<(usize, usize), String> {
    let mut parser = Parser::new();
    parser.set_language(&language()).expect("a language of this version");
    let tree = parser.parse(text, None).expect("nothing stops it");
    let query = Query::new(&language(), query).expect("a query for this grammar");
    let mut cursor = QueryCursor::new();
    let mut captures = cursor.captures(&query, tree.root_node(), text.as_bytes());
    let mut found: BTreeMap<(usize, usize), (usize, String)> = BTreeMap::new();
    while let Some((matched, index)) = captures.next() {
        let capture = matched.captures()[*index];
        let name = query.capture_names()[capture.index as usize].to_owned();
        let range = capture.node.byte_range();
        let entry = found.entry((range.start, range.end)).or_default();
        if matched.pattern_index >= entry.0 {
            *entry = (matched.pattern_index, name);
        }
    }
    found.into_iter().map(|(range, (_, name))| (range, name)).collect()
}

fn highlighted(text: &str) -> Vec<(&str, String)> {
    captures(tree_sitter_cpg::HIGHLIGHTS, text)
        .into_iter()
        .map(|((start, end), name)| (&text[start..end], name))
        .collect()
}

fn has(highlighted: &[(&str, String)], text: &str, name: &str) -> bool {
    highlighted.iter().any(|(t, n)| *t == text && n == name)
}

/// The words of the grammar are those of the compiler's list: no keyword is missing on either side.
#[test]
fn words_are_the_compilers() {
    let language = language();
    let is_word = |kind: &str| kind.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    let mut words: Vec<&str> = (0..language.node_kind_count() as u16)
        .filter(|id| !language.node_kind_is_named(*id) && language.node_kind_is_visible(*id))
        .filter_map(|id| language.node_kind_for_id(id))
        .filter(|kind| is_word(kind) && !["true", "false", "null", "end"].contains(kind))
        .collect();
    words.sort_unstable();
    words.dedup();
    assert_eq!(words, every_word());
}

#[test]
fn highlights_tell_names_apart() {
    let text = "\
/// Calls.
@tag(core)
relate calls from call as c to def as d {
  on c.name == d.name and lower(c.score) != \"a\\n\"
  score 10
  edge \"CALLS\" { score: c.score }
}
";
    let found = highlighted(text);
    for (text, name) in [
        ("/// Calls.", "comment.documentation"),
        ("tag", "attribute"),
        ("relate", "keyword"),
        ("calls", "type"),
        ("call", "type"),
        ("c", "variable.parameter"),
        ("and", "keyword"),
        ("lower", "function.call"),
        ("\"a\\n\"", "string"),
        ("\\n", "string.escape"),
        ("score", "keyword"),
        ("score", "property"),
        ("10", "number"),
        ("==", "operator"),
    ] {
        assert!(has(&found, text, name), "`{text}` is no {name} in {found:#?}");
    }
}

#[test]
fn folds_are_what_has_more_than_a_line() {
    let text = "schema A {\n  x: int\n}\n\nview v =\n  from a as b\n  select {\n    x\n  }\n";
    let lines = |at: usize| text[..at].matches('\n').count();
    let folds: Vec<(usize, usize)> = captures(tree_sitter_cpg::FOLDS, text)
        .into_keys()
        .map(|(start, end)| (lines(start), lines(end)))
        .collect();
    assert_eq!(folds, [(0, 2), (4, 8), (5, 8), (6, 8)]);
}

#[test]
fn scopes_hold_row_sources_and_parameters() {
    let text = "fn f(x: int) = x + 1\nview v = from a as b where b.x == 1\n";
    let found = captures(tree_sitter_cpg::LOCALS, text);
    let named: Vec<(&str, &str)> =
        found.iter().map(|((start, end), name)| (&text[*start..*end], name.as_str())).collect();
    assert_eq!(
        named,
        [
            ("fn f(x: int) = x + 1", "local.scope"),
            ("x", "local.definition.parameter"),
            ("x", "local.reference"),
            ("from a as b where b.x == 1", "local.scope"),
            ("b", "local.definition.var"),
            ("b", "local.reference"),
        ]
    );
}

#[test]
fn indents_and_tags_fit_the_grammar() {
    let text = "view v =\n  from a as b\n";
    let tags = captures(tree_sitter_cpg::TAGS, text);
    assert_eq!(tags.get(&(5, 6)).map(String::as_str), Some("name"));
    assert!(captures(tree_sitter_cpg::INDENTS, text).values().any(|name| name == "indent.begin"));
}
