//! What `scip` emits. Offsets count raw bytes, ends exclusive; lines and columns are the index's own.

use crate::table::tables;

tables! {
    /// An index, under its own path.
    scip_metadata in file by (tool, tool_version) {
        /// The indexer's name.
        tool: Str,
        tool_version: Str,
        /// In how many documents the index says something.
        documents: Int,
        /// Of how many symbols from outside it says something.
        external_symbols: Int,
    }

    /// A document that is a file of the sources.
    scip_documents in file by () {
        /// As the indexer calls it.
        language: Opt<Str>,
        /// `utf8`, `utf16` or `utf32`: what its columns count; null where the index does not say, which is taken
        /// for `utf16`.
        position_encoding: Opt<Word>,
        occurrences: Int,
        symbols: Int,
        /// Whether the index holds the document's text.
        has_text: Bool,
    }

    /// A place that means a symbol.
    scip_occurrences in file by (start, end, symbol, roles) {
        start: Offset,
        end: Offset,
        symbol: Symbol,
        /// Whether the symbol means something in this document only.
        is_local: Bool,
        is_definition: Bool,
        is_import: Bool,
        is_write: Bool,
        is_read: Bool,
        is_generated: Bool,
        is_test: Bool,
        is_forward_definition: Bool,
        /// All roles as the index has them: a sum of 1 for a definition, 2, 4 … in the order of the columns above.
        roles: Int,
        /// What the occurrence is about, as the whole of a definition.
        enclosing_start: Opt<Offset>,
        enclosing_end: Opt<Offset>,
        syntax_kind: Opt<Str>,
        /// 0-based, as the three after it: the range in the index's own words.
        index_line: Int,
        index_column: Int,
        index_end_line: Int,
        index_end_column: Int,
        /// What is to be shown here in the place of the symbol's documentation.
        documentation: Opt<Str>,
    }

    /// What the index says of a symbol.
    scip_symbols in file by (symbol) {
        symbol: Symbol,
        kind: Opt<Str>,
        display_name: Opt<Str>,
        documentation: Opt<Str>,
        signature: Opt<Str>,
        /// The symbol that holds it.
        enclosing_symbol: Opt<Symbol>,
        /// Whether it is defined outside of what was indexed; such a row stands under the index's own path.
        is_external: Bool,
    }

    /// How a symbol is related to another.
    scip_relationships in file by (symbol, target) {
        symbol: Symbol,
        target: Symbol,
        is_reference: Bool,
        is_implementation: Bool,
        is_type_definition: Bool,
        is_definition: Bool,
    }

    /// What the indexer found fault with.
    scip_diagnostics in file by (start, end, code, message) {
        start: Offset,
        end: Offset,
        severity: Opt<Str>,
        code: Opt<Str>,
        message: Str,
        source: Opt<Str>,
        is_unnecessary: Bool,
        is_deprecated: Bool,
    }
}
