//! The language server of the `.cpg` language.
//!
//! ```text
//! editor ◄──► main loop ──snapshot──► worker: cpg_ide ──┐
//!              ▲  owns the databases; only it edits     │
//!              └───────────── answers, diagnostics ◄────┘
//! ```
//!
//! One thread takes what comes in, in its order, and owns the databases of the programs that are open. What is asked
//! is answered by workers on snapshots. An edit cancels what is under way; what was asked is then asked again on the
//! new text, or told that its text has changed. Every request gets exactly one answer. What takes long and cannot be
//! cancelled (plans, tests, looking at files of evidence) is done without a snapshot, since edits wait for those.
//!
//! Architecture invariants: no type of the protocol leaves this crate, and `convert` alone turns offsets into its
//! places; no DataFusion: what only a plan can tell comes through [`Host`].

mod background;
mod client;
mod config;
mod convert;
mod diagnose;
mod dispatch;
mod documents;
mod handlers;
mod host;
mod library;
mod main_loop;
mod pool;
mod publish;
mod session;
mod snapshot;
mod testing;
mod workspace;

pub use host::{Host, PlanFacts, RelationFacts, Tested};
pub use lsp_server::Connection;
pub use main_loop::{Ended, serve};

/// The server over standard input and output, until its client ends it.
///
/// # Errors
/// When input or output break.
pub fn serve_stdio(host: std::sync::Arc<dyn Host>) -> std::io::Result<Ended> {
    let (connection, threads) = Connection::stdio();
    let ended = serve(connection, host);
    threads.join()?;
    Ok(ended)
}
