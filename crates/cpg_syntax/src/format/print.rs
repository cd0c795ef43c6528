//! Lays a document out in lines: every group stands on one line if it fits, and else breaks at all its lines.

/// The longest line, in characters.
const WIDTH: usize = 100;

/// How far what belongs to a line stands to the right of it.
const STEP: usize = 2;

/// A piece of a document.
#[derive(Debug, Clone, Copy)]
pub(super) enum Op<'a> {
    /// A token.
    Text(&'a str),
    /// A comment; nothing may follow it on its line when it `ends` that.
    Comment { text: &'a str, ends: bool },
    /// A space, unless a line begins or a bracket was opened.
    Space,
    /// A place to break. Else, `flat` is written there. `blank` leaves one line empty.
    Line { flat: &'static str, blank: bool },
    /// What follows stands on a line of its own.
    Fresh { blank: bool },
    /// Text that depends on whether the group breaks.
    Choice { flat: &'static str, broken: &'static str },
    /// Begins a group; a `broken` one breaks even if it would fit.
    Open { broken: bool },
    /// Ends it.
    Close,
    /// Lines that begin from here on stand further to the right.
    Indent,
    /// Ends that.
    Dedent,
}

/// The document as text, with `\n` between its lines and none at the end.
pub(super) fn print(ops: &[Op<'_>]) -> String {
    let mut printer = Printer {
        out: String::new(),
        column: 0,
        indent: 0,
        fresh: true,
        space: false,
        ends: false,
    };
    // Whether the groups around are broken; outside all of them, every line breaks.
    let mut broken = vec![true];
    for (at, op) in ops.iter().enumerate() {
        let breaks = broken.last().copied().unwrap_or(true);
        match *op {
            Op::Text(text) => printer.text(text),
            Op::Comment { text, ends } => {
                printer.comment(text);
                printer.ends = ends;
            }
            Op::Space => printer.space = true,
            Op::Line { flat, .. } if !breaks => printer.space |= !flat.is_empty(),
            Op::Line { blank, .. } | Op::Fresh { blank } => {
                if !printer.fresh {
                    printer.line(blank);
                }
            }
            Op::Choice { flat, broken } => {
                let text = if breaks { broken } else { flat };
                if !text.is_empty() {
                    printer.text(text);
                }
            }
            Op::Open { broken: must } => {
                let rest = ops.get(at + 1..).unwrap_or_default();
                broken.push(must || breaks && !fits(rest, printer.room()));
            }
            Op::Close => {
                broken.pop();
            }
            Op::Indent => printer.indent += STEP,
            Op::Dedent => printer.indent = printer.indent.saturating_sub(STEP),
        }
    }
    printer.out
}

/// Whether the group that begins there fits, with what follows up to the next place to break.
fn fits(ops: &[Op<'_>], room: Option<usize>) -> bool {
    let Some(mut room) = room else { return false };
    let mut depth = 1_usize;
    for op in ops {
        let width = match *op {
            Op::Text(text) => width(text),
            // A comment up to the end of its line may be as long as it likes.
            Op::Comment { text, .. } if text.starts_with("//") => return true,
            Op::Comment { text, ends: true } => return width(text) <= room,
            Op::Comment { text, .. } => width(text),
            Op::Space => 1,
            Op::Line { .. } | Op::Fresh { .. } if depth == 0 => return true,
            Op::Line { flat, .. } => width(flat),
            Op::Choice { flat, broken } => width(if depth == 0 { broken } else { flat }),
            Op::Open { .. } if depth == 0 => 0,
            Op::Open { .. } => {
                depth += 1;
                0
            }
            Op::Close => {
                depth = depth.saturating_sub(1);
                0
            }
            Op::Fresh { .. } | Op::Indent | Op::Dedent => 0,
        };
        match room.checked_sub(width) {
            Some(left) => room = left,
            None => return false,
        }
    }
    true
}

fn width(text: &str) -> usize {
    text.chars().count()
}

struct Printer {
    out: String,
    column: usize,
    indent: usize,
    /// Nothing stands on the line yet.
    fresh: bool,
    /// A space is due.
    space: bool,
    /// The line has ended.
    ends: bool,
}

impl Printer {
    /// How many characters the line has room for.
    fn room(&self) -> Option<usize> {
        let column = if self.fresh || self.ends { self.indent } else { self.column };
        WIDTH.checked_sub(column + usize::from(self.space && !self.fresh))
    }

    fn line(&mut self, blank: bool) {
        self.out.push_str(if blank { "\n\n" } else { "\n" });
        self.column = 0;
        self.fresh = true;
        self.space = false;
        self.ends = false;
    }

    /// Makes the line ready for what stands on it next.
    fn begin(&mut self) {
        if self.ends {
            self.line(false);
        }
        if self.fresh {
            self.out.extend(std::iter::repeat_n(' ', self.indent));
            self.column = self.indent;
            self.fresh = false;
        } else if self.space {
            self.out.push(' ');
            self.column += 1;
        }
        self.space = false;
    }

    fn text(&mut self, text: &str) {
        self.begin();
        self.lines(text);
    }

    /// A comment.
    fn comment(&mut self, text: &str) {
        self.space &= !self.out.ends_with('(');
        self.begin();
        self.lines(text);
    }

    /// A text, the lines of which stay as they are.
    fn lines(&mut self, text: &str) {
        let mut rest = text;
        while let Some(end) = rest.find(['\n', '\r']) {
            let (line, newline) = rest.split_at(end);
            self.out.push_str(line);
            self.out.push('\n');
            self.column = 0;
            let length = if newline.starts_with("\r\n") { 2 } else { 1 };
            rest = newline.get(length..).unwrap_or_default();
        }
        self.out.push_str(rest);
        self.column += width(rest);
    }
}
