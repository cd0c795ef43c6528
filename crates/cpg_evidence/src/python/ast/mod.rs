//! The extractor `python.ast`: the syntax tree as CPython's `ast` has it, from 3.12 on.
//!
//! The parser's tree is not that of CPython. What differs is made equal here:
//!
//! - `elif` is an `If` in the `orelse` of the one before.
//! - Every function and lambda has `arguments`, with all defaults in lists of their own.
//! - The parts of a string that are written side by side are one node; in a `JoinedStr` and a `TemplateStr`, constant
//!   text that meets is one `Constant`.
//! - A generator expression that is the only argument of a call has the brackets of the call.
//! - A compound statement ends after the semicolon behind its last statement, where there is one.
//!
//! The prefix `u` of a string and comments that are types are left out.
//!
//! Operators and contexts are objects without a place in CPython's tree. Here they are values of the nodes that have
//! them: a third of the nodes of `ast.walk` are `Load`, `Add` and their like.

mod expr;
mod pattern;
mod stmt;
mod string;
mod tables;
mod value;
mod walk;

use std::ops::Deref;

use ruff_python_ast::ModModule;

use super::source::Source;
use crate::table::needed;
use tables::ast_nodes;
use walk::Walk;

crate::table::extractor! {
    "python.ast" version 1: "The syntax tree of Python source, as CPython's ast has it";
    nodes: ast_nodes,
}

/// What rows are made from.
pub(super) struct Context<'m> {
    pub(super) plan: &'m Plan,
    pub(super) syntax: &'m ModModule,
    pub(super) source: Source<'m>,
}

/// The rows of every needed table.
pub(super) fn rows<'m>(context: &Context<'m>) -> Rows<'m> {
    Rows {
        nodes: needed(&context.plan.nodes, |wanted| {
            let mut walk = Walk::new(context, wanted.value);
            walk.module(context.syntax);
            walk.rows
        }),
    }
}

impl<'m> Deref for Context<'m> {
    type Target = Source<'m>;

    fn deref(&self) -> &Source<'m> {
        &self.source
    }
}
