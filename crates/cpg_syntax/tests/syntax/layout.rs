//! The layout of every form, and that the programs of this repository have it.

use std::fs;
use std::path::Path;

use cpg_syntax::format;

use crate::programs::repository_programs;
use crate::render;

fn layout(name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/layout");
    let text = fs::read_to_string(folder.join(format!("{name}.cpg"))).expect("the file is there");
    let formatted = format(&text);
    let copied: String = formatted
        .copied
        .iter()
        .map(|range| format!("{:?}\n", render::slice(&text, *range)))
        .collect();
    let copied = if copied.is_empty() { copied } else { format!("---- copied:\n{copied}") };
    render::snapshot(&format!("layout_{name}"), &format!("{}{copied}", formatted.text));
}

macro_rules! layouts {
    ($($name:ident,)*) => {
        $(#[test]
        fn $name() {
            layout(stringify!($name));
        })*
    };
}

layouts! {
    use_const_export,
    schema_evidence,
    normalize,
    relate,
    union,
    view,
    fixpoint,
    closure,
    sql,
    check,
    test,
    template,
    policy,
    expressions,
    comments,
    broken,
}

#[test]
fn the_repositorys_programs_are_laid_out() {
    for (path, text) in repository_programs() {
        let formatted = format(&text);
        assert_eq!(formatted.copied, [], "{}", path.display());
        assert_eq!(formatted.text, text, "{} is not formatted", path.display());
        let long = text.lines().find(|line| !line.starts_with("//") && line.chars().count() > 100);
        assert_eq!(long, None, "{}", path.display());
    }
}

#[test]
fn lines_end_as_they_all_do() {
    let unix = "// a\n\n\nconst A=1 /* b\n c */\n";
    let expected = "// a\n\nconst A = 1 /* b\n c */\n";
    assert_eq!(format(unix).text, expected);
    let windows = unix.replace('\n', "\r\n");
    assert_eq!(format(&windows).text, expected.replace('\n', "\r\n"));
    assert_eq!(format(&format!("\u{FEFF}{windows}")).text, expected.replace('\n', "\r\n"));
    assert_eq!(format(&format!("// mixed\n{windows}")).text, format!("// mixed\n{expected}"));
    assert_eq!(format(&unix.replace('\n', "\r")).text, expected);
}

#[test]
fn nothing_is_laid_out_as_nothing() {
    for text in ["", "\n", " \r\n\t\n", "\u{FEFF}"] {
        assert_eq!(format(text).text, "", "{text:?}");
        assert_eq!(format(text).copied, []);
    }
}
