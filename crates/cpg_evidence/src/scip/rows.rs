//! From a document to rows.

use std::borrow::Cow;
use std::fmt;

use protobuf::{Enum, EnumOrUnknown};
use scip::types::occurrence::{Typed_enclosing_range, Typed_range};
use scip::types::{
    DiagnosticTag, Document, MultiLineRange, Occurrence, PositionEncoding, SingleLineRange,
    SymbolInformation, SymbolRole,
};

use super::position::{IndexRange, Positions, Unit};
use super::tables::{
    scip_diagnostics, scip_documents, scip_occurrences, scip_relationships, scip_symbols,
};
use super::{Plan, Rows, count};
use crate::text::Offsets;

/// The file that a document is about.
pub(super) struct Place<'a> {
    pub(super) text: &'a str,
    pub(super) offsets: &'a Offsets,
}

/// How a document does not fit its file.
pub(super) struct Stale {
    reason: String,
    /// Raw bytes, where the reason has a place in the file.
    pub(super) span: Option<(u32, u32)>,
}

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

/// Adds the rows of a document; none at all where it does not fit the file.
pub(super) fn push(
    plan: &Plan,
    document: Document,
    place: &Place<'_>,
    rows: &mut Rows<'static>,
) -> Result<(), Stale> {
    let without_mark = |text: &str| text.trim_start_matches('\u{feff}').len();
    let has_text = !document.text.is_empty();
    if has_text && !same_text(&document.text, place.text) {
        let reason = format!(
            "its text has {} bytes there and {} here, or others",
            without_mark(&document.text),
            without_mark(place.text)
        );
        return Err(Stale { reason, span: None });
    }
    let encoding = document.position_encoding.enum_value();
    let declared =
        Unit::declared(encoding.unwrap_or(PositionEncoding::UnspecifiedPositionEncoding));
    let language = document.language.to_ascii_lowercase();
    let wide_terminators = language.contains("script") || is_script(&document.relative_path);
    // What indexers that say nothing count: those of Python and TypeScript, which run on JavaScript.
    let unit = declared.unwrap_or(Unit::Utf16);
    let positions = Positions::new(place.text, unit, wide_terminators);

    let mut found = Rows::default();
    let (occurrences, symbols) = (document.occurrences.len(), document.symbols.len());
    for occurrence in document.occurrences {
        push_occurrence(plan, occurrence, place, &positions, &mut found)?;
    }
    for symbol in document.symbols {
        push_symbol(plan, symbol, false, &mut found);
    }
    if plan.documents.is_some() {
        found.documents.push(scip_documents::Row {
            language: some(document.language),
            position_encoding: declared.map(Unit::as_str),
            occurrences: count(occurrences),
            symbols: count(symbols),
            has_text,
        });
    }
    rows.documents.append(&mut found.documents);
    rows.occurrences.append(&mut found.occurrences);
    rows.symbols.append(&mut found.symbols);
    rows.relationships.append(&mut found.relationships);
    rows.diagnostics.append(&mut found.diagnostics);
    Ok(())
}

fn same_text(left: &str, right: &str) -> bool {
    left.trim_start_matches('\u{feff}') == right.trim_start_matches('\u{feff}')
}

fn is_script(path: &str) -> bool {
    let extension = path.rsplit('.').next().unwrap_or_default();
    matches!(extension, "js" | "jsx" | "mjs" | "cjs" | "ts" | "tsx" | "mts" | "cts")
}

fn push_occurrence(
    plan: &Plan,
    occurrence: Occurrence,
    place: &Place<'_>,
    positions: &Positions<'_>,
    rows: &mut Rows<'static>,
) -> Result<(), Stale> {
    let range = range(&occurrence);
    let span = range.and_then(|range| positions.bytes(range));
    let (Some(range), Some(span)) = (range, span) else {
        let reason = format!("`{}` is at {}", occurrence.symbol, spelled(&occurrence.range));
        return Err(Stale { reason, span: None });
    };
    let raw = |(start, end): (usize, usize)| {
        (place.offsets.raw(offset(start)), place.offsets.raw(offset(end)))
    };
    if positions.cuts_word(span) {
        let reason = format!("`{}` begins or ends within a word", occurrence.symbol);
        return Err(Stale { reason, span: Some(raw(span)) });
    }
    let enclosing = enclosing(&occurrence)
        .map(|range| positions.bytes(range).map(raw))
        .map(|span| {
            let reason = format!("`{}` is enclosed by what is not there", occurrence.symbol);
            span.ok_or(Stale { reason, span: None })
        })
        .transpose()?;
    let (start, end) = raw(span);
    if plan.diagnostics.is_some() {
        for diagnostic in occurrence.diagnostics {
            let has = |tag: DiagnosticTag| {
                diagnostic.tags.iter().any(|found| found.value() == tag.value())
            };
            let (is_unnecessary, is_deprecated) =
                (has(DiagnosticTag::Unnecessary), has(DiagnosticTag::Deprecated));
            rows.diagnostics.push(scip_diagnostics::Row {
                start,
                end,
                severity: name(diagnostic.severity),
                code: some(diagnostic.code),
                message: Cow::Owned(diagnostic.message),
                source: some(diagnostic.source),
                is_unnecessary,
                is_deprecated,
            });
        }
    }
    // What carries diagnostics only is about no symbol.
    if plan.occurrences.is_some() && !occurrence.symbol.is_empty() {
        let has = |role: SymbolRole| occurrence.symbol_roles & role.value() != 0;
        rows.occurrences.push(scip_occurrences::Row {
            start,
            end,
            is_local: occurrence.symbol.starts_with("local "),
            is_definition: has(SymbolRole::Definition),
            is_import: has(SymbolRole::Import),
            is_write: has(SymbolRole::WriteAccess),
            is_read: has(SymbolRole::ReadAccess),
            is_generated: has(SymbolRole::Generated),
            is_test: has(SymbolRole::Test),
            is_forward_definition: has(SymbolRole::ForwardDefinition),
            symbol: Cow::Owned(occurrence.symbol),
            roles: i64::from(occurrence.symbol_roles),
            enclosing_start: enclosing.map(|(start, _)| start),
            enclosing_end: enclosing.map(|(_, end)| end),
            syntax_kind: name(occurrence.syntax_kind),
            index_line: i64::from(range.line),
            index_column: i64::from(range.column),
            index_end_line: i64::from(range.end_line),
            index_end_column: i64::from(range.end_column),
            documentation: some(occurrence.override_documentation.join("\n\n")),
        });
    }
    Ok(())
}

/// Adds what the index says of a symbol.
pub(super) fn push_symbol(
    plan: &Plan,
    symbol: SymbolInformation,
    is_external: bool,
    rows: &mut Rows<'static>,
) {
    if plan.relationships.is_some() {
        for relationship in symbol.relationships {
            rows.relationships.push(scip_relationships::Row {
                symbol: Cow::Owned(symbol.symbol.clone()),
                target: Cow::Owned(relationship.symbol),
                is_reference: relationship.is_reference,
                is_implementation: relationship.is_implementation,
                is_type_definition: relationship.is_type_definition,
                is_definition: relationship.is_definition,
            });
        }
    }
    if plan.symbols.is_some() {
        let signature = symbol.signature_documentation.into_option();
        rows.symbols.push(scip_symbols::Row {
            symbol: Cow::Owned(symbol.symbol),
            kind: name(symbol.kind),
            display_name: some(symbol.display_name),
            documentation: some(symbol.documentation.join("\n\n")),
            signature: signature.and_then(|signature| some(signature.text)),
            enclosing_symbol: some(symbol.enclosing_symbol),
            is_external,
        });
    }
}

fn range(occurrence: &Occurrence) -> Option<IndexRange> {
    match &occurrence.typed_range {
        Some(Typed_range::SingleLineRange(range)) => Some(single(range)),
        Some(Typed_range::MultiLineRange(range)) => Some(multiple(range)),
        _ => IndexRange::of_numbers(&occurrence.range),
    }
}

/// The outer option is whether there is one.
fn enclosing(occurrence: &Occurrence) -> Option<IndexRange> {
    match &occurrence.typed_enclosing_range {
        Some(Typed_enclosing_range::SingleLineEnclosingRange(range)) => Some(single(range)),
        Some(Typed_enclosing_range::MultiLineEnclosingRange(range)) => Some(multiple(range)),
        _ => IndexRange::of_numbers(&occurrence.enclosing_range),
    }
}

fn single(range: &SingleLineRange) -> IndexRange {
    let SingleLineRange { line, start_character: column, end_character: end_column, .. } = *range;
    IndexRange { line, column, end_line: line, end_column }
}

fn multiple(range: &MultiLineRange) -> IndexRange {
    IndexRange {
        line: range.start_line,
        column: range.start_character,
        end_line: range.end_line,
        end_column: range.end_character,
    }
}

fn spelled(numbers: &[i32]) -> String {
    let numbers: Vec<String> = numbers.iter().map(i32::to_string).collect();
    format!("[{}], which is not there", numbers.join(", "))
}

/// What an index calls something; none for what it does not say.
fn name<E: Enum + fmt::Debug>(value: EnumOrUnknown<E>) -> Option<Cow<'static, str>> {
    (value.value() != 0).then(|| match value.enum_value() {
        Ok(known) => Cow::Owned(format!("{known:?}")),
        Err(number) => Cow::Owned(number.to_string()),
    })
}

fn some(text: String) -> Option<Cow<'static, str>> {
    (!text.is_empty()).then_some(Cow::Owned(text))
}

/// Texts are bounded, see `Offsets`.
fn offset(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}
