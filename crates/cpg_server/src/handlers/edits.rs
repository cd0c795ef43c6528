//! What changes texts.

use cpg_hir::{Program, SourceFile};
use cpg_ide::{Action, ActionKind};
use lsp_server::ErrorCode;
use lsp_types as lsp;

use crate::convert::{Converter, path};
use crate::dispatch::Failure;
use crate::snapshot::Snapshot;

pub(crate) fn prepare_rename(
    snapshot: &Snapshot,
    params: lsp::TextDocumentPositionParams,
) -> Result<Option<lsp::PrepareRenameResponse>, Failure> {
    let Some(file) = snapshot.file(&params.text_document.uri) else { return Ok(None) };
    snapshot.with(|db, converter| {
        let offset = converter.offset(file, params.position);
        let (range, placeholder) = cpg_ide::prepare_rename(db, file, offset).map_err(refused)?;
        let range = converter.range(file, range);
        Ok(Some(lsp::PrepareRenameResponse::RangeWithPlaceholder { range, placeholder }))
    })
}

pub(crate) fn rename(
    snapshot: &Snapshot,
    params: lsp::RenameParams,
) -> Result<Option<lsp::WorkspaceEdit>, Failure> {
    let at = params.text_document_position;
    let Some(file) = snapshot.file(&at.text_document.uri) else { return Ok(None) };
    snapshot.with(|db, converter| {
        let offset = converter.offset(file, at.position);
        let edits = cpg_ide::rename(db, file, offset, &params.new_name).map_err(refused)?;
        Ok(Some(converter.workspace_edit(&edits)))
    })
}

fn refused(error: cpg_ide::RenameError) -> Failure {
    (ErrorCode::RequestFailed, error.to_string())
}

pub(crate) fn formatting(
    snapshot: &Snapshot,
    params: lsp::DocumentFormattingParams,
) -> Result<Option<Vec<lsp::TextEdit>>, Failure> {
    let Some(file) = snapshot.file(&params.text_document.uri) else { return Ok(None) };
    Ok(Some(snapshot.with(|db, converter| converter.text_edits(&cpg_ide::format(db, file)))))
}

pub(crate) fn range_formatting(
    snapshot: &Snapshot,
    params: lsp::DocumentRangeFormattingParams,
) -> Result<Option<Vec<lsp::TextEdit>>, Failure> {
    let Some(file) = snapshot.file(&params.text_document.uri) else { return Ok(None) };
    Ok(Some(snapshot.with(|db, converter| {
        let range = converter.text_range(file, params.range);
        converter.text_edits(&cpg_ide::format_range(db, file, range))
    })))
}

pub(crate) fn on_type_formatting(
    snapshot: &Snapshot,
    params: lsp::DocumentOnTypeFormattingParams,
) -> Result<Option<Vec<lsp::TextEdit>>, Failure> {
    let at = params.text_document_position;
    let Some(file) = snapshot.file(&at.text_document.uri) else { return Ok(None) };
    Ok(Some(snapshot.with(|db, converter| {
        let offset = converter.offset(file, at.position);
        converter.text_edits(&cpg_ide::format_item_at(db, file, offset))
    })))
}

/// The kinds of actions that are offered.
pub(crate) fn action_kinds() -> Vec<lsp::CodeActionKind> {
    use ActionKind::{Extract, Fix, FixAll, OrganizeImports, Rewrite};
    [Fix, Rewrite, Extract, OrganizeImports, FixAll].map(kind).to_vec()
}

fn kind(kind: ActionKind) -> lsp::CodeActionKind {
    match kind {
        ActionKind::Fix => lsp::CodeActionKind::QUICKFIX,
        ActionKind::Rewrite => lsp::CodeActionKind::REFACTOR_REWRITE,
        ActionKind::Extract => lsp::CodeActionKind::REFACTOR_EXTRACT,
        ActionKind::OrganizeImports => lsp::CodeActionKind::SOURCE_ORGANIZE_IMPORTS,
        ActionKind::FixAll => lsp::CodeActionKind::SOURCE_FIX_ALL,
    }
}

pub(crate) fn code_actions(
    snapshot: &Snapshot,
    params: lsp::CodeActionParams,
) -> Result<Option<lsp::CodeActionResponse>, Failure> {
    let Some(file) = snapshot.file(&params.text_document.uri) else { return Ok(None) };
    Ok(Some(snapshot.with(|db, converter| {
        let range = converter.text_range(file, params.range);
        let wanted = |action: &Action| {
            let own = kind(action.kind);
            params.context.only.as_ref().is_none_or(|only| {
                only.iter().any(|one| {
                    let rest = own.as_str().strip_prefix(one.as_str());
                    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
                })
            })
        };
        let actions = cpg_ide::actions(db, file, range).into_iter().filter(wanted);
        actions.map(|action| self::action(converter, file, action, &params.context)).collect()
    })))
}

fn action(
    converter: &Converter<'_>,
    file: SourceFile,
    action: Action,
    context: &lsp::CodeActionContext,
) -> lsp::CodeActionOrCommand {
    let mended = action.mends.map(|(code, range)| {
        let range = converter.range(file, range);
        let code = Some(lsp::NumberOrString::String(code.id().to_owned()));
        let same = |one: &&lsp::Diagnostic| one.range == range && one.code == code;
        context.diagnostics.iter().filter(same).cloned().collect::<Vec<_>>()
    });
    lsp::CodeActionOrCommand::CodeAction(lsp::CodeAction {
        title: action.title,
        kind: Some(kind(action.kind)),
        diagnostics: mended.filter(|mended| !mended.is_empty()),
        edit: Some(converter.workspace_edit(&action.edits)),
        ..lsp::CodeAction::default()
    })
}

/// The files of programs whose coming and going concerns us, and the folders that may hold some.
pub(crate) fn file_operations() -> lsp::WorkspaceFileOperationsServerCapabilities {
    let filter = |glob: &str, kind| lsp::FileOperationFilter {
        scheme: Some("file".to_owned()),
        pattern: lsp::FileOperationPattern {
            glob: glob.to_owned(),
            matches: Some(kind),
            options: None,
        },
    };
    let programs = filter("**/*.cpg", lsp::FileOperationPatternKind::File);
    let folders = filter("**", lsp::FileOperationPatternKind::Folder);
    let files = Some(lsp::FileOperationRegistrationOptions { filters: vec![programs.clone()] });
    let all = Some(lsp::FileOperationRegistrationOptions { filters: vec![programs, folders] });
    lsp::WorkspaceFileOperationsServerCapabilities {
        will_rename: all.clone(),
        did_rename: all.clone(),
        did_create: files,
        did_delete: all,
        ..lsp::WorkspaceFileOperationsServerCapabilities::default()
    }
}

/// The edits that go with other names of files and folders: their modules have other names, too.
pub(crate) fn will_rename_files(
    snapshot: &Snapshot,
    params: lsp::RenameFilesParams,
) -> Result<Option<lsp::WorkspaceEdit>, Failure> {
    let Some(root) = snapshot.root.as_deref() else { return Ok(None) };
    let at = |uri: &str| uri.parse::<lsp::Uri>().ok().and_then(|uri| path(&uri));
    Ok(snapshot.with(|db, converter| {
        let mut edits = Vec::new();
        for renamed in &params.files {
            let (Some(old), Some(new)) = (at(&renamed.old_uri), at(&renamed.new_uri)) else {
                continue;
            };
            for file in Program::get(db).files(db) {
                let Some(own) = converter.uri(*file).as_ref().and_then(path) else { continue };
                let Ok(inside) = own.strip_prefix(&old) else { continue };
                // Of a file, nothing is inside; a path that ends with a slash is a folder's.
                let new = match inside.as_os_str().is_empty() {
                    true => new.clone(),
                    false => new.join(inside),
                };
                if let Some(module) = snapshot.host.module(root, &new) {
                    edits.extend(cpg_ide::module_renamed(db, file.module(db), &module));
                }
            }
        }
        (!edits.is_empty()).then(|| converter.workspace_edit(&edits))
    }))
}
