//! Python source: one parse for all extractors that need it.
//!
//! ```text
//! bytes ──decode, parse──► syntax tree ─┬─ scope::Model ─┬─► python.cst
//!                                       │                └─► python.symtable
//!                                       └──────────────────► python.ast
//! ```

mod ast;
mod builtins;
mod cst;
mod depth;
mod scope;
mod symtable;

use cpg_ir::catalog::ExtractorSignature;
use cpg_ir::manifest::EvidenceNeeds;
use ruff_python_ast::{ModModule, PySourceType};
use ruff_python_parser::parse_unchecked_source;
use ruff_text_size::{Ranged, TextRange};

use crate::error::EvidenceError;
use crate::errors::{self, ErrorKind};
use crate::run::{EvidenceBatch, EvidenceTable};
use crate::scan::ModuleName;
use crate::table::FileKey;
use crate::text::{Decoded, Encoding, Lines, Offsets};
use scope::Model;

/// The keys of the extractors of Python source.
pub(crate) const KEYS: [&str; 3] = [cst::KEY, symtable::KEY, ast::KEY];

/// What each of them emits, in the order of [`KEYS`].
pub(crate) fn signatures() -> [ExtractorSignature; 3] {
    [cst::signature(), symtable::signature(), ast::signature()]
}

/// What is needed of the extractors of Python source.
#[derive(Default)]
pub(crate) struct Plan {
    cst: Option<cst::Plan>,
    symtable: Option<symtable::Plan>,
    ast: Option<ast::Plan>,
}

impl Plan {
    /// The part of `needs` that is about Python source; none when there is no such part.
    ///
    /// # Errors
    /// The first table or column that an extractor does not have.
    pub(crate) fn new(needs: &EvidenceNeeds) -> Result<Option<Self>, EvidenceError> {
        if !KEYS.iter().any(|key| needs.contains_key(*key)) {
            return Ok(None);
        }
        Ok(Some(Self {
            cst: needs.get(cst::KEY).map(cst::Plan::new).transpose()?,
            symtable: needs.get(symtable::KEY).map(symtable::Plan::new).transpose()?,
            ast: needs.get(ast::KEY).map(ast::Plan::new).transpose()?,
        }))
    }

    /// The needed tables and their needed columns.
    pub(crate) fn tables(&self) -> Vec<EvidenceTable> {
        let mut tables = Vec::new();
        tables.extend(self.cst.iter().flat_map(cst::Plan::tables));
        tables.extend(self.symtable.iter().flat_map(symtable::Plan::tables));
        tables.extend(self.ast.iter().flat_map(ast::Plan::tables));
        tables
    }

    /// The extractor in whose name it is told that a file cannot be decoded or parsed: the first that is needed, so that
    /// it is told once.
    pub(crate) fn key(&self) -> &'static str {
        match self {
            Self { cst: Some(_), .. } => cst::KEY,
            Self { symtable: Some(_), .. } => symtable::KEY,
            _ => ast::KEY,
        }
    }
}

/// The rows of one file, by extractor.
pub(crate) struct Rows<'a> {
    cst: Option<cst::Rows<'a>>,
    symtable: Option<symtable::Rows<'a>>,
    ast: Option<ast::Rows<'a>>,
}

/// The rows of many files, by extractor.
pub(crate) struct Builders {
    cst: Option<cst::Builders>,
    symtable: Option<symtable::Builders>,
    ast: Option<ast::Builders>,
}

impl Builders {
    pub(crate) fn new(plan: &Plan) -> Self {
        Self {
            cst: plan.cst.as_ref().map(cst::Builders::new),
            symtable: plan.symtable.as_ref().map(symtable::Builders::new),
            ast: plan.ast.as_ref().map(ast::Builders::new),
        }
    }

    /// Adds the rows of a file.
    pub(crate) fn append(&mut self, file: FileKey<'_>, rows: Rows<'_>) {
        if let (Some(builders), Some(rows)) = (&mut self.cst, rows.cst) {
            builders.append(file, rows);
        }
        if let (Some(builders), Some(rows)) = (&mut self.symtable, rows.symtable) {
            builders.append(file, rows);
        }
        if let (Some(builders), Some(rows)) = (&mut self.ast, rows.ast) {
            builders.append(file, rows);
        }
    }

    /// A batch for each needed table.
    pub(crate) fn finish(
        self,
        batches: &mut Vec<EvidenceBatch>,
    ) -> Result<(), arrow::error::ArrowError> {
        if let Some(builders) = self.cst {
            builders.finish(batches)?;
        }
        if let Some(builders) = self.symtable {
            builders.finish(batches)?;
        }
        if let Some(builders) = self.ast {
            builders.finish(batches)?;
        }
        Ok(())
    }
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
    tree_rows(plan, input, (parsed.syntax(), &text, &offsets), errors, receive);
}

/// The rows that come from the syntax tree of a text.
fn tree_rows(
    plan: &Plan,
    input: &Input<'_>,
    (syntax, text, offsets): (&ModModule, &str, &Offsets),
    errors: &mut errors::Rows<'_>,
    receive: impl FnOnce(Rows<'_>),
) {
    let lines = input.lines;
    let needs_model = plan.cst.is_some() || plan.symtable.is_some();
    let needs_mentions = plan.symtable.as_ref().is_some_and(|plan| plan.symbols.is_some());
    let model = needs_model.then(|| Model::new(syntax, text, input.module, needs_mentions));
    let mut rows = Rows {
        cst: None,
        symtable: None,
        ast: plan.ast.as_ref().map(|plan| ast::rows(&ast::Context { plan, syntax, text, offsets })),
    };
    if let Some(model) = &model {
        rows.cst = plan
            .cst
            .as_ref()
            .map(|plan| cst::rows(&cst::Context { plan, model, text, offsets, lines }));
        rows.symtable = plan
            .symtable
            .as_ref()
            .map(|plan| symtable::rows(&symtable::Context { plan, model, offsets, lines }, errors));
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
