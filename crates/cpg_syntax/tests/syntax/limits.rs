//! Texts that are long, deep or no programs at all. Each ends quickly on a small stack.

use std::thread;

use cpg_base::Code;
use cpg_syntax::{ItemKeyword, MAX_NESTING, format};

use crate::render::all_errors;

/// A quarter of what threads have by default.
const STACK: usize = 512 * 1024;

/// The codes of a text's errors, found on a small stack, on which it can be formatted, too.
fn codes(text: String) -> Vec<Code> {
    let run = move || {
        let codes: Vec<Code> = all_errors(&text).into_iter().map(|error| error.code).collect();
        assert_eq!(format(&text).copied.is_empty(), codes.is_empty());
        codes
    };
    thread::Builder::new()
        .stack_size(STACK)
        .spawn(run)
        .expect("a thread starts")
        .join()
        .expect("nothing panics")
}

#[track_caller]
fn too_deep(text: String) {
    let codes = codes(text);
    assert!(codes.contains(&Code::NestingTooDeep), "{codes:?}");
    assert!(codes.len() <= 2, "{} errors", codes.len());
}

const MANY: usize = 100_000;

#[test]
fn deep_brackets_are_refused() {
    too_deep(format!("const C = {}1", "(".repeat(MANY)));
    too_deep(format!("const C = {}1{}", "(".repeat(MANY), ")".repeat(MANY)));
    too_deep(format!("const C = {}1{}", "f(".repeat(MANY), ")".repeat(MANY)));
    too_deep(format!("view v = from a select {}", "{".repeat(MANY)));
    too_deep(format!("const C = {}1", "case { ".repeat(MANY)));
}

#[test]
fn deep_operators_are_refused() {
    too_deep(format!("const C = {}1", "-".repeat(MANY)));
    too_deep(format!("const C = {}1", "not ".repeat(MANY)));
    too_deep(format!("const C = {}1", "1 + ".repeat(MANY)));
    too_deep(format!("const C = a{}", " and a".repeat(MANY)));
    too_deep(format!("const C = a{}", ".b".repeat(MANY)));
    too_deep(format!("view v = from a select {{ a{} }}", ".b".repeat(MANY)));
}

#[test]
fn deep_conditionals_and_types_are_refused() {
    too_deep(format!("const C = {}1", "if ".repeat(MANY)));
    too_deep(format!("const C = {}1", "if a then ".repeat(MANY)));
    too_deep(format!("schema S {{ a: {}int }}", "List<".repeat(MANY)));
}

#[test]
fn what_is_just_deep_enough_parses() {
    let depth = MAX_NESTING;
    for text in [
        format!("const C = {}1{}", "(".repeat(depth), ")".repeat(depth)),
        format!("const C = {}1", "-".repeat(depth - 1)),
        format!("const C = 1{}", " + 1".repeat(depth - 1)),
        format!("const C = {}1", "if a then 1 else ".repeat(MANY / 100)),
        format!("const C = {}1{}", "if a then ".repeat(depth - 1), " else 2".repeat(depth - 1)),
        format!("const C = {}1{}", "f(".repeat(depth - 2), ")".repeat(depth - 2)),
        format!("const C = a in ({}1)", "1, ".repeat(MANY / 100)),
    ] {
        assert_eq!(codes(text.clone()), [], "{}", &text[..40]);
    }
}

/// A clause on one line of about that many bytes.
fn long_line(unit: &str, bytes: usize) -> String {
    format!("relate r from a to b {{ on {}", unit.repeat(bytes / unit.len()))
}

#[test]
fn a_line_of_a_megabyte_is_read_in_time() {
    for unit in [" ", "a", "\"", "é"] {
        assert!(!codes(long_line(unit, 1024 * 1024)).is_empty(), "{unit:?}");
    }
    assert_eq!(codes(format!("export {}", "name, ".repeat(MANY))), []);
}

#[test]
fn a_line_of_anything_is_read_in_time() {
    let units = [
        "/",
        "/*",
        "*/",
        "'",
        "`",
        "@",
        "\0",
        "é",
        "1",
        "1.",
        ",",
        "a,",
        "a:",
        "score ",
        "a ",
        "{ a ",
        "\\",
        "case { a => ",
        "in (",
        "a is ",
        "if a then ",
        "a < ",
    ];
    for unit in units {
        assert!(!codes(long_line(unit, 64 * 1024)).is_empty(), "{unit:?}");
    }
}

#[test]
fn a_mistake_at_the_bottom_is_found_in_time() {
    let depth = MAX_NESTING / 2 - 2;
    for unit in [
        "(",
        "f(",
        "cast(",
        "a in (",
        "not (",
        "- (",
        "a between (",
        "case { a => ",
        "case { else => ",
        "if a then 1 else if (",
        "if (",
        "if a then (",
        "if a then 1 else (",
        "a.b(",
    ] {
        assert!(!codes(format!("const C = {}", unit.repeat(depth))).is_empty(), "{unit:?}");
        assert!(
            !codes(format!("relate r from a to b {{ edge {}", unit.repeat(depth))).is_empty(),
            "{unit:?}"
        );
    }
}

#[test]
fn many_comments_without_end_are_read_in_time() {
    let codes = codes("/* /*\nschema A {}\n".repeat(MANY / 2) + "// */");
    assert!(codes.iter().all(|code| *code == Code::UnterminatedComment), "other errors");
    assert_eq!(codes.len(), MANY / 2);
}

#[test]
fn no_item_of_control_characters() {
    for keyword in ItemKeyword::ALL {
        let codes = codes(format!("{keyword} \0 \u{1b}"));
        assert!(codes.contains(&Code::Syntax), "{keyword}: {codes:?}");
    }
}
