//! What `python.flow` emits. Offsets count raw bytes, ends exclusive.

use crate::table::tables;

tables! {
    /// Every basic block of every module, class, function, lambda and comprehension.
    cfg_blocks in module by (scope, block) {
        /// The scope's number in the file, as in `scopes`.
        scope: Int,
        /// As `key` of `scopes`.
        scope_key: Str,
        /// The block's number in the scope, from 0 for the entry.
        block: Int,
        /// `entry`; `exit`, where the scope returns; `raise`, where an exception leaves it; `loop`, where an iteration
        /// begins; `case` and `except`, where a pattern or an exception is compared; `finally`; `with_exit`, where a
        /// context is left; or `body`.
        kind: Word,
        /// From the first to the last place that is evaluated in it; null where nothing is.
        start: Opt<Offset>,
        end: Opt<Offset>,
        /// Whether a path from the entry leads to it.
        is_reachable: Bool,
        /// The line of `start`.
        start_line: Opt<Line>,
    }

    /// Every way from one block to another.
    cfg_edges in module by (scope, from_block, to_block, kind, test_start, test_end) {
        scope: Int,
        /// As `key` of `scopes`.
        scope_key: Str,
        from_block: Int,
        to_block: Int,
        /// Why the first block is left: `next`, `true`, `false`, `loop`, `break`, `continue`, `raise`, `finally` or
        /// `return`.
        kind: Word,
        /// What is `true` or `false`: a condition, an iterable that has or has not another item, a pattern, or the type
        /// of an exception.
        test_start: Opt<Offset>,
        test_end: Opt<Offset>,
    }

    /// Every use of a name that its scope binds, with every definition that may have given the value.
    def_use in module by (use_start, use_end, definition_start, definition_end, scope) {
        scope: Int,
        name: Str,
        /// The name where it is bound, as in `cst_bindings`; null where no definition may have come before.
        definition_start: Opt<Offset>,
        definition_end: Opt<Offset>,
        definition_place: Opt<Place>,
        use_start: Offset,
        use_end: Offset,
        use_place: Place,
        start_line: Line,
    }

    /// For every reachable block, the last other one that every path to it goes through.
    dominators in module by (scope, block) {
        scope: Int,
        /// As `key` of `scopes`.
        scope_key: Str,
        block: Int,
        /// Null for the entry.
        dominator: Opt<Int>,
    }
    /// Every block that decides whether another one is reached, with that one: from the first, one way leads to the second
    /// for sure, as long as no exception gets in between, and another way passes it.
    control_dependences in module by (scope, block, controlled) {
        scope: Int,
        /// As `key` of `scopes`.
        scope_key: Str,
        block: Int,
        controlled: Int,
    }
}
