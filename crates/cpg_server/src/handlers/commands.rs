//! The commands that lines above items run.

use cpg_hir::RootDatabase;
use cpg_ir::spec::RelationId;
use lsp_server::{ErrorCode, RequestId};
use lsp_types as lsp;
use serde_json::Value;

use crate::dispatch::{Failure, Reply};
use crate::main_loop::Event;
use crate::snapshot::Snapshot;
use crate::testing::Testable;

/// Answers with the plan of a relation, as text: its arguments are a document, a module and a name.
pub(crate) const SHOW_PLAN: &str = "cpglang.showPlan";

/// Runs a test, and answers with what became of it: its arguments are a document, a module and a name.
pub(crate) const RUN_TEST: &str = "cpglang.runTest";

/// What the server runs.
pub(crate) fn commands() -> Vec<String> {
    [SHOW_PLAN, RUN_TEST].map(str::to_owned).to_vec()
}

pub(crate) fn execute(
    snapshot: &Snapshot,
    id: &RequestId,
    params: lsp::ExecuteCommandParams,
) -> Result<Reply, Failure> {
    let command = params.command.as_str();
    if ![SHOW_PLAN, RUN_TEST].contains(&command) {
        return Err((ErrorCode::InvalidParams, format!("there is no command `{command}`")));
    }
    let text = |at: usize| params.arguments.get(at).and_then(Value::as_str);
    let (Some(module), Some(name)) = (text(1), text(2)) else {
        let why = format!("`{command}` takes a document, a module and a name");
        return Err((ErrorCode::InvalidParams, why));
    };
    match command {
        SHOW_PLAN => Ok(Reply::Ready(plan(snapshot, module, name))),
        _ => testable(snapshot, id, module, name),
    }
}

fn plan(snapshot: &Snapshot, module: &str, name: &str) -> Value {
    let plan = snapshot.plan.as_ref();
    let facts = plan.and_then(|plan| plan.relations.get(&RelationId::new(module, name)));
    facts.map(|facts| Value::String(facts.plan.clone())).unwrap_or_default()
}

/// A test of a program without errors. It is run without a snapshot, since it takes long.
fn testable(
    snapshot: &Snapshot,
    id: &RequestId,
    module: &str,
    name: &str,
) -> Result<Reply, Failure> {
    let db: &RootDatabase = &snapshot.db;
    let program = cpg_hir::tests(db).map_err(|found| {
        let errors = found.iter().filter(|one| one.severity == cpg_base::Severity::Error).count();
        let why = format!("the program has {errors} errors; tests run once they are mended");
        (ErrorCode::RequestFailed, why)
    })?;
    let mut cases = program.tests.iter();
    let Some(case) = cases.position(|case| case.module == module && case.test.name == name) else {
        return Err((ErrorCode::InvalidParams, format!("`{module}` has no test \"{name}\"")));
    };
    let (workspace, generation) = (snapshot.workspace, snapshot.generation);
    let test = Testable { id: id.clone(), workspace, generation, program, case };
    Ok(Reply::Later(Event::Testable(Box::new(test))))
}
