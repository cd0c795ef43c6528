//! How deep a syntax tree may be.
//!
//! The parser grows its stack, but walking and dropping a tree recurse natively, and no thread's stack is endless.
//! So before a large file is parsed, and before any tree is walked, its tokens give an upper bound of its depth.
//! CPython itself gives up on 200 open brackets, 100 indentations and a few thousand chained operators.

use ruff_python_ast::token::TokenKind;
use ruff_python_parser::Mode;
use ruff_python_parser::lexer;

/// The deepest accepted nesting of brackets and f-strings.
const MAX_BRACKETS: u32 = 1_000;

/// The deepest accepted tree, by the bound that tokens give.
pub(super) const MAX_DEPTH: u32 = 8_000;

/// Texts up to this length are parsed without a look at their tokens: the parser's stack grows with the depth, which
/// their length bounds well enough.
const UNCHECKED: usize = 64 * 1024;

/// Where a text nests deeper than is accepted, as a message.
pub(super) type TooDeep = String;

/// Whether `text` can be parsed in bounded time and memory.
pub(super) fn check_text(text: &str) -> Result<(), TooDeep> {
    if text.len() <= UNCHECKED && raw_brackets(text) <= MAX_BRACKETS {
        return Ok(());
    }
    let mut lexer = lexer::lex(text, Mode::Module);
    let tokens = std::iter::from_fn(|| match lexer.next_token() {
        TokenKind::EndOfFile => None,
        kind => Some(kind),
    });
    check_tokens(tokens)
}

/// Whether the tree that these tokens make can be walked.
pub(super) fn check_tokens(tokens: impl Iterator<Item = TokenKind>) -> Result<(), TooDeep> {
    let mut bound = Bound::default();
    for kind in tokens {
        bound.add(kind);
        if bound.open.len() > MAX_BRACKETS as usize {
            return Err(format!("more than {MAX_BRACKETS} brackets are open at once"));
        }
        if bound.depth() > MAX_DEPTH {
            return Err(format!("expressions may nest more than {MAX_DEPTH} levels deep"));
        }
    }
    Ok(())
}

/// The deepest nesting of brackets, strings and comments taken for code: often too much.
fn raw_brackets(text: &str) -> u32 {
    let (mut open, mut deepest) = (0_u32, 0);
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => {
                open += 1;
                deepest = deepest.max(open);
            }
            b')' | b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// An upper bound of the depth of the tree at the current token.
///
/// Every operator, dot and bracket since the last comma of its bracket may be a level, since chains nest to the
/// left. What is flat in the tree (`and`, `or`, comparisons, `elif`) is no level.
#[derive(Default)]
struct Bound {
    indents: u32,
    /// The enclosing brackets.
    open: Vec<Level>,
    current: Level,
}

#[derive(Default, Clone, Copy)]
struct Level {
    /// The depth outside of the bracket.
    base: u32,
    /// Levels since the last separator.
    chain: u32,
    /// Commas after a `lambda` may be between its parameters and separate nothing.
    in_lambda: bool,
}

impl Bound {
    fn depth(&self) -> u32 {
        self.current.base + self.current.chain + self.indents * 2
    }

    fn add(&mut self, kind: TokenKind) {
        use TokenKind as T;
        match kind {
            T::Lpar | T::Lsqb | T::Lbrace | T::FStringStart | T::TStringStart => {
                self.current.chain += 1;
                let base = self.current.base + self.current.chain;
                self.open.push(self.current);
                self.current = Level { base, ..Level::default() };
            }
            T::Rpar | T::Rsqb | T::Rbrace | T::FStringEnd | T::TStringEnd => {
                self.current = self.open.pop().unwrap_or_default();
            }
            T::Comma if !self.current.in_lambda => self.current.chain = 0,
            T::Newline | T::Semi => {
                self.open.clear();
                self.current = Level::default();
            }
            T::Indent => self.indents += 1,
            T::Dedent => self.indents = self.indents.saturating_sub(1),
            T::Lambda => {
                self.current.in_lambda = true;
                self.current.chain += 1;
            }
            T::Plus
            | T::Minus
            | T::Star
            | T::Slash
            | T::Vbar
            | T::Amper
            | T::Dot
            | T::Percent
            | T::Tilde
            | T::CircumFlex
            | T::LeftShift
            | T::RightShift
            | T::DoubleStar
            | T::DoubleSlash
            | T::At
            | T::ColonEqual
            | T::Not
            | T::If
            | T::Else
            | T::Await
            | T::Yield => self.current.chain += 1,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deep(text: &str) -> bool {
        let parsed = lexed(text);
        check_tokens(parsed.into_iter()).is_err()
    }

    fn lexed(text: &str) -> Vec<TokenKind> {
        let mut lexer = lexer::lex(text, Mode::Module);
        std::iter::from_fn(|| Some(lexer.next_token()).filter(|kind| *kind != TokenKind::EndOfFile))
            .collect()
    }

    #[test]
    fn what_is_long_is_not_deep() {
        let elements = "x.y(1) + 2, ".repeat(20_000);
        assert!(!deep(&format!("data = [{elements}]\n")));
        assert!(!deep(&"x = a + b\n".repeat(20_000)));
        assert!(!deep(&format!("x = {}a\n", "a or ".repeat(20_000))));
        assert!(!deep(&format!("if a:\n  b\n{}", "elif a:\n  b\n".repeat(5_000))));
    }

    #[test]
    fn chains_and_nests_are_deep() {
        for unit in
            ["-", "not ", "lambda: ", "lambda a, b: ", "a.", "a + ", "a if b else ", "a ** "]
        {
            assert!(deep(&format!("x = {}a\n", unit.repeat(9_000))), "{unit}");
        }
        for (open, close) in [("(", ")"), ("[", "]"), ("f(", ")"), ("{a: ", "}")] {
            assert!(deep(&format!("{}a{}", open.repeat(1_001), close.repeat(1_001))), "{open}");
        }
    }

    #[test]
    fn brackets_in_strings_do_not_count() {
        let text = format!("x = '{}'\n", "(".repeat(5_000));
        assert_eq!(check_text(&text), Ok(()));
    }
}
