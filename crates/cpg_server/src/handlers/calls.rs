//! Lineage, as the hierarchy of calls that editors know: who reads an item calls it.

use cpg_hir::{Db, Item};
use cpg_ide::{hierarchy_item, name_place};
use lsp_types as lsp;

use crate::convert::Converter;
use crate::dispatch::Failure;
use crate::snapshot::Snapshot;

fn item<'db>(
    db: &'db dyn Db,
    converter: &Converter<'_>,
    item: Item<'db>,
) -> Option<lsp::CallHierarchyItem> {
    let place = name_place(db, item);
    let range = converter.range(place.file, place.range);
    Some(lsp::CallHierarchyItem {
        name: item.name(db).clone().unwrap_or_else(|| item.label(db)),
        kind: lsp::SymbolKind::CLASS,
        tags: None,
        detail: Some(format!("{} in {}", item.keyword(db), item.module(db))),
        uri: converter.uri(place.file)?,
        range,
        selection_range: range,
        data: None,
    })
}

pub(crate) fn prepare(
    snapshot: &Snapshot,
    params: lsp::CallHierarchyPrepareParams,
) -> Result<Option<Vec<lsp::CallHierarchyItem>>, Failure> {
    let at = params.text_document_position_params;
    let Some(file) = snapshot.file(&at.text_document.uri) else { return Ok(None) };
    Ok(snapshot.with(|db, converter| {
        let found = hierarchy_item(db, file, converter.offset(file, at.position))?;
        Some(vec![item(db, converter, found)?])
    }))
}

pub(crate) fn incoming(
    snapshot: &Snapshot,
    params: lsp::CallHierarchyIncomingCallsParams,
) -> Result<Option<Vec<lsp::CallHierarchyIncomingCall>>, Failure> {
    let of = params.item;
    let Some(file) = snapshot.file(&of.uri) else { return Ok(None) };
    Ok(snapshot.with(|db, converter| {
        let offset = converter.offset(file, of.selection_range.start);
        let read = hierarchy_item(db, file, offset)?;
        let readers = cpg_ide::read_by(db, read).into_iter();
        let calls = readers.filter_map(|reader| {
            let file = reader.item.file(db);
            Some(lsp::CallHierarchyIncomingCall {
                from: item(db, converter, reader.item)?,
                from_ranges: reader
                    .places
                    .iter()
                    .map(|range| converter.range(file, *range))
                    .collect(),
            })
        });
        Some(calls.collect())
    }))
}

pub(crate) fn outgoing(
    snapshot: &Snapshot,
    params: lsp::CallHierarchyOutgoingCallsParams,
) -> Result<Option<Vec<lsp::CallHierarchyOutgoingCall>>, Failure> {
    let of = params.item;
    let Some(file) = snapshot.file(&of.uri) else { return Ok(None) };
    Ok(snapshot.with(|db, converter| {
        let offset = converter.offset(file, of.selection_range.start);
        let reader = hierarchy_item(db, file, offset)?;
        let file = reader.file(db);
        let needed = cpg_ide::reads(db, reader).into_iter();
        let calls = needed.filter_map(|read| {
            Some(lsp::CallHierarchyOutgoingCall {
                to: item(db, converter, read.item)?,
                from_ranges: read
                    .places
                    .iter()
                    .map(|range| converter.range(file, *range))
                    .collect(),
            })
        });
        Some(calls.collect())
    }))
}
