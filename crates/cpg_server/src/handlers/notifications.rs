//! What changes the state: documents, files, folders, settings, and requests that nobody waits for.

use std::sync::atomic::Ordering;

use lsp_server::{ErrorCode, Notification, RequestId, Response};
use lsp_types as lsp;
use lsp_types::notification as n;
use serde::de::DeserializeOwned;

use crate::config::Config;
use crate::convert::{changed, path, source_of};
use crate::documents::Document;
use crate::session::Session;

/// Takes a notification; one that is not understood is logged.
pub(crate) fn take(session: &mut Session, notification: Notification) {
    let method = notification.method.clone();
    let understood = match method.as_str() {
        <n::DidOpenTextDocument as n::Notification>::METHOD => read(session, notification, opened),
        <n::DidChangeTextDocument as n::Notification>::METHOD => {
            read(session, notification, edited)
        }
        <n::DidCloseTextDocument as n::Notification>::METHOD => read(session, notification, closed),
        <n::DidSaveTextDocument as n::Notification>::METHOD => read(session, notification, saved),
        <n::DidChangeWatchedFiles as n::Notification>::METHOD => {
            read(session, notification, watched)
        }
        <n::DidChangeWorkspaceFolders as n::Notification>::METHOD => {
            read(session, notification, folders)
        }
        <n::DidChangeConfiguration as n::Notification>::METHOD => {
            read(session, notification, configured)
        }
        <n::DidRenameFiles as n::Notification>::METHOD => read(session, notification, renamed),
        <n::DidCreateFiles as n::Notification>::METHOD => read(session, notification, created),
        <n::DidDeleteFiles as n::Notification>::METHOD => read(session, notification, deleted),
        // What takes long is a plan or a test, which nothing stops.
        <n::WorkDoneProgressCancel as n::Notification>::METHOD => Ok(()),
        <n::Cancel as n::Notification>::METHOD => read(session, notification, cancelled),
        // Optional by the protocol, or nothing to us.
        other if other.starts_with("$/") => Ok(()),
        other => Err(format!("there is no notification `{other}`")),
    };
    if let Err(why) = understood {
        session.client.log(format!("{method}: {why}"));
    }
}

fn read<P: DeserializeOwned>(
    session: &mut Session,
    notification: Notification,
    take: fn(&mut Session, P) -> Result<(), String>,
) -> Result<(), String> {
    let params = serde_json::from_value(notification.params).map_err(|error| error.to_string())?;
    take(session, params)
}

fn opened(session: &mut Session, params: lsp::DidOpenTextDocumentParams) -> Result<(), String> {
    let lsp::TextDocumentItem { uri, version, text, .. } = params.text_document;
    let id = session.id(&uri);
    if session.documents.get(&id).is_some() {
        return Err(format!("`{}` is open already", uri.as_str()));
    }
    let text = limited(text)?;
    let (workspace, module) = session.place(&uri);
    let Some(own) = session.workspaces.get_mut(workspace) else { return Ok(()) };
    let file = own.open(&id, module, text);
    // Its client does not know yet what is wrong with it, or asks from now on.
    if session.client.asks_about(true) {
        session.take_back(workspace, Some(&id));
    }
    if let Some(own) = session.workspaces.get_mut(workspace) {
        own.published.remove(&id);
    }
    session.documents.open(id, uri, Document { workspace, version });
    session.check(workspace, Some(file));
    Ok(())
}

/// A text that is no longer than programs may be.
fn limited(text: String) -> Result<String, String> {
    match text.len() > cpg_syntax::MAX_FILE_BYTES {
        true => Err(format!("the text has more than {} bytes", cpg_syntax::MAX_FILE_BYTES)),
        false => Ok(text),
    }
}

fn edited(session: &mut Session, params: lsp::DidChangeTextDocumentParams) -> Result<(), String> {
    let lsp::VersionedTextDocumentIdentifier { uri, version } = params.text_document;
    let id = session.id(&uri);
    let unit = session.unit;
    let Some(document) = session.documents.get_mut(&id) else {
        return Err(format!("`{}` is not open", uri.as_str()));
    };
    let workspace = document.workspace;
    let late = version <= document.version;
    let before = document.version;
    // What a client sends counts in the order in which it comes; whoever numbers it wrongly is told so.
    document.version = version;
    let Some(own) = session.workspaces.get_mut(workspace) else { return Ok(()) };
    let Some(file) = own.file(&id) else { return Ok(()) };
    let mut text = file.text(&own.db).clone();
    for change in params.content_changes {
        text = changed(text, change, unit);
    }
    own.edit(file, limited(text)?);
    session.check(workspace, Some(file));
    match late {
        true => Err(format!("version {version} of `{}` came after {before}", uri.as_str())),
        false => Ok(()),
    }
}

fn closed(session: &mut Session, params: lsp::DidCloseTextDocumentParams) -> Result<(), String> {
    let uri = params.text_document.uri;
    let id = session.id(&uri);
    let Some(document) = session.documents.close(&id) else {
        return Err(format!("`{}` is not open", uri.as_str()));
    };
    if let Ok(mut sent) = session.tokens.lock() {
        sent.remove(&id);
    }
    let host = std::sync::Arc::clone(&session.host);
    let Some(own) = session.workspaces.get_mut(document.workspace) else { return Ok(()) };
    // What was not saved is gone.
    match path(&uri) {
        // One of the standard library is what it was.
        Some(path) if session.library.source(&path).is_some() => {
            let source = host.library().into_iter().find(|source| source.id == id);
            if let (Some(source), Some(file)) = (source, own.file(&id)) {
                own.edit(file, source.text);
            }
        }
        Some(path) => own.reload(&path, None, &*host),
        None => {
            if let Some(file) = own.file(&id) {
                own.generation += 1;
                own.db.remove_file(file);
            }
        }
    }
    // Who asked about it while it was open is told from now on.
    if session.client.asks_about(true)
        && let Some(own) = session.workspaces.get_mut(document.workspace)
    {
        own.published.remove(&id);
    }
    session.leave(document.workspace);
    session.check(document.workspace, None);
    Ok(())
}

fn saved(session: &mut Session, params: lsp::DidSaveTextDocumentParams) -> Result<(), String> {
    let id = session.id(&params.text_document.uri);
    match session.workspace_of(&id) {
        Some(workspace) => {
            session.look(workspace);
            Ok(())
        }
        None => Err(format!("`{}` is not open", params.text_document.uri.as_str())),
    }
}

fn watched(session: &mut Session, params: lsp::DidChangeWatchedFilesParams) -> Result<(), String> {
    let changed = params.changes.into_iter().map(|change| change.uri);
    reload(session, changed.collect());
    Ok(())
}

/// Takes files, and those in folders, as they are on disk, but for those that are open.
fn reload(session: &mut Session, uris: Vec<lsp::Uri>) {
    let host = std::sync::Arc::clone(&session.host);
    let mut touched = Vec::new();
    for path in uris.iter().filter_map(path) {
        for (index, own) in session.workspaces.iter_mut().enumerate() {
            let files = own.at(&path, &*host);
            if files.is_empty() && own.depends_on(&path, &*host) {
                own.refresh_extractors(&*host);
                touched.push(index);
            }
            for (path, module) in files {
                if session.documents.get(&source_of(&path)).is_none() {
                    own.reload(&path, module, &*host);
                    touched.push(index);
                }
            }
        }
    }
    touched.sort_unstable();
    touched.dedup();
    touched.into_iter().for_each(|workspace| session.look(workspace));
}

fn renamed(session: &mut Session, params: lsp::RenameFilesParams) -> Result<(), String> {
    let files = params.files.into_iter();
    reload_all(session, files.flat_map(|file| [file.old_uri, file.new_uri]))
}

fn created(session: &mut Session, params: lsp::CreateFilesParams) -> Result<(), String> {
    reload_all(session, params.files.into_iter().map(|file| file.uri))
}

fn deleted(session: &mut Session, params: lsp::DeleteFilesParams) -> Result<(), String> {
    reload_all(session, params.files.into_iter().map(|file| file.uri))
}

fn reload_all(
    session: &mut Session,
    addresses: impl Iterator<Item = String>,
) -> Result<(), String> {
    let uris = addresses.map(|text| text.parse::<lsp::Uri>().map_err(|error| error.to_string()));
    let uris = uris.collect::<Result<_, _>>()?;
    reload(session, uris);
    Ok(())
}

fn folders(
    session: &mut Session,
    params: lsp::DidChangeWorkspaceFoldersParams,
) -> Result<(), String> {
    for folder in &params.event.removed {
        let root = path(&folder.uri);
        let known = session.workspaces.iter().position(|own| root.is_some() && own.root == root);
        let Some(workspace) = known else { continue };
        if let Some(own) = session.workspaces.get_mut(workspace) {
            own.leaving = true;
        }
        session.leave(workspace);
    }
    for folder in &params.event.added {
        if let Some(root) = path(&folder.uri) {
            let workspace = session.add_root(Some(root));
            session.check(workspace, None);
        }
    }
    session.watch();
    Ok(())
}

fn configured(
    session: &mut Session,
    params: lsp::DidChangeConfigurationParams,
) -> Result<(), String> {
    match params.settings.is_null() {
        true => session.client.ask_settings(),
        false => {
            session.config = Config::read(&params.settings);
            session.client.refresh();
        }
    }
    Ok(())
}

fn cancelled(session: &mut Session, params: lsp::CancelParams) -> Result<(), String> {
    let id = match params.id {
        lsp::NumberOrString::Number(number) => RequestId::from(number),
        lsp::NumberOrString::String(text) => RequestId::from(text),
    };
    // One that is answered already cannot be cancelled.
    if let Some(pending) = session.pending.remove(&id) {
        pending.cancelled.store(true, Ordering::Relaxed);
        let code = ErrorCode::RequestCanceled as i32;
        session.client.respond(Response::new_err(id, code, "cancelled".to_owned()));
    }
    Ok(())
}
