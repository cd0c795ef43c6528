//! What is wrong, for clients that ask.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use cpg_hir::{Db, Program, SourceFile};
use lsp_types as lsp;

use crate::convert::source_id;
use crate::diagnose;
use crate::dispatch::Failure;
use crate::snapshot::Snapshot;

/// What is asked.
pub(crate) fn options() -> lsp::DiagnosticOptions {
    lsp::DiagnosticOptions {
        identifier: Some("cpglang".to_owned()),
        inter_file_dependencies: true,
        workspace_diagnostics: true,
        work_done_progress_options: lsp::WorkDoneProgressOptions::default(),
    }
}

pub(crate) fn document(
    snapshot: &Snapshot,
    params: lsp::DocumentDiagnosticParams,
) -> Result<lsp::DocumentDiagnosticReportResult, Failure> {
    let uri = params.text_document.uri;
    let report = match snapshot.file(&uri) {
        Some(file) => full(snapshot, file),
        // One that is in no program: nothing is wrong with it.
        None => lsp::FullDocumentDiagnosticReport::default(),
    };
    let related_documents = None;
    let report = match same(&report, params.previous_result_id.as_deref()) {
        Some(unchanged_document_diagnostic_report) => lsp::DocumentDiagnosticReport::Unchanged(
            lsp::RelatedUnchangedDocumentDiagnosticReport {
                related_documents,
                unchanged_document_diagnostic_report,
            },
        ),
        None => lsp::DocumentDiagnosticReport::Full(lsp::RelatedFullDocumentDiagnosticReport {
            related_documents,
            full_document_diagnostic_report: report,
        }),
    };
    Ok(lsp::DocumentDiagnosticReportResult::Report(report))
}

pub(crate) fn workspace(
    snapshot: &Snapshot,
    params: lsp::WorkspaceDiagnosticParams,
) -> Result<lsp::WorkspaceDiagnosticReportResult, Failure> {
    let previous = params.previous_result_ids.into_iter();
    let known: BTreeMap<_, _> =
        previous.map(|one| (source_id(&one.uri, &snapshot.library), one.value)).collect();
    let mut items = Vec::new();
    let db: &dyn Db = &snapshot.db;
    for file in Program::get(db).files(db) {
        db.unwind_if_revision_cancelled();
        let source = file.source(db);
        let Some(uri) = snapshot.with(|_, converter| converter.uri(*file)) else { continue };
        // It is of the text that the program has, whose version its client knows.
        let version = None;
        let report = full(snapshot, *file);
        items.push(match same(&report, known.get(source).map(String::as_str)) {
            Some(unchanged_document_diagnostic_report) => {
                lsp::WorkspaceDocumentDiagnosticReport::Unchanged(
                    lsp::WorkspaceUnchangedDocumentDiagnosticReport {
                        uri,
                        version,
                        unchanged_document_diagnostic_report,
                    },
                )
            }
            None => lsp::WorkspaceDocumentDiagnosticReport::Full(
                lsp::WorkspaceFullDocumentDiagnosticReport {
                    uri,
                    version,
                    full_document_diagnostic_report: report,
                },
            ),
        });
    }
    Ok(lsp::WorkspaceDiagnosticReportResult::Report(lsp::WorkspaceDiagnosticReport { items }))
}

/// What is wrong with a file, named by what it says.
fn full(snapshot: &Snapshot, file: SourceFile) -> lsp::FullDocumentDiagnosticReport {
    let mut found = diagnose::of_file(&snapshot.db, file);
    snapshot.beside.add_to(file.source(&snapshot.db), &mut found);
    let items: Vec<lsp::Diagnostic> = snapshot
        .with(|_, converter| found.iter().map(|one| converter.diagnostic(file, one)).collect());
    let mut hasher = DefaultHasher::new();
    serde_json::to_string(&items).unwrap_or_default().hash(&mut hasher);
    let result_id = Some(format!("{:016x}", hasher.finish()));
    lsp::FullDocumentDiagnosticReport { result_id, items }
}

/// That it says what it said before, if it does.
fn same(
    report: &lsp::FullDocumentDiagnosticReport,
    previous: Option<&str>,
) -> Option<lsp::UnchangedDocumentDiagnosticReport> {
    let result_id = report.result_id.clone().filter(|id| Some(id.as_str()) == previous)?;
    Some(lsp::UnchangedDocumentDiagnosticReport { result_id })
}
