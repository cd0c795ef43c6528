//! From a checked program to the manifest that is planned and run.

use std::collections::BTreeSet;

use cpg_base::{Code, Diagnostic, Severity, SourceId, TextRange};
use cpg_ir::catalog::ExtractorCatalog;
use cpg_ir::ir::{Model, RelationDocs};
use cpg_ir::manifest::{CheckedProgram, CompileError, ProgramManifest};
use cpg_ir::spec::RelationId;

use crate::catalogs::Catalogs;
use crate::check::check;
use crate::db::Db;
use crate::files::Program;
use crate::graph::order;
use crate::item::{check_item, documentation, exported};
use crate::members::relation_id;
use crate::policies::effective;

/// What compiling a program gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompileOutcome {
    /// The compiled program.
    pub manifest: ProgramManifest,
    /// What its authors should know nevertheless, in reading order.
    pub warnings: Vec<Diagnostic>,
}

/// All relations of the program, lowered, with the warnings about it.
///
/// # Errors
/// All diagnostics when one of them is an error, or when the program has no outputs.
pub fn model(db: &dyn Db) -> Result<(Model, Vec<Diagnostic>), Vec<Diagnostic>> {
    let mut diagnostics = check(db);
    let exports = exported(db);
    if exports.is_empty() && !has_error(&diagnostics) {
        diagnostics.push(whole_program(
            db,
            Code::NothingExported,
            "the program has no outputs".to_owned(),
            "add `export NAME` for what is to be built",
        ));
    }
    if has_error(&diagnostics) {
        return Err(diagnostics);
    }
    let mut model = relations(db);
    model.exports = exports.iter().filter_map(|export| relation_id(db, export.target)).collect();
    Ok((model, diagnostics))
}

/// Every relation of a program without errors, and no outputs.
pub(crate) fn relations(db: &dyn Db) -> Model {
    let mut model = Model::default();
    for item in &order(db).items {
        if let Some(relation) = &check_item(db, *item).relation {
            let docs = documentation(db, *item);
            if *docs != RelationDocs::default() {
                model.docs.insert(relation.id.clone(), docs.clone());
            }
            model.relations.push((**relation).clone());
        }
    }
    model
}

/// The one way from a program's text to something that can be planned and run.
///
/// # Errors
/// As [`model`].
pub fn compile(db: &dyn Db) -> Result<CompileOutcome, Vec<Diagnostic>> {
    let (model, warnings) = model(db)?;
    let items = order(db).items.iter();
    let checks = items.flat_map(|item| check_item(db, *item).checks.iter().cloned()).collect();
    let policies = effective(db).policies.clone();
    let program = CheckedProgram { model, checks, policies };
    match ProgramManifest::compile(program, Catalogs::get(db).extractors(db)) {
        Ok(manifest) => Ok(CompileOutcome { manifest, warnings }),
        // What checking lets through compiles; told instead of panicking should that ever not hold.
        Err(error) => Err(vec![whole_program(
            db,
            Code::Internal,
            error.to_string(),
            "please report this with the program",
        )]),
    }
}

/// The program that builds one relation of a model and nothing else.
///
/// # Errors
/// As [`ProgramManifest::compile`]: a defect, told instead of panicking.
pub fn compile_alone(
    model: &Model,
    id: &RelationId,
    extractors: &ExtractorCatalog,
) -> Result<ProgramManifest, CompileError> {
    let model = Model { exports: BTreeSet::from([id.clone()]), ..model.clone() };
    ProgramManifest::compile(model, extractors)
}

pub(crate) fn has_error(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
}

/// A diagnostic about no place but the program, shown at the start of its last file: the standard library comes
/// first where there is one.
pub(crate) fn whole_program(db: &dyn Db, code: Code, message: String, help: &str) -> Diagnostic {
    let files = Program::get(db).files(db);
    let project = files.iter().find(|file| !file.module(db).starts_with("std."));
    let source = match project.or(files.first()) {
        Some(file) => file.source(db).clone(),
        None => SourceId::new(""),
    };
    Diagnostic::error(code, &source, TextRange::empty(0), message).help(help)
}
