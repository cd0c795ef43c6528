//! Types and their parts.

use std::borrow::Cow;

use ruff_python_ast::{Expr, ExprStringLiteral, ModExpression, Operator};
use ruff_python_parser::{Parsed, parse_string_annotation};
use ruff_text_size::{Ranged, TextRange};

use super::tables::cst_type_exprs;
use super::{Context, distinct};
use crate::python::count;
use crate::python::scope::{Resolved, TypeExpr, TypeRole};

/// Longer strings are not read as types: nothing else bounds how deep a type in a string may nest.
const MAX_QUOTED: usize = 2_000;

pub(super) fn type_exprs<'m>(context: &Context<'m>) -> Vec<cst_type_exprs::Row<'m>> {
    let mut rows = Vec::new();
    for whole in &context.model.type_exprs {
        let mut walk = Walk { context, whole, rows: &mut rows };
        walk.part(whole.node, Place { parent: None, position: 0, is_quoted: false });
    }
    distinct(rows, |row| (row.start, row.end, row.form.clone()))
}

/// Where in its whole a part is.
#[derive(Clone, Copy)]
struct Place {
    parent: Option<TextRange>,
    position: usize,
    is_quoted: bool,
}

/// A walk of one type.
struct Walk<'w, 'm> {
    context: &'w Context<'m>,
    whole: &'m TypeExpr<'m>,
    rows: &'w mut Vec<cst_type_exprs::Row<'m>>,
}

impl<'m> Walk<'_, 'm> {
    fn part(&mut self, expr: &Expr, place: Place) {
        // Where the syntax is broken, the parser makes up names without characters.
        if matches!(expr, Expr::Name(name) if name.id.is_empty()) {
            return;
        }
        let model = self.context.model;
        let resolve = |expr: &Expr| model.resolve(expr, self.whole.scope);
        match expr {
            Expr::Name(_) => self.push(expr, "name", resolve(expr), place),
            Expr::Attribute(_) => self.push(expr, "attribute", resolve(expr), place),
            Expr::Subscript(generic) => {
                let head = resolve(&generic.value);
                let types = types_among(&head, &generic.slice);
                self.push(expr, "generic", head, place);
                self.parts(expr, types, place);
            }
            Expr::BinOp(union) if union.op == Operator::BitOr => {
                self.push(expr, "union", Resolved::default(), place);
                self.parts(expr, members(expr), place);
            }
            Expr::List(list) => {
                self.push(expr, "list", Resolved::default(), place);
                self.parts(expr, &list.elts, place);
            }
            Expr::Tuple(tuple) => {
                self.push(expr, "tuple", Resolved::default(), place);
                self.parts(expr, &tuple.elts, place);
            }
            Expr::Starred(starred) => {
                self.push(expr, "unpacked", Resolved::default(), place);
                self.parts(expr, [&*starred.value], place);
            }
            Expr::StringLiteral(string) => {
                self.push(expr, "string", Resolved::default(), place);
                if let Some(parsed) = self.quoted(string) {
                    self.parts(expr, [parsed.expr()], Place { is_quoted: true, ..place });
                }
            }
            Expr::NoneLiteral(_) => self.push(expr, "none", Resolved::default(), place),
            Expr::EllipsisLiteral(_) => self.push(expr, "ellipsis", Resolved::default(), place),
            expr if expr.is_literal_expr() => {
                self.push(expr, "constant", Resolved::default(), place);
            }
            _ => self.push(expr, "other", Resolved::default(), place),
        }
    }

    fn parts<'e>(
        &mut self,
        parent: &Expr,
        parts: impl IntoIterator<Item = &'e Expr>,
        Place { is_quoted, .. }: Place,
    ) {
        for (position, part) in parts.into_iter().enumerate() {
            let parent = Some(parent.range());
            self.part(part, Place { parent, position, is_quoted });
        }
    }

    fn push(&mut self, expr: &Expr, form: &'static str, resolved: Resolved<'m>, place: Place) {
        let (context, whole) = (self.context, self.whole);
        let range = expr.range();
        let (start, end) = context.span(range);
        let (owner_start, owner_end) = context.span(whole.owner);
        let parent = place.parent.map(|parent| context.span(parent));
        let definition = context.def_span(resolved.def);
        let container = context.container(whole.scope);
        self.rows.push(cst_type_exprs::Row {
            start,
            end,
            place: context.place(range),
            role: Cow::Borrowed(match whole.role {
                TypeRole::Parameter => "parameter",
                TypeRole::Return => "return",
                TypeRole::Variable => "variable",
                TypeRole::Alias => "alias",
                TypeRole::Bound => "bound",
                TypeRole::Default => "default",
            }),
            owner_start,
            owner_end,
            owner_place: context.place(whole.owner),
            parent_start: parent.map(|span| span.0),
            parent_end: parent.map(|span| span.1),
            parent_place: place.parent.map(|parent| context.place(parent)),
            position: count(place.position),
            form: Cow::Borrowed(form),
            text: context.first_line(range),
            qualified_name: resolved.qualified_name,
            definition_start: definition.map(|span| span.0),
            definition_end: definition.map(|span| span.1),
            definition_key: context.def_key(resolved.def),
            is_quoted: place.is_quoted,
            container_kind: container.kind.map(Cow::Borrowed),
            container_start: container.start,
            container_end: container.end,
            container_key: container.key.map(Cow::Borrowed),
            start_line: context.start_line(range),
        });
    }

    /// The type in a string; none where its characters are not those of the source, and where it is no expression.
    fn quoted(&self, string: &ExprStringLiteral) -> Option<Parsed<ModExpression>> {
        let [literal] = string.value.as_slice() else {
            return None;
        };
        let written = self.context.text.get(literal.content_range().to_std_range())?;
        if written != &*literal.value || written.len() > MAX_QUOTED {
            return None;
        }
        parse_string_annotation(self.context.text, literal).ok()
    }
}

/// The arguments of a generic that are types.
fn types_among<'e>(head: &Resolved<'_>, slice: &'e Expr) -> Vec<&'e Expr> {
    let arguments = match slice {
        Expr::Tuple(tuple) => tuple.elts.as_slice(),
        one => std::slice::from_ref(one),
    };
    let typing = head.qualified_name.as_deref().and_then(|path| {
        path.strip_prefix("typing.").or_else(|| path.strip_prefix("typing_extensions."))
    });
    let types = match typing {
        // Its arguments are values.
        Some("Literal") => &[],
        // What follows the first is said about it.
        Some("Annotated") => arguments.get(..1).unwrap_or_default(),
        _ => arguments,
    };
    types.iter().collect()
}

/// What stands between the bars of a union, however long it is.
fn members(union: &Expr) -> Vec<&Expr> {
    let mut members = Vec::new();
    let mut rest = union;
    while let Expr::BinOp(operation) = rest
        && operation.op == Operator::BitOr
    {
        members.push(&*operation.right);
        rest = &operation.left;
    }
    members.push(rest);
    members.reverse();
    members
}
