//! Comments, kept for the formatter.

use cpg_base::TextRange;

/// A comment with its place; its text is that slice of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comment {
    /// How it is written.
    pub kind: CommentKind,
    /// From its first slash; without the line end.
    pub range: TextRange,
}

/// How a comment is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommentKind {
    /// `// …`
    Line,
    /// `/* … */`, which may hold others of its kind.
    Block,
    /// `/// …`: says what the item or column below is.
    Doc,
    /// `//! …`: says what the module is.
    ModuleDoc,
}

impl CommentKind {
    /// What a documentation comment says, without its slashes and one space; `None` for other comments.
    pub(crate) fn documentation(self, comment: &str) -> Option<&str> {
        let said = match self {
            Self::Doc => comment.strip_prefix("///"),
            Self::ModuleDoc => comment.strip_prefix("//!"),
            Self::Line | Self::Block => None,
        }?;
        Some(said.strip_prefix(' ').unwrap_or(said).trim_end())
    }
}
