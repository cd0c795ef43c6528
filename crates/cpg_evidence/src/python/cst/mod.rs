//! The extractor `python.cst`: what Python source says, name by name. Its rows come from the model of a module; there
//! is one file for each subject.

mod assignment;
mod attribute;
mod call;
mod def;
mod docstring;
mod header;
mod import;
mod name;
mod returned;
mod tables;
mod type_expr;

use std::borrow::Cow;

use ruff_python_ast::Expr;
use ruff_text_size::{TextRange, TextSize};

use super::scope::{Def, DefId, Lookup, Model, ScopeId};
use crate::text::{Lines, Offsets};
use tables::{
    cst_assignments, cst_attributes, cst_bases, cst_bindings, cst_call_args, cst_callsites,
    cst_decorators, cst_defs, cst_docstrings, cst_imports, cst_params, cst_refs, cst_returns,
    cst_scopes, cst_type_exprs,
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
    attributes: cst_attributes,
    assignments: cst_assignments,
    returns: cst_returns,
    type_exprs: cst_type_exprs,
}

/// What rows are made from.
pub(super) struct Context<'m> {
    pub(super) plan: &'m Plan,
    pub(super) model: &'m Model<'m>,
    pub(super) text: &'m str,
    pub(super) offsets: &'m Offsets,
    pub(super) lines: &'m Lines,
}

/// The rows of every needed table.
pub(super) fn rows<'m>(context: &Context<'m>) -> Rows<'m> {
    let mut rows = Rows::default();
    let plan = context.plan;
    if plan.scopes.is_some() {
        rows.scopes = def::scopes(context);
    }
    if plan.defs.is_some() {
        rows.defs = def::defs(context);
    }
    if plan.params.is_some() {
        rows.params = def::params(context);
    }
    if let Some(refs) = &plan.refs {
        rows.refs = name::refs(context, &refs.wanted);
    }
    if plan.bindings.is_some() {
        rows.bindings = name::bindings(context);
    }
    if plan.imports.is_some() {
        rows.imports = import::imports(context);
    }
    if let Some(callsites) = &plan.callsites {
        rows.callsites = call::callsites(context, &callsites.wanted);
    }
    if let Some(call_args) = &plan.call_args {
        rows.call_args = call::args(context, &call_args.wanted);
    }
    if plan.decorators.is_some() {
        rows.decorators = header::decorators(context);
    }
    if plan.docstrings.is_some() {
        rows.docstrings = docstring::docstrings(context);
    }
    if plan.bases.is_some() {
        rows.bases = header::bases(context);
    }
    if let Some(attributes) = &plan.attributes {
        rows.attributes = attribute::attributes(context, &attributes.wanted);
    }
    if let Some(assignments) = &plan.assignments {
        rows.assignments = assignment::assignments(context, &assignments.wanted);
    }
    if let Some(returns) = &plan.returns {
        rows.returns = returned::returns(context, &returns.wanted);
    }
    if plan.type_exprs.is_some() {
        rows.type_exprs = type_expr::type_exprs(context);
    }
    rows
}

impl<'m> Context<'m> {
    /// The raw offsets of a range.
    fn span(&self, range: TextRange) -> (u32, u32) {
        (self.offset(range.start()), self.offset(range.end()))
    }

    fn offset(&self, position: TextSize) -> u32 {
        self.offsets.raw(position.to_u32())
    }

    /// The line that a range starts on.
    fn start_line(&self, range: TextRange) -> u32 {
        self.lines.line_of(self.offset(range.start()))
    }

    /// The line that a range ends on.
    fn end_line(&self, range: TextRange) -> u32 {
        self.lines.line_of(self.offset(range.end()))
    }

    /// The first line of a range, at most 120 characters.
    fn first_line(&self, range: TextRange) -> Cow<'m, str> {
        let text = &self.text[range];
        let end = text.find(['\n', '\r']).unwrap_or(text.len());
        Cow::Borrowed(first_chars(&text[..end], 120))
    }

    /// A range as written, at most 200 characters.
    fn excerpt(&self, range: TextRange) -> Cow<'m, str> {
        Cow::Borrowed(first_chars(&self.text[range], 200))
    }

    /// The span of the innermost module, class, function or lambda at `scope`.
    fn scope_span(&self, scope: ScopeId) -> (u32, u32) {
        let named = self.model.scope(scope).named;
        self.span(self.model.scope(named).range)
    }

    fn def_span(&self, def: Option<DefId>) -> Option<(u32, u32)> {
        def.map(|def| self.span(self.model.def(def).range))
    }

    fn container(&self, scope: ScopeId) -> Container {
        let def: Option<&Def<'_>> = self.model.container(scope);
        let span = def.map(|def| self.span(def.range));
        Container {
            kind: def.map(|def| def.node.kind()),
            start: span.map(|span| span.0),
            end: span.map(|span| span.1),
        }
    }

    fn lookup(&self, name: &str, scope: ScopeId) -> Lookup {
        self.model.lookup(name, scope)
    }
}

/// The innermost definition around something; nothing in the module.
struct Container {
    kind: Option<&'static str>,
    start: Option<u32>,
    end: Option<u32>,
}

fn first_chars(text: &str, count: usize) -> &str {
    // Most texts have fewer bytes than that.
    if text.len() <= count {
        return text;
    }
    text.char_indices().nth(count).map_or(text, |(end, _)| &text[..end])
}

/// The callee of a call, else the expression: what a decorator is made by.
fn callee(expr: &Expr) -> &Expr {
    match expr {
        Expr::Call(call) => &call.func,
        expr => expr,
    }
}

/// What kind of value an expression is.
fn value_kind(expr: &Expr) -> &'static str {
    match expr {
        Expr::Name(_) => "name",
        Expr::Attribute(_) => "attribute",
        Expr::Call(_) => "call",
        Expr::Lambda(_) => "lambda",
        expr if expr.is_literal_expr() => "constant",
        _ => "other",
    }
}

/// The value under a star.
fn unstarred(expr: &Expr) -> (&Expr, bool) {
    match expr {
        Expr::Starred(starred) => (&starred.value, true),
        expr => (expr, false),
    }
}

/// Rows by where they are, the first of each place: a broken tree may say the same twice.
fn distinct<T, K: Ord>(mut rows: Vec<T>, key: impl Fn(&T) -> K) -> Vec<T> {
    rows.sort_by_key(&key);
    rows.dedup_by(|next, kept| key(next) == key(kept));
    rows
}
