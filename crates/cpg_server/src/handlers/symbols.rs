//! What files hold.

use cpg_ide::{Entry, EntryKind, FoldKind};
use cpg_syntax::ItemKeyword;
use lsp_types as lsp;

use crate::convert::Converter;
use crate::dispatch::Failure;
use crate::snapshot::Snapshot;

/// How editors show an entry.
fn kind(kind: EntryKind) -> lsp::SymbolKind {
    match kind {
        EntryKind::Column => lsp::SymbolKind::FIELD,
        EntryKind::Item(ItemKeyword::Const) => lsp::SymbolKind::CONSTANT,
        EntryKind::Item(ItemKeyword::Fn) => lsp::SymbolKind::FUNCTION,
        EntryKind::Item(ItemKeyword::Schema) => lsp::SymbolKind::INTERFACE,
        EntryKind::Item(ItemKeyword::Use) => lsp::SymbolKind::NAMESPACE,
        EntryKind::Item(ItemKeyword::Check | ItemKeyword::Test) => lsp::SymbolKind::EVENT,
        EntryKind::Item(ItemKeyword::Export) => lsp::SymbolKind::PACKAGE,
        EntryKind::Item(_) => lsp::SymbolKind::CLASS,
    }
}

#[allow(deprecated, reason = "the field must be there")]
fn symbol(converter: &Converter<'_>, entry: Entry) -> lsp::DocumentSymbol {
    let file = entry.file;
    let children = entry.children.into_iter().map(|child| symbol(converter, child)).collect();
    lsp::DocumentSymbol {
        name: entry.name,
        detail: Some(entry.detail),
        kind: kind(entry.kind),
        tags: None,
        deprecated: None,
        range: converter.range(file, entry.whole),
        selection_range: converter.range(file, entry.range),
        children: Some(children),
    }
}

pub(crate) fn document_symbols(
    snapshot: &Snapshot,
    params: lsp::DocumentSymbolParams,
) -> Result<Option<lsp::DocumentSymbolResponse>, Failure> {
    let Some(file) = snapshot.file(&params.text_document.uri) else { return Ok(None) };
    Ok(Some(snapshot.with(|db, converter| {
        let entries = cpg_ide::outline(db, file).into_iter();
        lsp::DocumentSymbolResponse::Nested(entries.map(|entry| symbol(converter, entry)).collect())
    })))
}

#[allow(deprecated, reason = "the field must be there")]
pub(crate) fn workspace_symbols(
    snapshot: &Snapshot,
    params: lsp::WorkspaceSymbolParams,
) -> Result<Option<lsp::WorkspaceSymbolResponse>, Failure> {
    Ok(Some(snapshot.with(|db, converter| {
        let entries = cpg_ide::workspace_entries(db, &params.query).into_iter();
        let found = entries.filter_map(|entry| {
            let place = cpg_ide::Place { file: entry.file, range: entry.range };
            Some(lsp::SymbolInformation {
                name: entry.name,
                kind: kind(entry.kind),
                tags: None,
                deprecated: None,
                location: converter.location(place)?,
                container_name: Some(entry.detail),
            })
        });
        lsp::WorkspaceSymbolResponse::Flat(found.collect())
    })))
}

pub(crate) fn folding_ranges(
    snapshot: &Snapshot,
    params: lsp::FoldingRangeParams,
) -> Result<Option<Vec<lsp::FoldingRange>>, Failure> {
    let Some(file) = snapshot.file(&params.text_document.uri) else { return Ok(None) };
    Ok(Some(snapshot.with(|db, converter| {
        let folds = cpg_ide::folds(db, file).into_iter();
        folds
            .map(|fold| {
                let range = converter.range(file, fold.range);
                lsp::FoldingRange {
                    start_line: range.start.line,
                    start_character: None,
                    end_line: range.end.line,
                    end_character: None,
                    kind: Some(match fold.kind {
                        FoldKind::Comment => lsp::FoldingRangeKind::Comment,
                        FoldKind::Imports => lsp::FoldingRangeKind::Imports,
                        FoldKind::Region => lsp::FoldingRangeKind::Region,
                    }),
                    collapsed_text: None,
                }
            })
            .collect()
    })))
}

pub(crate) fn selection_ranges(
    snapshot: &Snapshot,
    params: lsp::SelectionRangeParams,
) -> Result<Option<Vec<lsp::SelectionRange>>, Failure> {
    let Some(file) = snapshot.file(&params.text_document.uri) else { return Ok(None) };
    Ok(Some(snapshot.with(|db, converter| {
        let around = |position| {
            let parts = cpg_ide::selection(db, file, converter.offset(file, position));
            let outward = parts.into_iter().rev();
            let nested = outward.fold(None, |parent: Option<lsp::SelectionRange>, range| {
                let range = converter.range(file, range);
                Some(lsp::SelectionRange { range, parent: parent.map(Box::new) })
            });
            let here = lsp::Range::new(position, position);
            nested.unwrap_or(lsp::SelectionRange { range: here, parent: None })
        };
        params.positions.into_iter().map(around).collect()
    })))
}
