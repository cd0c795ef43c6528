//! What is said of a place.

use cpg_hir::{Db, Item, items};
use cpg_ir::spec::RelationId;
use lsp_types as lsp;

use crate::dispatch::Failure;
use crate::host::RelationFacts;
use crate::snapshot::Snapshot;

pub(crate) fn hover(
    snapshot: &Snapshot,
    params: lsp::HoverParams,
) -> Result<Option<lsp::Hover>, Failure> {
    let at = params.text_document_position_params;
    let Some(file) = snapshot.file(&at.text_document.uri) else { return Ok(None) };
    Ok(snapshot.with(|db, converter| {
        let hover = cpg_ide::hover(db, file, converter.offset(file, at.position))?;
        let mut value = hover.text;
        if let Some(item) = hover.item {
            value.push_str(&planned(snapshot, db, item));
        }
        let contents = lsp::MarkupContent { kind: lsp::MarkupKind::Markdown, value };
        Some(lsp::Hover {
            contents: lsp::HoverContents::Markup(contents),
            range: Some(converter.range(file, hover.range)),
        })
    }))
}

/// What plans tell of an item.
fn planned(snapshot: &Snapshot, db: &dyn Db, item: Item<'_>) -> String {
    let notes = facts(snapshot, db, item).into_iter().flat_map(|facts| &facts.notes);
    notes.map(|(what, said)| format!("\n\n{what}: {said}")).collect()
}

fn facts<'a>(snapshot: &'a Snapshot, db: &dyn Db, item: Item<'_>) -> Option<&'a RelationFacts> {
    let id = RelationId::new(item.module(db), item.name(db).as_ref()?);
    snapshot.plan.as_ref()?.relations.get(&id)
}

pub(crate) fn signature_help(
    snapshot: &Snapshot,
    params: lsp::SignatureHelpParams,
) -> Result<Option<lsp::SignatureHelp>, Failure> {
    let at = params.text_document_position_params;
    let Some(file) = snapshot.file(&at.text_document.uri) else { return Ok(None) };
    Ok(snapshot.with(|db, converter| {
        let help = cpg_ide::signature_help(db, file, converter.offset(file, at.position))?;
        let docs = help.docs.map(|value| {
            let kind = lsp::MarkupKind::Markdown;
            lsp::Documentation::MarkupContent(lsp::MarkupContent { kind, value })
        });
        let signatures = help.ways.into_iter().map(|label| lsp::SignatureInformation {
            parameters: Some(parameters(&label)),
            label,
            documentation: docs.clone(),
            active_parameter: Some(help.argument),
        });
        let signatures: Vec<lsp::SignatureInformation> = signatures.collect();
        let takes = |way: &lsp::SignatureInformation| {
            way.parameters.as_ref().is_some_and(|own| own.len() > help.argument as usize)
        };
        let active = signatures.iter().position(takes).unwrap_or_default();
        Some(lsp::SignatureHelp {
            signatures,
            active_signature: u32::try_from(active).ok(),
            active_parameter: Some(help.argument),
        })
    }))
}

/// The parameters of a way to call a function, as they stand in it.
fn parameters(way: &str) -> Vec<lsp::ParameterInformation> {
    let inside = way.split_once('(').map_or("", |(_, rest)| rest);
    let inside = inside.rsplit_once(") ->").map_or(inside, |(inside, _)| inside);
    let names = inside.split(", ").filter(|name| !name.is_empty());
    names
        .map(|name| lsp::ParameterInformation {
            label: lsp::ParameterLabel::Simple(name.to_owned()),
            documentation: None,
        })
        .collect()
}

pub(crate) fn inlay_hints(
    snapshot: &Snapshot,
    params: lsp::InlayHintParams,
) -> Result<Option<Vec<lsp::InlayHint>>, Failure> {
    let Some(file) = snapshot.file(&params.text_document.uri) else { return Ok(None) };
    Ok(Some(snapshot.with(|db, converter| {
        let range = converter.text_range(file, params.range);
        let config = &snapshot.config;
        let shown = cpg_ide::hints(db, file, range).into_iter();
        let shown =
            shown.filter(|hint| if hint.is_type { config.type_hints } else { config.join_hints });
        let shown = shown.map(|hint| {
            let kind = hint.is_type.then_some(lsp::InlayHintKind::TYPE);
            hinted(converter.position(file, hint.at), hint.text, kind)
        });
        let mut hints: Vec<lsp::InlayHint> = shown.collect();
        if config.granularity_hints {
            let names = items(db, file).iter().filter_map(|item| {
                let at = cpg_ide::name_place(db, *item).range.end();
                let facts = facts(snapshot, db, *item).filter(|_| range.touches(at))?;
                let text = format!(" {}", facts.granularity);
                Some(hinted(converter.position(file, at), text, None))
            });
            hints.extend(names);
        }
        hints
    })))
}

fn hinted(
    position: lsp::Position,
    text: String,
    kind: Option<lsp::InlayHintKind>,
) -> lsp::InlayHint {
    lsp::InlayHint {
        position,
        label: lsp::InlayHintLabel::String(text),
        kind,
        text_edits: None,
        tooltip: None,
        padding_left: None,
        padding_right: None,
        data: None,
    }
}
