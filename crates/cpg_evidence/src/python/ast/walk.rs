//! The walk: one row for each node, parents first.

use ruff_python_ast::{ExprContext, ModModule};
use ruff_text_size::{TextLen, TextRange, TextSize};

use super::Context;
use super::tables::ast_nodes::Row;
use super::value::Value;
use crate::python::count;

/// Number of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NodeId(i64);

/// Where in its parent a node is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    parent: NodeId,
    field: &'static str,
    position: Option<i64>,
}

impl Slot {
    /// In a field that holds one node.
    pub(super) fn one(parent: NodeId, field: &'static str) -> Self {
        Self { parent, field, position: None }
    }

    /// In a field that holds a list.
    pub(super) fn at(parent: NodeId, field: &'static str, position: usize) -> Self {
        Self { parent, field, position: Some(count(position)) }
    }
}

/// A walk of a tree.
pub(super) struct Walk<'c, 'm> {
    pub(super) context: &'c Context<'m>,
    pub(super) rows: Vec<Row<'m>>,
    wants_values: bool,
}

impl<'c, 'm> Walk<'c, 'm> {
    /// A walk that has seen nothing yet.
    pub(super) fn new(context: &'c Context<'m>, wants_values: bool) -> Self {
        Self { context, rows: Vec::new(), wants_values }
    }

    pub(super) fn module(&mut self, module: &'m ModModule) {
        let range = TextRange::up_to(self.context.text.text_len());
        let node = self.push(None, "Module", range);
        self.stmts(node, "body", &module.body);
    }

    /// A node without a value.
    pub(super) fn node(&mut self, slot: Slot, kind: &'static str, range: TextRange) -> NodeId {
        self.push(Some(slot), kind, range)
    }

    /// A node with a value, which is made only when it is needed.
    pub(super) fn node_with(
        &mut self,
        slot: Slot,
        kind: &'static str,
        range: TextRange,
        value: impl FnOnce() -> Option<Value<'m>>,
    ) -> NodeId {
        let node = self.push(Some(slot), kind, range);
        // The kind of a value is known with the value only.
        if let (Some(value), Some(row)) = (value(), self.rows.last_mut()) {
            row.value_kind = Some(value.kind);
            if self.wants_values {
                row.value = Some(value.text);
            }
        }
        node
    }

    /// Says in which context the last node stands.
    pub(super) fn set_context(&mut self, context: ExprContext) {
        if let Some(row) = self.rows.last_mut() {
            row.context = match context {
                ExprContext::Load => Some("load"),
                ExprContext::Store => Some("store"),
                ExprContext::Del => Some("del"),
                ExprContext::Invalid => None,
            };
        }
    }

    fn push(&mut self, slot: Option<Slot>, kind: &'static str, range: TextRange) -> NodeId {
        let node = NodeId(count(self.rows.len()));
        let (start, end) = self.context.span(range);
        self.rows.push(Row {
            node: node.0,
            parent: slot.map(|slot| slot.parent.0),
            field: slot.map(|slot| slot.field),
            position: slot.and_then(|slot| slot.position),
            kind,
            start,
            end,
            value: None,
            value_kind: None,
            context: None,
        });
        node
    }

    /// The range of a compound statement: with the semicolon behind its last statement, if there is one.
    pub(super) fn with_semicolon(&self, range: TextRange) -> TextRange {
        let rest = &self.context.text[range.end().to_usize()..];
        if !rest.starts_with([';', ' ', '\t', '\x0c', '\\']) {
            return range;
        }
        let mut trimmed = rest.trim_start_matches([' ', '\t', '\x0c']);
        while let Some(next) = trimmed.strip_prefix('\\') {
            let next = next.strip_prefix('\r').unwrap_or(next);
            trimmed = next.strip_prefix('\n').unwrap_or(next);
            trimmed = trimmed.trim_start_matches([' ', '\t', '\x0c']);
        }
        if trimmed.starts_with(';') {
            let skipped = rest.text_len() - trimmed.text_len() + TextSize::from(1);
            return TextRange::new(range.start(), range.end() + skipped);
        }
        range
    }
}
