//! `docs/exactness.md`, from what was counted.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Counts, Report};

/// What the tests call a comparison, how the page calls it, and what it is about.
const COMPARISONS: [(&str, &str, &str); 12] = [
    ("python.ast", "`python.ast`", "each node of `ast`: kind, place, parent, field, value"),
    (
        "declarations and calls of python.cst",
        "`python.cst`: declarations, calls",
        "definitions, parameters, imports, calls with arguments, decorators, docstrings and bases as `ast` has them",
    ),
    (
        "python.cst",
        "`python.cst`: expressions",
        "attributes, assignments, what functions give, elements, subscripts, operations and types as `ast` has them",
    ),
    (
        "names of python.cst",
        "`python.cst`: names",
        "each name that is read, with the scope that `symtable` says it belongs to",
    ),
    ("python.symtable", "`python.symtable`", "each scope, symbol and flag of `symtable`"),
    (
        "python.flow",
        "`python.flow`",
        "each place whose truth or next item decides where the bytecode goes, and no other",
    ),
    (
        "python.bytecode",
        "`python.bytecode`",
        "each unit, instruction with its places, and guarded range of `dis`",
    ),
    (
        "python.imports",
        "`python.imports`",
        "the kind and file of each module that the finders of `importlib` give",
    ),
    (
        "tree_sitter",
        "`tree_sitter`",
        "definitions and calls of `python.cst`, with their ends; `std.python.parsers` has such differences as a table",
    ),
    (
        "scip",
        "`scip`",
        "each occurrence, symbol and document of the index that `scip-python` writes",
    ),
    (
        "scip: a small project that scip-python indexed",
        "`scip`, small",
        "the same for a project that has every kind of character",
    ),
    (
        "scip: a small project that scip-typescript indexed",
        "`scip` of TypeScript",
        "the same for such a project and `scip-typescript`",
    ),
];

const HEAD: &str = "\
# How exact the evidence is

`cargo xtask exactness` compares what extractors find in whole packages with what the programs say whose evidence it is, row by
row: PYTHON's own `ast`, `symtable`, `dis` and `importlib`, and the indexes of `scip-python` and `scip-typescript`. It wrote this
page. `cargo xtask exactness NAME==VERSION` does so for any other package and prints what it finds. The suite compares the same of
a few files of the library. How right the graph is that is built of the evidence says [another page](agreement.md).

";

const SKIPPED: &str = "
Files that one of the two refuses are not compared; broken ones belong to the tests of the library:

";

const EXPLAINED: &str = "
What is different on purpose, or since the interpreter says what is not so, in how many places:

";

const FOOT: &str = "
Up to CPython 3.11 the interpreter has no places, or wrong ones, for what stands in an f-string: of these, what there is and in
what order is compared, and not where.
";

/// The page.
pub(super) fn of(reports: &[Report], python: &str) -> String {
    let mut page = HEAD.replace("PYTHON", python.replace("Python", "CPython").trim());
    let named = |name: &str| {
        let counts = reports.iter().map(move |report| report.of(name));
        counts.collect::<Vec<Option<&Counts>>>()
    };
    page += "| what is compared | rows | are |\n| --- | --: | --- |\n";
    for (name, shown, about) in COMPARISONS {
        let counts: Vec<&Counts> = named(name).into_iter().flatten().collect();
        if !counts.is_empty() {
            // Small projects are the same each time.
            let is_small = name.starts_with("scip: ");
            let taken = counts.iter().take(if is_small { 1 } else { usize::MAX });
            let rows = taken.map(|counts| counts.rows).sum::<usize>();
            let _ = writeln!(page, "| {shown} | {} | {about} |", spaced(rows));
        }
    }
    page += "\nBy package, the files that are compared and the rows; behind a `+`, the files that differ:\n\n| | ";
    page += &reports.iter().map(|report| report.package.as_str()).collect::<Vec<_>>().join(" | ");
    page += " |\n| --- |";
    page += &" --: |".repeat(reports.len());
    page += "\n";
    for (name, shown, _) in COMPARISONS.iter().filter(|(name, ..)| !name.starts_with("scip: ")) {
        let cells = named(name).into_iter().map(|counts| counts.map_or_else(String::new, cell));
        let _ = writeln!(page, "| {shown} | {} |", cells.collect::<Vec<_>>().join(" | "));
    }
    page += SKIPPED;
    page += &by_reason(reports, &["reason", "files"], |counts| &counts.skipped);
    page += EXPLAINED;
    page += &by_reason(reports, &["what", "places"], |counts| &counts.explained);
    page + FOOT
}

impl Report {
    fn of(&self, name: &str) -> Option<&Counts> {
        self.counts.iter().find(|counts| counts.name == name)
    }
}

fn cell(counts: &Counts) -> String {
    let differing = match counts.differences.len() {
        0 => String::new(),
        some => format!(" + {some}"),
    };
    format!("{}: {}{differing}", spaced(counts.files), spaced(counts.rows))
}

/// A table of reasons with their counts over all packages, for each comparison.
fn by_reason(
    reports: &[Report],
    [what, count]: &[&str; 2],
    of: impl Fn(&Counts) -> &BTreeMap<String, usize>,
) -> String {
    let mut all: BTreeMap<(usize, &str), usize> = BTreeMap::new();
    for counts in reports.iter().flat_map(|report| &report.counts) {
        let Some(at) = COMPARISONS.iter().position(|(name, ..)| *name == counts.name) else {
            continue;
        };
        for (reason, count) in of(counts) {
            *all.entry((at, reason)).or_default() += count;
        }
    }
    let mut table = format!("| compared with | {what} | {count} |\n| --- | --- | --: |\n");
    for ((at, reason), count) in all {
        let _ = writeln!(table, "| {} | {reason} | {} |", COMPARISONS[at].1, spaced(count));
    }
    table
}

/// A number with a comma between thousands.
fn spaced(number: usize) -> String {
    let digits = number.to_string();
    let mut spaced = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            spaced.push(',');
        }
        spaced.push(digit);
    }
    spaced
}
