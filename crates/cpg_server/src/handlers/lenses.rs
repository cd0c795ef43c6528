//! Lines above items.

use cpg_ide::LensKind;
use cpg_ir::spec::RelationId;
use lsp_server::ErrorCode;
use lsp_types as lsp;
use serde_json::json;

use super::commands::{RUN_TEST, SHOW_PLAN};
use crate::dispatch::Failure;
use crate::snapshot::Snapshot;

/// Run by the client: shows places, as every editor can.
const SHOW_REFERENCES: &str = "cpglang.showReferences";

pub(crate) fn code_lenses(
    snapshot: &Snapshot,
    params: lsp::CodeLensParams,
) -> Result<Option<Vec<lsp::CodeLens>>, Failure> {
    let uri = params.text_document.uri;
    let Some(file) = snapshot.file(&uri).filter(|_| snapshot.config.lenses) else {
        return Ok(None);
    };
    Ok(Some(snapshot.with(|db, converter| {
        let lenses = cpg_ide::lenses(db, file).into_iter();
        lenses
            .filter_map(|lens| {
                let range = converter.range(file, lens.place.range);
                let module = lens.item.module(db);
                let name = || lens.item.name(db).clone();
                let run = |title: &str, command: &str, name: &str| lsp::Command {
                    title: title.to_owned(),
                    command: command.to_owned(),
                    arguments: Some(vec![json!(uri), json!(module), json!(name)]),
                };
                let (command, data) = match &lens.kind {
                    LensKind::Readers(count) => {
                        let data = json!({ "uri": uri, "position": range.start, "readers": count });
                        (None, Some(data))
                    }
                    LensKind::Plan => {
                        let name = name()?;
                        let id = RelationId::new(module, &name);
                        snapshot.plan.as_ref()?.relations.get(&id)?;
                        (Some(run("plan", SHOW_PLAN, &name)), None)
                    }
                    LensKind::Test(name) => (Some(run("run test", RUN_TEST, name)), None),
                };
                Some(lsp::CodeLens { range, command, data })
            })
            .collect()
    })))
}

/// Finds the places of a lens once it is seen.
pub(crate) fn resolve(snapshot: &Snapshot, lens: lsp::CodeLens) -> Result<lsp::CodeLens, Failure> {
    let Some(data) = lens.data.clone() else { return Ok(lens) };
    let wrong = || (ErrorCode::InvalidParams, "this is none of our lenses".to_owned());
    let uri: lsp::Uri = serde_json::from_value(data["uri"].clone()).map_err(|_| wrong())?;
    let position: lsp::Position =
        serde_json::from_value(data["position"].clone()).map_err(|_| wrong())?;
    let title = match data["readers"].as_u64() {
        Some(1) => "1 reader".to_owned(),
        Some(count) => format!("{count} readers"),
        None => return Err(wrong()),
    };
    let places = snapshot.file(&uri).map(|file| {
        snapshot.with(|db, converter| {
            let offset = converter.offset(file, position);
            let shown = cpg_ide::lenses(db, file).into_iter().find(|lens| {
                lens.place.range.start() == offset && matches!(lens.kind, LensKind::Readers(_))
            });
            shown.map(|lens| converter.locations(&lens.places(db))).unwrap_or_default()
        })
    });
    let arguments = vec![json!(uri), json!(position), json!(places.unwrap_or_default())];
    let command = SHOW_REFERENCES.to_owned();
    let command = lsp::Command { title, command, arguments: Some(arguments) };
    Ok(lsp::CodeLens { command: Some(command), ..lens })
}
