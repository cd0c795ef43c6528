//! What `__all__` says.

use std::borrow::Cow;

use ruff_python_ast::{ExceptHandler, Expr, Operator, Stmt};
use ruff_text_size::{Ranged, TextRange};

use super::Context;
use super::tables::exported_names;
use crate::python::scope::ScopeId;

const ALL: &str = "__all__";

pub(super) fn rows<'m>(context: &Context<'m>) -> Vec<exported_names::Row<'m>> {
    let mut said = Said { context, entries: Vec::new(), before: Vec::new(), conditions: 0 };
    said.body(&context.syntax.body);
    let rows = said.entries.into_iter().map(|entry| {
        let (start, end) = context.source.span(entry.range);
        let (kind, name) = match entry.what {
            What::Name(name) => ("name", Some(Cow::Borrowed(name))),
            What::Module(name) => ("module", Some(Cow::Owned(name))),
            What::Unknown => ("unknown", None),
        };
        exported_names::Row { start, end, kind, name, is_conditional: entry.is_conditional }
    });
    rows.collect()
}

enum What<'m> {
    Name(&'m str),
    Module(String),
    Unknown,
}

struct Entry<'m> {
    what: What<'m>,
    range: TextRange,
    is_conditional: bool,
}

/// What is said so far.
struct Said<'c, 'm> {
    context: &'c Context<'m>,
    entries: Vec<Entry<'m>>,
    /// What an assignment drops unless its value has it.
    before: Vec<Entry<'m>>,
    conditions: usize,
}

impl<'m> Said<'_, 'm> {
    fn body(&mut self, body: &'m [Stmt]) {
        body.iter().for_each(|statement| self.statement(statement));
    }

    fn branch(&mut self, body: &'m [Stmt]) {
        self.conditions += 1;
        self.body(body);
        self.conditions -= 1;
    }

    /// Statements in functions and classes say nothing of the module's own `__all__`.
    fn statement(&mut self, statement: &'m Stmt) {
        match statement {
            Stmt::Assign(assign) if assign.targets.iter().any(is_all) => self.assign(&assign.value),
            Stmt::AnnAssign(assign) if is_all(&assign.target) => {
                if let Some(value) = &assign.value {
                    self.assign(value);
                }
            }
            Stmt::AugAssign(assign) if is_all(&assign.target) => self.add(&assign.value),
            Stmt::Expr(statement) => self.call(&statement.value),
            Stmt::If(branches) => {
                self.branch(&branches.body);
                branches.elif_else_clauses.iter().for_each(|clause| self.branch(&clause.body));
            }
            Stmt::Try(parts) => {
                self.branch(&parts.body);
                for ExceptHandler::ExceptHandler(handler) in &parts.handlers {
                    self.branch(&handler.body);
                }
                self.branch(&parts.orelse);
                self.body(&parts.finalbody);
            }
            Stmt::For(parts) => {
                self.branch(&parts.body);
                self.branch(&parts.orelse);
            }
            Stmt::While(parts) => {
                self.branch(&parts.body);
                self.branch(&parts.orelse);
            }
            Stmt::With(with) => self.body(&with.body),
            Stmt::Match(cases) => cases.cases.iter().for_each(|case| self.branch(&case.body)),
            _ => {}
        }
    }

    /// What was said before is gone, unless it depends on something whether this is said.
    fn assign(&mut self, value: &'m Expr) {
        if self.conditions == 0 {
            self.before = std::mem::take(&mut self.entries);
        }
        self.add(value);
        self.before.clear();
    }

    fn call(&mut self, expr: &'m Expr) {
        let Expr::Call(call) = expr else { return };
        let Expr::Attribute(method) = &*call.func else { return };
        if !is_all(&method.value) {
            return;
        }
        let arguments = &call.arguments.args;
        match (method.attr.as_str(), &**arguments) {
            ("append", [value]) | ("insert", [_, value]) => self.element(value),
            ("extend", [value]) => self.add(value),
            ("remove", [value]) => self.remove(value),
            // They change the order only.
            ("sort" | "reverse", _) => {}
            _ => self.push(What::Unknown, call.range()),
        }
    }

    fn remove(&mut self, value: &'m Expr) {
        match value {
            Expr::StringLiteral(literal) if self.conditions == 0 => {
                let name = literal.value.to_str();
                self.entries
                    .retain(|entry| !matches!(entry.what, What::Name(said) if said == name));
            }
            // Names that may be removed may also be there.
            Expr::StringLiteral(_) => {}
            _ => self.push(What::Unknown, value.range()),
        }
    }

    /// Adds what a sequence holds.
    fn add(&mut self, value: &'m Expr) {
        match value {
            Expr::List(list) => list.elts.iter().for_each(|element| self.element(element)),
            Expr::Tuple(tuple) => tuple.elts.iter().for_each(|element| self.element(element)),
            Expr::Set(set) => set.elts.iter().for_each(|element| self.element(element)),
            Expr::BinOp(sum) if sum.op == Operator::Add => {
                self.add(&sum.left);
                self.add(&sum.right);
            }
            Expr::Attribute(attribute) if attribute.attr.as_str() == ALL => {
                let what = dotted(&attribute.value).map(|name| self.module(&name));
                self.push(what.map_or(What::Unknown, What::Module), attribute.range());
            }
            name if is_all(name) => self.entries.append(&mut self.before),
            Expr::Call(call) if call.arguments.keywords.is_empty() => {
                let is_copy = matches!(
                    &*call.func,
                    Expr::Name(name) if matches!(name.id.as_str(), "list" | "tuple" | "sorted" | "set")
                );
                match &*call.arguments.args {
                    [value] if is_copy => self.add(value),
                    [] if is_copy => {}
                    _ => self.push(What::Unknown, call.range()),
                }
            }
            other => self.push(What::Unknown, other.range()),
        }
    }

    fn element(&mut self, element: &'m Expr) {
        match element {
            Expr::StringLiteral(literal) => {
                self.push(What::Name(literal.value.to_str()), literal.range());
            }
            Expr::Starred(starred) => self.add(&starred.value),
            other => self.push(What::Unknown, other.range()),
        }
    }

    fn push(&mut self, what: What<'m>, range: TextRange) {
        self.entries.push(Entry { what, range, is_conditional: self.conditions > 0 });
    }

    /// The absolute name of a module by what the file calls it: a name that it imports, or a submodule, which an import of
    /// anything in that binds in the package.
    fn module(&self, name: &str) -> String {
        let (first, rest) = name.split_once('.').unwrap_or((name, ""));
        let mut imports = self.context.model.imports.iter().rev();
        let import = imports.find(|import| {
            import.scope == ScopeId::MODULE && import.bound.is_some_and(|(name, _)| name == first)
        });
        let module = self.context.module;
        let stands_for = match import {
            // `import a.b` binds `a`.
            Some(import) if import.from.is_none() && import.alias.asname.is_none() => {
                first.to_owned()
            }
            Some(import) => import.target.clone(),
            None if module.is_package => format!("{}.{first}", module.dotted),
            None => first.to_owned(),
        };
        if rest.is_empty() { stands_for } else { format!("{stands_for}.{rest}") }
    }
}

fn is_all(expr: &Expr) -> bool {
    matches!(expr, Expr::Name(name) if name.id.as_str() == ALL)
}

fn dotted(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Name(name) => Some(name.id.to_string()),
        Expr::Attribute(attribute) => {
            Some(format!("{}.{}", dotted(&attribute.value)?, attribute.attr))
        }
        _ => None,
    }
}
