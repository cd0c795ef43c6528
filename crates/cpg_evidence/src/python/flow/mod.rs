//! The extractor `python.flow`: in which order what a scope holds is evaluated, and which definitions reach which uses.
//!
//! ```text
//! scope::Model ──unit, walk, expr, frame: one walk per scope──► blocks, edges, events
//!                    ├─dominators──► immediate dominators, frontiers
//!                    ├─controls────► what decides whether blocks are reached
//!                    └─reach───────► definitions that reach uses
//! ```
//!
//! - Every module, class, function, lambda and comprehension that is evaluated has a graph of its own, with the number
//!   that `python.symtable` gives the scope. A comprehension is a loop for each `for` and a branch for each `if` in the
//!   graph of its own scope, and one evaluation in the graph around it. Annotations are evaluated where the interpreter
//!   evaluates them up to 3.13.
//! - `and`, `or`, `… if … else …` and chains of comparisons branch, in conditions and in values. A condition that is a
//!   literal does not.
//! - Inside of `try` and `with`, every block that evaluates anything but a literal has an edge `raise` to what takes
//!   the exception, for any place in it. An exception that nothing in the scope takes has an edge to the block `raise`
//!   only where a statement (`raise`, `assert`, the end of an unfinished `try`) says so.
//! - A `finally` is one block (or more) for all ways through it: in by `next`, `raise` or `finally`, which is a jump on
//!   its way, and out by what goes on. `with` is like `finally`, and may end an exception: then `next` goes on.
//! - `await`, `yield` and `async` are evaluations like others: that others run in between is no edge.
//! - Definitions are those of the scope's own names, by itself: what functions inside do by `nonlocal`, and others by
//!   `global`, is not seen, but assignment expressions in comprehensions are. Where nothing reaches a scope's block,
//!   its uses have no rows.

mod controls;
mod dominators;
mod expr;
mod frame;
mod graph;
mod reach;
mod tables;
mod unit;
mod walk;

use std::borrow::Cow;

use ruff_text_size::{TextRange, TextSize};

use super::scope::{Model, ScopeId};
use super::source::Source;
use crate::errors::{self, ErrorKind};
use crate::table::needed;
use dominators::Dominators;
use graph::{BlockId, Graph};
use reach::{Budget, reached};
use tables::{cfg_blocks, cfg_edges, control_dependences, def_use, dominators as dominator_rows};

crate::table::extractor! {
    "python.flow" version 3: "Control flow, and which definitions reach which uses, in Python source";
    blocks: cfg_blocks,
    edges: cfg_edges,
    def_use: def_use,
    dominators: dominator_rows,
    controls: control_dependences,
}

/// What rows are made from.
pub(super) struct Context<'m> {
    pub(super) plan: &'m Plan,
    pub(super) model: &'m Model<'m>,
    pub(super) source: Source<'m>,
}

/// A scope with its graph.
struct Flow {
    scope: ScopeId,
    /// As in `scopes`.
    number: i64,
    graph: Graph,
    dominators: Dominators,
}

/// The rows of every needed table.
pub(super) fn rows<'m>(context: &Context<'m>, errors: &mut errors::Rows<'_>) -> Rows<'m> {
    let plan = context.plan;
    let numbers = context.model.numbers();
    let flows: Vec<Flow> = unit::graphs(context.model)
        .into_iter()
        .filter_map(|(scope, graph)| {
            let number = numbers[scope.index()]?;
            let dominators = Dominators::new(&graph);
            Some(Flow { scope, number, graph, dominators })
        })
        .collect();
    Rows {
        blocks: needed(&plan.blocks, |_| block_rows(context, &flows)),
        edges: needed(&plan.edges, |_| edge_rows(context, &flows)),
        def_use: needed(&plan.def_use, |_| def_use_rows(context, &flows, errors)),
        dominators: needed(&plan.dominators, |_| dominators_of(context, &flows)),
        controls: needed(&plan.controls, |_| control_rows(context, &flows)),
    }
}

fn block_rows<'m>(context: &Context<'m>, flows: &[Flow]) -> Vec<cfg_blocks::Row<'m>> {
    let mut rows = Vec::new();
    for flow in flows {
        for (position, block) in flow.graph.blocks.iter().enumerate() {
            let id = BlockId::at(position);
            let span = block.range.map(|range| context.source.span(range));
            rows.push(cfg_blocks::Row {
                scope: flow.number,
                scope_key: key(context, flow),
                block: id.number(),
                kind: block.kind.as_str(),
                start: span.map(|span| span.0),
                end: span.map(|span| span.1),
                is_reachable: flow.dominators.is_reachable(id),
                start_line: block.range.map(|range| context.source.start_line(range)),
            });
        }
    }
    rows
}

fn edge_rows<'m>(context: &Context<'m>, flows: &[Flow]) -> Vec<cfg_edges::Row<'m>> {
    let mut rows = Vec::new();
    for flow in flows {
        for edge in &flow.graph.edges {
            let test = edge.leave.test.map(|range| context.source.span(range));
            rows.push(cfg_edges::Row {
                scope: flow.number,
                scope_key: key(context, flow),
                from_block: edge.leave.from.number(),
                to_block: edge.to.number(),
                kind: edge.leave.kind.as_str(),
                test_start: test.map(|test| test.0),
                test_end: test.map(|test| test.1),
            });
        }
    }
    rows
}

fn def_use_rows<'m>(
    context: &Context<'m>,
    flows: &[Flow],
    errors: &mut errors::Rows<'_>,
) -> Vec<def_use::Row<'m>> {
    let mut budget = Budget::new();
    let mut rows = Vec::new();
    for Flow { scope, number, graph, dominators } in flows {
        let variables = context.model.variables(*scope);
        let Some(reached) = reached(graph, dominators, variables, &mut budget) else {
            let (start, end) = context.source.span(context.model.scope(*scope).range);
            let message = format!(
                "definitions reach uses in more than {} ways; this scope and what follows have none",
                Budget::STEPS
            );
            let place = (start, end, context.source.lines.line_of(start));
            errors.push_at(KEY, ErrorKind::TooLarge, message, place);
            break;
        };
        for row in reached {
            let range = |(start, end): (u32, u32)| {
                TextRange::new(TextSize::from(start), TextSize::from(end))
            };
            let usage = range(row.usage);
            let (use_start, use_end) = context.source.span(usage);
            let defined = row.definition.map(range);
            let definition = defined.map(|defined| context.source.span(defined));
            rows.push(def_use::Row {
                scope: *number,
                name: context.model.variable_name(*scope, row.variable).clone(),
                definition_start: definition.map(|span| span.0),
                definition_end: definition.map(|span| span.1),
                definition_place: defined.map(|defined| context.source.place(defined)),
                use_start,
                use_end,
                use_place: context.source.place(usage),
                start_line: context.source.lines.line_of(use_start),
            });
        }
    }
    rows
}

fn dominators_of<'m>(context: &Context<'m>, flows: &[Flow]) -> Vec<dominator_rows::Row<'m>> {
    let mut rows = Vec::new();
    for flow in flows {
        for position in 0..flow.graph.blocks.len() {
            let block = BlockId::at(position);
            if flow.dominators.is_reachable(block) {
                rows.push(dominator_rows::Row {
                    scope: flow.number,
                    scope_key: key(context, flow),
                    block: block.number(),
                    dominator: flow.dominators.immediate(block).map(BlockId::number),
                });
            }
        }
    }
    rows
}

fn control_rows<'m>(context: &Context<'m>, flows: &[Flow]) -> Vec<control_dependences::Row<'m>> {
    let mut rows = Vec::new();
    for flow in flows {
        for (block, controlled) in controls::controls(&flow.graph, &flow.dominators) {
            rows.push(control_dependences::Row {
                scope: flow.number,
                scope_key: key(context, flow),
                block: block.number(),
                controlled: controlled.number(),
            });
        }
    }
    rows
}

fn key<'m>(context: &Context<'m>, flow: &Flow) -> Cow<'m, str> {
    Cow::Borrowed(context.model.scope_key(flow.scope))
}
