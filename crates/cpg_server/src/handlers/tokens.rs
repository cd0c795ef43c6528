//! Colours.

use cpg_base::TextRange;
use cpg_hir::SourceFile;
use cpg_ide::TokenClass;
use lsp_types as lsp;

use crate::convert::source_id;
use crate::dispatch::Failure;
use crate::snapshot::Snapshot;

/// What the classes of tokens are called, by their numbers.
pub(crate) fn options() -> lsp::SemanticTokensOptions {
    let name = |class: &TokenClass| match class {
        TokenClass::Keyword => lsp::SemanticTokenType::KEYWORD,
        TokenClass::Comment => lsp::SemanticTokenType::COMMENT,
        TokenClass::Text => lsp::SemanticTokenType::STRING,
        TokenClass::Number => lsp::SemanticTokenType::NUMBER,
        TokenClass::Operator => lsp::SemanticTokenType::OPERATOR,
        TokenClass::Module => lsp::SemanticTokenType::NAMESPACE,
        TokenClass::Relation => lsp::SemanticTokenType::CLASS,
        TokenClass::Schema => lsp::SemanticTokenType::INTERFACE,
        TokenClass::Type => lsp::SemanticTokenType::TYPE,
        TokenClass::Function => lsp::SemanticTokenType::FUNCTION,
        TokenClass::Constant => lsp::SemanticTokenType::ENUM_MEMBER,
        TokenClass::Column => lsp::SemanticTokenType::PROPERTY,
        TokenClass::Source => lsp::SemanticTokenType::VARIABLE,
        TokenClass::Attribute => lsp::SemanticTokenType::DECORATOR,
    };
    lsp::SemanticTokensOptions {
        legend: lsp::SemanticTokensLegend {
            token_types: TokenClass::ALL.iter().map(name).collect(),
            token_modifiers: vec![
                lsp::SemanticTokenModifier::DECLARATION,
                lsp::SemanticTokenModifier::DEFAULT_LIBRARY,
            ],
        },
        range: Some(true),
        full: Some(lsp::SemanticTokensFullOptions::Delta { delta: Some(true) }),
        work_done_progress_options: lsp::WorkDoneProgressOptions::default(),
    }
}

fn computed(
    snapshot: &Snapshot,
    file: SourceFile,
    range: Option<lsp::Range>,
) -> Vec<lsp::SemanticToken> {
    snapshot.with(|db, converter| {
        let text = file.text(db);
        let range = match range {
            Some(range) => converter.text_range(file, range),
            None => TextRange::from_usize(0, text.len()),
        };
        let mut before = lsp::Position::new(0, 0);
        let mut tokens = Vec::new();
        for token in cpg_ide::semantic_tokens(db, file, range) {
            let start = converter.position(file, token.range.start());
            let same_line = start.line == before.line;
            let class = TokenClass::ALL.iter().position(|class| *class == token.class);
            tokens.push(lsp::SemanticToken {
                delta_line: start.line - before.line,
                delta_start: start.character - if same_line { before.character } else { 0 },
                length: converter.length(token.range.slice(text).unwrap_or_default()),
                token_type: u32::try_from(class.unwrap_or_default()).unwrap_or_default(),
                token_modifiers_bitset: u32::from(token.declared) | u32::from(token.library) << 1,
            });
            before = start;
        }
        tokens
    })
}

/// Keeps the tokens of a document for the next difference; gives them their name and what was sent before.
fn keep(
    snapshot: &Snapshot,
    uri: &lsp::Uri,
    tokens: &[lsp::SemanticToken],
) -> (String, Option<(String, Vec<lsp::SemanticToken>)>) {
    let Ok(mut sent) = snapshot.tokens.lock() else { return (String::new(), None) };
    let id = source_id(uri, &snapshot.library);
    let last = sent.get(&id).and_then(|(name, _)| name.parse::<u64>().ok()).unwrap_or_default();
    let name = (last + 1).to_string();
    let before = sent.insert(id, (name.clone(), tokens.to_vec()));
    (name, before)
}

pub(crate) fn full(
    snapshot: &Snapshot,
    params: lsp::SemanticTokensParams,
) -> Result<Option<lsp::SemanticTokensResult>, Failure> {
    let uri = params.text_document.uri;
    let Some(file) = snapshot.file(&uri) else { return Ok(None) };
    let data = computed(snapshot, file, None);
    let (name, _) = keep(snapshot, &uri, &data);
    let tokens = lsp::SemanticTokens { result_id: Some(name), data };
    Ok(Some(lsp::SemanticTokensResult::Tokens(tokens)))
}

pub(crate) fn range(
    snapshot: &Snapshot,
    params: lsp::SemanticTokensRangeParams,
) -> Result<Option<lsp::SemanticTokensRangeResult>, Failure> {
    let Some(file) = snapshot.file(&params.text_document.uri) else { return Ok(None) };
    let data = computed(snapshot, file, Some(params.range));
    let tokens = lsp::SemanticTokens { result_id: None, data };
    Ok(Some(lsp::SemanticTokensRangeResult::Tokens(tokens)))
}

pub(crate) fn delta(
    snapshot: &Snapshot,
    params: lsp::SemanticTokensDeltaParams,
) -> Result<Option<lsp::SemanticTokensFullDeltaResult>, Failure> {
    let uri = params.text_document.uri;
    let Some(file) = snapshot.file(&uri) else { return Ok(None) };
    let data = computed(snapshot, file, None);
    let (name, before) = keep(snapshot, &uri, &data);
    let result_id = Some(name);
    Ok(Some(match before.filter(|(name, _)| *name == params.previous_result_id) {
        Some((_, before)) => {
            let edits = difference(&before, data).into_iter().collect();
            let delta = lsp::SemanticTokensDelta { result_id, edits };
            lsp::SemanticTokensFullDeltaResult::TokensDelta(delta)
        }
        None => {
            let tokens = lsp::SemanticTokens { result_id, data };
            lsp::SemanticTokensFullDeltaResult::Tokens(tokens)
        }
    }))
}

/// The one part that differs, counted in numbers, of which a token has five.
fn difference(
    before: &[lsp::SemanticToken],
    now: Vec<lsp::SemanticToken>,
) -> Option<lsp::SemanticTokensEdit> {
    let same = before.iter().zip(&now).take_while(|(a, b)| a == b).count();
    let (old, new) = (&before[same..], &now[same..]);
    let tail = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
    let (removed, added) = (old.len() - tail, new.len() - tail);
    let number = |tokens: usize| u32::try_from(tokens * 5).unwrap_or(u32::MAX);
    (removed + added > 0).then(|| lsp::SemanticTokensEdit {
        start: number(same),
        delete_count: number(removed),
        data: Some(new[..added].to_vec()),
    })
}
