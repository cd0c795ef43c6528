//! What is wrong with a program, told file by file: first the file that was edited.

use std::collections::BTreeMap;

use cpg_base::{Diagnostic, SourceId};
use cpg_hir::semantics::{check_signatures, file_diagnostics, program_diagnostics};
use cpg_hir::{Db, Program, SourceFile};

/// What is wrong with each file that has something wrong with it, in reading order.
pub(crate) type Found = BTreeMap<SourceId, Vec<Diagnostic>>;

/// What is wrong with a program beside what its texts tell.
#[derive(Debug, Clone, Default)]
pub(crate) struct Beside {
    /// What is wrong with files as a whole.
    pub unreadable: BTreeMap<SourceId, Diagnostic>,
    /// What tests and plans told of it as it is now.
    pub told: Vec<Diagnostic>,
}

impl Beside {
    /// Adds it to what is wrong with a file.
    pub fn add_to(&self, source: &SourceId, found: &mut Vec<Diagnostic>) {
        if let Some(wrong) = self.unreadable.get(source) {
            // Such a text is not what the file holds, so places in it mean nothing.
            *found = vec![wrong.clone()];
            return;
        }
        let here = self.told.iter().filter(|one| primary(one) == Some(source));
        found.extend(here.cloned());
        found.sort_by_cached_key(Diagnostic::sort_key);
    }

    /// The files that it concerns.
    pub fn sources(&self) -> impl Iterator<Item = &SourceId> {
        self.unreadable.keys().chain(self.told.iter().filter_map(primary))
    }
}

/// Everything that is wrong with one file, in reading order.
pub(crate) fn of_file(db: &dyn Db, file: SourceFile) -> Vec<Diagnostic> {
    let mut found = file_diagnostics(db, file).clone();
    let source = file.source(db);
    let here = program_diagnostics(db).iter();
    found.extend(here.filter(|one| primary(one) == Some(source)).cloned());
    found.sort_by_cached_key(Diagnostic::sort_key);
    found
}

/// Everything that is wrong with a program.
pub(crate) fn of_program(db: &dyn Db) -> Found {
    check_signatures(db);
    let mut found = Found::new();
    for file in Program::get(db).files(db) {
        db.unwind_if_revision_cancelled();
        let own = file_diagnostics(db, *file);
        if !own.is_empty() {
            found.entry(file.source(db).clone()).or_default().extend_from_slice(own);
        }
    }
    for one in program_diagnostics(db) {
        if let Some(source) = primary(one) {
            found.entry(source.clone()).or_default().push(one.clone());
        }
    }
    found.values_mut().for_each(|own| own.sort_by_cached_key(Diagnostic::sort_key));
    found
}

/// The file in which a diagnostic is shown.
fn primary(diagnostic: &Diagnostic) -> Option<&SourceId> {
    diagnostic.labels.first().map(|label| &label.source)
}
