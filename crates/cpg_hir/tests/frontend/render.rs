//! Databases for tests, and diagnostics as text.

use std::fmt::Write;

use cpg_base::{Diagnostic, LineIndex, Severity, SourceId, TextRange, TextUnit};
use cpg_hir::{RootDatabase, Source, builtin_functions};

pub type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// A source of the project; its module is `module`.
pub fn source(module: &str, text: &str) -> Source {
    Source {
        id: SourceId::new(&format!("{}.cpg", module.replace('.', "/"))),
        module: module.to_owned(),
        text: text.to_owned(),
        library: false,
    }
}

/// A database of these sources, with this build's extractors and functions.
pub fn database(sources: &[Source]) -> Result<RootDatabase> {
    let mut db = RootDatabase::new(cpg_evidence::catalog(), builtin_functions()?);
    db.set_sources(sources.to_vec());
    Ok(db)
}

/// Diagnostics as text: places count from 1; those of `main` are said without their source.
pub fn render(diagnostics: &[Diagnostic], sources: &[Source]) -> String {
    let mut text = String::new();
    for diagnostic in diagnostics {
        let mut line = |indent: &str, rest: String| {
            let _ = writeln!(text, "{indent}{rest}");
        };
        let Some(primary) = diagnostic.labels.first() else {
            line("", format!("{} has no place: {}", diagnostic.code, diagnostic.message));
            continue;
        };
        let severity = match diagnostic.severity {
            Severity::Error => "",
            Severity::Warning => "warning ",
        };
        let at = place(&primary.source, primary.range, sources);
        line("", format!("{at} {severity}{}: {}", diagnostic.code, diagnostic.message));
        if !primary.message.is_empty() {
            line("  ", format!("here: {}", primary.message));
        }
        for label in &diagnostic.labels[1..] {
            let at = place(&label.source, label.range, sources);
            line("  ", format!("{at} {}", label.message));
        }
        if let Some(help) = &diagnostic.help {
            line("  ", format!("help: {help}"));
        }
        for fix in &diagnostic.fixes {
            for edit in &fix.edits {
                let at = place(&edit.source, edit.range, sources);
                line("  ", format!("fix: {} ({at} `{}`)", fix.title, edit.replacement));
            }
        }
    }
    text
}

/// `source:line:column` and the text there, when it is short.
fn place(source: &SourceId, range: TextRange, sources: &[Source]) -> String {
    let text = sources.iter().find(|own| own.id == *source).map_or("", |own| &own.text);
    let start = LineIndex::new(text).line_column(text, range.start(), TextUnit::Utf32);
    let (line, column) = (start.line + 1, start.column + 1);
    let what = match range.slice(text) {
        Some(what) if !what.is_empty() && what.len() <= 40 && !what.contains('\n') => {
            format!(" `{what}`")
        }
        _ => String::new(),
    };
    match source.as_str() {
        "main.cpg" => format!("{line}:{column}{what}"),
        source => format!("{source}:{line}:{column}{what}"),
    }
}
