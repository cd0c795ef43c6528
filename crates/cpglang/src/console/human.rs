//! Diagnostics drawn for people, over the source text, by miette.

mod canvas;
mod plain;

use std::fmt;

use cpg_base::{Diagnostic, Severity};
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, ThemeCharacters, ThemeStyles};

use self::canvas::Canvas;
use self::plain::plain;
pub(crate) use self::plain::plain as terminal_text;
use super::Texts;
use crate::failure::Failure;

/// How messages are drawn. Colours are always written, and taken out where they are not wanted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    /// Columns.
    pub width: usize,
    /// Whether lines may be drawn with more than ASCII.
    pub fancy: bool,
}

/// A diagnostic with the source lines it is about.
pub(super) fn diagnostic(diagnostic: &Diagnostic, texts: &Texts, style: Style) -> String {
    let lines = match style.fancy {
        true => ThemeCharacters::unicode(),
        false => ThemeCharacters::ascii(),
    };
    // Words instead of signs: they can be searched for, and screens are read aloud.
    let characters = ThemeCharacters {
        error: format!("error[{}]:", diagnostic.code),
        warning: format!("warning[{}]:", diagnostic.code),
        ..lines
    };
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme {
        characters,
        styles: ThemeStyles::ansi(),
    })
    .with_links(false)
    .with_width(style.width)
    .with_context_lines(1);
    let mut text = String::new();
    let drawing = Drawing { diagnostic, canvas: Canvas::new(&diagnostic.labels, texts) };
    match handler.render_report(&mut text, &drawing) {
        Ok(()) => text,
        // Writing to a string does not fail; should drawing ever give up, the words are what matters.
        Err(fmt::Error) => format!("{}: {}\n", diagnostic.code, diagnostic.message),
    }
}

/// Why a command ends without its result.
pub(super) fn failure(failure: &Failure, message: &str) -> String {
    use anstyle::{AnsiColor, Style};
    let error = Style::new().bold().fg_color(Some(AnsiColor::Red.into()));
    let strong = Style::new().fg_color(Some(AnsiColor::Cyan.into()));
    let code = failure.code().map_or(String::new(), |code| format!("[{code}]"));
    let mut text = format!("{error}error{code}{error:#}: {}", plain(message));
    if let Some(help) = failure.help() {
        text.push_str(&format!("\n  {strong}help{strong:#}: {help}"));
    }
    if let Some(code) = failure.code() {
        text.push_str(&format!("\n  {strong}more{strong:#}: cpglang explain {code}"));
    }
    text
}

/// A diagnostic in the terms of miette.
struct Drawing<'a> {
    diagnostic: &'a Diagnostic,
    canvas: Canvas<'a>,
}

impl fmt::Display for Drawing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&plain(&self.diagnostic.message))?;
        match self.canvas.undrawn() {
            Some(place) => write!(f, " (at {place})"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Drawing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.diagnostic, f)
    }
}

impl std::error::Error for Drawing<'_> {}

impl miette::Diagnostic for Drawing<'_> {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.diagnostic.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let fixes = self.diagnostic.fixes.iter().map(|fix| fix.title.as_str());
        let lines: Vec<_> = self.diagnostic.help.as_deref().into_iter().chain(fixes).collect();
        (!lines.is_empty()).then(|| Box::new(plain(&lines.join("\n"))) as Box<_>)
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        self.canvas.is_drawn().then_some(&self.canvas)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.canvas.is_drawn().then(|| Box::new(self.canvas.spans().iter().cloned()) as Box<_>)
    }
}
