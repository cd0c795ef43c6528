//! Whatever a program says, checking it ends, without a panic and on a small stack.

use std::fmt::Write;
use std::path::Path;

use cpg_base::Code;
use cpg_hir::{Source, check, compile};
use proptest::prelude::*;

use crate::render::{Result, database, render, source};

/// The stack that threads of Rust have by default.
const STACK: usize = 2 * 1024 * 1024;

fn on_small_stack(run: impl FnOnce() -> Result<String> + Send + 'static) -> Result<String> {
    let run = move || run().map_err(|error| error.to_string());
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(run)?;
    Ok(thread.join().map_err(|_| "the thread panicked")??)
}

fn base() -> Result<Source> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/spec/base.cpg");
    Ok(source("base", &std::fs::read_to_string(path)?))
}

/// What checking `text` says beside `base`.
fn checked(text: &str) -> Result<String> {
    let sources = [base()?, source("main", text)];
    Ok(render(&check(&database(&sources)?), &sources))
}

#[test]
fn long_chains_of_views_need_no_deep_stack() -> Result {
    let mut text = "use base.def\nview v0 = from def as d select { d.name }\n".to_owned();
    for n in 1..3000 {
        writeln!(text, "view v{n} = from v{} as v where v.name != \"{n}\"", n - 1)?;
    }
    text.push_str("export v2999\n");
    let told = on_small_stack(move || {
        let sources = [base()?, source("main", &text)];
        let mut db = database(&sources)?;
        let relations = compile(&db).map_err(|d| render(&d, &sources))?.manifest;
        assert_eq!(relations.ir().relations().len(), 3002);
        // The whole chain sees another row.
        let changed = text.replacen("{ d.name }", "{ d.name, d.path }", 1);
        let sources = [base()?, source("main", &changed)];
        db.set_sources(sources.to_vec());
        Ok(render(&check(&db), &sources))
    })?;
    assert_eq!(told, "");
    Ok(())
}

#[test]
fn long_chains_of_functions_need_no_deep_stack() -> Result {
    let mut text = String::from("fn f0(x: int) -> int = x\nfn g0(x: int) -> int = x\n");
    for n in 1..3000 {
        writeln!(text, "fn f{n}(x: int) -> int = f{}(x)", n - 1)?;
        writeln!(text, "fn g{n}(x: int) -> int = g{}(x) + 1", n - 1)?;
    }
    let told = on_small_stack(move || checked(&text))?;
    let codes: Vec<&str> =
        told.lines().filter(|line| line.contains("expression-too-large")).collect();
    // Told once, where it grows too large.
    assert_eq!(codes.len(), 1, "{told}");
    Ok(())
}

#[test]
fn chains_of_functions_that_double_end_soon() -> Result {
    let mut text = String::from("use base.def\nfn f0(x: int) -> int = x + x\n");
    for n in 1..200 {
        writeln!(text, "fn f{n}(x: int) -> int = f{0}(f{0}(x))", n - 1)?;
    }
    writeln!(
        text,
        "view v = from def as d select {{ n: f4(d.start_line), m: f199(d.start_line) }}"
    )?;
    let told = on_small_stack(move || checked(&text))?;
    assert_eq!(told.matches("expression-too-large").count(), 1, "{told}");
    Ok(())
}

#[test]
fn long_cycles_are_told() -> Result {
    let mut text = String::new();
    for n in 0..500 {
        writeln!(text, "view v{n} = from v{} as v where v.name != \"{n}\"", (n + 1) % 500)?;
        writeln!(text, "const C{n} = C{} + 1", (n + 1) % 500)?;
    }
    let told = on_small_stack(move || checked(&text))?;
    assert_eq!(told.matches("cyclic-items").count(), 2, "{}", &told[..200]);
    Ok(())
}

#[test]
fn long_expressions_are_refused_or_checked() -> Result {
    for (left, middle, right) in [
        ("(", "true", ")"),
        ("not ", "true", ""),
        ("", "true", " and true"),
        ("", "1 < 2", " or 1 < 2"),
    ] {
        let (left, right) = (left.repeat(20_000), right.repeat(20_000));
        let text = format!(
            "use base.def\nview v = from def as d where {left}{middle}{right} select {{ d.name }}\n"
        );
        let told = on_small_stack(move || checked(&text))?;
        assert!(told.is_empty() || told.contains(Code::NestingTooDeep.id()), "{}", &told[..200]);
    }
    Ok(())
}

#[test]
fn wide_items_are_checked() -> Result {
    let mut text = "use base.def\nview v = from def as d select {\n".to_owned();
    for n in 0..1000 {
        writeln!(text, "  c{n}: if d.name in (\"a\", \"b\") then {n} else d.nothing")?;
    }
    text.push_str("}\n");
    let told = on_small_stack(move || checked(&text))?;
    assert_eq!(told.matches("unknown-column").count(), 1000);
    Ok(())
}

#[test]
fn nothing_at_all_is_told_so() -> Result {
    let db = cpg_hir::RootDatabase::new(Default::default(), Default::default());
    assert!(check(&db).is_empty());
    let told = compile(&db).map(|_| ()).map_err(|d| render(&d, &[]));
    assert!(told.is_err_and(|told| told.contains("nothing-exported")));
    Ok(())
}

/// Pieces of programs, to be put together in any way.
fn pieces() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "view v = from ",
        "\nview w = from ",
        "\nrelate r from ",
        "\nnormalize n from ",
        "\nunion u: ",
        "\nschema S ",
        "\nconst c = ",
        "\nexport ",
        "\nuse base.",
        "\nevidence cst_defs from extractor python.cst ",
        "def",
        "call",
        "v",
        "w",
        "n",
        "r",
        "u",
        "S",
        "c",
        " as d ",
        " as c ",
        " to ",
        " via ",
        " of nodes in * ",
        " of edges in main ",
        " of props in base ",
        "{ ",
        " }",
        "d.",
        "name",
        "span",
        "start",
        "def_id",
        "kind",
        " == ",
        " overlaps ",
        " + ",
        " - ",
        " ?? ",
        " and ",
        " or ",
        " not ",
        " is null ",
        "null",
        "1",
        "0.5",
        "\"x\"",
        "(",
        ")",
        ", ",
        ": ",
        "Id",
        "Id<n>",
        "Id<def>",
        "string",
        "Offset<byte>",
        "?",
        " on ",
        " where ",
        " select { ",
        " derive { ",
        " group by ",
        " join ",
        " left join ",
        "count()",
        "min(",
        "span(",
        "stable_id(",
        "lower(",
        "cast(",
        "int",
        "if ",
        " then ",
        " else ",
        " fuse per ",
        " by ",
        " edge ",
        " node ",
        " id x in ",
        " span d.start .. d.end ",
        " key k -> ",
        " at ",
        " unless ",
        " keep ",
        " text t = ",
        " nfc ",
        "*",
        "\n",
        " rank per ",
        " keep 1 ",
        " score ",
        " desc ",
        " limit 3 ",
        " distinct ",
        " confidence ",
    ];
    let piece = proptest::sample::select(PIECES);
    proptest::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// A program that checks, cut and stitched: some lines left out, some said twice, words swapped.
fn mutilated() -> impl Strategy<Value = String> {
    let whole = include_str!("../spec/base.cpg");
    let words: Vec<&'static str> = whole.split_inclusive([' ', '\n']).collect();
    let count = words.len();
    proptest::collection::vec((0..count, 0..count), 1..12).prop_map(move |swaps| {
        let mut words = words.clone();
        for (a, b) in swaps {
            words[a] = words[b];
        }
        words.concat()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn any_pieces_are_checked(text in pieces()) {
        let told = checked(&text);
        prop_assert!(told.is_ok());
    }

    #[test]
    fn any_mutilation_is_checked(text in mutilated()) {
        let sources = [source("base", &text)];
        let db = database(&sources).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let diagnostics = check(&db);
        for diagnostic in &diagnostics {
            for label in &diagnostic.labels {
                prop_assert!(label.range.slice(&text).is_some(), "{diagnostic:?}");
            }
        }
        // What checks also compiles, once something is exported.
        if !diagnostics.iter().any(|d| d.severity == cpg_base::Severity::Error) {
            let exported = format!("{text}\nexport def, call\n");
            let db = database(&[source("base", &exported)])
                .map_err(|error| TestCaseError::fail(error.to_string()))?;
            if let Err(diagnostics) = compile(&db) {
                let internal = diagnostics.iter().any(|d| d.code == Code::Internal);
                prop_assert!(!internal, "{diagnostics:?}");
            }
        }
    }
}
