//! From a name to other places.

use lsp_types as lsp;

use cpg_base::TextRange;
use cpg_hir::{Db, SourceFile};
use cpg_ide::{Access, Place};

use crate::dispatch::Failure;
use crate::snapshot::Snapshot;

type Found = Option<(TextRange, Vec<Place>)>;

fn goto(
    snapshot: &Snapshot,
    at: &lsp::TextDocumentPositionParams,
    find: fn(&dyn Db, SourceFile, u32) -> Found,
) -> Result<Option<lsp::GotoDefinitionResponse>, Failure> {
    let Some(file) = snapshot.file(&at.text_document.uri) else { return Ok(None) };
    Ok(snapshot.with(|db, converter| {
        let (_, places) = find(db, file, converter.offset(file, at.position))?;
        Some(lsp::GotoDefinitionResponse::Array(converter.locations(&places)))
    }))
}

pub(crate) fn definition(
    snapshot: &Snapshot,
    params: lsp::GotoDefinitionParams,
) -> Result<Option<lsp::GotoDefinitionResponse>, Failure> {
    goto(snapshot, &params.text_document_position_params, cpg_ide::definition)
}

pub(crate) fn declaration(
    snapshot: &Snapshot,
    params: lsp::GotoDefinitionParams,
) -> Result<Option<lsp::GotoDefinitionResponse>, Failure> {
    goto(snapshot, &params.text_document_position_params, cpg_ide::declaration)
}

pub(crate) fn type_definition(
    snapshot: &Snapshot,
    params: lsp::GotoDefinitionParams,
) -> Result<Option<lsp::GotoDefinitionResponse>, Failure> {
    goto(snapshot, &params.text_document_position_params, |db, file, offset| {
        let (range, place) = cpg_ide::type_definition(db, file, offset)?;
        Some((range, vec![place]))
    })
}

pub(crate) fn references(
    snapshot: &Snapshot,
    params: lsp::ReferenceParams,
) -> Result<Option<Vec<lsp::Location>>, Failure> {
    let at = params.text_document_position;
    let Some(file) = snapshot.file(&at.text_document.uri) else { return Ok(None) };
    Ok(Some(snapshot.with(|db, converter| {
        let offset = converter.offset(file, at.position);
        let declaration = params.context.include_declaration;
        converter.locations(&cpg_ide::references(db, file, offset, declaration))
    })))
}

pub(crate) fn highlights(
    snapshot: &Snapshot,
    params: lsp::DocumentHighlightParams,
) -> Result<Option<Vec<lsp::DocumentHighlight>>, Failure> {
    let at = params.text_document_position_params;
    let Some(file) = snapshot.file(&at.text_document.uri) else { return Ok(None) };
    Ok(Some(snapshot.with(|db, converter| {
        let found = cpg_ide::highlights(db, file, converter.offset(file, at.position)).into_iter();
        found
            .map(|(place, access)| lsp::DocumentHighlight {
                range: converter.range(file, place.range),
                kind: Some(match access {
                    Access::Declared => lsp::DocumentHighlightKind::WRITE,
                    Access::Imported => lsp::DocumentHighlightKind::TEXT,
                    Access::Used => lsp::DocumentHighlightKind::READ,
                }),
            })
            .collect()
    })))
}

pub(crate) fn linked(
    snapshot: &Snapshot,
    params: lsp::LinkedEditingRangeParams,
) -> Result<Option<lsp::LinkedEditingRanges>, Failure> {
    let at = params.text_document_position_params;
    let Some(file) = snapshot.file(&at.text_document.uri) else { return Ok(None) };
    Ok(snapshot.with(|db, converter| {
        let found = cpg_ide::linked(db, file, converter.offset(file, at.position)).into_iter();
        let ranges: Vec<lsp::Range> = found.map(|range| converter.range(file, range)).collect();
        let word_pattern = None;
        (!ranges.is_empty()).then_some(lsp::LinkedEditingRanges { ranges, word_pattern })
    }))
}

pub(crate) fn links(
    snapshot: &Snapshot,
    params: lsp::DocumentLinkParams,
) -> Result<Option<Vec<lsp::DocumentLink>>, Failure> {
    let Some(file) = snapshot.file(&params.text_document.uri) else { return Ok(None) };
    Ok(Some(snapshot.with(|db, converter| {
        let links = cpg_ide::links(db, file).into_iter();
        links
            .filter_map(|link| {
                Some(lsp::DocumentLink {
                    range: converter.range(file, link.range),
                    target: Some(converter.uri(link.target)?),
                    tooltip: Some(link.target.module(db).clone()),
                    data: None,
                })
            })
            .collect()
    })))
}
