//! Takes what comes in, in its order.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cpg_hir::FoundSchemas;
use cpg_ir::file::FileSource;
use cpg_ir::manifest::ProgramManifest;
use crossbeam_channel::{Receiver, select, unbounded};
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response};
use lsp_types as lsp;
use lsp_types::notification::{Exit, Initialized, Notification as _};
use lsp_types::request::{Initialize, Request as _, Shutdown};

use crate::client::{Client, asks_for_diagnostics, settings};
use crate::config::Config;
use crate::convert::{negotiated, path};
use crate::diagnose::Found;
use crate::dispatch;
use crate::documents::Documents;
use crate::handlers::{capabilities, notifications};
use crate::host::{Host, PlanFacts, Tested};
use crate::library::Library;
use crate::pool::Pool;
use crate::session::Session;
use crate::testing::Testable;

/// How a client ended the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It asked the server to shut down first.
    InOrder,
    /// It did not, or it is gone.
    Abruptly,
}

/// What workers tell the main loop.
pub(crate) enum Event {
    /// A request is answered.
    Answered(Response),
    /// An edit came in between.
    Interrupted(RequestId),
    /// What is wrong with files; with all files that have something wrong if `all`.
    Found { workspace: usize, generation: u64, files: Found, all: bool },
    /// A program has no errors and can be planned.
    Compiled { workspace: usize, generation: u64, manifest: Box<ProgramManifest> },
    /// The files that a program's evidence names.
    Named { workspace: usize, named: BTreeSet<FileSource> },
    /// What lies there, or why nobody can look.
    Described { workspace: usize, found: Result<FoundSchemas, String> },
    /// A test is ready to be run, which takes long.
    Testable(Box<Testable>),
    /// What became of it.
    Tested(Box<Testable>, Result<Tested, String>),
    /// What plans told, or why there are none.
    Planned { workspace: usize, generation: u64, facts: Result<PlanFacts, String>, token: String },
}

/// How many threads answer requests.
pub(crate) const ANSWERING: usize = 3;

/// Serves a client until it ends the server or is gone.
pub fn serve(connection: Connection, host: Arc<dyn Host>) -> Ended {
    match start(&connection, host) {
        Some((session, events)) => run(session, &connection.receiver, &events),
        None => Ended::Abruptly,
    }
}

/// Waits for the client to introduce itself.
fn start(connection: &Connection, host: Arc<dyn Host>) -> Option<(Session, Receiver<Event>)> {
    let respond = |response: Response| connection.sender.send(response.into()).is_ok();
    let (id, params, asks) = loop {
        match connection.receiver.recv().ok()? {
            Message::Request(request) if request.method == Initialize::METHOD => {
                let asks = asks_for_diagnostics(&request.params);
                match serde_json::from_value::<lsp::InitializeParams>(request.params) {
                    Ok(params) => break (request.id, params, asks),
                    Err(error) => respond(Response::new_err(
                        request.id,
                        ErrorCode::InvalidParams as i32,
                        error.to_string(),
                    )),
                }
            }
            Message::Request(request) => respond(Response::new_err(
                request.id,
                ErrorCode::ServerNotInitialized as i32,
                format!("`{}` before `{}`", request.method, Initialize::METHOD),
            )),
            Message::Notification(notification) if notification.method == Exit::METHOD => {
                return None;
            }
            Message::Notification(_) | Message::Response(_) => true,
        };
    };
    let general = params.capabilities.general.as_ref();
    let (unit, encoding) =
        negotiated(general.and_then(|general| general.position_encodings.as_deref()));
    let (sender, events) = unbounded();
    let config = params.initialization_options.as_ref().map(Config::read).unwrap_or_default();
    let mut session = Session {
        client: Client::new(connection.sender.clone(), params.capabilities.clone(), asks),
        library: Arc::new(Library::new(&*host)),
        host,
        unit,
        config,
        workspaces: Vec::new(),
        documents: Documents::default(),
        pending: BTreeMap::new(),
        tokens: Arc::default(),
        answers: Pool::new("answer", ANSWERING).ok()?,
        checks: Pool::new("check", 1).ok()?,
        plans: Pool::new("plan", 1).ok()?,
        events: sender,
    };
    let result = lsp::InitializeResult {
        capabilities: capabilities(encoding, asks),
        server_info: Some(lsp::ServerInfo {
            name: "cpglang".to_owned(),
            version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        }),
    };
    session.client.respond(Response::new_ok(id, result));
    for root in roots(&params) {
        session.add_root(Some(root));
    }
    Some((session, events))
}

/// The folders that the client opens.
#[allow(deprecated, reason = "clients that know no folders say their only one so")]
fn roots(params: &lsp::InitializeParams) -> Vec<std::path::PathBuf> {
    match &params.workspace_folders {
        Some(folders) => folders.iter().filter_map(|folder| path(&folder.uri)).collect(),
        None => params.root_uri.iter().filter_map(path).collect(),
    }
}

fn run(mut session: Session, messages: &Receiver<Message>, events: &Receiver<Event>) -> Ended {
    let mut shut_down = false;
    loop {
        // What comes in goes first: an answer to an old question helps nobody.
        let message = match messages.try_recv() {
            Ok(message) => Some(message),
            Err(_) => select! {
                recv(messages) -> message => match message {
                    Ok(message) => Some(message),
                    Err(_) => return Ended::Abruptly,
                },
                recv(events) -> event => {
                    if let Ok(event) = event {
                        take(&mut session, event);
                    }
                    None
                }
            },
        };
        match message {
            None => {}
            Some(Message::Notification(notification)) if notification.method == Exit::METHOD => {
                return if shut_down { Ended::InOrder } else { Ended::Abruptly };
            }
            Some(Message::Request(request)) if shut_down => {
                let why = format!("`{}` after `{}`", request.method, Shutdown::METHOD);
                let code = ErrorCode::InvalidRequest as i32;
                session.client.respond(Response::new_err(request.id, code, why));
            }
            Some(Message::Request(request)) if request.method == Shutdown::METHOD => {
                shut_down = true;
                session.client.respond(Response::new_ok(request.id, ()));
            }
            Some(Message::Request(request)) => requested(&mut session, request),
            Some(Message::Notification(_)) if shut_down => {}
            Some(Message::Notification(notification)) => notified(&mut session, notification),
            Some(Message::Response(response)) => answered(&mut session, response),
        }
    }
}

fn requested(session: &mut Session, request: Request) {
    if request.method == Initialize::METHOD {
        let code = ErrorCode::InvalidRequest as i32;
        let why = "the server is initialised already".to_owned();
        session.client.respond(Response::new_err(request.id, code, why));
        return;
    }
    dispatch::request(session, request);
}

fn notified(session: &mut Session, notification: Notification) {
    if notification.method == Initialized::METHOD {
        session.watch();
        session.client.ask_settings();
        for workspace in 0..session.workspaces.len() {
            session.check(workspace, None);
        }
        return;
    }
    notifications::take(session, notification);
}

/// What a client answers to what it was asked.
fn answered(session: &mut Session, response: Response) {
    if session.client.settings_asked.as_ref() == Some(&response.id) {
        session.client.settings_asked = None;
        if let Ok(result) = &response.response_result {
            session.config = Config::read(&settings(result));
            session.client.refresh();
        }
    }
}

fn take(session: &mut Session, event: Event) {
    match event {
        Event::Answered(response) => {
            // One that was cancelled has its answer.
            if session.pending.remove(&response.id).is_some() {
                session.client.respond(response);
            }
        }
        Event::Interrupted(id) => dispatch::again(session, id),
        Event::Found { workspace, generation, files, all } => {
            session.found(workspace, generation, files, all);
        }
        Event::Compiled { workspace, generation, manifest } => {
            session.compiled(workspace, generation, *manifest);
        }
        Event::Named { workspace, named } => session.named(workspace, named),
        Event::Described { workspace, found } => session.described(workspace, found),
        Event::Testable(test) => session.test(*test),
        Event::Tested(test, outcome) => session.tested(*test, outcome),
        Event::Planned { workspace, generation, facts, token } => {
            session.client.end_progress(&token);
            session.planned(workspace, generation, facts);
        }
    }
}
