//! From the texts of a program to its plans: the only way there is.

use std::sync::Arc;

use cpg_base::{Code, Diagnostic, SourceId};
use cpg_evidence::ExternalCommands;
use cpg_hir::RootDatabase;
use cpg_ir::manifest::ProgramManifest;
use cpg_plan::{ProgramPlans, Sql};

use crate::console::{Console, Tally, Texts};
use crate::failure::Failure;
use crate::load::Loaded;

/// A program that was checked, with what was said of it.
pub(crate) struct Compiled {
    /// The program, when it has no errors.
    pub manifest: Result<Arc<ProgramManifest>, Failure>,
    /// How many diagnostics were shown.
    pub tally: Tally,
}

/// Checks and compiles, and shows every diagnostic.
pub(crate) fn compile(
    loaded: Loaded,
    external: &ExternalCommands,
    console: &Console,
) -> Result<Compiled, Failure> {
    let texts = Texts::new(&loaded.files);
    let functions = cpg_hir::builtin_functions()
        .map_err(|error| Failure::Defect(format!("the catalogue of functions: {error}")))?;
    let mut db =
        RootDatabase::new(cpg_evidence::catalog_with(external), functions).with_sql(Arc::new(Sql));
    db.set_sources(loaded.files);
    let named = cpg_hir::file_sources(&db);
    db.set_file_schemas(cpg_engine::describe_files(&loaded.folder, named)?);

    let (manifest, mut diagnostics) = match cpg_hir::compile(&db) {
        Ok(outcome) => (Some(outcome.manifest), outcome.warnings),
        Err(diagnostics) => (None, diagnostics),
    };
    let unread: Vec<SourceId> = not_utf8(&loaded.diagnostics).cloned().collect();
    // Such a text is not what the file holds, so places in it mean nothing.
    diagnostics.retain(|d| d.labels.iter().all(|label| !unread.contains(&label.source)));
    diagnostics.extend(loaded.diagnostics);

    let tally = console.diagnostics(&mut diagnostics, &texts)?;
    let manifest = match manifest {
        Some(manifest) if tally.errors == 0 => Ok(Arc::new(manifest)),
        _ => Err(Failure::Program),
    };
    Ok(Compiled { manifest, tally })
}

/// Plans every relation of a program.
pub(crate) fn plan(manifest: Arc<ProgramManifest>) -> Result<ProgramPlans, Failure> {
    ProgramPlans::new(&manifest).map_err(|error| Failure::Defect(error.to_string()))
}

fn not_utf8(diagnostics: &[Diagnostic]) -> impl Iterator<Item = &SourceId> {
    let of_code = diagnostics.iter().filter(|d| d.code == Code::NotUtf8);
    of_code.filter_map(|d| d.labels.first()).map(|label| &label.source)
}
