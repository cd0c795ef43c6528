//! Item splitter, parser and syntax trees of the `.cpg` language.
//!
//! ```text
//! text ──split──► chunks, one per item ──parse_item──► ast::Item, comments ──format──► text
//!          │                                  │
//!          └────────► SyntaxError ◄───────────┘
//! ```
//!
//! A file is first cut into items by a scanner that trusts nothing but keywords at the beginning of a line, so
//! that a broken item never hides another one. Each item is then parsed by itself and its tree holds offsets
//! from its own start: an edit elsewhere in the file changes neither its text nor its tree.
//!
//! Architecture invariants: nothing here knows what a name means; no type of the parser generator leaves this
//! crate; every text is answered, with errors as values, in time and stack bounded by its length and by
//! [`MAX_NESTING`].

pub mod ast;
mod block;
mod characters;
mod comment;
mod confusing;
mod error;
mod expected;
mod form;
mod format;
mod grammar;
pub mod keywords;
mod lexer;
mod lexical;
mod lower;
mod parse;
mod recover;
mod split;
mod text;

pub use comment::{Comment, CommentKind};
pub use error::{SyntaxError, SyntaxFix};
pub use expected::{Next, next};
pub use format::{Formatted, format};
pub use keywords::ItemKeyword;
pub use lexer::{Token, TokenKind, tokens};
pub use lexical::MAX_NESTING;
pub use lower::place_in_string;
pub use parse::{ParsedItem, parse_item};
pub use split::{Chunk, Split, split};
pub use text::{FileText, MAX_FILE_BYTES, file_text};
