//! Builds the document of an item: the item's own tokens in their order, the comments between them where they
//! stand, and the places where lines may break.

use cpg_base::TextRange;

use super::print::Op;
use crate::comment::{Comment, CommentKind};
use crate::keywords::{NORMALIZE_CLAUSES, RELATE_CLAUSES, VIEW_STEPS};
use crate::lexer::{Lexer, Token, TokenKind};

/// What separates the elements of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Separator {
    /// A comma, always.
    Comma,
    /// A comma between elements on one line; a line end is enough.
    Flat,
    /// A comma only where lines end, as behind the last element.
    Broken,
    /// Nothing.
    None,
}

/// A document that is being built.
pub(super) struct Document<'a> {
    text: &'a str,
    /// All but comments.
    tokens: Vec<Token>,
    /// The next token.
    at: usize,
    comments: Vec<Comment>,
    /// The next comment.
    comment: usize,
    ops: Vec<Op<'a>>,
    /// Where the open groups begin.
    groups: Vec<usize>,
    /// How far lines are indented.
    level: usize,
    /// The first token behind the item's keyword.
    behind_keyword: usize,
    /// The tokens are not those of the tree.
    lost: bool,
}

impl<'a> Document<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let (mut tokens, mut comments) = (Vec::new(), Vec::new());
        for token in Lexer::new(text) {
            match token.kind {
                TokenKind::Comment { kind, .. } => {
                    comments.push(Comment { kind, range: token.range });
                }
                _ => tokens.push(token),
            }
        }
        Self {
            text,
            tokens,
            at: 0,
            comments,
            comment: 0,
            ops: Vec::new(),
            groups: Vec::new(),
            level: 0,
            behind_keyword: usize::MAX,
            lost: false,
        }
    }

    /// The document; `None` when its tokens are not what they were expected to be. A comment that is indented
    /// behind an `open_ended` item, which has no brace at its end, belongs to it.
    pub(super) fn finish(mut self, open_ended: bool) -> Option<Vec<Op<'a>>> {
        let mut inside = open_ended;
        while let Some(comment) = self.next_comment() {
            inside &= self.is_indented(comment);
            if inside && self.starts_line(comment) {
                self.ops.push(Op::Indent);
                self.comment(comment);
                self.ops.push(Op::Dedent);
            } else {
                self.comment(comment);
            }
        }
        (!self.lost && self.at == self.tokens.len()).then_some(self.ops)
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// Gives the document up: its tokens are not what they should be.
    pub(super) fn lose(&mut self) {
        self.lost = true;
    }

    // ---- Tokens ----------------------------------------------------------------------------------------

    fn peek(&self) -> Option<Token> {
        self.tokens.get(self.at).copied()
    }

    /// The next token's text; empty at the end.
    pub(super) fn next(&self) -> &'a str {
        self.peek().map_or("", |token| token.range.slice(self.text).unwrap_or_default())
    }

    /// Where the next token starts.
    pub(super) fn next_start(&self) -> u32 {
        self.peek().map_or(u32::MAX, |token| token.range.start())
    }

    /// The next token, whatever it is.
    pub(super) fn any(&mut self) {
        self.leading();
        if self.peek().is_none() {
            self.lost = true;
            return;
        }
        let text = self.next();
        // A comment may end a line anywhere, but at the beginning of a line a word would be an item.
        let inside =
            self.level == 0 && self.at >= self.behind_keyword && !matches!(text, "{" | "}" | ")");
        if inside {
            self.ops.extend([Op::Indent, Op::Text(text), Op::Dedent]);
        } else {
            self.ops.push(Op::Text(text));
        }
        self.at += 1;
    }

    /// The next token is the item's keyword.
    pub(super) fn begin_item(&mut self) {
        self.behind_keyword = self.at + 1;
    }

    /// The next token, which is written so.
    pub(super) fn word(&mut self, word: &str) {
        self.lost |= self.next() != word;
        self.any();
    }

    /// The next tokens, which are written so, with spaces between them and one behind them.
    pub(super) fn words(&mut self, words: &[&str]) {
        for word in words {
            self.word(word);
            self.space();
        }
    }

    /// The next token if it is written so, and whether it is.
    pub(super) fn word_if(&mut self, word: &str) -> bool {
        let is = self.next() == word;
        if is {
            self.any();
        }
        is
    }

    /// Whether the last token is a bare name that would begin a clause if a word followed on its line.
    pub(super) fn may_begin_clause(&self) -> bool {
        let before = |back: usize| {
            let token = self.at.checked_sub(back).and_then(|at| self.tokens.get(at));
            token.map_or("", |token| token.text(self.text))
        };
        let is_head = |words: &[&str]| words.contains(&before(1));
        before(2) != "."
            && (is_head(NORMALIZE_CLAUSES) || is_head(RELATE_CLAUSES) || is_head(VIEW_STEPS))
    }

    pub(super) fn space(&mut self) {
        self.ops.push(Op::Space);
    }

    // ---- Layout ----------------------------------------------------------------------------------------

    /// Begins a group.
    pub(super) fn open(&mut self) {
        // Comments before what is in the group are outside.
        self.leading();
        self.open_here(false);
    }

    /// Begins a group that breaks if `broken`.
    pub(super) fn open_broken(&mut self, broken: bool) {
        self.leading();
        self.open_here(broken);
    }

    fn open_here(&mut self, broken: bool) {
        self.groups.push(self.ops.len());
        self.ops.push(Op::Open { broken });
    }

    /// Ends a group.
    pub(super) fn close(&mut self) {
        self.groups.pop();
        self.ops.push(Op::Close);
    }

    pub(super) fn indent(&mut self) {
        self.level += 1;
        self.ops.push(Op::Indent);
    }

    pub(super) fn dedent(&mut self) {
        self.level = self.level.saturating_sub(1);
        self.ops.push(Op::Dedent);
    }

    /// A place to break; a space when it is none.
    pub(super) fn line(&mut self) {
        self.trailing();
        self.ops.push(Op::Line { flat: " ", blank: false });
    }

    /// A place to break; nothing when it is none.
    pub(super) fn soft_line(&mut self) {
        self.trailing();
        self.ops.push(Op::Line { flat: "", blank: false });
    }

    /// A place to break, which keeps an empty line.
    pub(super) fn element_line(&mut self) {
        self.trailing();
        let next = self.next_comment_before_token().map(|comment| comment.range.start());
        let blank = self.has_blank_before(next.unwrap_or(self.next_start()));
        self.ops.push(Op::Line { flat: " ", blank });
    }

    /// A place that breaks alone, only when what follows does not fit; with [`Document::close`] behind that.
    pub(super) fn open_line(&mut self) {
        self.open_line_broken(false);
    }

    /// The same, and one that always breaks if `broken`.
    pub(super) fn open_line_broken(&mut self, broken: bool) {
        self.trailing();
        self.open_here(broken);
        self.ops.push(Op::Line { flat: " ", blank: false });
    }

    /// What separates two elements, in place of the comma that may be there.
    pub(super) fn separator(&mut self, separator: Separator) {
        if self.next() == "," {
            // A comment in front of the comma stays there if it can.
            while let Some(comment) = self.next_comment_before_token()
                && !self.starts_line(comment)
                && !self.breaks_after(comment)
            {
                self.comment(comment);
            }
            self.at += 1;
        }
        match separator {
            Separator::Comma => self.ops.push(Op::Text(",")),
            Separator::Flat => self.ops.push(Op::Choice { flat: ",", broken: "" }),
            Separator::Broken => self.ops.push(Op::Choice { flat: "", broken: "," }),
            Separator::None => {}
        }
        self.trailing();
    }

    /// `{`, elements, `}`, each element on a line of its own; `{}` when there are none.
    pub(super) fn body(&mut self, count: usize, mut element: impl FnMut(&mut Self, usize)) {
        self.open_broken(count > 0);
        self.word("{");
        self.indent();
        for index in 0..count {
            if index == 0 {
                self.line()
            } else {
                self.element_line()
            }
            element(self, index);
            self.separator(Separator::None);
        }
        let empty = count == 0 && self.next_comment_before_token().is_none();
        self.inner();
        self.dedent();
        if !empty {
            self.line();
        }
        self.word("}");
        self.close();
    }

    /// A bracket, elements, a bracket: on one line, or with the elements on lines of their own. The two texts
    /// stand inside the brackets when they are on one line.
    pub(super) fn bracketed(
        &mut self,
        brackets: [&str; 2],
        list: List,
        count: usize,
        mut element: impl FnMut(&mut Self, usize),
    ) {
        let [left, right] = brackets;
        self.open();
        self.word(left);
        self.indent();
        for index in 0..count {
            match (index, list.padded) {
                (0, true) => self.line(),
                (0, false) => self.soft_line(),
                _ if list.filled => self.open_line(),
                _ => self.element_line(),
            }
            element(self, index);
            if list.filled && index > 0 {
                self.close();
            }
            let last = index + 1 == count;
            self.separator(if last { list.last } else { list.between });
        }
        self.inner();
        self.dedent();
        if list.padded && count > 0 {
            self.line()
        } else {
            self.soft_line()
        }
        self.word(right);
        self.close();
    }

    /// Elements with commas between them; lines break before those that do not fit.
    pub(super) fn filled(&mut self, count: usize, mut element: impl FnMut(&mut Self, usize)) {
        for index in 0..count {
            if index > 0 {
                self.separator(Separator::Comma);
                self.open_line();
            }
            element(self, index);
            if index > 0 {
                self.close();
            }
        }
    }

    // ---- Comments --------------------------------------------------------------------------------------

    fn next_comment(&self) -> Option<Comment> {
        self.comments.get(self.comment).copied()
    }

    fn next_comment_before_token(&self) -> Option<Comment> {
        self.next_comment().filter(|comment| comment.range.start() < self.next_start())
    }

    /// The comments that end the line of the token before them.
    fn trailing(&mut self) {
        while let Some(comment) = self.next_comment_before_token()
            && !self.starts_line(comment)
            && self.no_token_follows(comment)
        {
            self.comment(comment);
        }
    }

    /// The comments before the next token, and what separates them from it.
    fn leading(&mut self) {
        let mut last = None;
        while let Some(comment) = self.next_comment_before_token() {
            self.comment(comment);
            last = Some(comment);
        }
        let Some(last) = last else { return };
        if self.breaks_after(last) {
            self.ops.push(Op::Fresh { blank: self.has_blank_before(self.next_start()) });
        } else if !matches!(self.next(), "," | "." | ":" | ")" | ">" | "?") {
            self.space();
        }
    }

    /// The comments before the bracket that closes.
    pub(super) fn inner(&mut self) {
        if self.next_comment_before_token().is_some_and(|comment| self.starts_line(comment))
            && matches!(self.ops.last(), Some(Op::Indent))
        {
            self.ops.push(Op::Fresh { blank: false });
        }
        while let Some(comment) = self.next_comment_before_token() {
            self.comment(comment);
        }
    }

    fn comment(&mut self, comment: Comment) {
        let text = comment.range.slice(self.text).unwrap_or_default();
        let starts = self.starts_line(comment);
        let ends = self.breaks_after(comment);
        if starts {
            self.ops.push(Op::Fresh { blank: self.has_blank_before(comment.range.start()) });
        } else {
            self.ops.push(Op::Space);
        }
        let text = if comment.kind == CommentKind::Block { text } else { text.trim_end() };
        self.ops.push(Op::Comment { text, ends });
        if starts || ends || self.spans_lines(comment) {
            for group in &self.groups {
                if let Some(open) = self.ops.get_mut(*group) {
                    *open = Op::Open { broken: true };
                }
            }
        }
        self.comment += 1;
    }

    /// Whether what follows a comment stands in another line.
    fn breaks_after(&self, comment: Comment) -> bool {
        comment.kind != CommentKind::Block || self.ends_line(comment)
    }

    fn spans_lines(&self, comment: Comment) -> bool {
        comment.range.slice(self.text).unwrap_or_default().contains(['\n', '\r'])
    }

    /// Whether nothing stands before a comment on its line.
    fn starts_line(&self, comment: Comment) -> bool {
        let before = self.text.get(..comment.range.start() as usize).unwrap_or_default();
        let before = before.trim_end_matches([' ', '\t']);
        before.is_empty() || before.ends_with(['\n', '\r'])
    }

    fn is_indented(&self, comment: Comment) -> bool {
        let before = self.text.get(..comment.range.start() as usize).unwrap_or_default();
        before.ends_with([' ', '\t'])
    }

    /// Whether nothing stands behind a comment on its line.
    fn ends_line(&self, comment: Comment) -> bool {
        let after = self.text.get(comment.range.end() as usize..).unwrap_or_default();
        let after = after.trim_start_matches([' ', '\t']);
        after.is_empty() || after.starts_with(['\n', '\r'])
    }

    /// Whether nothing but comments stands behind a comment on its line.
    fn no_token_follows(&self, comment: Comment) -> bool {
        let token = self.next_start().min(TextRange::from_usize(0, self.text.len()).end());
        let after = TextRange::new(comment.range.end(), token).slice(self.text);
        let line = after.unwrap_or_default().split(['\n', '\r']).next().unwrap_or_default();
        comment.range.end() + TextRange::from_usize(0, line.len()).len() < token
            || self.ends_line(comment)
    }

    fn has_blank_before(&self, at: u32) -> bool {
        has_blank_before(self.text, at)
    }
}

/// How the elements of a list in brackets stand.
#[derive(Debug, Clone, Copy)]
pub(super) struct List {
    /// Whether spaces stand inside the brackets.
    pub(super) padded: bool,
    /// Whether a line holds as many elements as fit, or one.
    pub(super) filled: bool,
    pub(super) between: Separator,
    pub(super) last: Separator,
}

/// Whether an empty line stands before that place.
pub(super) fn has_blank_before(text: &str, at: u32) -> bool {
    let before = text.get(..at as usize).unwrap_or_default();
    let gap = before.get(before.trim_end_matches([' ', '\t', '\n', '\r']).len()..);
    let gap = gap.unwrap_or_default();
    let ends = gap.bytes().filter(|byte| *byte == b'\n').count();
    ends.max(gap.bytes().filter(|byte| *byte == b'\r').count()) > 1
}
