//! Applies the fixes that diagnostics propose.
//!
//! A step is taken only when it leaves less to say: of the whole program and of each file. What the parser says counts
//! before all else, since mending it may show what was hidden behind it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use cpg_base::{Code, Diagnostic, Edit, Fix, LineIndex, Severity, SourceId, TextUnit};
use cpg_hir::{RootDatabase, Source, check};

use crate::failure::Failure;
use crate::load::Loaded;

/// More steps than any program needs; an end in any case.
const MOST_STEPS: usize = 200;

/// What was mended.
pub(crate) struct Mended {
    /// In the order in which it was done.
    pub fixed: Vec<Fixed>,
    /// The files that changed, with their new texts.
    pub changed: Vec<(PathBuf, String)>,
}

/// A fix that was applied.
#[derive(Debug, Clone)]
pub(crate) struct Fixed {
    pub code: Code,
    pub title: String,
    pub source: SourceId,
    /// From 1.
    pub line: u32,
    /// In characters, from 1.
    pub column: u32,
}

/// Mends the texts of a program as far as that goes; those of the standard library stay.
pub(crate) fn mend(loaded: &mut Loaded) -> Result<Mended, Failure> {
    let functions = cpg_hir::builtin_functions()
        .map_err(|error| Failure::Defect(format!("the catalogue of functions: {error}")))?;
    let mut db = RootDatabase::new(cpg_evidence::catalog(), functions);
    db.set_sources(loaded.files.clone());
    let mut state = State { found: check(&db), files: loaded.files.clone() };
    let mut fixed = Vec::new();
    for _ in 0..MOST_STEPS {
        let chosen = choose(&state.found, &loaded.paths);
        let all: Vec<&Diagnostic> = chosen.iter().collect();
        let singly = chosen.iter().map(|one| vec![one]);
        // All at once, and each by itself where that is too much.
        let mut steps = std::iter::once(all).filter(|all| !all.is_empty()).chain(singly);
        let next = steps.find_map(|step| {
            let next = state.after(&step, &mut db)?;
            Some((step.into_iter().map(|one| state.fixed(one)).collect::<Vec<_>>(), next))
        });
        let Some((done, next)) = next else { break };
        fixed.extend(done);
        state = next;
    }
    let mut changed = Vec::new();
    for (old, new) in loaded.files.iter().zip(&state.files) {
        if old.text != new.text
            && let Some(path) = loaded.paths.get(&new.id)
        {
            changed.push((path.clone(), new.text.clone()));
        }
    }
    loaded.files = state.files;
    Ok(Mended { fixed, changed })
}

/// Texts, and what is said of them.
struct State {
    files: Vec<Source>,
    found: Vec<Diagnostic>,
}

impl State {
    /// What applying the first fixes of these leads to, if that is better.
    fn after(&self, step: &[&Diagnostic], db: &mut RootDatabase) -> Option<Self> {
        let edits: Vec<&Edit> =
            step.iter().filter_map(|one| one.fixes.first()).flat_map(|fix| &fix.edits).collect();
        let mut files = self.files.clone();
        for file in &mut files {
            apply(file, &edits)?;
        }
        db.set_sources(files.clone());
        let next = Self { found: check(db), files };
        next.is_better_than(self).then_some(next)
    }

    fn is_better_than(&self, before: &Self) -> bool {
        let (now, then) = (burdens(&self.found), burdens(&before.found));
        let worse = |(source, burden): (&SourceId, &Burden)| {
            *burden > then.get(source).copied().unwrap_or_default()
        };
        total(&now) < total(&then) && !now.iter().any(worse)
    }

    fn fixed(&self, diagnostic: &Diagnostic) -> Fixed {
        let title = diagnostic.fixes.first().map(|fix| fix.title.clone()).unwrap_or_default();
        let label = diagnostic.labels.first();
        let source = label.map_or_else(|| SourceId::new(""), |label| label.source.clone());
        let file = self.files.iter().find(|file| file.id == source);
        let at = label.zip(file).map(|(label, file)| {
            let lines = LineIndex::new(&file.text);
            lines.line_column(&file.text, label.range.start(), TextUnit::Utf32)
        });
        let (line, column) = at.map_or((1, 1), |at| (at.line + 1, at.column + 1));
        Fixed { code: diagnostic.code, title, source, line, column }
    }
}

/// Errors of the parser, other errors, and warnings.
type Burden = (usize, usize, usize);

fn burdens(found: &[Diagnostic]) -> BTreeMap<SourceId, Burden> {
    let mut burdens: BTreeMap<SourceId, Burden> = BTreeMap::new();
    for diagnostic in found {
        let Some(label) = diagnostic.labels.first() else { continue };
        let (parser, errors, warnings) = burdens.entry(label.source.clone()).or_default();
        *match (diagnostic.severity, diagnostic.code) {
            (
                Severity::Error,
                Code::Syntax
                | Code::UnknownItem
                | Code::UnterminatedString
                | Code::UnterminatedComment
                | Code::ConfusingText
                | Code::NestingTooDeep,
            ) => parser,
            (Severity::Error, _) => errors,
            (Severity::Warning, _) => warnings,
        } += 1;
    }
    burdens
}

fn total(burdens: &BTreeMap<SourceId, Burden>) -> Burden {
    burdens.values().fold(Burden::default(), |(a, b, c), (x, y, z)| (a + x, b + y, c + z))
}

/// The diagnostics whose first fixes touch files of the project only, and do not touch one another.
fn choose(found: &[Diagnostic], paths: &BTreeMap<SourceId, PathBuf>) -> Vec<Diagnostic> {
    let mut chosen: Vec<Diagnostic> = Vec::new();
    for diagnostic in found {
        let Some(fix) = diagnostic.fixes.first() else { continue };
        let own = fix.edits.iter().all(|edit| paths.contains_key(&edit.source));
        let taken = chosen.iter().filter_map(|one| one.fixes.first());
        if own && !fix.edits.is_empty() && !taken.into_iter().any(|other| touch(fix, other)) {
            chosen.push(diagnostic.clone());
        }
    }
    chosen
}

fn touch(one: &Fix, other: &Fix) -> bool {
    let meet = |a: &Edit, b: &Edit| {
        a.source == b.source && a.range.start() <= b.range.end() && b.range.start() <= a.range.end()
    };
    one.edits.iter().any(|a| other.edits.iter().any(|b| meet(a, b)))
}

/// Applies those edits that are of this file; `None` when one does not fit its text.
fn apply(file: &mut Source, edits: &[&Edit]) -> Option<()> {
    let mut own: Vec<&&Edit> = edits.iter().filter(|edit| edit.source == file.id).collect();
    own.sort_by_key(|edit| std::cmp::Reverse(edit.range));
    for edit in own {
        edit.range.slice(&file.text)?;
        let range = edit.range.start() as usize..edit.range.end() as usize;
        file.text.replace_range(range, &edit.replacement);
    }
    Some(())
}
