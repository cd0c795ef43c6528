//! What may be written.

use cpg_ide::{Completion, CompletionKind};
use lsp_types as lsp;

use crate::convert::Converter;
use crate::dispatch::Failure;
use crate::snapshot::Snapshot;

pub(crate) fn completion(
    snapshot: &Snapshot,
    params: lsp::CompletionParams,
) -> Result<Option<lsp::CompletionResponse>, Failure> {
    let at = params.text_document_position;
    let Some(file) = snapshot.file(&at.text_document.uri) else { return Ok(None) };
    Ok(Some(snapshot.with(|db, converter| {
        let offset = converter.offset(file, at.position);
        let (found, is_incomplete) = cpg_ide::complete(db, file, offset);
        let items = found
            .into_iter()
            .enumerate()
            .map(|(number, one)| item(converter, file, number, one, snapshot.snippets))
            .collect();
        lsp::CompletionResponse::List(lsp::CompletionList { is_incomplete, items })
    })))
}

fn item(
    converter: &Converter<'_>,
    file: cpg_hir::SourceFile,
    number: usize,
    one: Completion,
    snippets: bool,
) -> lsp::CompletionItem {
    let docs = one.docs.map(|value| {
        let kind = lsp::MarkupKind::Markdown;
        lsp::Documentation::MarkupContent(lsp::MarkupContent { kind, value })
    });
    let new_text = if one.snippet && !snippets { plain(&one.insert) } else { one.insert };
    let range = converter.range(file, one.replace);
    lsp::CompletionItem {
        kind: Some(match one.kind {
            CompletionKind::Item => lsp::CompletionItemKind::CLASS,
            CompletionKind::Column => lsp::CompletionItemKind::FIELD,
            CompletionKind::Source => lsp::CompletionItemKind::VARIABLE,
            CompletionKind::Constant => lsp::CompletionItemKind::CONSTANT,
            CompletionKind::Function => lsp::CompletionItemKind::FUNCTION,
            CompletionKind::Keyword => lsp::CompletionItemKind::KEYWORD,
            CompletionKind::Snippet => lsp::CompletionItemKind::SNIPPET,
            CompletionKind::Type => lsp::CompletionItemKind::STRUCT,
            CompletionKind::Module => lsp::CompletionItemKind::MODULE,
            CompletionKind::Value => lsp::CompletionItemKind::VALUE,
        }),
        detail: one.detail,
        documentation: docs,
        sort_text: Some(format!("{number:04}")),
        filter_text: Some(one.label.clone()),
        insert_text_format: (one.snippet && snippets).then_some(lsp::InsertTextFormat::SNIPPET),
        text_edit: Some(lsp::CompletionTextEdit::Edit(lsp::TextEdit { range, new_text })),
        additional_text_edits: (!one.also.is_empty()).then(|| converter.text_edits(&one.also)),
        label: one.label,
        ..lsp::CompletionItem::default()
    }
}

/// A snippet for clients that fill in nothing: the words that would be filled in stay.
fn plain(snippet: &str) -> String {
    let mut text = String::with_capacity(snippet.len());
    let mut chars = snippet.chars().peekable();
    let mut open = 0_u32;
    while let Some(c) = chars.next() {
        match c {
            '$' if chars.next_if_eq(&'{').is_some() => {
                open += 1;
                while chars.next_if(|c| c.is_ascii_digit() || *c == ':').is_some() {}
            }
            '$' => while chars.next_if(char::is_ascii_digit).is_some() {},
            '}' if open > 0 => open -= 1,
            _ => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn snippets_without_their_places_are_text() {
        assert_eq!(plain("id ${1:name}_id in \"${2:ns}\""), "id name_id in \"ns\"");
        assert_eq!(plain("select { $0 }"), "select {  }");
        assert_eq!(plain("f(${1:a}, ${2:b})"), "f(a, b)");
    }
}
