//! From a request's name to who answers it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cpg_hir::Cancelled;
use lsp_server::{ErrorCode, Request, RequestId, Response};
use lsp_types as lsp;
use lsp_types::request::{self as r, Request as _};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::handlers::{
    calls, commands, completion, diagnostics, edits, lenses, navigation, symbols, text, tokens,
};
use crate::main_loop::Event;
use crate::session::{Pending, Session};
use crate::snapshot::Snapshot;

/// Why a request has no answer: a code of the protocol, and words for people.
pub(crate) type Failure = (ErrorCode, String);

/// An answer, or what the main loop does for one.
pub(crate) enum Reply {
    Ready(Value),
    Later(Event),
}

type Answer = fn(&Snapshot, &RequestId, Value) -> Result<Reply, Failure>;

macro_rules! answered_by {
    ($($request:ty => $handler:path,)*) => {
        /// Every request that is answered, with what answers it.
        const ANSWERS: &[(&str, Answer)] = &[
            $((<$request as r::Request>::METHOD, |snapshot, _, params| {
                answer::<$request>(snapshot, params, $handler)
            }),)*
            (<r::ExecuteCommand as r::Request>::METHOD, |snapshot, id, params| {
                commands::execute(snapshot, id, read(params)?)
            }),
        ];
    };
}

answered_by! {
    r::HoverRequest => text::hover,
    r::SignatureHelpRequest => text::signature_help,
    r::InlayHintRequest => text::inlay_hints,
    r::GotoDefinition => navigation::definition,
    r::GotoDeclaration => navigation::declaration,
    r::GotoTypeDefinition => navigation::type_definition,
    r::References => navigation::references,
    r::DocumentHighlightRequest => navigation::highlights,
    r::DocumentLinkRequest => navigation::links,
    r::LinkedEditingRange => navigation::linked,
    r::PrepareRenameRequest => edits::prepare_rename,
    r::Rename => edits::rename,
    r::Formatting => edits::formatting,
    r::RangeFormatting => edits::range_formatting,
    r::OnTypeFormatting => edits::on_type_formatting,
    r::CodeActionRequest => edits::code_actions,
    r::WillRenameFiles => edits::will_rename_files,
    r::Completion => completion::completion,
    r::SemanticTokensFullRequest => tokens::full,
    r::SemanticTokensFullDeltaRequest => tokens::delta,
    r::SemanticTokensRangeRequest => tokens::range,
    r::DocumentSymbolRequest => symbols::document_symbols,
    r::WorkspaceSymbolRequest => symbols::workspace_symbols,
    r::FoldingRangeRequest => symbols::folding_ranges,
    r::SelectionRangeRequest => symbols::selection_ranges,
    r::CodeLensRequest => lenses::code_lenses,
    r::CodeLensResolve => lenses::resolve,
    r::DocumentDiagnosticRequest => diagnostics::document,
    r::WorkspaceDiagnosticRequest => diagnostics::workspace,
    r::CallHierarchyPrepare => calls::prepare,
    r::CallHierarchyIncomingCalls => calls::incoming,
    r::CallHierarchyOutgoingCalls => calls::outgoing,
}

fn answer<R: r::Request>(
    snapshot: &Snapshot,
    params: Value,
    handler: fn(&Snapshot, R::Params) -> Result<R::Result, Failure>,
) -> Result<Reply, Failure> {
    let result = handler(snapshot, read(params)?)?;
    let value = serde_json::to_value(result);
    value.map(Reply::Ready).map_err(|error| (ErrorCode::InternalError, error.to_string()))
}

fn read<P: DeserializeOwned>(params: Value) -> Result<P, Failure> {
    serde_json::from_value(params).map_err(|error| (ErrorCode::InvalidParams, error.to_string()))
}

/// Has a request answered.
pub(crate) fn request(session: &mut Session, request: Request) {
    let Some((_, answer)) = ANSWERS.iter().find(|(method, _)| *method == request.method) else {
        let why = format!("there is no request `{}`", request.method);
        let code = ErrorCode::MethodNotFound as i32;
        session.client.respond(Response::new_err(request.id, code, why));
        return;
    };
    if request.method == r::WorkspaceDiagnosticRequest::METHOD && !session.client.asks_of_all {
        session.client.asks_of_all = true;
        (0..session.workspaces.len()).for_each(|workspace| session.take_back(workspace, None));
    }
    let document = document(&request.params).map(|uri| session.id(&uri));
    let version = |id| session.documents.get(&id).map(|document| document.version);
    let document = document.map(|id| (id.clone(), version(id)));
    let known = document.as_ref().map(|(id, _)| session.workspace_of(id));
    let workspaces: Vec<usize> = match known {
        Some(workspace) => workspace.into_iter().collect(),
        // What is asked of all programs.
        None => (0..session.workspaces.len()).collect(),
    };
    let snapshots: Vec<Snapshot> =
        workspaces.into_iter().filter_map(|workspace| session.snapshot(workspace)).collect();
    if snapshots.is_empty() {
        let nothing = nothing(&request.method);
        session.client.respond(Response::new_ok(request.id, nothing));
        return;
    }
    let (id, params, answer) = (request.id.clone(), request.params.clone(), *answer);
    let events = session.events.clone();
    let cancelled = Arc::new(AtomicBool::new(false));
    let pending = Pending { request, document, cancelled: Arc::clone(&cancelled) };
    session.pending.insert(id.clone(), pending);
    session.answers.give(Box::new(move || {
        if cancelled.load(Ordering::Relaxed) {
            return;
        }
        let event = match run(snapshots, &id, &params, answer) {
            Some(Ok(Reply::Ready(value))) => Event::Answered(Response::new_ok(id, value)),
            Some(Ok(Reply::Later(event))) => event,
            Some(Err((code, why))) => Event::Answered(Response::new_err(id, code as i32, why)),
            None => Event::Interrupted(id),
        };
        // Without a main loop there is no client, either.
        let _ = events.send(event);
    }));
}

/// The answer of all programs together; `None` when an edit came in between.
fn run(
    snapshots: Vec<Snapshot>,
    id: &RequestId,
    params: &Value,
    answer: Answer,
) -> Option<Result<Reply, Failure>> {
    let mut all: Option<Value> = None;
    for snapshot in snapshots {
        let answered = catch_unwind(AssertUnwindSafe(|| {
            Cancelled::catch(AssertUnwindSafe(|| answer(&snapshot, id, params.clone())))
        }));
        let value = match answered {
            Ok(Ok(Ok(Reply::Ready(value)))) => value,
            // It is about one program.
            Ok(Ok(Ok(later @ Reply::Later(_)))) => return Some(Ok(later)),
            Ok(Ok(Err(failure))) => return Some(Err(failure)),
            Ok(Err(_cancelled)) => return None,
            Err(_) => {
                let why = "the server met a defect of its own; please report it".to_owned();
                return Some(Err((ErrorCode::InternalError, why)));
            }
        };
        all = Some(match all {
            Some(some) => both(some, value),
            None => value,
        });
    }
    Some(Ok(Reply::Ready(all.unwrap_or_default())))
}

/// The answer where there is no program to ask.
fn nothing(method: &str) -> Value {
    match method {
        r::DocumentDiagnosticRequest::METHOD => json!({ "kind": "full", "items": [] }),
        r::WorkspaceDiagnosticRequest::METHOD => json!({ "items": [] }),
        _ => Value::Null,
    }
}

/// The answers of two programs as one.
fn both(one: Value, other: Value) -> Value {
    match (one, other) {
        (Value::Array(mut some), Value::Array(more)) => {
            some.extend(more);
            Value::Array(some)
        }
        (Value::Object(mut some), Value::Object(more)) => {
            for (key, value) in more {
                let known = some.remove(&key).unwrap_or_default();
                some.insert(key, both(known, value));
            }
            Value::Object(some)
        }
        (Value::Null, value) => value,
        (some, _) => some,
    }
}

/// Asks again after an edit of another document; positions in an edited one mean something else now.
pub(crate) fn again(session: &mut Session, id: RequestId) {
    let Some(Pending { request, document, .. }) = session.pending.remove(&id) else { return };
    let changed = document.is_some_and(|(source, version)| {
        session.documents.get(&source).map(|document| document.version) != version
    });
    if changed {
        let why = "the document has changed".to_owned();
        let code = ErrorCode::ContentModified as i32;
        session.client.respond(Response::new_err(id, code, why));
    } else {
        self::request(session, request);
    }
}

/// The document that a request is about.
fn document(params: &Value) -> Option<lsp::Uri> {
    let uri = params
        .pointer("/textDocument/uri")
        .or_else(|| params.pointer("/item/uri"))
        .or_else(|| params.pointer("/data/uri"))
        .or_else(|| params.pointer("/arguments/0"))?;
    serde_json::from_value(uri.clone()).ok()
}
