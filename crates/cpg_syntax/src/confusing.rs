//! Text that does not say what it seems to: characters that reorder what is around them, and names that look like
//! others.

use cpg_base::{Code, TextRange};

use crate::characters::{is_invisible, look_alike, reorders, stranger};
use crate::error::SyntaxError;
use crate::lexer::{Token, TokenKind};

/// What deceives in a string, a comment or a name in backquotes. Outside these no such character may stand at all.
pub(crate) fn confusing(text: &str, token: Token) -> Option<SyntaxError> {
    let written = token.text(text);
    if written.is_ascii() && !matches!(token.kind, TokenKind::QuotedName { .. }) {
        return None;
    }
    let found = |deceives: &dyn Fn(char) -> bool| {
        let (at, character) = written.char_indices().find(|(_, c)| deceives(*c))?;
        let start = token.range.start() as usize + at;
        Some((character, TextRange::from_usize(start, start + character.len_utf8())))
    };
    match token.kind {
        TokenKind::Text { .. } => {
            let (character, range) = found(&reorders)?;
            let escape = format!("\\u{{{:X}}}", u32::from(character));
            Some(reordering("this string", character, range).fix(
                format!("write `{escape}`"),
                range,
                escape,
            ))
        }
        TokenKind::Comment { .. } => {
            let (character, range) = found(&reorders)?;
            Some(reordering("this comment", character, range).fix("remove it", range, ""))
        }
        TokenKind::QuotedName { closed: true } => {
            if let Some((character, range)) = found(&is_invisible) {
                let message = format!("this name holds {}", stranger(character).name);
                return Some(
                    SyntaxError::new(Code::ConfusingText, range, message)
                        .found("cannot be seen")
                        .fix("remove it", range, ""),
                );
            }
            let mut letters = written.chars().filter(|c| c.is_alphabetic());
            // A word of another script is what it seems to be; one that could be ASCII, or is in part, is not.
            if !letters.all(|c| c.is_ascii() || look_alike(c).is_some()) {
                return None;
            }
            let (character, range) = found(&|c| look_alike(c).is_some())?;
            let ascii = look_alike(character)?;
            let message =
                format!("this name holds {}, which looks like `{ascii}`", stranger(character).name);
            Some(
                SyntaxError::new(Code::ConfusingText, range, message)
                    .found("the name would look like another one")
                    .fix(format!("replace it by `{ascii}`"), range, ascii),
            )
        }
        _ => None,
    }
}

fn reordering(what: &str, character: char, range: TextRange) -> SyntaxError {
    let message = format!("{what} holds {}", stranger(character).name);
    SyntaxError::new(Code::ConfusingText, range, message)
        .found("what stands around it is shown in another order than it is read")
}
