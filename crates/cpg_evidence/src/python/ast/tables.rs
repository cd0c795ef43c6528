//! What `python.ast` emits. Offsets count raw bytes, ends exclusive.

use crate::table::tables;

tables! {
    /// Every node of the syntax tree that stands somewhere in the source.
    ast_nodes in module by (start, end, node) {
        /// The node's number in the file, from 0 for the module: in the order of the walk, fields in the order of
        /// CPython's `_fields`, so that a node comes before those below it.
        node: Int,
        /// The number of the node above; null for the module.
        parent: Opt<Int>,
        /// The field of the node above that holds it; null for the module.
        field: Opt<Word>,
        /// Where in that field, from 0, when the field is a list.
        position: Opt<Int>,
        /// The class in CPython's `ast`.
        kind: Word,
        /// As in CPython, where the node has a place there: a definition starts at its keyword and not at its
        /// decorators.
        start: Offset,
        end: Offset,
        /// What the node says by itself: a name, an operator or the value of a constant. Strings are what they mean;
        /// bytes are escaped as in source; numbers are written as Python writes them. Several names or operators
        /// are separated by `, `.
        value: Opt<Str>,
        /// `identifier`, `operator`, `conversion`, `async`, `simple` (an annotated name without brackets) or, for
        /// constants, `str`, `bytes`, `int`, `float`, `complex`, `bool`, `none` or `ellipsis`.
        value_kind: Opt<Word>,
        /// `load`, `store` or `del`, for nodes that can be any of these.
        context: Opt<Word>,
    }
}
