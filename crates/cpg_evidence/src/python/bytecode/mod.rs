//! The extractor `python.bytecode`: what the user's own interpreter makes of Python source.
//!
//! ```text
//! file's bytes ──interpreter: a subprocess, isolated──► answer: code units ──blocks──► rows
//! ```
//!
//! The interpreter only compiles: it runs and imports nothing of the sources. It is started once for many files, and
//! again behind a file on which it failed: by an end of its own, an answer that is none, too long or too late. Such a
//! file is a row of `extract_errors`, with the last that the interpreter wrote. Which interpreter it is decides what
//! the rows are, so that it is part of what they are said to depend on.

mod answer;
mod blocks;
mod interpreter;
mod tables;

use std::borrow::Cow;

use crate::errors::{self, ErrorKind};
use crate::table::needed;
use crate::text::{Decoded, Encoding, Lines, Offsets};
use answer::{Answer, Unit};
pub(crate) use interpreter::{Interpreter, Session};
use tables::{bc_blocks, bc_cfg_edges, code_units, exception_table, instructions};

crate::table::extractor! {
    "python.bytecode" version 1: "Bytecode, its blocks and its handlers, as the user's own interpreter compiles";
    units: code_units,
    instructions: instructions,
    blocks: bc_blocks,
    edges: bc_cfg_edges,
    handlers: exception_table,
}

/// A file to compile.
pub(crate) struct Input<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) encoding: &'a Encoding,
    pub(crate) lines: &'a Lines,
}

/// The rows of a file; what went wrong is given to `errors`.
pub(crate) fn rows<'m>(
    plan: &Plan,
    session: &mut Session<'_>,
    input: &Input<'_>,
    errors: &mut errors::Rows<'_>,
) -> Rows<'m> {
    let units = match session.ask(input.bytes) {
        Ok((number, line)) => match answer::read(number, &line) {
            Some(Answer::Units(units)) => units,
            Some(Answer::Refused { kind, message, line }) => {
                let kind = if kind == "too_deep" { ErrorKind::TooDeep } else { ErrorKind::Syntax };
                let start = line.and_then(|line| Some((input.lines.start_of(line)?, line)));
                match start {
                    Some((start, line)) => {
                        errors.push_at(KEY, kind, message, (start, start, line));
                    }
                    None => errors.push_file(KEY, kind, message),
                }
                return Rows::default();
            }
            None => {
                session.fail();
                let message = "the interpreter answered with what is no answer";
                errors.push_file(KEY, ErrorKind::Subprocess, message);
                return Rows::default();
            }
        },
        Err(message) => {
            errors.push_file(KEY, ErrorKind::Subprocess, message);
            return Rows::default();
        }
    };
    let places = Places::new(input);
    Rows {
        units: needed(&plan.units, |_| unit_rows(&units)),
        instructions: needed(&plan.instructions, |_| instruction_rows(&units, &places)),
        blocks: needed(&plan.blocks, |_| block_rows(&units)),
        edges: needed(&plan.edges, |_| edge_rows(&units)),
        handlers: needed(&plan.handlers, |_| handler_rows(&units)),
    }
}

/// The way from lines and columns of the decoded text to offsets in the file.
struct Places {
    /// None where the file's text is not known.
    text: Option<(Lines, Offsets, u32)>,
}

impl Places {
    fn new(input: &Input<'_>) -> Self {
        let text = Decoded::new(input.bytes, input.encoding).text.map(|(text, offsets)| {
            // Columns do not count a mark in front.
            let mark = if text.starts_with('\u{feff}') { 3 } else { 0 };
            (Lines::new(text.as_bytes()), offsets, mark)
        });
        Self { text }
    }

    fn offset(&self, line: Option<u32>, column: Option<u32>) -> Option<u32> {
        let (lines, offsets, mark) = self.text.as_ref()?;
        let start = lines.start_of(line?)?;
        let mark = if start == 0 { *mark } else { 0 };
        Some(offsets.raw(start + column? + mark))
    }
}

fn unit_rows<'m>(units: &[Unit]) -> Vec<code_units::Row<'m>> {
    let row = |(number, unit): (i64, &Unit)| {
        let [
            line,
            argument_count,
            positional_only_count,
            keyword_only_count,
            local_count,
            stack_size,
            flags,
        ] = unit.numbers;
        code_units::Row {
            unit: number,
            parent: unit.parent,
            name: Cow::Owned(unit.name.clone()),
            qualified_name: Cow::Owned(unit.qualified_name.clone()),
            start_line: u32::try_from(line).unwrap_or(1).max(1),
            argument_count,
            positional_only_count,
            keyword_only_count,
            local_count,
            stack_size,
            flags,
        }
    };
    (0..).zip(units).map(row).collect()
}

fn instruction_rows<'m>(units: &[Unit], places: &Places) -> Vec<instructions::Row<'m>> {
    let mut rows = Vec::new();
    for (number, unit) in (0..).zip(units) {
        for one in &unit.instructions {
            let [line, end_line, column, end_column] = one.place;
            let start = places.offset(line, column);
            let end = places.offset(end_line, end_column);
            let span = start.zip(end).filter(|(start, end)| start <= end);
            rows.push(instructions::Row {
                unit: number,
                offset: one.offset,
                op: Cow::Owned(one.op.clone()),
                arg: one.arg,
                target: one.target,
                start: span.map(|span| span.0),
                end: span.map(|span| span.1),
                // The first instruction of a module is on line 0.
                start_line: line.filter(|line| *line > 0),
            });
        }
    }
    rows
}

fn block_rows<'m>(units: &[Unit]) -> Vec<bc_blocks::Row<'m>> {
    let mut rows = Vec::new();
    for (number, unit) in (0..).zip(units) {
        let (blocks, _) = blocks::blocks(&unit.instructions, &unit.guarded);
        for (block, found) in (0..).zip(blocks) {
            let inside = &unit.instructions[found.first..=found.last];
            rows.push(bc_blocks::Row {
                unit: number,
                block,
                start_offset: unit.instructions[found.first].offset,
                last_offset: unit.instructions[found.last].offset,
                is_handler: found.is_handler,
                start_line: inside.iter().find_map(|one| one.place[0].filter(|line| *line > 0)),
            });
        }
    }
    rows
}

fn edge_rows<'m>(units: &[Unit]) -> Vec<bc_cfg_edges::Row<'m>> {
    let mut rows = Vec::new();
    for (number, unit) in (0..).zip(units) {
        let (_, ways) = blocks::blocks(&unit.instructions, &unit.guarded);
        rows.extend(ways.into_iter().map(|(from, to, way)| bc_cfg_edges::Row {
            unit: number,
            from_block: crate::python::count(from),
            to_block: crate::python::count(to),
            kind: way.as_str(),
        }));
    }
    rows
}

fn handler_rows<'m>(units: &[Unit]) -> Vec<exception_table::Row<'m>> {
    let mut rows = Vec::new();
    for (number, unit) in (0..).zip(units) {
        rows.extend(unit.guarded.iter().map(|entry| exception_table::Row {
            unit: number,
            start_offset: entry.start,
            end_offset: entry.end,
            target: entry.target,
            depth: entry.depth,
            keeps_place: entry.keeps_place,
        }));
    }
    rows
}
