//! Python source: one parse for all extractors that need it.
//!
//! ```text
//! bytes ──decode, parse──► syntax tree ─┬─ scope::Model ─┬─► python.cst
//!                                       │                ├─► python.symtable
//!                                       │                ├─► python.flow
//!                                       │                └─► python.imports
//!                                       └──────────────────► python.ast
//! bytes ──the user's interpreter────────────────────────────► python.bytecode
//! what an interpreter has: environment ─────────────────────┬─► python.imports
//!                                                            └─► python.external
//! ```

mod ast;
mod builtins;
pub(crate) mod bytecode;
mod cst;
mod depth;
pub(crate) mod environment;
pub(crate) mod external;
mod extractors;
mod flow;
pub(crate) mod imports;
mod places;
mod scope;
mod source;
mod symtable;

use cpg_ir::stable_id::file_id;
use ruff_python_ast::{ModModule, PySourceType};
use ruff_python_parser::parse_unchecked_source;
use ruff_text_size::{Ranged, TextRange};

use crate::errors::{self, ErrorKind};
use crate::scan::ModuleName;
use crate::text::{Decoded, Encoding, Lines, Offsets};
use imports::Finder;
use places::Places;
use scope::Model;
use source::Source;

extractors::group! {
    cst,
    symtable,
    ast,
    flow,
    imports,
}

/// A Python file to extract.
pub(crate) struct Input<'a> {
    pub(crate) path: &'a str,
    pub(crate) module: &'a ModuleName,
    pub(crate) is_stub: bool,
    pub(crate) bytes: &'a [u8],
    pub(crate) encoding: &'a Encoding,
    pub(crate) lines: &'a Lines,
    /// Where imports find modules; needed for `python.imports`.
    pub(crate) finder: Option<&'a Finder<'a>>,
}

impl Plan {
    /// Whether imports are looked up.
    pub(crate) fn needs_finder(&self) -> bool {
        self.imports.as_ref().is_some_and(|plan| plan.modules.is_some())
    }
}

/// Gives the rows of a file to `receive`, and what went wrong to `errors`.
pub(crate) fn extract(
    plan: &Plan,
    input: &Input<'_>,
    errors: &mut errors::Rows<'_>,
    receive: impl FnOnce(Rows<'_>),
) {
    let key = plan.key();
    let decoded = Decoded::new(input.bytes, input.encoding);
    if let Some(misfit) = decoded.misfit {
        match misfit.place {
            Some((start, end)) => {
                let line = input.lines.line_of(start);
                errors.push_at(key, ErrorKind::Encoding, misfit.message, (start, end, line));
            }
            None => errors.push_file(key, ErrorKind::Encoding, misfit.message),
        }
    }
    let Some((text, offsets)) = decoded.text else {
        return;
    };
    if let Err(message) = depth::check_text(&text) {
        errors.push_file(key, ErrorKind::TooDeep, message);
        return;
    }
    let kind = if input.is_stub { PySourceType::Stub } else { PySourceType::Python };
    let parsed = parse_unchecked_source(&text, kind);
    if let Err(message) = depth::check_tokens(parsed.tokens().iter().map(|token| token.kind())) {
        errors.push_file(key, ErrorKind::TooDeep, message);
        drop_deep(parsed, text.len());
        return;
    }
    let place = |range: TextRange| {
        let start = offsets.raw(range.start().to_u32());
        (start, offsets.raw(range.end().to_u32()), input.lines.line_of(start))
    };
    for error in parsed.errors() {
        errors.push_at(key, ErrorKind::Syntax, error.error.to_string(), place(error.range()));
    }
    push_nul(key, &text, &offsets, input.lines, errors);
    let places = Places::new(file_id(input.path), parsed.syntax(), &text);
    let source = Source { text: &text, offsets: &offsets, lines: input.lines, places: &places };
    tree_rows(plan, input, (parsed.syntax(), source), errors, receive);
}

/// The rows that come from the syntax tree of a text.
fn tree_rows<'m>(
    plan: &'m Plan,
    input: &'m Input<'_>,
    (syntax, source): (&'m ModModule, Source<'m>),
    errors: &mut errors::Rows<'_>,
    receive: impl FnOnce(Rows<'_>),
) {
    let needs_model = [plan.cst.is_some(), plan.symtable.is_some(), plan.flow.is_some()];
    let needs_model = needs_model.contains(&true) || plan.imports.is_some();
    let model = needs_model.then(|| Model::new(syntax, source.text, input.module));
    let mut rows = Rows::default();
    rows.ast = plan.ast.as_ref().map(|plan| ast::rows(&ast::Context { plan, syntax, source }));
    if let Some(model) = &model {
        let cst = plan.cst.as_ref();
        rows.cst = cst.map(|plan| cst::rows(&cst::Context { plan, model, source }));
        let symtable = plan.symtable.as_ref();
        rows.symtable =
            symtable.map(|plan| symtable::rows(&symtable::Context { plan, model, source }, errors));
        let flow = plan.flow.as_ref();
        rows.flow = flow.map(|plan| flow::rows(&flow::Context { plan, model, source }, errors));
        rows.imports = plan.imports.as_ref().map(|plan| {
            let Input { path, module, finder, .. } = *input;
            imports::rows(&imports::Context { plan, path, module, finder, syntax, model, source })
        });
    }
    receive(rows);
}

/// NUL bytes, which the interpreter refuses and the parser may take for blanks.
fn push_nul(
    key: &'static str,
    text: &str,
    offsets: &Offsets,
    lines: &Lines,
    errors: &mut errors::Rows<'_>,
) {
    if let Some(position) = text.bytes().position(|byte| byte == 0) {
        let start = offsets.raw(u32::try_from(position).unwrap_or(u32::MAX));
        let place = (start, start + 1, lines.line_of(start));
        errors.push_at(key, ErrorKind::Syntax, "source code cannot contain NUL bytes", place);
    }
}

/// Drops a tree that is too deep for this thread's stack. Each level has at least one byte of the text; texts longer
/// than the cap were found shallow enough by their tokens, give or take what the parser read differently.
fn drop_deep<T>(tree: T, text_length: usize) {
    const STACK_PER_LEVEL: usize = 2048;
    const MAX_LEVELS: usize = 512 * 1024;
    stacker::grow(text_length.min(MAX_LEVELS) * STACK_PER_LEVEL, || drop(tree));
}

/// Positions and counts within a file.
fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
