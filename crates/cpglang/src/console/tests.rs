use cpg_base::{Code, Diagnostic, SourceId, TextRange};
use cpg_hir::Source;

use super::human::{self, Style};
use super::{Tally, Texts, json, narrated};
use crate::failure::Failure;

const CALLS: &str =
    "use std.core.Node\n\nrelate calls from call to def {\n\ton c.nmae == d.name\n}\n";
const DEFS: &str = "// Ünïcödé 𝒳\nnormalize def from defs { keep name }\n";

fn texts() -> Texts {
    let file = |(path, text): (&str, &str)| Source {
        id: SourceId::new(path),
        module: path.trim_end_matches(".cpg").to_owned(),
        text: text.to_owned(),
        library: false,
    };
    Texts::new(&[("calls.cpg", CALLS), ("defs.cpg", DEFS)].map(file))
}

fn range(text: &str, part: &str) -> TextRange {
    let start = text.find(part).expect("the text has this part");
    TextRange::from_usize(start, start + part.len())
}

fn unknown_column() -> Diagnostic {
    let calls = SourceId::new("calls.cpg");
    let at = range(CALLS, "nmae");
    Diagnostic::error(Code::UnknownColumn, &calls, at, "`c` has no column `nmae`")
        .found("not a column of `call`")
        .label(&SourceId::new("defs.cpg"), range(DEFS, "keep name"), "its columns are named here")
        .help("`call` has `name`")
        .fix("replace `nmae` by `name`", at, "name")
}

fn draw(diagnostic: &Diagnostic, width: usize) -> String {
    let drawn = human::diagnostic(diagnostic, &texts(), Style { width, fancy: false });
    anstream::adapter::strip_str(&drawn).to_string()
}

#[test]
fn a_diagnostic_is_drawn_over_two_files() {
    insta::assert_snapshot!(draw(&unknown_column(), 100));
}

#[test]
fn a_diagnostic_is_told_in_sentences() {
    insta::assert_snapshot!(narrated::diagnostic(&unknown_column(), &texts()), @r#"
    error unknown-column: `c` has no column `nmae`
      in calls.cpg, line 4, column 7, at "nmae": not a column of `call`
      in defs.cpg, line 2, column 27, at "keep name": its columns are named here
      help: `call` has `name`
      fix: replace `nmae` by `name`
    "#);
}

#[test]
fn a_warning_in_a_narrow_terminal_is_wrapped() {
    let calls = SourceId::new("calls.cpg");
    let warning =
        Diagnostic::error(Code::UnusedUse, &calls, range(CALLS, "Node"), "`Node` is not used")
            .warning()
            .help("remove it from the list of names, or the whole item when it is the only one");
    insta::assert_snapshot!(draw(&warning, 40));
}

#[test]
fn places_that_cannot_be_drawn_are_said() {
    let missing = SourceId::new("gone.cpg");
    let error = Diagnostic::error(Code::FileTooLarge, &missing, TextRange::empty(0), "too large");
    assert!(draw(&error, 80).contains("too large (at gone.cpg)"), "{}", draw(&error, 80));

    let long = Source {
        id: SourceId::new("long.cpg"),
        module: "long".to_owned(),
        text: format!("\n{}x", " ".repeat(100_000)),
        library: false,
    };
    let at = TextRange::from_usize(100_001, 100_002);
    let error = Diagnostic::error(Code::Syntax, &long.id, at, "expected an item");
    let drawn = human::diagnostic(&error, &Texts::new([&long]), Style { width: 80, fancy: true });
    let drawn = anstream::adapter::strip_str(&drawn).to_string();
    assert!(drawn.contains("expected an item (at long.cpg:2:100001)"), "{drawn}");
}

#[test]
fn ranges_outside_the_text_or_inside_a_character_are_drawn() {
    let defs = SourceId::new("defs.cpg");
    for (start, end) in [(4, 5), (0, u32::MAX), (u32::MAX, u32::MAX), (4, 4)] {
        let at = TextRange::new(start, end);
        let error = Diagnostic::error(Code::Syntax, &defs, at, "expected `:`").found("here");
        assert!(draw(&error, 80).contains("expected `:`"), "{start}..{end}");
    }
}

#[test]
fn nothing_a_terminal_obeys_is_written() {
    let source = SourceId::new("evil.cpg");
    let text = "\x1b[2Jconst A\u{202e} = 1\r\n".to_owned();
    let file = Source { id: source.clone(), module: "evil".to_owned(), text, library: false };
    let error = Diagnostic::error(Code::Syntax, &source, TextRange::new(4, 9), "found `\x1b[2J`")
        .found("here\x07")
        .help("no \u{9b}");
    let drawn = human::diagnostic(&error, &Texts::new([&file]), Style { width: 80, fancy: true });
    let drawn = anstream::adapter::strip_str(&drawn).to_string();
    let obeyed = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    assert!(!drawn.contains(obeyed), "{drawn:?}");
    assert!(drawn.contains("[2Jconst A"), "the rest of the line is shown: {drawn:?}");
}

#[test]
fn the_stream_has_bytes_and_utf16_places() {
    let texts = texts();
    let mut diagnostic = unknown_column();
    let at = range(DEFS, "𝒳");
    diagnostic = diagnostic.label(&SourceId::new("defs.cpg"), at, "four bytes, two units");
    let value = serde_json::to_string_pretty(&json::diagnostic(&diagnostic, &texts));
    insta::assert_snapshot!(value.expect("serialises"));
}

#[test]
fn the_end_of_the_stream_counts() {
    let mut diagnostics = vec![unknown_column(), unknown_column().warning()];
    diagnostics[1].labels[0].source = SourceId::new("defs.cpg");
    let tally = Tally::of(&diagnostics);
    assert_eq!(tally.to_string(), "1 error, 1 warning in 2 files");
    let value = serde_json::to_string(&json::summary(tally, 9)).expect("serialises");
    insta::assert_snapshot!(value);
}

#[test]
fn a_failure_says_what_to_do_next() {
    let failure = Failure::usage("`x.cpg`: not found", "give a program file");
    let message = failure.message().expect("usage errors have a message");
    let text = anstream::adapter::strip_str(&human::failure(&failure, &message)).to_string();
    assert_eq!(text, "error: `x.cpg`: not found\n  help: give a program file");
    let value = serde_json::to_string(&json::failure(&failure, &message)).expect("serialises");
    insta::assert_snapshot!(value);
}
