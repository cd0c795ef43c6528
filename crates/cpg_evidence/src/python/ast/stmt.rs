//! Statements.

use ruff_python_ast::{
    Alias, ElifElseClause, ExceptHandler, Stmt, StmtClassDef, StmtFunctionDef, StmtIf,
    StmtImportFrom, StmtMatch, StmtTry, StmtWith, TypeParam, TypeParams,
};
use ruff_text_size::{Ranged, TextRange};

use super::value::Value;
use super::walk::{NodeId, Slot, Walk};
use crate::python::scope::undecorated;

impl<'m> Walk<'_, 'm> {
    pub(super) fn stmts(&mut self, parent: NodeId, field: &'static str, stmts: &'m [Stmt]) {
        for (position, stmt) in stmts.iter().enumerate() {
            self.stmt(Slot::at(parent, field, position), stmt);
        }
    }

    fn stmt(&mut self, slot: Slot, stmt: &'m Stmt) {
        match stmt {
            Stmt::FunctionDef(stmt) => self.function(slot, stmt),
            Stmt::ClassDef(stmt) => self.class(slot, stmt),
            Stmt::If(stmt) => self.if_(slot, stmt),
            Stmt::With(stmt) => self.with(slot, stmt),
            Stmt::Match(stmt) => self.match_(slot, stmt),
            Stmt::Try(stmt) => self.try_(slot, stmt),
            Stmt::For(stmt) => {
                let kind = if stmt.is_async { "AsyncFor" } else { "For" };
                let node = self.node(slot, kind, self.with_semicolon(stmt.range));
                self.expr(Slot::one(node, "target"), &stmt.target);
                self.expr(Slot::one(node, "iter"), &stmt.iter);
                self.stmts(node, "body", &stmt.body);
                self.stmts(node, "orelse", &stmt.orelse);
            }
            Stmt::While(stmt) => {
                let node = self.node(slot, "While", self.with_semicolon(stmt.range));
                self.expr(Slot::one(node, "test"), &stmt.test);
                self.stmts(node, "body", &stmt.body);
                self.stmts(node, "orelse", &stmt.orelse);
            }
            _ => self.simple(slot, stmt),
        }
    }

    fn simple(&mut self, slot: Slot, stmt: &'m Stmt) {
        let range = stmt.range();
        match stmt {
            Stmt::Expr(stmt) => {
                let node = self.node(slot, "Expr", range);
                self.expr(Slot::one(node, "value"), &stmt.value);
            }
            Stmt::Assign(stmt) => {
                let node = self.node(slot, "Assign", range);
                self.exprs(node, "targets", &stmt.targets);
                self.expr(Slot::one(node, "value"), &stmt.value);
            }
            Stmt::AugAssign(stmt) => {
                let operator = Value::operator(stmt.op);
                let node = self.node_with(slot, "AugAssign", range, || Some(operator));
                self.expr(Slot::one(node, "target"), &stmt.target);
                self.expr(Slot::one(node, "value"), &stmt.value);
            }
            Stmt::AnnAssign(stmt) => {
                let simple = || stmt.simple.then(|| Value::new("simple", "simple"));
                let node = self.node_with(slot, "AnnAssign", range, simple);
                self.expr(Slot::one(node, "target"), &stmt.target);
                self.expr(Slot::one(node, "annotation"), &stmt.annotation);
                self.optional(Slot::one(node, "value"), stmt.value.as_deref());
            }
            Stmt::Return(stmt) => {
                let node = self.node(slot, "Return", range);
                self.optional(Slot::one(node, "value"), stmt.value.as_deref());
            }
            Stmt::Delete(stmt) => {
                let node = self.node(slot, "Delete", range);
                self.exprs(node, "targets", &stmt.targets);
            }
            Stmt::Raise(stmt) => {
                let node = self.node(slot, "Raise", range);
                self.optional(Slot::one(node, "exc"), stmt.exc.as_deref());
                self.optional(Slot::one(node, "cause"), stmt.cause.as_deref());
            }
            Stmt::Assert(stmt) => {
                let node = self.node(slot, "Assert", range);
                self.expr(Slot::one(node, "test"), &stmt.test);
                self.optional(Slot::one(node, "msg"), stmt.msg.as_deref());
            }
            Stmt::TypeAlias(stmt) => {
                let node = self.node(slot, "TypeAlias", range);
                self.expr(Slot::one(node, "name"), &stmt.name);
                self.type_params(node, stmt.type_params.as_deref());
                self.expr(Slot::one(node, "value"), &stmt.value);
            }
            Stmt::Import(stmt) => {
                let node = self.node(slot, "Import", range);
                self.aliases(node, &stmt.names);
            }
            Stmt::ImportFrom(stmt) => {
                let node = self.node_with(slot, "ImportFrom", range, || imported(stmt));
                self.aliases(node, &stmt.names);
            }
            Stmt::Global(stmt) => {
                self.node_with(slot, "Global", range, || Value::names(stmt.names.iter()));
            }
            Stmt::Nonlocal(stmt) => {
                self.node_with(slot, "Nonlocal", range, || Value::names(stmt.names.iter()));
            }
            Stmt::Pass(_) => drop(self.node(slot, "Pass", range)),
            Stmt::Break(_) => drop(self.node(slot, "Break", range)),
            Stmt::Continue(_) => drop(self.node(slot, "Continue", range)),
            // Compound statements are no simple ones, and commands of IPython no Python.
            _ => {}
        }
    }

    fn function(&mut self, slot: Slot, stmt: &'m StmtFunctionDef) {
        let kind = if stmt.is_async { "AsyncFunctionDef" } else { "FunctionDef" };
        let range = undecorated(self.context.text, &stmt.decorator_list, stmt.range);
        let name = || Value::name(stmt.name.as_str());
        let node = self.node_with(slot, kind, self.with_semicolon(range), name);
        self.arguments(Slot::one(node, "args"), &stmt.parameters);
        self.stmts(node, "body", &stmt.body);
        let decorators = stmt.decorator_list.iter().map(|decorator| &decorator.expression);
        self.exprs(node, "decorator_list", decorators);
        self.optional(Slot::one(node, "returns"), stmt.returns.as_deref());
        self.type_params(node, stmt.type_params.as_deref());
    }

    fn class(&mut self, slot: Slot, stmt: &'m StmtClassDef) {
        let range = undecorated(self.context.text, &stmt.decorator_list, stmt.range);
        let name = || Value::name(stmt.name.as_str());
        let node = self.node_with(slot, "ClassDef", self.with_semicolon(range), name);
        if let Some(arguments) = &stmt.arguments {
            self.exprs(node, "bases", &*arguments.args);
            self.keywords(node, &arguments.keywords);
        }
        self.stmts(node, "body", &stmt.body);
        let decorators = stmt.decorator_list.iter().map(|decorator| &decorator.expression);
        self.exprs(node, "decorator_list", decorators);
        self.type_params(node, stmt.type_params.as_deref());
    }

    /// A chain of `elif` may be long, so that it is walked without recursion.
    fn if_(&mut self, slot: Slot, stmt: &'m StmtIf) {
        let range = self.with_semicolon(stmt.range);
        let mut node = self.node(slot, "If", range);
        self.expr(Slot::one(node, "test"), &stmt.test);
        self.stmts(node, "body", &stmt.body);
        for ElifElseClause { range: clause, test, body, .. } in &stmt.elif_else_clauses {
            match test {
                None => self.stmts(node, "orelse", body),
                Some(test) => {
                    // It reaches to the end of the chain.
                    let range = TextRange::new(clause.start(), range.end());
                    node = self.node(Slot::at(node, "orelse", 0), "If", range);
                    self.expr(Slot::one(node, "test"), test);
                    self.stmts(node, "body", body);
                }
            }
        }
    }

    fn with(&mut self, slot: Slot, stmt: &'m StmtWith) {
        let kind = if stmt.is_async { "AsyncWith" } else { "With" };
        let node = self.node(slot, kind, self.with_semicolon(stmt.range));
        for (position, item) in stmt.items.iter().enumerate() {
            let item_node = self.node(Slot::at(node, "items", position), "withitem", item.range);
            self.expr(Slot::one(item_node, "context_expr"), &item.context_expr);
            self.optional(Slot::one(item_node, "optional_vars"), item.optional_vars.as_deref());
        }
        self.stmts(node, "body", &stmt.body);
    }

    fn match_(&mut self, slot: Slot, stmt: &'m StmtMatch) {
        let node = self.node(slot, "Match", self.with_semicolon(stmt.range));
        self.expr(Slot::one(node, "subject"), &stmt.subject);
        for (position, case) in stmt.cases.iter().enumerate() {
            let range = self.with_semicolon(case.range);
            let case_node = self.node(Slot::at(node, "cases", position), "match_case", range);
            self.pattern(Slot::one(case_node, "pattern"), &case.pattern);
            self.optional(Slot::one(case_node, "guard"), case.guard.as_deref());
            self.stmts(case_node, "body", &case.body);
        }
    }

    fn try_(&mut self, slot: Slot, stmt: &'m StmtTry) {
        let kind = if stmt.is_star { "TryStar" } else { "Try" };
        let node = self.node(slot, kind, self.with_semicolon(stmt.range));
        self.stmts(node, "body", &stmt.body);
        for (position, handler) in stmt.handlers.iter().enumerate() {
            let ExceptHandler::ExceptHandler(handler) = handler;
            let slot = Slot::at(node, "handlers", position);
            let range = self.with_semicolon(handler.range);
            let name = || Value::identifier(handler.name.as_ref());
            let handler_node = self.node_with(slot, "ExceptHandler", range, name);
            self.optional(Slot::one(handler_node, "type"), handler.type_.as_deref());
            self.stmts(handler_node, "body", &handler.body);
        }
        self.stmts(node, "orelse", &stmt.orelse);
        self.stmts(node, "finalbody", &stmt.finalbody);
    }

    fn aliases(&mut self, parent: NodeId, aliases: &'m [Alias]) {
        for (position, alias) in aliases.iter().enumerate() {
            let slot = Slot::at(parent, "names", position);
            self.node_with(slot, "alias", alias.range, || match &alias.asname {
                None => Value::name(alias.name.as_str()),
                Some(name) => Some(Value::new("identifier", format!("{} as {name}", alias.name))),
            });
        }
    }

    fn type_params(&mut self, parent: NodeId, params: Option<&'m TypeParams>) {
        let params = params.map(|params| &params.type_params).into_iter().flatten();
        for (position, param) in params.enumerate() {
            let slot = Slot::at(parent, "type_params", position);
            let name = || Value::name(param.name().as_str());
            let (kind, bound) = match param {
                TypeParam::TypeVar(param) => ("TypeVar", param.bound.as_deref()),
                TypeParam::ParamSpec(_) => ("ParamSpec", None),
                TypeParam::TypeVarTuple(_) => ("TypeVarTuple", None),
            };
            let node = self.node_with(slot, kind, param.range(), name);
            self.optional(Slot::one(node, "bound"), bound);
            self.optional(Slot::one(node, "default_value"), param.default());
        }
    }
}

/// The dots and the module of `from … import`.
fn imported(stmt: &StmtImportFrom) -> Option<Value<'_>> {
    let module = stmt.module.as_ref().map_or("", |module| module.as_str());
    match stmt.level {
        0 => Value::name(module),
        level => Some(Value::new("identifier", ".".repeat(level as usize) + module)),
    }
}
