//! The extractor `scip`: what an indexer found out, from the index that it left.
//!
//! ```text
//! index.scip ──index: one pass──► parts, by path ─┬─ a file's documents ──position──► spans ──► rows of the file
//!                                                 └─ metadata, symbols from outside ──► rows of the index
//! ```
//!
//! Any indexer's index will do. Its documents are read one by one, with the file that they are about, so that memory does
//! not grow with the index. Ranges are converted through the file's own text; a document that does not fit its file was
//! made from another version of it, and gives an error and no rows.

mod index;
mod position;
mod rows;
mod tables;
mod wire;

use std::borrow::Cow;

use protobuf::Message;
use scip::types::{Document, Metadata, SymbolInformation};

pub(crate) use index::Index;
use index::Part;
use tables::{
    scip_diagnostics, scip_documents, scip_metadata, scip_occurrences, scip_relationships,
    scip_symbols,
};

use crate::errors::{self, ErrorKind};
use crate::scan::problem;
use crate::text::{Decoded, Encoding, Lines};

crate::table::extractor! {
    "scip" version 1: "What an indexer left in a SCIP index: symbols, their occurrences and relationships";
    metadata: scip_metadata,
    documents: scip_documents,
    occurrences: scip_occurrences,
    symbols: scip_symbols,
    relationships: scip_relationships,
    diagnostics: scip_diagnostics,
}

/// Where an index is looked for below a source.
pub(crate) const DEFAULT_INDEX: &str = "index.scip";

/// How many symbols from outside are read at a time.
const EXTERNAL_AT_ONCE: usize = 4096;

/// A file that documents are about.
pub(crate) struct Input<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) encoding: &'a Encoding,
    pub(crate) lines: &'a Lines,
}

impl Index {
    /// Whether it says something of the file at `path`.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.documents.contains_key(path)
    }

    /// The documents that are about no file of the sources.
    pub(crate) fn strangers<'a>(
        &'a self,
        is_source: &'a dyn Fn(&str) -> bool,
    ) -> impl Iterator<Item = &'a str> {
        self.documents.keys().map(String::as_str).filter(|path| !is_source(path))
    }

    /// How many pieces the rows of the index itself come in.
    pub(crate) fn pieces(&self) -> usize {
        1 + self.external.len().div_ceil(EXTERNAL_AT_ONCE)
    }
}

/// The rows that the documents about one file give.
pub(crate) fn file_rows(
    plan: &Plan,
    index: &Index,
    path: &str,
    input: &Input<'_>,
    errors: &mut errors::Rows<'_>,
) -> Rows<'static> {
    let mut rows = Rows::default();
    let Some(parts) = index.documents.get(path) else {
        return rows;
    };
    let decoded = Decoded::new(input.bytes, input.encoding);
    let Some((text, offsets)) = &decoded.text else {
        let message = "the file that the index has a document of is no text";
        errors.push_file(KEY, ErrorKind::Encoding, message);
        return rows;
    };
    for part in parts {
        let Some(document) = parsed::<Document>(index, part, errors) else {
            continue;
        };
        let place = rows::Place { text, offsets };
        if let Err(stale) = rows::push(plan, document, &place, &mut rows) {
            let message = format!("the index was made from another version of the file: {stale}");
            match stale.span {
                Some((start, end)) => {
                    let place = (start, end, input.lines.line_of(start));
                    errors.push_at(KEY, ErrorKind::Stale, message, place);
                }
                None => errors.push_file(KEY, ErrorKind::Stale, message),
            }
        }
    }
    rows
}

/// The rows that stand under the index's own path, of which there are [`Index::pieces`]. `is_source` says whether a path
/// is one of a file of the sources.
pub(crate) fn index_rows(
    plan: &Plan,
    index: &Index,
    piece: usize,
    is_source: &dyn Fn(&str) -> bool,
    errors: &mut errors::Rows<'_>,
) -> Rows<'static> {
    let mut rows = Rows::default();
    let Some(piece) = piece.checked_sub(1) else {
        first_rows(plan, index, is_source, errors, &mut rows);
        return rows;
    };
    let parts = index.external.iter().skip(piece * EXTERNAL_AT_ONCE).take(EXTERNAL_AT_ONCE);
    for part in parts {
        if let Some(symbol) = parsed::<SymbolInformation>(index, part, errors) {
            rows::push_symbol(plan, symbol, true, &mut rows);
        }
    }
    rows
}

fn first_rows(
    plan: &Plan,
    index: &Index,
    is_source: &dyn Fn(&str) -> bool,
    errors: &mut errors::Rows<'_>,
    rows: &mut Rows<'static>,
) {
    if !index.is_there {
        let message = "there is no SCIP index; an indexer such as scip-python makes one";
        errors.push_file(KEY, ErrorKind::Missing, message);
        return;
    }
    if let Some((reason, position)) = &index.broken {
        let message = format!("the index can be read up to byte {position} only: {reason}");
        errors.push_file(KEY, ErrorKind::Broken, message);
    }
    let mut strangers = index.strangers(is_source);
    if let Some(first) = strangers.next() {
        let count = 1 + strangers.count();
        let message = format!(
            "{count} documents of the index are about no file of the sources, first `{first}`"
        );
        errors.push_file(KEY, ErrorKind::Stale, message);
    }
    let Some(part) = &index.metadata else { return };
    let Some(metadata) = parsed::<Metadata>(index, part, errors) else { return };
    if plan.metadata.is_some() {
        let tool = metadata.tool_info.unwrap_or_default();
        rows.metadata.push(scip_metadata::Row {
            tool: Cow::Owned(tool.name),
            tool_version: Cow::Owned(tool.version),
            documents: count(index.documents.values().map(Vec::len).sum()),
            external_symbols: count(index.external.len()),
        });
    }
}

/// A part of the index; none, and an error, where it cannot be read.
fn parsed<M: Message>(index: &Index, part: &Part, errors: &mut errors::Rows<'_>) -> Option<M> {
    let bytes = match index.content(part) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => {
            errors.push_file(KEY, ErrorKind::Changed, "the index changed while it was read");
            return None;
        }
        Err(error) => {
            let problem = problem(&error);
            errors.push_file(KEY, problem.kind, format!("the index: {}", problem.message));
            return None;
        }
    };
    match M::parse_from_bytes(&bytes) {
        Ok(message) => Some(message),
        Err(error) => {
            let message = format!("a part of the index is broken: {error}");
            errors.push_file(KEY, ErrorKind::Broken, message);
            None
        }
    }
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
