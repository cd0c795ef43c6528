//! What the client can do, and how it is spoken to.

use std::collections::BTreeSet;

use crossbeam_channel::Sender;
use lsp_server::{Message, Notification, Request, RequestId, Response};
use lsp_types as lsp;
use lsp_types::notification::{self, Notification as _};
use lsp_types::request;
use serde::Serialize;
use serde_json::Value;

/// The client's side.
pub(crate) struct Client {
    sender: Sender<Message>,
    capabilities: lsp::ClientCapabilities,
    next_request: i32,
    /// Whether it asks what is wrong with documents that are open, and wants to be told when to ask again.
    asks: bool,
    /// Whether it asks what is wrong with all others, too.
    pub asks_of_all: bool,
    /// The patterns of the files that it was asked to watch.
    watched: BTreeSet<String>,
    /// The request for settings that is under way.
    pub settings_asked: Option<RequestId>,
}

impl Client {
    pub fn new(sender: Sender<Message>, capabilities: lsp::ClientCapabilities, asks: bool) -> Self {
        let (next_request, asks_of_all, settings_asked) = (0, false, None);
        let watched = BTreeSet::new();
        Self { sender, capabilities, next_request, asks, asks_of_all, watched, settings_asked }
    }

    /// Whether it asks what is wrong with a document, `open` or not, so that telling it would show things twice.
    pub fn asks_about(&self, open: bool) -> bool {
        self.asks && (open || self.asks_of_all)
    }

    pub fn capabilities(&self) -> &lsp::ClientCapabilities {
        &self.capabilities
    }

    pub fn respond(&self, response: Response) {
        self.send(response.into());
    }

    pub fn notify<N>(&self, params: N::Params)
    where
        N: lsp_types::notification::Notification,
        N::Params: Serialize,
    {
        self.send(Notification::new(N::METHOD.to_owned(), params).into());
    }

    /// Asks the client for something.
    pub fn ask<R>(&mut self, params: R::Params) -> RequestId
    where
        R: lsp_types::request::Request,
        R::Params: Serialize,
    {
        self.next_request += 1;
        let id = RequestId::from(format!("cpglang-{}", self.next_request));
        self.send(Request::new(id.clone(), R::METHOD.to_owned(), params).into());
        id
    }

    fn send(&self, message: Message) {
        // A client that is gone is noticed where its messages end.
        let _ = self.sender.send(message);
    }

    /// Something that people wait for.
    pub fn show(&self, typ: lsp::MessageType, message: String) {
        self.notify::<notification::ShowMessage>(lsp::ShowMessageParams { typ, message });
    }

    /// Something that people who look for a reason should find.
    pub fn log(&self, message: String) {
        let params = lsp::LogMessageParams { typ: lsp::MessageType::WARNING, message };
        self.notify::<notification::LogMessage>(params);
    }

    fn has_progress(&self) -> bool {
        let window = self.capabilities.window.as_ref();
        window.and_then(|window| window.work_done_progress).unwrap_or(false)
    }

    /// Shows that something takes its time, until [`Client::end_progress`] with the same name.
    pub fn begin_progress(&mut self, token: &str, title: &str) {
        if self.has_progress() {
            let token = lsp::NumberOrString::String(token.to_owned());
            let created = lsp::WorkDoneProgressCreateParams { token: token.clone() };
            self.ask::<request::WorkDoneProgressCreate>(created);
            let begin =
                lsp::WorkDoneProgressBegin { title: title.to_owned(), ..Default::default() };
            self.progress(token, lsp::WorkDoneProgress::Begin(begin));
        }
    }

    pub fn end_progress(&self, token: &str) {
        if self.has_progress() {
            let token = lsp::NumberOrString::String(token.to_owned());
            self.progress(token, lsp::WorkDoneProgress::End(lsp::WorkDoneProgressEnd::default()));
        }
    }

    fn progress(&self, token: lsp::NumberOrString, value: lsp::WorkDoneProgress) {
        let value = lsp::ProgressParamsValue::WorkDone(value);
        self.notify::<notification::Progress>(lsp::ProgressParams { token, value });
    }

    /// Asks to be told when files change on disk that fit one of the patterns, and no others any more.
    pub fn watch_files(&mut self, patterns: BTreeSet<String>) {
        let watched = self.capabilities.workspace.as_ref();
        let watched = watched.and_then(|workspace| workspace.did_change_watched_files);
        let can = watched.and_then(|watched| watched.dynamic_registration) == Some(true);
        if !can || patterns == self.watched {
            return;
        }
        let (id, method) = ("cpglang-files", notification::DidChangeWatchedFiles::METHOD);
        if !self.watched.is_empty() {
            let before = lsp::Unregistration { id: id.to_owned(), method: method.to_owned() };
            self.ask::<request::UnregisterCapability>(lsp::UnregistrationParams {
                unregisterations: vec![before],
            });
        }
        self.watched = patterns;
        if self.watched.is_empty() {
            return;
        }
        let watcher = |pattern: &String| lsp::FileSystemWatcher {
            glob_pattern: lsp::GlobPattern::String(pattern.clone()),
            kind: None,
        };
        let watchers = self.watched.iter().map(watcher).collect();
        let options = lsp::DidChangeWatchedFilesRegistrationOptions { watchers };
        let registration = lsp::Registration {
            id: id.to_owned(),
            method: method.to_owned(),
            register_options: serde_json::to_value(options).ok(),
        };
        self.ask::<request::RegisterCapability>(lsp::RegistrationParams {
            registrations: vec![registration],
        });
    }

    /// Asks for the settings, if the client tells them.
    pub fn ask_settings(&mut self) {
        let workspace = self.capabilities.workspace.as_ref();
        if workspace.and_then(|workspace| workspace.configuration) == Some(true) {
            let item = lsp::ConfigurationItem {
                scope_uri: None,
                section: Some(crate::config::SECTION.to_owned()),
            };
            let id = self.ask::<request::WorkspaceConfiguration>(lsp::ConfigurationParams {
                items: vec![item],
            });
            self.settings_asked = Some(id);
        }
    }

    /// Asks the client to ask again what is wrong.
    pub fn refresh_diagnostics(&mut self) {
        self.ask::<request::WorkspaceDiagnosticRefresh>(());
    }

    /// Asks the client to ask again for what depends on settings and plans.
    pub fn refresh(&mut self) {
        let Some(workspace) = self.capabilities.workspace.clone() else { return };
        if workspace.code_lens.and_then(|lens| lens.refresh_support) == Some(true) {
            self.ask::<request::CodeLensRefresh>(());
        }
        if workspace.inlay_hint.and_then(|hint| hint.refresh_support) == Some(true) {
            self.ask::<request::InlayHintRefreshRequest>(());
        }
    }
}

/// Whether a client that introduces itself so asks what is wrong, instead of being told.
///
/// One that does not understand when to ask again would show what was wrong before an edit in another file, so it is
/// told. (`lsp-types` reads the latter under another name than the protocol's.)
pub(crate) fn asks_for_diagnostics(params: &Value) -> bool {
    let asks =
        params.pointer("/capabilities/textDocument/diagnostic").is_some_and(Value::is_object);
    let again = params.pointer("/capabilities/workspace/diagnostics/refreshSupport");
    asks && again == Some(&Value::Bool(true))
}

/// What a client answers to the request for settings.
pub(crate) fn settings(result: &Value) -> Value {
    match result {
        Value::Array(sections) => sections.first().cloned().unwrap_or_default(),
        other => other.clone(),
    }
}
