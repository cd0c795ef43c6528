//! What went wrong with single files: the extractor `errors`.

use std::borrow::Cow;

use crate::scip;
use crate::table::tables;

tables! {
    /// What could not be extracted, from every extractor that ran.
    extract_errors in file by (start, end, kind, extractor, message) {
        /// Which extractor met it.
        extractor: Str,
        /// What kind of error: see `ErrorKind`.
        kind: Str,
        /// For people.
        message: Str,
        /// Where in the file, when the error has a place.
        start: Opt<Offset>,
        /// One past the place's last byte.
        end: Opt<Offset>,
        /// The 1-based line of `start`.
        line: Opt<Line>,
    }
}

crate::table::extractor! {
    "errors" version 1: "What other extractors could not read or parse, with its place";
    errors: extract_errors,
}

/// Why a file, or a part of it, gave no rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ErrorKind {
    /// The text is not well-formed; what the parser recovered is there.
    Syntax,
    /// The bytes are not in the encoding they should be in.
    Encoding,
    /// The file is larger than the extractor accepts.
    TooLarge,
    /// The text nests deeper than the extractor accepts.
    TooDeep,
    /// It takes more work than the extractor puts into a file of its size.
    TooCostly,
    /// The system does not let the file or directory be read.
    Unreadable,
    /// The file was there when the sources were listed, and is no more.
    Vanished,
    /// The file's content is no longer what it was when the sources were listed.
    Changed,
    /// The path is not valid UTF-8, so that no table can name the file.
    Path,
    /// A program that the extractor runs is not there, or failed.
    Subprocess,
    /// What is to be read besides the sources is not there.
    Missing,
    /// It is there, and not what it should be.
    Broken,
    /// It was made from other sources than these.
    Stale,
    /// A defect of the extractor.
    Internal,
}

impl ErrorKind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::Encoding => "encoding",
            Self::TooLarge => "too_large",
            Self::TooDeep => "too_deep",
            Self::TooCostly => "too_costly",
            Self::Unreadable => "unreadable",
            Self::Vanished => "vanished",
            Self::Changed => "changed",
            Self::Path => "path",
            Self::Subprocess => "subprocess",
            Self::Missing => "missing",
            Self::Broken => "broken",
            Self::Stale => "stale",
            Self::Internal => "internal",
        }
    }
}

impl Rows<'_> {
    /// How often what lies outside of the scan's files was no longer what it was when it was looked at.
    pub(crate) fn outside_changed(&self) -> usize {
        let changed = ErrorKind::Changed.as_str();
        self.errors.iter().filter(|row| row.extractor == scip::KEY && row.kind == changed).count()
    }

    /// An error of a whole file.
    pub(crate) fn push_file(
        &mut self,
        extractor: impl Into<Cow<'static, str>>,
        kind: ErrorKind,
        message: impl Into<String>,
    ) {
        self.push(extractor.into(), kind, message.into(), None);
    }

    /// An error at a place: first byte, one past the last, 1-based line.
    pub(crate) fn push_at(
        &mut self,
        extractor: &'static str,
        kind: ErrorKind,
        message: impl Into<String>,
        place: (u32, u32, u32),
    ) {
        self.push(Cow::Borrowed(extractor), kind, message.into(), Some(place));
    }

    fn push(
        &mut self,
        extractor: Cow<'static, str>,
        kind: ErrorKind,
        message: String,
        place: Option<(u32, u32, u32)>,
    ) {
        self.errors.push(extract_errors::Row {
            extractor,
            kind: Cow::Borrowed(kind.as_str()),
            message: Cow::Owned(message),
            start: place.map(|(start, _, _)| start),
            end: place.map(|(_, end, _)| end),
            line: place.map(|(_, _, line)| line),
        });
    }
}
