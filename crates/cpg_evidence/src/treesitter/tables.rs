//! What `tree_sitter` emits. Offsets count raw bytes, ends exclusive.

use crate::table::tables;

tables! {
    /// Every node of the concrete syntax tree, punctuation included.
    ts_nodes in file by (start, node) {
        /// The node's number in the file, from 0 for the root: a node comes before its children.
        node: Int,
        /// The number of the node that holds it; null for the root.
        parent: Opt<Int>,
        /// What it is to its parent, where the grammar says so.
        field: Opt<Str>,
        /// Its position among its parent's children, from 0.
        position: Int,
        /// As the grammar calls it: `function_definition`, or `(` for a token without a name.
        kind: Str,
        start: Offset,
        end: Offset,
        /// Whether the grammar has a name for it, as it has not for punctuation.
        is_named: Bool,
        /// Whether it may stand anywhere, as comments may.
        is_extra: Bool,
        /// Its text, for named nodes without children of at most 200 bytes.
        text: Opt<Str>,
    }

    /// Where the text does not fit the grammar; the tree goes on behind it.
    ts_errors in file by (start, end, kind, expected) {
        start: Offset,
        end: Offset,
        /// `unexpected`, or `missing` for what the parser put in, which has no length.
        kind: Word,
        /// What is missing.
        expected: Opt<Str>,
        /// 1-based.
        line: Line,
    }

    /// Definitions and references, by the query that comes with each grammar.
    tags in file by (start, end, name_start, kind) {
        /// All of it.
        start: Offset,
        end: Offset,
        /// `function`, `class`, `method`, `call` and so on, as the query calls it.
        kind: Str,
        is_definition: Bool,
        name: Str,
        name_start: Offset,
        name_end: Offset,
        /// 1-based, of the name.
        line: Line,
    }
}
