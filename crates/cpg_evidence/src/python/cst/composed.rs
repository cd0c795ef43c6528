//! Elements, subscripts, and parts that give the whole its value.

use std::borrow::Cow;

use ruff_python_ast::{BoolOp, Expr, ExprContext};
use ruff_text_size::Ranged;

use super::tables::{cst_displays, cst_elements, cst_parts, cst_subscripts};
use super::{Context, distinct, integer, literal, unstarred, value_kind};
use crate::python::count;

pub(super) fn displays<'m>(context: &Context<'m>) -> Vec<cst_displays::Row<'m>> {
    let rows = context.model.composed.iter().filter_map(|(whole, _)| {
        let (kind, is_comprehension) = match whole {
            Expr::Tuple(tuple) if tuple.ctx == ExprContext::Load => ("tuple", false),
            Expr::List(list) if list.ctx == ExprContext::Load => ("list", false),
            Expr::Set(_) => ("set", false),
            Expr::Dict(_) => ("dict", false),
            Expr::ListComp(_) => ("list", true),
            Expr::SetComp(_) => ("set", true),
            Expr::DictComp(_) => ("dict", true),
            Expr::Generator(_) => ("generator", true),
            _ => return None,
        };
        let (start, end) = context.span(whole.range());
        Some(cst_displays::Row {
            start,
            end,
            place: context.place(whole.range()),
            kind: Cow::Borrowed(kind),
            is_comprehension,
        })
    });
    distinct(rows.collect(), |row| (row.start, row.end))
}

pub(super) fn elements<'m>(context: &Context<'m>) -> Vec<cst_elements::Row<'m>> {
    let mut rows = Vec::new();
    for (whole, _) in &context.model.composed {
        let (whole_start, whole_end) = context.span(whole.range());
        let mut put = |position, element: Element<'_>| {
            let (start, end) = context.span(element.value.range());
            let key_span = element.key.map(|key| context.span(key.range()));
            rows.push(cst_elements::Row {
                start,
                end,
                place: context.place(element.value.range()),
                whole_start,
                whole_end,
                whole_place: context.place(whole.range()),
                position: count(position),
                star: element.star.map(Cow::Borrowed),
                key_start: key_span.map(|span| span.0),
                key_end: key_span.map(|span| span.1),
                key_place: element.key.map(|key| context.place(key.range())),
                key_literal: element.literal.map(Cow::Owned),
            });
        };
        match whole {
            Expr::Tuple(tuple) if tuple.ctx == ExprContext::Load => listed(&tuple.elts, true, put),
            Expr::List(list) if list.ctx == ExprContext::Load => listed(&list.elts, true, put),
            Expr::Set(set) => listed(&set.elts, false, put),
            Expr::Dict(dict) => {
                for (position, item) in dict.items.iter().enumerate() {
                    put(position, Element::of_dict(item.key.as_ref(), &item.value));
                }
            }
            Expr::ListComp(comp) => put(0, Element::unknown(&comp.elt)),
            Expr::SetComp(comp) => put(0, Element::unknown(&comp.elt)),
            Expr::Generator(comp) => put(0, Element::unknown(&comp.elt)),
            Expr::DictComp(comp) => put(0, Element::of_dict(comp.key.as_deref(), &comp.value)),
            _ => {}
        }
    }
    distinct(rows, |row| (row.start, row.end, row.whole_start))
}

/// Gives elements that stand one after the other, with the positions that they are found by where these are known:
/// not behind what is unpacked.
fn listed<'a>(values: &'a [Expr], is_ordered: bool, mut put: impl FnMut(usize, Element<'a>)) {
    let mut is_known = is_ordered;
    for (position, value) in values.iter().enumerate() {
        let (value, is_starred) = unstarred(value);
        is_known &= !is_starred;
        put(
            position,
            Element {
                value,
                key: None,
                star: is_starred.then_some("*"),
                literal: is_known.then(|| position.to_string()),
            },
        );
    }
}

struct Element<'a> {
    value: &'a Expr,
    key: Option<&'a Expr>,
    star: Option<&'static str>,
    literal: Option<String>,
}

impl<'a> Element<'a> {
    /// An element whose place is not known.
    fn unknown(value: &'a Expr) -> Self {
        Self { value, key: None, star: None, literal: None }
    }

    fn of_dict(key: Option<&'a Expr>, value: &'a Expr) -> Self {
        let star = key.is_none().then_some("**");
        Self { value, key, star, literal: key.and_then(literal) }
    }
}

pub(super) fn subscripts<'m>(context: &Context<'m>) -> Vec<cst_subscripts::Row<'m>> {
    let rows = context.model.composed.iter().filter_map(|(whole, scope)| {
        let Expr::Subscript(node) = whole else {
            return None;
        };
        let index = &*node.slice;
        let slice = index.as_slice_expr().filter(|slice| slice.step.is_none());
        let slice_from = slice.and_then(|slice| match slice.lower.as_deref() {
            Some(lower) => integer(lower),
            None => Some(0),
        });
        let (start, end) = context.span(node.range);
        let (value_start, value_end) = context.span(node.value.range());
        let (index_start, index_end) = context.span(index.range());
        let container = context.container(*scope);
        Some(cst_subscripts::Row {
            start,
            end,
            place: context.place(node.range),
            value_start,
            value_end,
            value_place: context.place(node.value.range()),
            index_start,
            index_end,
            index_place: context.place(index.range()),
            index_kind: Cow::Borrowed(if index.is_slice_expr() {
                "slice"
            } else {
                value_kind(index)
            }),
            index_literal: literal(index).map(Cow::Owned),
            slice_from,
            context: Cow::Borrowed(match node.ctx {
                ExprContext::Store => "store",
                ExprContext::Del => "del",
                ExprContext::Load | ExprContext::Invalid => "load",
            }),
            container_kind: container.kind.map(Cow::Borrowed),
            container_start: container.start,
            container_end: container.end,
            container_key: container.key.map(Cow::Borrowed),
            start_line: context.start_line(node.range),
        })
    });
    distinct(rows.collect(), |row| (row.start, row.end))
}

pub(super) fn parts<'m>(context: &Context<'m>) -> Vec<cst_parts::Row<'m>> {
    let mut rows = Vec::new();
    for (whole, _) in &context.model.composed {
        let (whole_start, whole_end) = context.span(whole.range());
        let mut put = |kind, part: &Expr| {
            let (start, end) = context.span(part.range());
            rows.push(cst_parts::Row {
                start,
                end,
                place: context.place(part.range()),
                whole_start,
                whole_end,
                whole_place: context.place(whole.range()),
                whole_kind: Cow::Borrowed(kind),
            });
        };
        match whole {
            Expr::If(node) => {
                put("if", &node.body);
                put("if", &node.orelse);
            }
            Expr::BoolOp(node) => {
                let kind = if node.op == BoolOp::And { "and" } else { "or" };
                node.values.iter().for_each(|value| put(kind, value));
            }
            Expr::Await(node) => put("await", &node.value),
            Expr::Named(node) => put("walrus", &node.value),
            _ => {}
        }
    }
    distinct(rows, |row| (row.start, row.end, row.whole_start))
}
