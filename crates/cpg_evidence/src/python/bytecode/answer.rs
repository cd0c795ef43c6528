//! What the script says, as it says it.

use serde_json::Value;

/// A code object.
pub(super) struct Unit {
    pub(super) parent: Option<i64>,
    pub(super) name: String,
    pub(super) qualified_name: String,
    /// First line, counts of arguments (all, positional only, keyword only), of locals, size of the stack, flags.
    pub(super) numbers: [i64; 7],
    pub(super) instructions: Vec<Instruction>,
    pub(super) guarded: Vec<Guarded>,
}

pub(super) struct Instruction {
    pub(super) offset: i64,
    pub(super) op: String,
    pub(super) arg: Option<i64>,
    pub(super) target: Option<i64>,
    /// First line, last line, first column, column past the last. Columns count bytes of UTF-8.
    pub(super) place: [Option<u32>; 4],
}

/// Instructions that are guarded by a handler.
pub(super) struct Guarded {
    pub(super) start: i64,
    pub(super) end: i64,
    pub(super) target: i64,
    pub(super) depth: i64,
    pub(super) keeps_place: bool,
}

/// What it says of a file.
pub(super) enum Answer {
    Units(Vec<Unit>),
    Refused { kind: String, message: String, line: Option<u32> },
}

type RawUnit = (
    Option<i64>,
    String,
    String,
    i64,
    i64,
    i64,
    i64,
    i64,
    i64,
    i64,
    Vec<RawInstruction>,
    Vec<(i64, i64, i64, i64, i64)>,
);

type RawInstruction =
    (i64, String, Option<i64>, Option<i64>, Option<u32>, Option<u32>, Option<u32>, Option<u32>);

/// The answer to question `number`; none for rubbish.
pub(super) fn read(number: u64, line: &[u8]) -> Option<Answer> {
    if let Ok((answered, kind, message, line)) = refusal(line) {
        return (answered == number).then_some(Answer::Refused { kind, message, line });
    }
    let (answered, units): (u64, Vec<RawUnit>) = serde_json::from_slice(line).ok()?;
    (answered == number).then(|| Answer::Units(units.into_iter().map(unit).collect()))
}

fn refusal(line: &[u8]) -> serde_json::Result<(u64, String, String, Option<u32>)> {
    let (number, (), kind, message, line): (u64, (), String, Value, Option<u32>) =
        serde_json::from_slice(line)?;
    let message = message.as_str().unwrap_or("invalid syntax").to_owned();
    Ok((number, kind, message, line))
}

fn unit(raw: RawUnit) -> Unit {
    let (
        parent,
        name,
        qualified_name,
        line,
        all,
        positional,
        keyword,
        locals,
        stack,
        flags,
        rows,
        table,
    ) = raw;
    Unit {
        parent,
        name,
        qualified_name,
        numbers: [line, all, positional, keyword, locals, stack, flags],
        instructions: rows
            .into_iter()
            .map(|(offset, op, arg, target, line, end_line, column, end_column)| Instruction {
                offset,
                op,
                arg,
                target,
                place: [line, end_line, column, end_column],
            })
            .collect(),
        guarded: table
            .into_iter()
            .map(|(start, end, target, depth, lasti)| Guarded {
                start,
                end,
                target,
                depth,
                keeps_place: lasti != 0,
            })
            .collect(),
    }
}
