//! Basic blocks of code, and the ways between them.

use std::collections::{BTreeMap, BTreeSet};

use super::answer::{Guarded, Instruction};

/// Consecutive instructions, by position.
pub(super) struct Block {
    pub(super) first: usize,
    pub(super) last: usize,
    pub(super) is_handler: bool,
}

/// How one block comes after another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    Next,
    Jump,
    Raise,
}

impl Way {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Jump => "jump",
            Self::Raise => "raise",
        }
    }
}

/// The blocks of a unit, and the ways from block to block.
pub(super) fn blocks(
    instructions: &[Instruction],
    guarded: &[Guarded],
) -> (Vec<Block>, BTreeSet<(usize, usize, Way)>) {
    let handlers: BTreeSet<i64> = guarded.iter().map(|entry| entry.target).collect();
    let mut starts: BTreeSet<i64> = handlers.clone();
    starts.extend(guarded.iter().flat_map(|entry| [entry.start, entry.end]));
    for (position, instruction) in instructions.iter().enumerate() {
        starts.extend(instruction.target);
        let ends = instruction.target.is_some() || !goes_on(&instruction.op);
        if let (true, Some(next)) = (ends, instructions.get(position + 1)) {
            starts.insert(next.offset);
        }
    }
    let mut blocks: Vec<Block> = Vec::new();
    for (position, instruction) in instructions.iter().enumerate() {
        let is_start = position == 0 || starts.contains(&instruction.offset);
        match blocks.last_mut().filter(|_| !is_start) {
            Some(block) => block.last = position,
            None => blocks.push(Block {
                first: position,
                last: position,
                is_handler: handlers.contains(&instruction.offset),
            }),
        }
    }
    let numbers: BTreeMap<i64, usize> = (0..)
        .zip(&blocks)
        .map(|(number, block)| (instructions[block.first].offset, number))
        .collect();
    let mut ways = BTreeSet::new();
    for (number, block) in blocks.iter().enumerate() {
        let last = &instructions[block.last];
        if goes_on(&last.op) && number + 1 < blocks.len() {
            ways.insert((number, number + 1, Way::Next));
        }
        if let Some(to) = last.target.and_then(|target| numbers.get(&target)) {
            ways.insert((number, *to, Way::Jump));
        }
    }
    for entry in guarded {
        if let Some(to) = numbers.get(&entry.target) {
            let covered = numbers.range(entry.start..entry.end.max(entry.start));
            ways.extend(covered.map(|(_, from)| (*from, *to, Way::Raise)));
        }
    }
    (blocks, ways)
}

/// Whether the next instruction may come after it.
fn goes_on(op: &str) -> bool {
    let is_jump = op.starts_with("JUMP_") && !op.starts_with("JUMP_IF_");
    let ends = matches!(
        op,
        "RETURN_VALUE"
            | "RETURN_CONST"
            | "INSTRUMENTED_RETURN_VALUE"
            | "RAISE_VARARGS"
            | "RERAISE"
            | "INTERPRETER_EXIT"
            | "CONTINUE_LOOP"
    );
    !is_jump && !ends
}
