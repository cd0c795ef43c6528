//! Calls and their arguments.

use std::borrow::Cow;

use ruff_python_ast::{ArgOrKeyword, Expr};
use ruff_text_size::Ranged;

use super::ordinal::Ordinals;
use super::tables::{cst_call_args, cst_callsites};
use super::{Context, distinct, literal, unstarred, value_kind};
use crate::python::count;
use crate::python::scope::{Call, Resolved, root};

pub(super) fn callsites<'m>(
    context: &Context<'m>,
    wanted: &cst_callsites::Wanted,
) -> Vec<cst_callsites::Row<'m>> {
    let mut ordinals = Ordinals::new();
    let rows = context.model.calls.iter().map(|call| {
        let ordinal = match wanted.ordinal {
            true => ordinals.next(context, call.scope, callee_name(call)),
            false => 0,
        };
        callsite(context, wanted, call, ordinal)
    });
    distinct(rows.collect(), |row| (row.start, row.end))
}

fn callsite<'m>(
    context: &Context<'m>,
    wanted: &cst_callsites::Wanted,
    call: &'m Call<'m>,
    ordinal: i64,
) -> cst_callsites::Row<'m> {
    let model = context.model;
    let func: &'m Expr = &call.node.func;
    let range = call.node.range();
    let resolved = if wanted.qualified_name
        || wanted.definition_start
        || wanted.definition_end
        || wanted.definition_key
    {
        model.resolve(func, call.scope)
    } else {
        Resolved::default()
    };
    let receiver = Receiver::new(context, wanted, call);
    let container = context.container(call.scope);
    let (start, end) = context.span(range);
    let (callee_start, callee_end) = context.span(func.range());
    let (scope_start, scope_end) = context.scope_span(call.scope);
    let definition = context.def_span(resolved.def);
    let arguments = &call.node.arguments;
    cst_callsites::Row {
        start,
        end,
        place: context.place(range),
        callee_start,
        callee_end,
        callee_place: context.place(func.range()),
        callee_text: context.excerpt(func.range()),
        callee_name: callee_name(call).map(Cow::Borrowed),
        shape: Cow::Borrowed(match func {
            Expr::Name(_) => "name",
            Expr::Attribute(_) => "attribute",
            Expr::Call(_) => "call",
            Expr::Subscript(_) => "subscript",
            Expr::Lambda(_) => "lambda",
            _ => "other",
        }),
        receiver_text: receiver.text,
        receiver_name: receiver.name,
        receiver_kind: receiver.kind,
        receiver_qualified_name: receiver.qualified_name,
        qualified_name: resolved.qualified_name,
        definition_start: definition.map(|span| span.0),
        definition_end: definition.map(|span| span.1),
        definition_key: context.def_key(resolved.def),
        scope_start,
        scope_end,
        container_kind: container.kind.map(Cow::Borrowed),
        container_start: container.start,
        container_end: container.end,
        container_key: container.key.map(Cow::Borrowed),
        ordinal,
        arg_count: count(arguments.args.len()),
        keyword_count: count(arguments.keywords.len()),
        has_star: arguments.args.iter().any(Expr::is_starred_expr),
        has_double_star: arguments.keywords.iter().any(|keyword| keyword.arg.is_none()),
        is_await: call.is_await,
        start_line: context.start_line(range),
        end_line: context.end_line(range),
        text: context.first_line(range),
    }
}

/// The called name, or the last part of a dotted one.
fn callee_name<'m>(call: &Call<'m>) -> Option<&'m str> {
    let name = match &*call.node.func {
        Expr::Name(name) => name.id.as_str(),
        Expr::Attribute(attribute) => attribute.attr.as_str(),
        _ => return None,
    };
    Some(name).filter(|name| !name.is_empty())
}

/// What stands in front of the last dot of a callee; nothing where there is no dot.
#[derive(Default)]
struct Receiver<'m> {
    text: Option<Cow<'m, str>>,
    name: Option<Cow<'m, str>>,
    kind: Option<Cow<'m, str>>,
    qualified_name: Option<Cow<'m, str>>,
}

impl<'m> Receiver<'m> {
    fn new(context: &Context<'m>, wanted: &cst_callsites::Wanted, call: &'m Call<'m>) -> Self {
        let Expr::Attribute(attribute) = &*call.node.func else {
            return Self::default();
        };
        let value: &'m Expr = &attribute.value;
        Self {
            text: Some(context.excerpt(value.range())),
            name: root(value)
                .map(|root| root.id.as_str())
                .filter(|name| !name.is_empty())
                .map(Cow::Borrowed),
            kind: wanted
                .receiver_kind
                .then(|| Cow::Borrowed(context.model.receiver(value, call.scope).as_str())),
            qualified_name: wanted
                .receiver_qualified_name
                .then(|| context.model.resolve_receiver(value, call.scope).qualified_name)
                .flatten(),
        }
    }
}

pub(super) fn args<'m>(
    context: &Context<'m>,
    wanted: &cst_call_args::Wanted,
) -> Vec<cst_call_args::Row<'m>> {
    let mut rows = Vec::new();
    let mut ordinals = Ordinals::new();
    for call in &context.model.calls {
        let callee_name = callee_name(call);
        let container_key = context.model.key(call.scope);
        let call_ordinal = match wanted.call_ordinal {
            true => ordinals.next(context, call.scope, callee_name),
            false => 0,
        };
        let (call_start, call_end) = context.span(call.node.range());
        for (position, argument) in call.node.arguments.iter_source_order().enumerate() {
            let (value, keyword, star) = match argument {
                ArgOrKeyword::Arg(value) => {
                    let (value, is_starred) = unstarred(value);
                    (value, None, is_starred.then_some("*"))
                }
                ArgOrKeyword::Keyword(keyword) => match &keyword.arg {
                    Some(name) => (&keyword.value, Some(name.as_str()), None),
                    None => (&keyword.value, None, Some("**")),
                },
            };
            let (start, end) = context.span(value.range());
            rows.push(cst_call_args::Row {
                call_start,
                call_end,
                call_place: context.place(call.node.range()),
                container_key: container_key.map(Cow::Borrowed),
                callee_name: callee_name.map(Cow::Borrowed),
                call_ordinal,
                position: count(position),
                keyword: keyword.map(Cow::Borrowed),
                star: star.map(Cow::Borrowed),
                start,
                end,
                place: context.place(value.range()),
                text: context.first_line(value.range()),
                value_kind: Cow::Borrowed(value_kind(value)),
                value_literal: literal(value).map(Cow::Owned),
                value_qualified_name: wanted
                    .value_qualified_name
                    .then(|| context.model.resolve(value, call.scope).qualified_name)
                    .flatten(),
            });
        }
    }
    distinct(rows, |row| (row.start, row.end, row.call_start, row.call_end))
}
