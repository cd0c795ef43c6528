//! Runs a test of a program for its author.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use cpg_base::{Code, Diagnostic};
use cpg_hir::ProgramTests;
use lsp_server::{ErrorCode, RequestId, Response};
use lsp_types::MessageType;
use serde_json::json;

use crate::host::Tested;
use crate::main_loop::Event;
use crate::session::Session;

/// A test that somebody asked for.
pub(crate) struct Testable {
    /// Who waits.
    pub id: RequestId,
    pub workspace: usize,
    pub generation: u64,
    pub program: ProgramTests,
    /// Which of its tests.
    pub case: usize,
}

impl Testable {
    fn token(&self) -> String {
        format!("test-{}", self.id)
    }
}

impl Session {
    /// Runs a test that was found in a program without errors.
    pub fn test(&mut self, test: Testable) {
        let Some(case) = test.program.tests.get(test.case) else { return };
        self.client.begin_progress(&test.token(), &format!("testing \"{}\"", case.test.name));
        let (host, events) = (Arc::clone(&self.host), self.events.clone());
        self.plans.give(Box::new(move || {
            let ran = catch_unwind(AssertUnwindSafe(|| match test.program.tests.get(test.case) {
                Some(case) => host.test(&test.program, case),
                None => Err("there is no such test".to_owned()),
            }));
            let outcome =
                ran.unwrap_or_else(|_| Err("who runs tests met a defect of its own".to_owned()));
            let _ = events.send(Event::Tested(Box::new(test), outcome));
        }));
    }

    /// Tells what became of a test: whoever asked, whoever watches, and whoever reads its file.
    pub fn tested(&mut self, test: Testable, outcome: Result<Tested, String>) {
        self.client.end_progress(&test.token());
        let Some(case) = test.program.tests.get(test.case) else { return };
        let name = &case.test.name;
        let mut failed = None;
        let response = match outcome {
            Ok(Tested::Passed) => {
                self.client.show(MessageType::INFO, format!("\"{name}\" passed"));
                Response::new_ok(test.id.clone(), json!({ "passed": true }))
            }
            Ok(Tested::Failed { summary, rows }) => {
                let message = format!("\"{name}\": {summary}");
                self.client.show(MessageType::ERROR, message.clone());
                let wrong = Diagnostic::error(Code::TestFailed, &case.source, case.name, &message);
                failed = Some(wrong.found(rows.as_str()));
                let report = format!("{message}\n\n{rows}\n");
                Response::new_ok(test.id.clone(), json!({ "passed": false, "report": report }))
            }
            Err(why) => {
                let why = format!("\"{name}\" cannot be run: {why}");
                Response::new_err(test.id.clone(), ErrorCode::RequestFailed as i32, why)
            }
        };
        // One that was cancelled has its answer.
        if self.pending.remove(&test.id).is_some() {
            self.client.respond(response);
        }
        let place = (case.module.clone(), name.clone());
        let Some(own) = self.workspaces.get_mut(test.workspace) else { return };
        // It ran on the program as it was then.
        if own.generation == test.generation {
            match failed {
                Some(failed) => own.failed.insert(place, failed),
                None => own.failed.remove(&place),
            };
            self.check(test.workspace, None);
        }
    }
}
