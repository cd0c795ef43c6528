//! From the texts of a program to its plans: the only way there is.

use std::collections::BTreeMap;
use std::sync::Arc;

use cpg_base::{Code, Diagnostic, SourceId, System};
use cpg_engine::{Location, RuntimeProfile};
use cpg_hir::{CompileOutcome, ProgramTests, RootDatabase};
use cpg_ir::ir::Model;
use cpg_ir::manifest::ProgramManifest;
use cpg_ir::spec::RelationId;
use cpg_plan::Sql;

use crate::args::{BuildArgs, PublishedArgs};
use crate::console::{Console, Tally, Texts};
use crate::failure::Failure;
use crate::foresight::{self, Look};
use crate::load::{self, Loaded, Roots};
use crate::profile::Profile;

/// A program that was checked, with what was said of it.
pub(crate) struct Compiled {
    /// The program, when it has no errors.
    pub manifest: Result<Arc<ProgramManifest>, Failure>,
    /// How many diagnostics were shown.
    pub tally: Tally,
}

/// The program of a build, and what the engine is told of the run.
pub(crate) fn of_build(
    system: &dyn System,
    profile: &Profile,
    args: &BuildArgs,
    console: &Console,
) -> Result<(Arc<ProgramManifest>, RuntimeProfile), Failure> {
    let mut runtime = args.profile()?;
    let roots = args.place.source.roots(&args.program.program);
    let manifest = compiled(system, profile, roots, console, &mut runtime)?;
    runtime.selection = args.select.of(&manifest)?;
    Ok((manifest, runtime))
}

/// The program of a command on a published build, and what the engine is told.
pub(crate) fn of_published(
    system: &dyn System,
    profile: &Profile,
    args: &PublishedArgs,
    console: &Console,
) -> Result<(Arc<ProgramManifest>, RuntimeProfile), Failure> {
    let mut runtime = args.profile()?;
    let roots = args.place.source.roots(&args.program.program);
    let manifest = compiled(system, profile, roots, console, &mut runtime)?;
    Ok((manifest, runtime))
}

/// A program without errors; what the profile says of running it is put into `runtime`.
fn compiled(
    system: &dyn System,
    profile: &Profile,
    roots: Roots<'_>,
    console: &Console,
    runtime: &mut RuntimeProfile,
) -> Result<Arc<ProgramManifest>, Failure> {
    let loaded = load::program(system, &profile.external, roots)?;
    runtime.project.clone_from(&loaded.folder);
    runtime.extract.external.clone_from(&profile.external);
    runtime.without = profile.without();
    contradictions(runtime)?;
    compile(loaded, console)?.manifest
}

/// What cannot hold at once, whoever says it.
fn contradictions(runtime: &RuntimeProfile) -> Result<(), Failure> {
    match &runtime.cache {
        Some(cache) if Some(cache.folder.as_path()) == runtime.out.folder() => Err(Failure::coded(
            Code::ContradictorySettings,
            format!("`{}` is to be the output and the cache", runtime.out),
            "give each a folder of its own",
        )),
        _ => Ok(()),
    }
}

/// Checks and compiles, and shows every diagnostic.
pub(crate) fn compile(loaded: Loaded, console: &Console) -> Result<Compiled, Failure> {
    let (_, tally, manifest) = checked(loaded, console, |db| {
        cpg_hir::compile(db).map(|outcome| (outcome.manifest, outcome.warnings))
    })?;
    Ok(Compiled { manifest: manifest.map(Arc::new), tally })
}

/// The same, and compares it with the newest build below `out`, and its policies with its plans: all that can be wrong before data is touched.
pub(crate) fn compile_and_foresee(
    loaded: Loaded,
    out: &Location,
    console: &Console,
) -> Result<Compiled, Failure> {
    let mut failed = None;
    let (_, tally, manifest) = checked(loaded, console, |db| {
        let CompileOutcome { manifest, warnings: mut found } = cpg_hir::compile(db)?;
        let seen = foresight::foresee(&manifest, out, Look::AsDeclared);
        found.extend(seen.findings.iter().map(|finding| cpg_hir::placed(db, finding)));
        failed = seen.failed;
        Ok((manifest, found))
    })?;
    // A build that cannot be read is for those to tell who use it, but then it was not compared with.
    if let Some(error) = failed {
        console.say(&format!("warning[{}]: {error}", error.code()));
    }
    Ok(Compiled { manifest: manifest.map(Arc::new), tally })
}

/// All of a program.
pub(crate) struct Whole {
    /// Every relation.
    pub model: Model,
    /// The program that the outputs need.
    pub manifest: ProgramManifest,
    /// What was inferred of the columns of evidence in files, in words.
    pub inferred: BTreeMap<RelationId, Vec<String>>,
}

/// Checks and compiles, shows every diagnostic, and gives all relations beside the program that the outputs need.
pub(crate) fn whole(loaded: Loaded, console: &Console) -> Result<Whole, Failure> {
    let (_, _, whole) = checked(loaded, console, |db| {
        let (model, warnings) = cpg_hir::model(db)?;
        let manifest = cpg_hir::compile(db)?.manifest;
        let inferred = cpg_hir::all_inferred_columns(db);
        Ok((Whole { model, manifest, inferred }, warnings))
    })?;
    whole
}

/// Checks a program, shows every diagnostic, and gives its tests.
pub(crate) fn tests(loaded: Loaded, console: &Console) -> Result<(Texts, ProgramTests), Failure> {
    let (texts, _, tests) = checked(loaded, console, |db| {
        cpg_hir::tests(db).map(|mut tests| {
            let warnings = std::mem::take(&mut tests.warnings);
            (tests, warnings)
        })
    })?;
    Ok((texts, tests?))
}

/// A database of a program's texts, which knows all that there is beside them.
pub(crate) fn database(loaded: &Loaded) -> Result<RootDatabase, Failure> {
    let functions = cpg_hir::builtin_functions()
        .map_err(|error| Failure::Defect(format!("the catalogue of functions: {error}")))?;
    let extractors = cpg_evidence::catalog_with(&loaded.external);
    let mut db = RootDatabase::new(extractors, functions).with_sql(Arc::new(Sql));
    db.set_sources(loaded.files.clone());
    let named = cpg_hir::file_sources(&db);
    db.set_file_schemas(cpg_engine::describe_files(&loaded.folder, named)?);
    Ok(db)
}

/// What `ask` makes of a program without errors, with the program's texts; every diagnostic is shown.
fn checked<T>(
    loaded: Loaded,
    console: &Console,
    ask: impl FnOnce(&RootDatabase) -> Result<(T, Vec<Diagnostic>), Vec<Diagnostic>>,
) -> Result<(Texts, Tally, Result<T, Failure>), Failure> {
    let texts = Texts::new(&loaded.files);
    let db = database(&loaded)?;
    let (made, mut diagnostics) = match ask(&db) {
        Ok((made, warnings)) => (Some(made), warnings),
        Err(diagnostics) => (None, diagnostics),
    };
    let unread: Vec<SourceId> = not_utf8(&loaded.diagnostics).cloned().collect();
    // Such a text is not what the file holds, so places in it mean nothing.
    diagnostics.retain(|d| d.labels.iter().all(|label| !unread.contains(&label.source)));
    diagnostics.extend(loaded.diagnostics);

    let tally = console.diagnostics(&mut diagnostics, &texts)?;
    let made = made.filter(|_| tally.errors == 0).ok_or(Failure::Program);
    Ok((texts, tally, made))
}

fn not_utf8(diagnostics: &[Diagnostic]) -> impl Iterator<Item = &SourceId> {
    let of_code = diagnostics.iter().filter(|d| d.code == Code::NotUtf8);
    of_code.filter_map(|d| d.labels.first()).map(|label| &label.source)
}
