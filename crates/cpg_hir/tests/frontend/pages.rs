//! The pages of the frontend's codes: the program that fails does so with that code, the other one checks.

use std::path::Path;

use cpg_base::{Code, Diagnostic, Fix, OsSystem, SourceId, System};
use cpg_hir::{Source, check, compile, module_path};

use crate::render::{Result, database, render, source};

/// The codes of other layers.
const FOREIGN: &[Code] = &[
    Code::NotUtf8,
    Code::FileTooLarge,
    Code::Syntax,
    Code::UnknownItem,
    Code::UnterminatedString,
    Code::UnterminatedComment,
    Code::NestingTooDeep,
    Code::ConfusingText,
    Code::BadSource,
    Code::NothingToExtract,
    Code::UnknownKey,
    Code::BadSetting,
    Code::UnknownProfile,
    Code::ContradictorySettings,
    Code::UnknownSelection,
    Code::NothingSelected,
    Code::MissingFile,
    Code::UnreadableFile,
    Code::BrokenEvidence,
    Code::BadSql,
    Code::RefusedSql,
    Code::BadExport,
    Code::BadOutput,
    Code::ForeignTable,
    Code::OutputBusy,
    Code::DamagedLog,
    Code::NoBuild,
    Code::UnknownRun,
    Code::BuildGone,
    Code::PlanOutdated,
    Code::BadQuery,
    Code::PlanRegressed,
    Code::BadArtifact,
    Code::BoundReached,
    Code::IdCollision,
    Code::CheckFailed,
    Code::NotAudited,
    Code::TestFailed,
    Code::SchemaDiverged,
    Code::UnknownScheme,
    Code::NoCredentials,
    Code::NoBucket,
    Code::NoConditions,
    Code::StoreUnavailable,
    Code::LeaseLost,
    Code::Storage,
    Code::OutOfMemory,
    Code::TooLittleMemory,
    Code::Interrupted,
    Code::Internal,
];

/// The programs of a page that stand in blocks which begin so.
fn programs(page: &str, fence: &str) -> Vec<String> {
    let mut programs = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if line == fence {
            let program = lines.by_ref().take_while(|line| *line != "```");
            programs.push(program.map(|line| format!("{line}\n")).collect());
        } else if line.starts_with("```") {
            lines.by_ref().find(|line| *line == "```");
        }
    }
    programs
}

/// The standard library.
pub fn library() -> Result<Vec<Source>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../stdlib");
    let mut sources = Vec::new();
    for path in OsSystem.files_below(&root, "cpg")? {
        let relative = path.strip_prefix(&root)?.to_string_lossy().replace('\\', "/");
        let text = String::from_utf8(OsSystem.read(&path)?)?;
        let id = SourceId::new(&format!("std/{relative}"));
        sources.push(Source { id, module: module_path("std", &relative), text, library: true });
    }
    Ok(sources)
}

/// What is said of a program; programs that use the standard library have it.
fn told(library: &[Source], program: &str, code: Code) -> Result<(Vec<Diagnostic>, String)> {
    let mut sources = vec![source("main", program)];
    if program.contains("std.") {
        sources.extend(library.iter().cloned());
    }
    let db = database(&sources)?;
    let diagnostics = match code {
        // A program without outputs is wrong only when it is to be built.
        Code::NothingExported => compile(&db).map_or_else(|wrong| wrong, |right| right.warnings),
        _ => check(&db),
    };
    let text = render(&diagnostics, &sources);
    Ok((diagnostics, text))
}

/// A program with a fix applied to it.
fn applied(program: &str, fix: &Fix) -> String {
    let mut mended = program.to_owned();
    let mut edits: Vec<_> = fix.edits.iter().collect();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.range));
    for edit in edits {
        let range = edit.range.start() as usize..edit.range.end() as usize;
        mended.replace_range(range, &edit.replacement);
    }
    mended
}

#[test]
fn examples_do_what_their_pages_say() -> Result {
    let library = library()?;
    for code in Code::ALL.iter().filter(|code| !FOREIGN.contains(code)) {
        let failing = programs(code.page(), "```cpg fail");
        let right = programs(code.page(), "```cpg");
        assert!(!failing.is_empty() && !right.is_empty(), "{code} lacks examples");
        for program in failing {
            let (diagnostics, text) = told(&library, &program, *code)?;
            assert!(!diagnostics.is_empty(), "{code}: nothing is said of\n{program}");
            let only = diagnostics.iter().all(|diagnostic| diagnostic.code == *code);
            assert!(only, "{code}: said of\n{program}\n{text}");
            for fix in diagnostics.iter().flat_map(|diagnostic| diagnostic.fixes.first()) {
                let mended = applied(&program, fix);
                let (left, text) = told(&library, &mended, *code)?;
                assert!(left.len() < diagnostics.len(), "{code}: said of\n{mended}\n{text}");
            }
        }
        for program in right {
            let (_, text) = told(&library, &program, *code)?;
            assert_eq!(text, "", "{code}:\n{program}");
        }
    }
    Ok(())
}
