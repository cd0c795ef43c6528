//! What went wrong with single files: the extractor `errors`.

use std::borrow::Cow;

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
            Self::Unreadable => "unreadable",
            Self::Vanished => "vanished",
            Self::Changed => "changed",
            Self::Path => "path",
            Self::Subprocess => "subprocess",
            Self::Internal => "internal",
        }
    }
}

impl Rows<'_> {
    /// An error of a whole file.
    pub(crate) fn push_file(
        &mut self,
        extractor: &'static str,
        kind: ErrorKind,
        message: impl Into<String>,
    ) {
        self.push(extractor, kind, message.into(), None);
    }

    /// An error at a place: first byte, one past the last, 1-based line.
    pub(crate) fn push_at(
        &mut self,
        extractor: &'static str,
        kind: ErrorKind,
        message: impl Into<String>,
        place: (u32, u32, u32),
    ) {
        self.push(extractor, kind, message.into(), Some(place));
    }

    fn push(
        &mut self,
        extractor: &'static str,
        kind: ErrorKind,
        message: String,
        place: Option<(u32, u32, u32)>,
    ) {
        self.errors.push(extract_errors::Row {
            extractor: Cow::Borrowed(extractor),
            kind: Cow::Borrowed(kind.as_str()),
            message: Cow::Owned(message),
            start: place.map(|(start, _, _)| start),
            end: place.map(|(_, end, _)| end),
            line: place.map(|(_, _, line)| line),
        });
    }
}
