//! `python.bytecode` against the interpreter's `dis`: every unit, every instruction, every guarded range.

use std::path::Path;

use super::{Found, Oracle};

const ORACLE: Oracle = Oracle {
    name: "python.bytecode",
    tables: &[
        (
            "python.bytecode",
            "code_units",
            &["unit", "qualified_name", "start_line", "flags", "stack_size"],
        ),
        (
            "python.bytecode",
            "instructions",
            &["unit", "offset", "op", "arg", "target", "start", "end"],
        ),
        (
            "python.bytecode",
            "exception_table",
            &["unit", "start_offset", "end_offset", "target", "depth", "keeps_place"],
        ),
    ],
    script: include_str!("bytecode.py"),
    rows,
};

#[test]
fn equal_to_dis() {
    ORACLE.compare(20_000);
}

/// Unit by unit: the unit, its instructions, its guarded ranges.
fn rows(_: &Path, found: &Found) -> Vec<String> {
    let none = Vec::new();
    let unit = |row: &Vec<String>| row[0].parse::<u32>().expect("a number");
    let mut rows: Vec<(u32, usize, String)> = Vec::new();
    for (order, table) in ["code_units", "instructions", "exception_table"].iter().enumerate() {
        let of_table = found.get(*table).unwrap_or(&none);
        rows.extend(of_table.iter().map(|row| (unit(row), order, row.join(" "))));
    }
    rows.sort_by_key(|(unit, order, _)| (*unit, *order));
    rows.into_iter().map(|(_, _, row)| row).collect()
}
