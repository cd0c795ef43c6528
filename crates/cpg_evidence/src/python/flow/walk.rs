//! The walk of one scope, statement by statement, in the order of evaluation.

use ruff_python_ast::visitor::source_order::SourceOrderVisitor;
use ruff_python_ast::{
    ExceptHandler, Expr, ExprContext, Identifier, MatchCase, Parameters, Stmt, StmtAnnAssign,
    StmtClassDef, StmtFor, StmtFunctionDef, StmtIf, StmtMatch, StmtTry, StmtWhile, StmtWith,
    WithItem,
};
use ruff_text_size::{Ranged, TextLen, TextRange};

use super::expr::Branches;
use super::frame::Frame;
use super::graph::{Act, BlockId, BlockKind, EdgeKind, Event, Graph, Leave};
use super::unit::{AssignedAround, Body, Unit};
use crate::python::scope::{Model, ScopeId};

/// A walk of one scope.
pub(super) struct Walk<'w, 'a> {
    pub(super) model: &'w Model<'a>,
    pub(super) scope: ScopeId,
    pub(super) graph: Graph,
    /// The block that what is visited next is evaluated in.
    current: Option<BlockId>,
    /// Where there is none: the ways to the next one.
    pub(super) open: Vec<Leave>,
    pub(super) frames: Vec<Frame>,
    /// The innermost guard, as a position among the frames.
    pub(super) guard: Option<usize>,
    /// What comprehensions assign around them.
    pub(super) around: &'w AssignedAround,
    /// The scopes inside that were met.
    pub(super) inner: &'w mut Vec<Unit<'a>>,
}

impl<'w, 'a> Walk<'w, 'a> {
    /// At the entry of a scope.
    pub(super) fn new(
        model: &'w Model<'a>,
        around: &'w AssignedAround,
        scope: ScopeId,
        inner: &'w mut Vec<Unit<'a>>,
    ) -> Self {
        let (graph, current) = (Graph::new(), Some(BlockId::ENTRY));
        let (open, frames) = (Vec::new(), Vec::new());
        Self { model, scope, graph, current, open, frames, guard: None, around, inner }
    }

    /// The rest of the entry is a block of its own.
    pub(super) fn enter(&mut self) {
        self.open = self.take_open();
    }

    /// The end of the scope.
    pub(super) fn finish(mut self) -> Graph {
        let end = self.take_open();
        self.graph.connect(end, BlockId::EXIT);
        self.graph
    }

    /// The block that is evaluated now.
    pub(super) fn here(&mut self) -> BlockId {
        self.current.unwrap_or_else(|| self.begin(BlockKind::Body))
    }

    /// A new block.
    pub(super) fn begin(&mut self, kind: BlockKind) -> BlockId {
        let open = self.take_open();
        let block = self.graph.add(kind);
        self.graph.connect(open, block);
        self.current = Some(block);
        block
    }

    /// The ways out of what was visited. Nothing is evaluated until it is said where they lead.
    pub(super) fn take_open(&mut self) -> Vec<Leave> {
        match self.current.take() {
            Some(block) => vec![Leave::new(block, EdgeKind::Next)],
            None => std::mem::take(&mut self.open),
        }
    }

    /// `range` is evaluated now, which may raise.
    pub(super) fn evaluated(&mut self, range: TextRange) {
        let block = self.here();
        self.graph.cover(block, range);
        self.may_raise(block);
    }

    /// `range` stands here, which does not raise.
    pub(super) fn passed(&mut self, range: TextRange) {
        let block = self.here();
        self.graph.cover(block, range);
    }

    pub(super) fn act(&mut self, variable: u32, act: Act) {
        let block = self.here();
        self.graph.events.push(Event { block, variable, act });
    }

    /// A name is bound that is no expression.
    pub(super) fn bind(&mut self, name: &str, range: TextRange) {
        if let Some(variable) = self.model.variable(self.scope, name) {
            self.act(variable, Act::Bind(range));
        }
    }

    pub(super) fn parameters(&mut self, parameters: &'a Parameters) {
        for parameter in parameters.iter_source_order() {
            let name: &Identifier = parameter.name();
            self.bind(name.as_str(), name.range);
        }
    }

    pub(super) fn body(&mut self, body: &'a [Stmt]) {
        for stmt in body {
            self.stmt(stmt);
        }
    }

    fn stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::If(stmt) => self.branch(stmt),
            Stmt::While(stmt) => self.while_loop(stmt),
            Stmt::For(stmt) => self.for_loop(stmt),
            Stmt::Match(stmt) => self.match_cases(stmt),
            Stmt::Try(stmt) => self.try_except(stmt),
            Stmt::With(stmt) => self.with_items(stmt, &stmt.items),
            Stmt::FunctionDef(function) => self.function(function),
            Stmt::ClassDef(class) => self.class(class),
            simple => {
                let block = self.here();
                self.simple(simple);
                // Where it branches, each part stands for itself.
                if self.current == Some(block) {
                    self.passed(simple.range());
                }
                match simple {
                    Stmt::Return(_) => self.returns(),
                    Stmt::Raise(_) => {
                        let raising = self.take_open();
                        self.raise(raising);
                    }
                    Stmt::Break(_) => self.breaks(false),
                    Stmt::Continue(_) => self.breaks(true),
                    _ => {}
                }
            }
        }
    }

    fn simple(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Assign(assign) => {
                self.expr(&assign.value);
                assign.targets.iter().for_each(|target| self.expr(target));
            }
            Stmt::AugAssign(assign) => {
                if let Expr::Name(name) = &*assign.target {
                    self.name(name, ExprContext::Load);
                    self.expr(&assign.value);
                    self.evaluated(assign.target.range());
                    self.name(name, ExprContext::Store);
                } else {
                    self.expr(&assign.target);
                    self.expr(&assign.value);
                    self.evaluated(assign.target.range());
                }
            }
            Stmt::AnnAssign(assign) => self.annotated(assign),
            Stmt::Assert(assert) => {
                let Branches { yes, no } = self.condition(&assert.test);
                self.open = no;
                if let Some(message) = &assert.msg {
                    self.expr(message);
                }
                let raising = self.take_open();
                self.raise(raising);
                self.open = yes;
            }
            Stmt::Import(import) => {
                self.evaluated(import.range);
                for alias in &import.names {
                    self.imported(alias.asname.as_ref(), &alias.name);
                }
            }
            Stmt::ImportFrom(import) => {
                self.evaluated(import.range);
                for alias in &import.names {
                    self.imported(alias.asname.as_ref(), &alias.name);
                }
            }
            Stmt::TypeAlias(alias) => self.expr(&alias.name),
            Stmt::Return(stmt) => stmt.value.iter().for_each(|value| self.expr(value)),
            Stmt::Raise(stmt) => {
                stmt.exc.iter().chain(&stmt.cause).for_each(|value| self.expr(value));
                self.evaluated(stmt.range);
            }
            Stmt::Delete(delete) => delete.targets.iter().for_each(|target| self.expr(target)),
            Stmt::Expr(stmt) => self.expr(&stmt.value),
            _ => {}
        }
    }

    /// Of `a.b` without another name, `a` is bound.
    fn imported(&mut self, alias: Option<&Identifier>, name: &Identifier) {
        match alias {
            Some(alias) => self.bind(alias.as_str(), alias.range),
            None => {
                let first = name.as_str().split('.').next().unwrap_or_default();
                self.bind(first, TextRange::at(name.start(), first.text_len()));
            }
        }
    }

    fn annotated(&mut self, assign: &'a StmtAnnAssign) {
        if let Some(value) = &assign.value {
            self.expr(value);
        }
        if assign.value.is_some() || !assign.target.is_name_expr() {
            self.expr(&assign.target);
        }
        // In functions nothing but the value is evaluated.
        if !self.model.scope(self.scope).kind.is_function_like() {
            self.annotation(&assign.annotation);
        }
    }

    fn annotation(&mut self, annotation: &'a Expr) {
        if !self.model.postpones_annotations {
            self.expr(annotation);
        }
    }

    fn function(&mut self, function: &'a StmtFunctionDef) {
        function.decorator_list.iter().for_each(|decorator| self.expr(&decorator.expression));
        self.defaults(&function.parameters);
        for parameter in function.parameters.iter_source_order() {
            parameter.annotation().into_iter().for_each(|annotation| self.annotation(annotation));
        }
        function.returns.iter().for_each(|returns| self.annotation(returns));
        self.evaluated(TextRange::new(function.start(), function.parameters.end()));
        if let Some(scope) = self.model.opened_by(&function.node_index) {
            self.inner.push(Unit { scope, body: Body::Function(function) });
        }
        self.bind(function.name.as_str(), function.name.range);
    }

    pub(super) fn defaults(&mut self, parameters: &'a Parameters) {
        for parameter in parameters.iter_source_order() {
            parameter.default().into_iter().for_each(|default| self.expr(default));
        }
    }

    fn class(&mut self, class: &'a StmtClassDef) {
        class.decorator_list.iter().for_each(|decorator| self.expr(&decorator.expression));
        for argument in class.arguments.iter().flat_map(|all| all.iter_source_order()) {
            self.expr(argument.value());
        }
        self.evaluated(TextRange::new(class.start(), class.name.end()));
        if let Some(scope) = self.model.opened_by(&class.node_index) {
            self.inner.push(Unit { scope, body: Body::Statements(&class.body) });
        }
        self.bind(class.name.as_str(), class.name.range);
    }

    fn branch(&mut self, stmt: &'a StmtIf) {
        let mut done = Vec::new();
        let Branches { yes, mut no } = self.condition(&stmt.test);
        self.open = yes;
        self.body(&stmt.body);
        done.extend(self.take_open());
        for clause in &stmt.elif_else_clauses {
            self.open = no;
            no = Vec::new();
            if let Some(test) = &clause.test {
                let branches = self.condition(test);
                self.open = branches.yes;
                no = branches.no;
            }
            self.body(&clause.body);
            done.extend(self.take_open());
        }
        done.extend(no);
        self.open = done;
    }

    fn while_loop(&mut self, stmt: &'a StmtWhile) {
        let head = self.begin(BlockKind::Loop);
        self.graph.cover(head, stmt.test.range());
        let Branches { yes, no } = self.condition(&stmt.test);
        self.open = yes;
        let breaks = self.looped(head, |walk| walk.body(&stmt.body));
        self.otherwise(no, &stmt.orelse, breaks);
    }

    fn for_loop(&mut self, stmt: &'a StmtFor) {
        self.expr(&stmt.iter);
        let (yes, no) = self.next_item(stmt.iter.range());
        self.open = vec![yes];
        let breaks = self.looped(yes.from, |walk| {
            walk.expr(&stmt.target);
            walk.body(&stmt.body);
        });
        self.otherwise(vec![no], &stmt.orelse, breaks);
    }

    /// A block that asks an iterator for an item, with the ways when there is one and when there is none.
    pub(super) fn next_item(&mut self, iterable: TextRange) -> (Leave, Leave) {
        let head = self.begin(BlockKind::Loop);
        self.evaluated(iterable);
        self.take_open();
        (Leave::tested(head, true, iterable), Leave::tested(head, false, iterable))
    }

    /// Behind a loop.
    fn otherwise(&mut self, ends: Vec<Leave>, orelse: &'a [Stmt], breaks: Vec<Leave>) {
        self.open = ends;
        self.body(orelse);
        let mut open = self.take_open();
        open.extend(breaks);
        self.open = open;
    }

    fn match_cases(&mut self, stmt: &'a StmtMatch) {
        self.expr(&stmt.subject);
        let mut done = Vec::new();
        let mut next = self.take_open();
        for MatchCase { pattern, guard, body, .. } in &stmt.cases {
            self.open = next;
            next = Vec::new();
            if !pattern.is_irrefutable() {
                let block = self.begin(BlockKind::Case);
                self.visit_pattern(pattern);
                self.evaluated(pattern.range());
                self.take_open();
                let test = pattern.range();
                self.open = vec![Leave::tested(block, true, test)];
                next.push(Leave::tested(block, false, test));
            }
            self.captures(pattern);
            if let Some(guard) = guard {
                let Branches { yes, no } = self.condition(guard);
                self.open = yes;
                next.extend(no);
            }
            self.body(body);
            done.extend(self.take_open());
        }
        done.extend(next);
        self.open = done;
    }

    fn with_items(&mut self, stmt: &'a StmtWith, items: &'a [WithItem]) {
        let [item, rest @ ..] = items else {
            return self.body(&stmt.body);
        };
        self.expr(&item.context_expr);
        self.evaluated(item.context_expr.range());
        self.cleaned_up(
            (BlockKind::WithExit, true),
            |walk| {
                item.optional_vars.iter().for_each(|target| walk.expr(target));
                walk.with_items(stmt, rest);
            },
            |walk| walk.evaluated(item.context_expr.range()),
        );
    }

    fn try_except(&mut self, stmt: &'a StmtTry) {
        if stmt.finalbody.is_empty() {
            return self.handled(stmt);
        }
        self.cleaned_up(
            (BlockKind::Finally, false),
            |walk| walk.handled(stmt),
            |walk| walk.body(&stmt.finalbody),
        );
    }

    /// `try` with `except` and `else`, without `finally`.
    fn handled(&mut self, stmt: &'a StmtTry) {
        if stmt.handlers.is_empty() {
            self.body(&stmt.body);
            return self.body(&stmt.orelse);
        }
        let mut next = self.caught(|walk| walk.body(&stmt.body));
        self.body(&stmt.orelse);
        let mut done = self.take_open();
        for handler in &stmt.handlers {
            let ExceptHandler::ExceptHandler(handler) = handler;
            self.open = next;
            next = Vec::new();
            if let Some(kind) = &handler.type_ {
                self.begin(BlockKind::Except);
                self.expr(kind);
                self.evaluated(kind.range());
                let block = self.here();
                self.take_open();
                self.open = vec![Leave::tested(block, true, kind.range())];
                next.push(Leave::tested(block, false, kind.range()));
            }
            if let Some(name) = &handler.name {
                self.bind(name.as_str(), name.range);
                self.passed(name.range);
            }
            self.body(&handler.body);
            if let Some(name) = &handler.name {
                self.forget(name);
            }
            let end = self.take_open();
            if stmt.is_star {
                // What a handler leaves of a group goes to the next one.
                next.extend(end);
            } else {
                done.extend(end);
            }
        }
        if stmt.is_star {
            done.extend(next.iter().copied());
        }
        self.raise(next);
        self.open = done;
    }

    /// The name of an exception is unbound at the end of its handler.
    fn forget(&mut self, name: &Identifier) {
        let is_reached = self.current.is_some() || !self.open.is_empty();
        let variable = self.model.variable(self.scope, name.as_str());
        if let Some(variable) = variable.filter(|_| is_reached) {
            self.act(variable, Act::Unbind);
        }
    }
}
