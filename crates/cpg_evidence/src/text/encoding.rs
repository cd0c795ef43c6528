//! Which encoding a file is in, and its text.

use std::borrow::Cow;

use super::Offsets;
use super::declaration::declared;

const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";

/// The encoding of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// UTF-8, with or without the mark in front.
    Utf8 { marked: bool },
    /// Declared to be ASCII.
    Ascii,
    /// ISO 8859-1.
    Latin1,
    /// Windows code page 1252.
    Cp1252,
    /// UTF-16 or UTF-32, by the mark in front.
    Wide(&'static str),
    /// Declared by a name that is not supported.
    Unsupported(String),
    /// No text at all: holds NUL bytes.
    Binary,
    /// Text in no encoding that can be told.
    Unknown,
}

impl Encoding {
    /// The name, as evidence has it.
    pub(crate) fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Utf8 { marked: false } => "utf-8",
            Self::Utf8 { marked: true } => "utf-8-sig",
            Self::Ascii => "ascii",
            Self::Latin1 => "iso-8859-1",
            Self::Cp1252 => "cp1252",
            Self::Wide(name) => name,
            Self::Unsupported(name) => return Cow::Owned(name.to_ascii_lowercase()),
            Self::Binary => "binary",
            Self::Unknown => "unknown-8bit",
        })
    }

    /// Whether bytes of this encoding have lines that end as ASCII's do.
    pub(crate) fn has_lines(&self) -> bool {
        !matches!(self, Self::Wide(_) | Self::Binary)
    }

    /// The encoding that a file without a declaration is in.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        if let Some(marked) = Self::of_mark(bytes) {
            return marked;
        }
        if bytes.contains(&0) {
            Self::Binary
        } else if std::str::from_utf8(bytes).is_ok() {
            Self::Utf8 { marked: false }
        } else {
            Self::Unknown
        }
    }

    /// The encoding that a Python file says it is in.
    pub(crate) fn of_python(bytes: &[u8]) -> Self {
        if let Some(marked) = Self::of_mark(bytes) {
            return marked;
        }
        let Some(declared) = declared(bytes) else {
            return Self::Utf8 { marked: false };
        };
        match declared.to_ascii_lowercase().replace('_', "-").as_str() {
            "utf-8" | "utf8" | "u8" | "utf-8-sig" | "utf8-sig" | "cp65001" => {
                Self::Utf8 { marked: false }
            }
            "ascii" | "us-ascii" | "646" | "ansi-x3.4-1968" => Self::Ascii,
            "latin-1" | "latin1" | "latin" | "l1" | "iso-8859-1" | "iso8859-1" | "iso-latin-1"
            | "8859" | "cp819" => Self::Latin1,
            "cp1252" | "windows-1252" | "1252" => Self::Cp1252,
            // As the interpreter does, which takes `utf-8-unix` and `latin-1-dos` for what they start with.
            name if name.starts_with("utf-8-") => Self::Utf8 { marked: false },
            name if name.starts_with("latin-1-") || name.starts_with("iso-8859-1-") => Self::Latin1,
            _ => Self::Unsupported(declared.to_owned()),
        }
    }

    fn of_mark(bytes: &[u8]) -> Option<Self> {
        Some(match bytes {
            [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Self::Wide("utf-32"),
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Self::Wide("utf-16"),
            _ if bytes.starts_with(UTF8_MARK) => Self::Utf8 { marked: true },
            _ => return None,
        })
    }
}

/// What does not fit a file's encoding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Misfit {
    /// For people.
    pub(crate) message: String,
    /// The first byte that does not fit and one past the last, when it is about bytes.
    pub(crate) place: Option<(u32, u32)>,
}

/// A file's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decoded<'a> {
    /// As UTF-8. Absent when the bytes cannot be read as text.
    pub(crate) text: Option<(Cow<'a, str>, Offsets)>,
    /// What did not fit. With a text, the bytes that did not fit are question marks there.
    pub(crate) misfit: Option<Misfit>,
}

impl<'a> Decoded<'a> {
    /// The text of `bytes` in `encoding`. A mark in front stays part of it.
    pub(crate) fn new(bytes: &'a [u8], encoding: &Encoding) -> Self {
        match encoding {
            Encoding::Utf8 { .. } | Encoding::Unknown => Self::utf8(bytes),
            Encoding::Ascii => match bytes.iter().position(|byte| !byte.is_ascii()) {
                None => Self::utf8(bytes),
                Some(first) => Self {
                    misfit: Some(misfit_at("a byte is not in the declared encoding, ascii", first)),
                    ..Self::utf8(bytes)
                },
            },
            Encoding::Latin1 => Self::single_byte(bytes, |byte| Some(char::from(byte))),
            Encoding::Cp1252 => Self::single_byte(bytes, cp1252),
            Encoding::Wide(name) => {
                Self::unreadable(format!("the file is in {name}, which Python source cannot be in"))
            }
            Encoding::Unsupported(name) => {
                Self::unreadable(format!("the declared encoding `{name}` is not supported"))
            }
            Encoding::Binary => Self::unreadable("the file is no text".to_owned()),
        }
    }

    fn utf8(bytes: &'a [u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self { text: Some((Cow::Borrowed(text), Offsets::Same)), misfit: None },
            Err(error) => Self {
                text: Some((Cow::Owned(patched(bytes)), Offsets::Same)),
                misfit: Some(misfit_at("a byte is not valid UTF-8", error.valid_up_to())),
            },
        }
    }

    fn single_byte(bytes: &'a [u8], decode: impl Fn(u8) -> Option<char>) -> Self {
        if bytes.is_ascii() {
            return Self::utf8(bytes);
        }
        let undefined = bytes.iter().position(|byte| decode(*byte).is_none());
        let text: String = bytes.iter().map(|byte| decode(*byte).unwrap_or('?')).collect();
        let offsets = Offsets::single_byte(&text);
        Self {
            text: Some((Cow::Owned(text), offsets)),
            misfit: undefined
                .map(|first| misfit_at("a byte is not in the declared encoding", first)),
        }
    }

    fn unreadable(message: String) -> Self {
        Self { text: None, misfit: Some(Misfit { message, place: None }) }
    }
}

fn misfit_at(message: &str, position: usize) -> Misfit {
    // Files are at most `MAX_TEXT` long.
    let start = u32::try_from(position).unwrap_or(u32::MAX - 1);
    Misfit { message: message.to_owned(), place: Some((start, start + 1)) }
}

/// The text with a question mark for each byte that is not UTF-8, so that every other byte keeps its offset.
fn patched(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '?'));
    }
    text
}

/// Windows code page 1252, with its five undefined bytes.
fn cp1252(byte: u8) -> Option<char> {
    const FROM_80: [Option<char>; 32] = {
        const U: Option<char> = None;
        const fn c(character: char) -> Option<char> {
            Some(character)
        }
        [
            c('€'),
            U,
            c('‚'),
            c('ƒ'),
            c('„'),
            c('…'),
            c('†'),
            c('‡'),
            c('ˆ'),
            c('‰'),
            c('Š'),
            c('‹'),
            c('Œ'),
            U,
            c('Ž'),
            U,
            U,
            c('‘'),
            c('’'),
            c('“'),
            c('”'),
            c('•'),
            c('–'),
            c('—'),
            c('˜'),
            c('™'),
            c('š'),
            c('›'),
            c('œ'),
            U,
            c('ž'),
            c('Ÿ'),
        ]
    };
    match byte {
        0x80..=0x9f => FROM_80[usize::from(byte) - 0x80],
        _ => Some(char::from(byte)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(bytes: &[u8]) -> Decoded<'_> {
        Decoded::new(bytes, &Encoding::of_python(bytes))
    }

    #[test]
    fn a_mark_counts_and_wins() {
        let bytes = b"\xef\xbb\xbf# coding: latin-1\nx";
        assert_eq!(Encoding::of_python(bytes).name(), "utf-8-sig");
        let (text, offsets) = decode(bytes).text.expect("UTF-8");
        assert_eq!(offsets, Offsets::Same);
        assert!(text.starts_with('\u{feff}'));
        assert!(decode(b"\xff\xfex\0").text.is_none());
        assert!(decode(b"\xff\xfex\0").misfit.is_some());
    }

    #[test]
    fn invalid_utf8_keeps_offsets() {
        let decoded = decode(b"a\xffb\xe2\x82c");
        assert_eq!(decoded.text, Some((Cow::Owned("a?b??c".to_owned()), Offsets::Same)));
        assert_eq!(decoded.misfit.and_then(|misfit| misfit.place), Some((1, 2)));
    }

    #[test]
    fn declared_single_byte_encodings() {
        let (text, offsets) = decode(b"# coding: latin-1\n\xe9x").text.expect("Latin-1");
        assert_eq!(text, "# coding: latin-1\néx");
        assert_eq!(offsets.raw(20), 19);
        let (text, _) = decode(b"# coding: cp1252\n\x80").text.expect("cp1252");
        assert_eq!(text, "# coding: cp1252\n€");
        let undefined = decode(b"# coding: cp1252\n\x81");
        assert_eq!(undefined.misfit.and_then(|misfit| misfit.place), Some((17, 18)));
        let ascii = decode(b"# coding: ascii\n\xc3\xa9");
        assert_eq!(ascii.misfit.and_then(|misfit| misfit.place), Some((16, 17)));
    }

    #[test]
    fn an_unsupported_declaration_gives_no_text() {
        let decoded = decode("# coding: shift_jis\nx".as_bytes());
        assert!(decoded.text.is_none());
        assert!(decoded.misfit.expect("said").message.contains("shift_jis"));
    }

    #[test]
    fn without_a_declaration() {
        assert_eq!(Encoding::of(b"plain").name(), "utf-8");
        assert_eq!(Encoding::of(b"\x89PNG\0").name(), "binary");
        assert_eq!(Encoding::of(b"caf\xe9").name(), "unknown-8bit");
        assert!(!Encoding::of(b"\xfe\xff\0x").has_lines());
    }
}
