//! What `python.bytecode` emits. Offsets of instructions count bytes of a unit's code; spans count raw bytes of the
//! file.

use crate::table::tables;

tables! {
    /// Every code object: of the module, and of every function, class, lambda and comprehension that has one.
    code_units in module by (unit) {
        /// The unit's number in the file, from 0 for the module: a unit comes before those in it.
        unit: Int,
        /// The unit that it is a constant of; null for the module.
        parent: Opt<Int>,
        /// As the interpreter calls it: `<module>`, `f`, `<lambda>`, `<listcomp>`.
        name: Str,
        /// The path from the module, as in `C.f.<locals>.g`.
        qualified_name: Str,
        start_line: Line,
        argument_count: Int,
        positional_only_count: Int,
        keyword_only_count: Int,
        local_count: Int,
        stack_size: Int,
        /// The interpreter's flags, as bits.
        flags: Int,
    }

    /// Every instruction, without caches.
    instructions in module by (unit, offset) {
        unit: Int,
        offset: Int,
        /// The operation, by its name in this version of the interpreter.
        op: Str,
        arg: Opt<Int>,
        /// The offset that it may jump to.
        target: Opt<Int>,
        /// What it was made from; null where the interpreter does not say.
        start: Opt<Offset>,
        end: Opt<Offset>,
        start_line: Opt<Line>,
    }

    /// Every basic block.
    bc_blocks in module by (unit, block) {
        unit: Int,
        /// The block's number in the unit, in the order of the code.
        block: Int,
        /// The offset of its first instruction.
        start_offset: Int,
        /// The offset of its last instruction.
        last_offset: Int,
        /// Whether exceptions lead to it.
        is_handler: Bool,
        start_line: Opt<Line>,
    }

    /// Every way from one block to another.
    bc_cfg_edges in module by (unit, from_block, to_block, kind) {
        unit: Int,
        from_block: Int,
        to_block: Int,
        /// `next`, `jump` or `raise`.
        kind: Word,
    }

    /// Which instructions are guarded by which handlers. From 3.11 on; before, the table is empty.
    exception_table in module by (unit, start_offset, end_offset, target) {
        unit: Int,
        start_offset: Int,
        /// One past the last.
        end_offset: Int,
        target: Int,
        /// How much of the stack the handler keeps.
        depth: Int,
        /// Whether the handler is given the place of the exception.
        keeps_place: Bool,
    }
}
