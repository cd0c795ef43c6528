//! The extractor `python.cst`: what Python source says, name by name. Its rows come from the model of a module; there
//! is one file for each subject.

mod assignment;
mod attribute;
mod call;
mod composed;
mod def;
mod docstring;
mod header;
mod import;
mod name;
mod operation;
mod ordinal;
mod returned;
mod tables;
mod type_expr;

use std::borrow::Cow;
use std::ops::Deref;

use ruff_python_ast::{Expr, ExprNumberLiteral, Number, UnaryOp};

use super::scope::{Def, DefId, Model, ScopeId};
use super::source::Source;
use crate::table::needed;
use tables::{
    cst_assignments, cst_attributes, cst_bases, cst_bindings, cst_call_args, cst_callsites,
    cst_decorators, cst_defs, cst_displays, cst_docstrings, cst_elements, cst_imports,
    cst_operations, cst_params, cst_parts, cst_refs, cst_returns, cst_scopes, cst_subscripts,
    cst_type_exprs,
};

crate::table::extractor! {
    "python.cst" version 7: "Definitions, names, imports, calls and their bindings in Python source";
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
    displays: cst_displays,
    elements: cst_elements,
    subscripts: cst_subscripts,
    parts: cst_parts,
    operations: cst_operations,
    type_exprs: cst_type_exprs,
}

/// What rows are made from.
pub(super) struct Context<'m> {
    pub(super) plan: &'m Plan,
    pub(super) model: &'m Model<'m>,
    pub(super) source: Source<'m>,
}

/// The rows of every needed table.
pub(super) fn rows<'m>(context: &Context<'m>) -> Rows<'m> {
    let plan = context.plan;
    Rows {
        scopes: needed(&plan.scopes, |_| def::scopes(context)),
        defs: needed(&plan.defs, |_| def::defs(context)),
        params: needed(&plan.params, |wanted| def::params(context, wanted)),
        refs: needed(&plan.refs, |wanted| name::refs(context, wanted)),
        bindings: needed(&plan.bindings, |wanted| name::bindings(context, wanted)),
        imports: needed(&plan.imports, |_| import::imports(context)),
        callsites: needed(&plan.callsites, |wanted| call::callsites(context, wanted)),
        call_args: needed(&plan.call_args, |wanted| call::args(context, wanted)),
        decorators: needed(&plan.decorators, |_| header::decorators(context)),
        docstrings: needed(&plan.docstrings, |_| docstring::docstrings(context)),
        bases: needed(&plan.bases, |_| header::bases(context)),
        attributes: needed(&plan.attributes, |wanted| attribute::attributes(context, wanted)),
        assignments: needed(&plan.assignments, |wanted| assignment::assignments(context, wanted)),
        returns: needed(&plan.returns, |wanted| returned::returns(context, wanted)),
        displays: needed(&plan.displays, |_| composed::displays(context)),
        elements: needed(&plan.elements, |_| composed::elements(context)),
        subscripts: needed(&plan.subscripts, |_| composed::subscripts(context)),
        parts: needed(&plan.parts, |_| composed::parts(context)),
        operations: needed(&plan.operations, |_| operation::operations(context)),
        type_exprs: needed(&plan.type_exprs, |_| type_expr::type_exprs(context)),
    }
}

impl<'m> Deref for Context<'m> {
    type Target = Source<'m>;

    fn deref(&self) -> &Source<'m> {
        &self.source
    }
}

impl<'m> Context<'m> {
    /// The span of the innermost module, class, function or lambda at `scope`.
    fn scope_span(&self, scope: ScopeId) -> (u32, u32) {
        let named = self.model.scope(scope).named;
        self.span(self.model.scope(named).range)
    }

    fn def_span(&self, def: Option<DefId>) -> Option<(u32, u32)> {
        def.map(|def| self.span(self.model.def(def).range))
    }

    fn def_key(&self, def: Option<DefId>) -> Option<Cow<'m, str>> {
        def.map(|def| Cow::Borrowed(self.model.def_key(def)))
    }

    fn container(&self, scope: ScopeId) -> Container<'m> {
        let def: Option<&Def<'_>> = self.model.container(scope);
        let span = def.map(|def| self.span(def.range));
        Container {
            kind: def.map(|def| def.node.kind()),
            start: span.map(|span| span.0),
            end: span.map(|span| span.1),
            key: self.model.key(scope),
        }
    }
}

/// The innermost definition around something; nothing in the module.
struct Container<'m> {
    kind: Option<&'static str>,
    start: Option<u32>,
    end: Option<u32>,
    key: Option<&'m str>,
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

/// What a subscript compares with: a string of at most 100 bytes or an integer, as a literal of Python.
fn literal(expr: &Expr) -> Option<String> {
    match expr {
        Expr::StringLiteral(string) if string.value.len() <= 100 => {
            Some(format!("'{}'", string.value.to_str().escape_debug()))
        }
        Expr::NumberLiteral(_) => integer(expr).map(|number| number.to_string()),
        // These are equal to the numbers.
        Expr::BooleanLiteral(boolean) => Some(u8::from(boolean.value).to_string()),
        Expr::UnaryOp(negated) if negated.op == UnaryOp::USub => {
            integer(&negated.operand).map(|number| format!("-{number}"))
        }
        _ => None,
    }
}

/// The value of an integer literal.
fn integer(expr: &Expr) -> Option<i64> {
    match expr {
        Expr::NumberLiteral(ExprNumberLiteral { value: Number::Int(number), .. }) => {
            number.as_i64()
        }
        _ => None,
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
