//! From the bytes of a file to a program's text.

use cpg_base::{Code, Diagnostic, SourceId, TextRange};

/// The longest file, in bytes, that a program may have: 16 MiB. [`split`](crate::split) and
/// [`parse_item`](crate::parse_item) take any text; who reads files refuses longer ones.
pub const MAX_FILE_BYTES: usize = 16 * 1024 * 1024;

/// What the bytes of a file are as a program's text.
#[derive(Debug, Clone, PartialEq)]
pub enum FileText {
    /// A text.
    Whole(String),
    /// Not UTF-8: the text as far as it can be read, and what is told of it.
    Lossy(String, Diagnostic),
    /// Longer than [`MAX_FILE_BYTES`]: what is told of it.
    TooLarge(Diagnostic),
}

/// Reads the bytes of a file.
pub fn file_text(source: &SourceId, bytes: Vec<u8>) -> FileText {
    if bytes.len() > MAX_FILE_BYTES {
        let message = format!(
            "`{source}` has {} bytes; a program file may have {MAX_FILE_BYTES}",
            bytes.len()
        );
        let start = TextRange::empty(0);
        let told = Diagnostic::error(Code::FileTooLarge, source, start, message);
        return FileText::TooLarge(told.help("split it into several modules"));
    }
    let error = match String::from_utf8(bytes) {
        Ok(text) => return FileText::Whole(text),
        Err(error) => error,
    };
    let valid = error.utf8_error().valid_up_to();
    let byte = error.as_bytes().get(valid).copied().unwrap_or_default();
    // Everything before the first wrong byte stands at its place in this text, too.
    let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
    let range = TextRange::from_usize(valid, valid + char::REPLACEMENT_CHARACTER.len_utf8());
    let told = Diagnostic::error(Code::NotUtf8, source, range, "this file is not UTF-8")
        .found(format!("the byte 0x{byte:02X} starts no character"))
        .help("save it as UTF-8");
    FileText::Lossy(text, told)
}
