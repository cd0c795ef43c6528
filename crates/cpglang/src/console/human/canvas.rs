//! Several texts as one, which is what miette draws: each text stands at an offset of its own.

use cpg_base::{Label, SourceId, TextUnit};
use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use super::plain::plain;
use crate::console::Texts;
use crate::console::texts::Text;

/// A line with more bytes than this would bury the message.
const LONGEST_LINE: usize = 1000;

/// The texts that a diagnostic's labels are in, one after the other.
pub(super) struct Canvas<'a> {
    sheets: Vec<Sheet<'a>>,
    spans: Vec<LabeledSpan>,
    undrawn: Option<String>,
}

struct Sheet<'a> {
    source: &'a SourceId,
    text: &'a Text,
    /// The text with what a terminal would obey instead of show replaced, byte for byte.
    drawn: String,
    start: usize,
}

impl<'a> Canvas<'a> {
    /// Labels whose texts are not known are left out.
    pub fn new(labels: &'a [Label], texts: &'a Texts) -> Self {
        let mut canvas = Self { sheets: Vec::new(), spans: Vec::new(), undrawn: None };
        for (at, label) in labels.iter().enumerate() {
            match texts.get(&label.source) {
                Some(text) => canvas.add(label, text, at == 0),
                None if at == 0 && !label.source.as_str().is_empty() => {
                    canvas.undrawn = Some(label.source.to_string())
                }
                None => {}
            }
        }
        canvas
    }

    fn add(&mut self, label: &'a Label, text: &'a Text, primary: bool) {
        let start = floor(&text.text, label.range.start() as usize);
        let end = floor(&text.text, label.range.end() as usize).max(start);
        if line_around(&text.text, start, end).len() > LONGEST_LINE {
            let place = text.lines.line_column(&text.text, label.range.start(), TextUnit::Utf32);
            let place = format!("{}:{}:{}", label.source, place.line + 1, place.column + 1);
            self.undrawn.get_or_insert(place);
            return;
        }
        let offset = self.offset_of(&label.source, text);
        let message = (!label.message.is_empty()).then(|| plain(&label.message));
        let span: SourceSpan = (offset + start, end - start).into();
        self.spans.push(match primary {
            true => LabeledSpan::new_primary_with_span(message, span),
            false => LabeledSpan::new_with_span(message, span),
        });
    }

    fn offset_of(&mut self, source: &'a SourceId, text: &'a Text) -> usize {
        if let Some(sheet) = self.sheets.iter().find(|sheet| sheet.source == source) {
            return sheet.start;
        }
        // One byte between two texts, so that the end of one is not the start of the next.
        let start = self.sheets.last().map_or(0, |sheet| sheet.start + sheet.drawn.len() + 1);
        self.sheets.push(Sheet { source, text, drawn: plain(&text.text), start });
        start
    }

    /// Whether there is anything to draw.
    pub fn is_drawn(&self) -> bool {
        !self.spans.is_empty()
    }

    /// The first place that cannot be drawn, if any.
    pub fn undrawn(&self) -> Option<&str> {
        self.undrawn.as_deref()
    }

    /// The labels.
    pub fn spans(&self) -> &[LabeledSpan] {
        &self.spans
    }
}

impl SourceCode for Canvas<'_> {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let holds = |sheet: &&Sheet<'_>| {
            (sheet.start..=sheet.start + sheet.drawn.len()).contains(&span.offset())
        };
        let sheet = self.sheets.iter().find(holds).ok_or(MietteError::OutOfBounds)?;
        let local = SourceSpan::from((span.offset() - sheet.start, span.len()));
        // A span that reaches into the next text is out of bounds here, which keeps the two apart.
        let found = sheet.drawn.as_str().read_span(&local, before, after)?;
        let shown = SourceSpan::from((sheet.start + found.span().offset(), found.span().len()));
        // miette counts bytes; people and their editors count characters.
        let start = u32::try_from(local.offset()).map_err(|_| MietteError::OutOfBounds)?;
        let place = sheet.text.lines.line_column(&sheet.text.text, start, TextUnit::Utf32);
        let column = if before == 0 { place.column as usize } else { found.column() };
        Ok(Box::new(MietteSpanContents::new_named(
            sheet.source.to_string(),
            found.data(),
            shown,
            found.line(),
            column,
            found.line_count(),
        )))
    }
}

fn floor(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// The first line that the range touches, from the line's start to its end.
fn line_around(text: &str, start: usize, end: usize) -> &str {
    let from = text[..start].rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let rest = &text[end.max(start)..];
    let to = rest.find(['\n', '\r']).map_or(text.len(), |at| end.max(start) + at);
    text[from..to].split(['\n', '\r']).max_by_key(|line| line.len()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_found() {
        assert_eq!(line_around("ab\ncd\nef", 4, 5), "cd");
        assert_eq!(line_around("ab\ncdef\ng", 1, 4), "cdef");
        assert_eq!(line_around("", 0, 0), "");
    }
}
