//! What holds for the layout of every text: it says the same, keeps every comment, and does not change again.

use std::fs;
use std::path::Path;

use cpg_syntax::{CommentKind, format, parse_item, split};
use proptest::prelude::*;

use crate::outline::item_outline;
use crate::programs::repository_programs;
use crate::properties::{sample, soup};
use crate::render;

/// What a text says: its items, each as what it says or, when it is broken, as it is.
fn meaning(text: &str) -> (String, Vec<String>) {
    let split = split(text);
    let items = split.chunks.iter().flat_map(render::with_members).map(|chunk| {
        let chunk_text = render::slice(text, chunk.range);
        let parsed = parse_item(chunk_text, chunk.keyword);
        match parsed.item {
            Some(item) if parsed.errors.is_empty() => item_outline(&item),
            _ => lines(chunk_text.trim_ascii()),
        }
    });
    (split.module_docs, items.collect())
}

/// The same lines with line ends of one kind.
fn lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// Every comment, in order.
fn comments(text: &str) -> Vec<String> {
    let split = split(text);
    let mut found: Vec<_> = split.comments.clone();
    for chunk in &split.chunks {
        let parsed = parse_item(render::slice(text, chunk.range), chunk.keyword);
        let shifted = parsed.comments.into_iter().map(|mut comment| {
            comment.range = comment.range.shifted(chunk.range.start());
            comment
        });
        found.extend(shifted);
    }
    found.sort_by_key(|comment| comment.range);
    let text = found.iter().map(|comment| {
        let written = lines(render::slice(text, comment.range));
        // One without its end reaches over the white space before the next item.
        if comment.kind == CommentKind::Block {
            written.trim_end()
        } else {
            written.trim_ascii_end()
        }
        .to_owned()
    });
    text.collect()
}

fn check(text: &str) {
    let formatted = format(text);
    let again = format(&formatted.text);
    assert_eq!(again.text, formatted.text, "changes again: {text:?}");
    assert_eq!(again.copied.len(), formatted.copied.len(), "{text:?}");
    assert_eq!(meaning(&formatted.text), meaning(text), "{text:?}");
    assert_eq!(comments(&formatted.text), comments(text), "{text:?}");
    for range in &formatted.copied {
        let broken = render::slice(text, *range);
        assert!(formatted.text.contains(broken), "{broken:?} is not in {:?}", formatted.text);
    }
    // Texts of several lines stay as they are.
    let free = ["/*", "\"\"\""].iter().any(|quote| formatted.text.contains(quote));
    if formatted.copied.is_empty() && !free {
        assert!(formatted.text.lines().all(|line| line == line.trim_ascii_end()), "{text:?}");
        assert!(!formatted.text.contains("\n\n\n"), "{text:?}");
    }
}

/// Every form of the language, and the programs of this repository.
fn corpus() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut texts: Vec<String> = repository_programs().into_iter().map(|(_, text)| text).collect();
    for folder in [folder.join("layout"), folder.join("recovery")] {
        let mut paths: Vec<_> = fs::read_dir(folder)
            .expect("the folder is there")
            .map(|entry| entry.expect("and readable").path())
            .collect();
        paths.sort();
        let read = |path| fs::read_to_string(path).expect("programs are UTF-8");
        texts.extend(paths.into_iter().map(read));
    }
    texts
}

/// The items of the corpus.
fn items() -> Vec<String> {
    let texts = corpus();
    let items = texts.iter().flat_map(|text| {
        split(text).chunks.into_iter().map(|chunk| render::slice(text, chunk.range).to_owned())
    });
    items.collect()
}

/// Those that are whole and have no comments, whose places in the lines would count.
fn plain_items() -> Vec<String> {
    let mut items = items();
    items.retain(|text| {
        let plain = comments(text).is_empty() && !text.contains("\"\"\"");
        plain && format(text).copied.is_empty()
    });
    items
}

#[test]
fn the_corpus_keeps_what_it_says() {
    for text in corpus() {
        check(&text);
        check(&text.replace('\n', "\r\n"));
        check(&format!("\u{FEFF}{text}"));
    }
}

/// A text with another gap between some of its tokens: the parts of the text between its white space, with
/// what `gaps` say instead of that.
fn regapped(text: &str, gaps: &[usize]) -> String {
    let mut out = String::new();
    let mut gap = gaps.iter().cycle();
    let mut number = 0;
    let mut rest = text;
    while let Some(at) = rest.find([' ', '\n']) {
        out.push_str(&rest[..at]);
        let after = rest[at..].trim_start_matches([' ', '\n']);
        let old = &rest[at..rest.len() - after.len()];
        let line = out.rsplit('\n').next().unwrap_or_default();
        // A comment or a string keeps its spaces, and a line that begins an item its beginning.
        let fixed = line.contains("//") || line.matches('"').count() % 2 == 1;
        let begins = old.contains('\n') && !old.ends_with(' ');
        number += 1;
        match gap.next().copied().unwrap_or_default() {
            _ if fixed => out.push_str(old),
            1 if !begins => out.push(' '),
            2 => out
                .push_str(&format!("{}  ", if begins { old } else { "\n" }).replace("  \n", "\n")),
            3 => out.push_str(&format!(" /* {number} */{old}")),
            4 => out.push_str(&format!(" // {number}\n{}", if begins { "" } else { "  " })),
            5 => out.push_str(&format!("\n\n\n  // {number}\n{}", if begins { "" } else { "   " })),
            6 => out.push_str(&format!("{old}/* {number}\n over */ ")),
            7 if !begins => out.push_str("\n\n \n\t"),
            _ => out.push_str(old),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// A place in a text.
fn place(text: &str, at: &prop::sample::Index) -> usize {
    let mut at = at.index(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, max_global_rejects: u32::MAX, ..ProptestConfig::default() })]

    #[test]
    fn any_text_has_a_layout(text in any::<String>()) {
        check(&text);
    }

    #[test]
    fn any_soup_of_tokens_has_a_layout(text in soup()) {
        check(&text);
    }

    #[test]
    fn gaps_and_comments_anywhere_change_nothing(
        text in prop::sample::select(items()),
        gaps in prop::collection::vec(0..12_usize, 1..97),
    ) {
        check(&regapped(&text, &gaps));
    }

    #[test]
    fn layouts_do_not_depend_on_line_breaks(
        text in prop::sample::select(plain_items()),
        gaps in prop::collection::vec(0..3_usize, 1..97),
    ) {
        let (one, two) = (format(&text), format(&regapped(&text, &gaps)));
        prop_assume!(two.copied.is_empty());
        let lines = |text: &str| -> Vec<String> {
            text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
        };
        assert_eq!(lines(&one.text), lines(&two.text));
    }

    #[test]
    fn a_program_with_a_hole_has_a_layout(
        text in prop::sample::select(corpus()),
        at in any::<prop::sample::Index>(),
        length in 1..40_usize,
    ) {
        let start = place(&text, &at);
        let mut end = (start + length).min(text.len());
        while !text.is_char_boundary(end) { end -= 1; }
        check(&format!("{}{}", &text[..start], &text[end.max(start)..]));
        check(&text[..start]);
    }

    #[test]
    fn a_program_with_something_extra_has_a_layout(at in any::<prop::sample::Index>(), extra in soup()) {
        let text = sample();
        let at = place(&text, &at);
        check(&format!("{}{extra}{}", &text[..at], &text[at..]));
    }
}
