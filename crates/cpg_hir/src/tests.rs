//! The tests of a program.

use std::collections::BTreeMap;
use std::sync::Arc;

use cpg_base::{Code, Diagnostic, SourceId, TextRange};
use cpg_ir::catalog::ExtractorCatalog;
use cpg_ir::ir::Model;
use cpg_ir::manifest::{CompileError, ProgramManifest};
use cpg_ir::test::Test;
use cpg_syntax::ast::ItemKind;

use crate::catalogs::Catalogs;
use crate::check::{Place, check, name_range, place};
use crate::compile::{has_error, relations};
use crate::db::Db;
use crate::files::{Item, Program, SourceFile, items, parse};
use crate::item::check_item;
use crate::members::is_below;

/// A program without errors, and its tests.
#[derive(Debug, Clone)]
pub struct ProgramTests {
    /// All relations; no outputs.
    pub model: Model,
    /// What the tests' programs may read beside what is given.
    extractors: ExtractorCatalog,
    /// In the order of the program's text.
    pub tests: Vec<TestCase>,
    /// What the program's authors should know nevertheless, in reading order.
    pub warnings: Vec<Diagnostic>,
}

impl ProgramTests {
    /// The program that computes what a test is about from what it gives.
    ///
    /// # Errors
    /// As [`ProgramManifest::compile`]: a defect, told instead of panicking.
    pub fn manifest(&self, test: &Test) -> Result<ProgramManifest, CompileError> {
        let relations = self.model.relations.iter().map(|one| (&one.id, one)).collect();
        ProgramManifest::compile(test.program(&relations), &self.extractors)
    }
}

/// A test with its place.
#[derive(Debug, Clone)]
pub struct TestCase {
    /// What it says.
    pub test: Arc<Test>,
    /// The module that declares it.
    pub module: String,
    /// Its file.
    pub source: SourceId,
    /// Where it says its name.
    pub name: TextRange,
}

impl TestCase {
    /// Whether it is one of the standard library's own.
    pub fn is_library(&self) -> bool {
        is_below(&self.module, "std")
    }
}

/// The tests of a program, which may be one without outputs.
///
/// # Errors
/// All diagnostics when one of them is an error.
pub fn tests(db: &dyn Db) -> Result<ProgramTests, Vec<Diagnostic>> {
    let warnings = check(db);
    if has_error(&warnings) {
        return Err(warnings);
    }
    let items = Program::get(db).files(db).iter().flat_map(|file| items(db, *file));
    let tests = items.filter_map(|item| test_case(db, *item)).collect();
    let extractors = Test::extractors(Catalogs::get(db).extractors(db));
    Ok(ProgramTests { model: relations(db), extractors, tests, warnings })
}

fn test_case<'db>(db: &'db dyn Db, item: Item<'db>) -> Option<TestCase> {
    let test = check_item(db, item).test.clone()?;
    let ItemKind::Test(tree) = &parse(db, item).item.as_ref()?.kind else { return None };
    let file = item.file(db);
    Some(TestCase {
        test,
        module: file.module(db).clone(),
        source: file.source(db).clone(),
        name: tree.name.range.shifted(item.start(db)),
    })
}

/// Tests of one file that have one name: a report could not say which is meant.
pub(crate) fn duplicate_tests(db: &dyn Db, file: SourceFile, diagnostics: &mut Vec<Diagnostic>) {
    let mut taken: BTreeMap<&str, Place<'_>> = BTreeMap::new();
    for item in items(db, file) {
        let Some(ItemKind::Test(tree)) = parse(db, *item).item.as_ref().map(|tree| &tree.kind)
        else {
            continue;
        };
        let name = tree.name.value.as_str();
        let second = place(db, *item, name_range(db, *item));
        match taken.get(name) {
            Some(first) => diagnostics.push(
                Diagnostic::error(
                    Code::DuplicateItem,
                    second.source,
                    second.range,
                    format!("two tests are called \"{name}\" here"),
                )
                .label(first.source, first.range, "the first one")
                .help("rename one of them"),
            ),
            None => {
                taken.insert(name, second);
            }
        }
    }
}
