//! The extractor `python.cst`: what Python source says, name by name.

mod builtins;
mod depth;
mod rows;
mod scope;
mod tables;

use ruff_python_ast::PySourceType;
use ruff_python_parser::parse_unchecked_source;
use ruff_text_size::Ranged;

use crate::errors::{self, ErrorKind};
use crate::scan::ModuleName;
use crate::text::{Decoded, Encoding, Lines, Offsets};
use rows::Context;
use scope::Model;
use tables::{
    cst_bases, cst_bindings, cst_call_args, cst_callsites, cst_decorators, cst_defs,
    cst_docstrings, cst_imports, cst_params, cst_refs, cst_scopes,
};

crate::table::extractor! {
    "python.cst" version 1: "Definitions, names, imports, calls and their bindings in Python source";
    scopes: cst_scopes,
    defs: cst_defs,
    params: cst_params,
    refs: cst_refs,
    bindings: cst_bindings,
    imports: cst_imports,
    callsites: cst_callsites,
    call_args: cst_call_args,
    decorators: cst_decorators,
    docstrings: cst_docstrings,
    bases: cst_bases,
}

/// A Python file to extract.
pub(crate) struct Input<'a> {
    pub(crate) module: &'a ModuleName,
    pub(crate) is_stub: bool,
    pub(crate) bytes: &'a [u8],
    pub(crate) encoding: &'a Encoding,
    pub(crate) lines: &'a Lines,
}

/// Gives the rows of a file to `receive`, and what went wrong to `errors`.
pub(crate) fn extract(
    plan: &Plan,
    input: &Input<'_>,
    errors: &mut errors::Rows<'_>,
    receive: impl FnOnce(Rows<'_>),
) {
    let decoded = Decoded::new(input.bytes, input.encoding);
    if let Some(misfit) = decoded.misfit {
        match misfit.place {
            Some((start, end)) => {
                let line = input.lines.line_of(start);
                errors.push_at(KEY, ErrorKind::Encoding, misfit.message, (start, end, line));
            }
            None => errors.push_file(KEY, ErrorKind::Encoding, misfit.message),
        }
    }
    let Some((text, offsets)) = decoded.text else {
        return;
    };
    if let Err(message) = depth::check_text(&text) {
        errors.push_file(KEY, ErrorKind::TooDeep, message);
        return;
    }
    let kind = if input.is_stub { PySourceType::Stub } else { PySourceType::Python };
    let parsed = parse_unchecked_source(&text, kind);
    if let Err(message) = depth::check_tokens(parsed.tokens().iter().map(|token| token.kind())) {
        errors.push_file(KEY, ErrorKind::TooDeep, message);
        drop_deep(parsed, text.len());
        return;
    }
    let place = |range: ruff_text_size::TextRange| {
        let start = offsets.raw(range.start().to_u32());
        (start, offsets.raw(range.end().to_u32()), input.lines.line_of(start))
    };
    for error in parsed.errors() {
        errors.push_at(KEY, ErrorKind::Syntax, error.error.to_string(), place(error.range()));
    }
    push_nul(&text, &offsets, input.lines, errors);

    let model = Model::new(parsed.syntax(), &text, input.module);
    receive(rows::rows(&Context {
        plan,
        model: &model,
        text: &text,
        offsets: &offsets,
        lines: input.lines,
    }));
}

/// NUL bytes, which the interpreter refuses and the parser may take for blanks.
fn push_nul(text: &str, offsets: &Offsets, lines: &Lines, errors: &mut errors::Rows<'_>) {
    if let Some(position) = text.bytes().position(|byte| byte == 0) {
        let start = offsets.raw(u32::try_from(position).unwrap_or(u32::MAX));
        let place = (start, start + 1, lines.line_of(start));
        errors.push_at(KEY, ErrorKind::Syntax, "source code cannot contain NUL bytes", place);
    }
}

/// Drops a tree that is too deep for this thread's stack. Each level has at least one byte of the text; texts longer
/// than the cap were found shallow enough by their tokens, give or take what the parser read differently.
fn drop_deep<T>(tree: T, text_length: usize) {
    const STACK_PER_LEVEL: usize = 2048;
    const MAX_LEVELS: usize = 512 * 1024;
    stacker::grow(text_length.min(MAX_LEVELS) * STACK_PER_LEVEL, || drop(tree));
}
