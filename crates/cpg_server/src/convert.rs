//! Places of the protocol and offsets, in both directions.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::str::FromStr as _;

use cpg_base::{Diagnostic, LineColumn, LineIndex, Severity, SourceId, TextRange, TextUnit};
use cpg_hir::{RootDatabase, SourceFile};
use cpg_ide::{Place, TextEdit};
use lsp_types as lsp;
use url::Url;

use crate::library::Library;

/// The unit in which both sides count, by what a client offers: bytes where it can, since we do.
pub(crate) fn negotiated(
    offered: Option<&[lsp::PositionEncodingKind]>,
) -> (TextUnit, lsp::PositionEncodingKind) {
    let known = |kind: &lsp::PositionEncodingKind| match kind.as_str() {
        "utf-8" => Some(TextUnit::Utf8),
        "utf-16" => Some(TextUnit::Utf16),
        "utf-32" => Some(TextUnit::Utf32),
        _ => None,
    };
    let offered = offered.unwrap_or_default();
    let bytes = offered.iter().find(|kind| **kind == lsp::PositionEncodingKind::UTF8);
    let chosen = bytes.or_else(|| offered.iter().find(|kind| known(kind).is_some()));
    match chosen {
        Some(kind) => (known(kind).unwrap_or(TextUnit::Utf16), kind.clone()),
        None => (TextUnit::Utf16, lsp::PositionEncodingKind::UTF16),
    }
}

/// What we call the document of a client: its path, or its whole address when it is no file.
pub(crate) fn source_id(uri: &lsp::Uri, library: &Library) -> SourceId {
    match path(uri) {
        Some(path) => library.source(&path).cloned().unwrap_or_else(|| source_of(&path)),
        None => SourceId::new(uri.as_str()),
    }
}

/// The address of what we call so; `None` when no client could open it.
pub(crate) fn address(source: &SourceId, library: &Library) -> Option<lsp::Uri> {
    let path = library.path(source).unwrap_or(Path::new(source.as_str()));
    file_uri(path).or_else(|| source.as_str().parse().ok())
}

/// What we call the file at a path.
pub(crate) fn source_of(path: &Path) -> SourceId {
    SourceId::new(&path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/"))
}

/// The path of an address; `None` when it is no file's.
pub(crate) fn path(uri: &lsp::Uri) -> Option<PathBuf> {
    let url = Url::parse(uri.as_str()).ok()?;
    (url.scheme() == "file").then(|| url.to_file_path().ok()).flatten()
}

/// The address of a path.
pub(crate) fn file_uri(path: &Path) -> Option<lsp::Uri> {
    lsp::Uri::from_str(Url::from_file_path(path).ok()?.as_str()).ok()
}

/// Documents by what we call them, with the addresses that the client uses.
pub(crate) type Addresses = BTreeMap<SourceId, lsp::Uri>;

/// Turns places of one program into those of the protocol and back.
pub(crate) struct Converter<'db> {
    db: &'db RootDatabase,
    unit: TextUnit,
    addresses: &'db Addresses,
    library: &'db Library,
    lines: RefCell<BTreeMap<SourceId, Rc<LineIndex>>>,
}

impl<'db> Converter<'db> {
    pub fn new(
        db: &'db RootDatabase,
        unit: TextUnit,
        addresses: &'db Addresses,
        library: &'db Library,
    ) -> Self {
        Self { db, unit, addresses, library, lines: RefCell::default() }
    }

    fn lines(&self, file: SourceFile) -> Rc<LineIndex> {
        let mut lines = self.lines.borrow_mut();
        let new = || Rc::new(LineIndex::new(file.text(self.db)));
        Rc::clone(lines.entry(file.source(self.db).clone()).or_insert_with(new))
    }

    /// The offset of a position; what lies outside is moved to the nearest place inside.
    pub fn offset(&self, file: SourceFile, position: lsp::Position) -> u32 {
        let place = LineColumn { line: position.line, column: position.character };
        self.lines(file).offset(file.text(self.db), place, self.unit)
    }

    /// The offsets of a range.
    pub fn text_range(&self, file: SourceFile, range: lsp::Range) -> TextRange {
        TextRange::new(self.offset(file, range.start), self.offset(file, range.end))
    }

    pub fn position(&self, file: SourceFile, offset: u32) -> lsp::Position {
        let place = self.lines(file).line_column(file.text(self.db), offset, self.unit);
        lsp::Position::new(place.line, place.column)
    }

    pub fn range(&self, file: SourceFile, range: TextRange) -> lsp::Range {
        lsp::Range::new(self.position(file, range.start()), self.position(file, range.end()))
    }

    /// How long a part of a line is, in the unit of both sides.
    pub fn length(&self, text: &str) -> u32 {
        let length = match self.unit {
            TextUnit::Utf8 => text.len(),
            TextUnit::Utf16 => text.chars().map(char::len_utf16).sum(),
            TextUnit::Utf32 => text.chars().count(),
        };
        u32::try_from(length).unwrap_or(u32::MAX)
    }

    /// The address of a file; `None` when no client could open it.
    pub fn uri(&self, file: SourceFile) -> Option<lsp::Uri> {
        let source = file.source(self.db);
        self.addresses.get(source).cloned().or_else(|| address(source, self.library))
    }

    pub fn location(&self, place: Place) -> Option<lsp::Location> {
        Some(lsp::Location::new(self.uri(place.file)?, self.range(place.file, place.range)))
    }

    pub fn locations(&self, places: &[Place]) -> Vec<lsp::Location> {
        places.iter().filter_map(|place| self.location(*place)).collect()
    }

    pub fn text_edits(&self, edits: &[TextEdit]) -> Vec<lsp::TextEdit> {
        edits.iter().map(|edit| self.text_edit(edit)).collect()
    }

    fn text_edit(&self, edit: &TextEdit) -> lsp::TextEdit {
        lsp::TextEdit::new(self.range(edit.place.file, edit.place.range), edit.text.clone())
    }

    /// Edits of several files.
    #[allow(clippy::mutable_key_type, reason = "the protocol's type; an address does not change")]
    pub fn workspace_edit(&self, edits: &[TextEdit]) -> lsp::WorkspaceEdit {
        let mut by_file: BTreeMap<&SourceId, (SourceFile, Vec<lsp::TextEdit>)> = BTreeMap::new();
        for edit in edits {
            let file = edit.place.file;
            let entry = by_file.entry(file.source(self.db)).or_insert_with(|| (file, Vec::new()));
            entry.1.push(self.text_edit(edit));
        }
        let files = by_file.into_values();
        let changes = files.filter_map(|(file, edits)| Some((self.uri(file)?, edits))).collect();
        lsp::WorkspaceEdit { changes: Some(changes), ..lsp::WorkspaceEdit::default() }
    }

    /// A diagnostic of `file`; places in files that nobody can open are left out.
    pub fn diagnostic(&self, file: SourceFile, diagnostic: &Diagnostic) -> lsp::Diagnostic {
        let primary = diagnostic.labels.first();
        let range = primary.map(|label| label.range).unwrap_or_default();
        let mut message = diagnostic.message.clone();
        if let Some(found) = primary.map(|label| &label.message).filter(|said| !said.is_empty()) {
            message.push_str(&format!("\n{found}"));
        }
        if let Some(help) = &diagnostic.help {
            message.push_str(&format!("\nhelp: {help}"));
        }
        let related = diagnostic.labels.iter().skip(1).filter_map(|label| {
            let file = self.db.file(&label.source)?;
            let location = self.location(Place { file, range: label.range })?;
            let message = label.message.clone();
            Some(lsp::DiagnosticRelatedInformation { location, message })
        });
        let related: Vec<lsp::DiagnosticRelatedInformation> = related.collect();
        let unused = diagnostic.code == cpg_base::Code::UnusedUse;
        lsp::Diagnostic {
            range: self.range(file, range),
            severity: Some(match diagnostic.severity {
                Severity::Error => lsp::DiagnosticSeverity::ERROR,
                Severity::Warning => lsp::DiagnosticSeverity::WARNING,
            }),
            code: Some(lsp::NumberOrString::String(diagnostic.code.id().to_owned())),
            source: Some("cpglang".to_owned()),
            message,
            related_information: (!related.is_empty()).then_some(related),
            tags: unused.then(|| vec![lsp::DiagnosticTag::UNNECESSARY]),
            ..lsp::Diagnostic::default()
        }
    }
}

/// A text after a change of the protocol; places outside are moved inside.
pub(crate) fn changed(
    text: String,
    change: lsp::TextDocumentContentChangeEvent,
    unit: TextUnit,
) -> String {
    let Some(range) = change.range else { return change.text };
    let lines = LineIndex::new(&text);
    let offset = |position: lsp::Position| {
        let place = LineColumn { line: position.line, column: position.character };
        lines.offset(&text, place, unit) as usize
    };
    let (start, end) = (offset(range.start), offset(range.end));
    let mut text = text;
    // A range that ends before it starts is empty.
    text.replace_range(start..end.max(start), &change.text);
    text
}
