//! Diagnostics as sentences, one a line, for people who have them read aloud: no drawing, no wrapped lines, every place
//! in words.

use std::fmt::Write as _;

use cpg_base::{Diagnostic, Label, Severity, TextUnit};

use super::Texts;
use super::human::terminal_text as plain;

/// More of what stands at a place would bury what is said of it.
const MOST_CHARACTERS: usize = 60;

/// A diagnostic with its places, its help and its fixes.
pub(super) fn diagnostic(diagnostic: &Diagnostic, texts: &Texts) -> String {
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut text = format!("{severity} {}: {}\n", diagnostic.code, plain(&diagnostic.message));
    for label in &diagnostic.labels {
        let place = place(label, texts);
        // Writing to a string does not fail.
        let _ = match label.message.is_empty() {
            true => writeln!(text, "  {place}"),
            false => writeln!(text, "  {place}: {}", plain(&label.message)),
        };
    }
    for help in diagnostic.help.iter().flat_map(|help| help.lines()) {
        let _ = writeln!(text, "  help: {}", plain(help));
    }
    for fix in &diagnostic.fixes {
        let _ = writeln!(text, "  fix: {}", plain(&fix.title));
    }
    text
}

/// `in calls.cpg, line 4, column 7, at "nmae"`.
fn place(label: &Label, texts: &Texts) -> String {
    let Some(text) = texts.get(&label.source) else { return format!("in {}", label.source) };
    let at = text.lines.line_column(&text.text, label.range.start(), TextUnit::Utf32);
    let mut place = format!("in {}, line {}, column {}", label.source, at.line + 1, at.column + 1);
    let written = label.range.slice(&text.text).unwrap_or_default();
    let line = written.lines().next().unwrap_or_default();
    if !line.is_empty() {
        let more = if line.len() < written.len() || line.chars().count() > MOST_CHARACTERS {
            " and more"
        } else {
            ""
        };
        let line: String = line.chars().take(MOST_CHARACTERS).collect();
        let _ = write!(place, ", at \"{}\"{more}", plain(&line));
    }
    place
}
