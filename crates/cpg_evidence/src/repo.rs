//! The extractor `repo`: files and their lines.

use std::borrow::Cow;

use crate::scan::{Language, ModuleName, ScannedFile};
use crate::table::tables;
use crate::text::{Decoded, Encoding, Lines, Units};

tables! {
    /// Every file of the sources.
    repo_files in file by () {
        /// In bytes.
        size: Int,
        /// BLAKE3 over the content.
        content_hash: Hash,
        /// The encoding; `binary` for what is no text, `unknown` for what is too large to be looked at.
        encoding: Str,
        /// What it is written in, in lower case.
        language: Opt<Str>,
        /// 0 for what is no text.
        line_count: Int,
        /// The dotted name of the module that a Python file is.
        module: Opt<Str>,
        /// The package that a Python file is in or is; null outside of packages.
        package: Opt<Str>,
        /// Whether it is the `__init__` of a package.
        is_package: Bool,
    }

    /// Every line of every text file, and an empty one after a terminator at its end, where a range may end.
    file_line_index in file by (line) {
        /// 1-based.
        line: Line,
        /// The first byte.
        start: Offset,
        /// One past the last byte, the terminator not included.
        end: Offset,
        /// Whether all its bytes are ASCII, so that every unit counts alike.
        ascii: Bool,
        /// What it says, a mark in front included; null where all is ASCII or the encoding is not known.
        text: Opt<Str>,
        /// Where it starts, counted in bytes of the text in UTF-8, a mark in front not counted; null where what is before it
        /// is in no known encoding.
        start_utf8: Opt<Utf8Offset>,
        /// The same, counted in code units of UTF-16.
        start_utf16: Opt<Utf16Offset>,
        /// The same, counted in characters.
        start_utf32: Opt<Utf32Offset>,
    }
}

crate::table::extractor! {
    "repo" version 3: "The files of the sources: sizes, hashes, encodings, languages, modules, lines";
    files: repo_files,
    lines: file_line_index,
}

impl Plan {
    /// Whether anything needed follows from the content.
    pub(crate) fn needs_content(&self) -> bool {
        self.lines.is_some()
            || self
                .files
                .as_ref()
                .is_some_and(|files| files.wanted.encoding || files.wanted.line_count)
    }
}

/// A file's content as far as it was looked at.
pub(crate) struct Content<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) encoding: &'a Encoding,
    pub(crate) lines: &'a Lines,
}

/// The rows of one file; `content` is absent when it is not needed or too large.
pub(crate) fn rows<'a>(
    plan: &Plan,
    file: &ScannedFile,
    module: Option<&'a ModuleName>,
    content: Option<&Content<'_>>,
) -> Rows<'a> {
    let mut rows = Rows::default();
    let content_lines = content.filter(|content| content.encoding.has_lines());
    if plan.files.is_some() {
        let package = module.map(ModuleName::package).filter(|package| !package.is_empty());
        rows.files.push(repo_files::Row {
            size: i64::try_from(file.size).unwrap_or(i64::MAX),
            content_hash: Cow::Owned(file.content_hash.to_hex().to_string()),
            encoding: content.map_or(Cow::Borrowed("unknown"), |content| content.encoding.name()),
            language: file.language.map(|language| Cow::Borrowed(language.as_str())),
            line_count: content_lines
                .map_or(0, |content| i64::try_from(content.lines.count()).unwrap_or(i64::MAX)),
            module: module.map(|module| Cow::Borrowed(module.dotted.as_str())),
            package: package.map(Cow::Borrowed),
            is_package: module.is_some_and(|module| module.is_package),
        });
    }
    if let (Some(wanted), Some(content)) = (&plan.lines, content_lines) {
        rows.lines = lines(content, &wanted.wanted);
    }
    rows
}

fn lines<'a>(
    content: &Content<'_>,
    wanted: &file_line_index::Wanted,
) -> Vec<file_line_index::Row<'a>> {
    let all_ascii = content.bytes.is_ascii();
    let is_read = wanted.text || wanted.start_utf8 || wanted.start_utf16 || wanted.start_utf32;
    // Where the last line ended, in bytes and, where that is known, in units.
    let (mut end_before, mut units_before) = (0, Some(Units::default()));
    let row = |((start, end), line): ((u32, u32), u32)| {
        let bytes = &content.bytes[start as usize..end as usize];
        let ascii = all_ascii || bytes.is_ascii();
        let said = is_read && !ascii;
        let text = said.then(|| Decoded::new(bytes, content.encoding).text).flatten();
        let text = text.map(|(text, _)| text);
        // Terminators are ASCII.
        let before = units_before.map(|before| before.then(Units::ascii(start - end_before)));
        let own = match &text {
            Some(text) if start == 0 => {
                Some(Units::of(text.strip_prefix('\u{feff}').unwrap_or(text)))
            }
            Some(text) => Some(Units::of(text)),
            None => ascii.then(|| Units::ascii(end - start)),
        };
        end_before = end;
        units_before = before.zip(own).map(|(before, own)| before.then(own));
        let text = text.filter(|_| wanted.text).map(|text| Cow::Owned(text.into_owned()));
        let [start_utf8, start_utf16, start_utf32] = match before {
            Some(Units { utf8, utf16, utf32 }) => [Some(utf8), Some(utf16), Some(utf32)],
            None => [None; 3],
        };
        file_line_index::Row { line, start, end, ascii, text, start_utf8, start_utf16, start_utf32 }
    };
    content.lines.ranges(content.bytes).zip(1..).map(row).collect()
}

/// The encoding of a file.
pub(crate) fn encoding(language: Option<Language>, bytes: &[u8]) -> Encoding {
    if language == Some(Language::Python) {
        Encoding::of_python(bytes)
    } else {
        Encoding::of(bytes)
    }
}
