use super::{CommentKind, Lexer, TokenKind};

/// Each token as written, with its kind.
fn lex(text: &str) -> Vec<(&str, TokenKind)> {
    Lexer::new(text).map(|token| (token.text(text), token.kind)).collect()
}

fn words(text: &str) -> Vec<&str> {
    Lexer::new(text).map(|token| token.text(text)).collect()
}

#[test]
fn symbols_of_two_characters_are_one_token() {
    assert_eq!(
        words("a==b=>c..d??e->f"),
        ["a", "==", "b", "=>", "c", "..", "d", "??", "e", "->", "f"]
    );
    assert_eq!(words("List<Offset<byte>>?"), ["List", "<", "Offset", "<", "byte", ">", ">", "?"]);
}

#[test]
fn numbers_do_not_take_the_dots_of_a_span() {
    assert_eq!(
        words("1..2 1.5..x.y 1e-3+4 1_000.a"),
        ["1", "..", "2", "1.5", "..", "x", ".", "y", "1e-3", "+", "4", "1_000", ".", "a"]
    );
}

#[test]
fn strings_end_on_their_line() {
    let closed = |closed| TokenKind::Text { closed };
    assert_eq!(lex(r#""a\"//b" 'c"' "#), [(r#""a\"//b""#, closed(true)), ("'c\"'", closed(true))]);
    assert_eq!(lex("\"a\nb"), [("\"a", closed(false)), ("b", TokenKind::Word)]);
    assert_eq!(lex("\"a\\\r\nb"), [("\"a\\", closed(false)), ("b", TokenKind::Word)]);
    assert_eq!(
        lex("`a b` `c"),
        [
            ("`a b`", TokenKind::QuotedName { closed: true }),
            ("`c", TokenKind::QuotedName { closed: false }),
        ]
    );
}

#[test]
fn comments_are_told_apart() {
    let comment = |kind, closed| TokenKind::Comment { kind, closed };
    assert_eq!(
        lex("// a\r\n/// b\n//! c\r//// d\n/* \" /* */ ' */ e"),
        [
            ("// a", comment(CommentKind::Line, true)),
            ("/// b", comment(CommentKind::Doc, true)),
            ("//! c", comment(CommentKind::ModuleDoc, true)),
            ("//// d", comment(CommentKind::Line, true)),
            ("/* \" /* */ ' */", comment(CommentKind::Block, true)),
            ("e", TokenKind::Word),
        ]
    );
}

#[test]
fn a_comment_without_end_reaches_to_the_next_item() {
    let open = TokenKind::Comment { kind: CommentKind::Block, closed: false };
    assert_eq!(
        lex("/* a\n view b\nviewer\nview c"),
        [("/* a\n view b\nviewer\n", open), ("view", TokenKind::Word), ("c", TokenKind::Word),]
    );
    assert_eq!(lex("/*/"), [("/*/", open)]);
}

#[test]
fn a_byte_order_mark_is_no_token_at_the_beginning() {
    assert_eq!(words("\u{FEFF}view"), ["view"]);
    assert!(
        Lexer::new("\u{FEFF}view").next().is_some_and(|token| token.starts_line("\u{FEFF}view"))
    );
    assert_eq!(
        lex("a\u{FEFF}"),
        [("a", TokenKind::Word), ("\u{FEFF}", TokenKind::Stranger('\u{FEFF}'))]
    );
}
