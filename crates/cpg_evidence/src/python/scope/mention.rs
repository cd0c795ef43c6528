//! What scopes say about names: the raw facts that symbol tables are made from.

use std::ops::{BitOr, BitOrAssign};

use ruff_python_ast::{Expr, Stmt, StmtImportFrom};

use super::build::Builder;
use super::{BindingKind, ScopeId, ScopeKind};

/// How a scope mentions a name; a set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::python) struct Flags(u16);

impl Flags {
    /// It is read.
    pub(in crate::python) const USED: Self = Self(1);
    /// It is assigned, deleted, or bound by a statement.
    pub(in crate::python) const ASSIGNED: Self = Self(1 << 1);
    pub(in crate::python) const PARAMETER: Self = Self(1 << 2);
    pub(in crate::python) const IMPORTED: Self = Self(1 << 3);
    /// A `global` statement names it.
    pub(in crate::python) const GLOBAL: Self = Self(1 << 4);
    /// A `nonlocal` statement names it.
    pub(in crate::python) const NONLOCAL: Self = Self(1 << 5);
    pub(in crate::python) const ANNOTATED: Self = Self(1 << 6);
    pub(in crate::python) const TYPE_PARAMETER: Self = Self(1 << 7);
    /// It stands in the target of a comprehension's `for`.
    pub(in crate::python) const ITERATION: Self = Self(1 << 8);
    /// A class binds it or declares it global, and a scope inside sees another one of that name.
    pub(in crate::python) const FREE_CLASS: Self = Self(1 << 9);
    /// A function, class or type alias of the scope has the name.
    pub(in crate::python) const NAMESPACE: Self = Self(1 << 10);

    /// Bound in the scope, unless it is declared to belong elsewhere.
    pub(in crate::python) const BOUND: Self =
        Self(Self::ASSIGNED.0 | Self::PARAMETER.0 | Self::IMPORTED.0 | Self::TYPE_PARAMETER.0);

    /// Set and read by the compiler.
    pub(super) const HELD: Self = Self(Self::ASSIGNED.0 | Self::USED.0);

    /// Whether any of `others` is in the set.
    pub(in crate::python) fn has(self, others: Self) -> bool {
        self.0 & others.0 != 0
    }
}

impl BitOr for Flags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Flags {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// A scope mentions a name, as written.
#[derive(Debug, Clone, Copy)]
pub(in crate::python) struct Mention<'a> {
    pub(in crate::python) scope: ScopeId,
    pub(in crate::python) name: &'a str,
    pub(in crate::python) flags: Flags,
}

/// Whether annotations are kept as text and never evaluated: `from __future__ import annotations`, which only counts at
/// the beginning of a module.
pub(super) fn postpones_annotations(body: &[Stmt]) -> bool {
    let is_string = |stmt: &Stmt| matches!(stmt, Stmt::Expr(expr) if matches!(*expr.value, Expr::StringLiteral(_)));
    let body = match body {
        [first, rest @ ..] if is_string(first) => rest,
        body => body,
    };
    body.iter()
        .map_while(|stmt| match stmt {
            Stmt::ImportFrom(import) => Some(import).filter(|import| is_future(import)),
            _ => None,
        })
        .any(|import| import.names.iter().any(|alias| alias.name.as_str() == "annotations"))
}

fn is_future(import: &StmtImportFrom) -> bool {
    let module = import.module.as_ref().map(|module| module.as_str());
    import.level == 0 && module == Some("__future__")
}

impl<'a> Builder<'a> {
    /// The visited scope mentions `name`.
    pub(super) fn mention(&mut self, name: &'a str, flags: Flags) {
        self.mention_in(self.scope, name, flags);
    }

    fn mention_in(&mut self, scope: ScopeId, name: &'a str, mut flags: Flags) {
        if !self.keeps_mentions || self.is_discarding {
            return;
        }
        if self.iteration_targets.contains(&scope) {
            flags |= Flags::ITERATION;
        }
        self.model.mentions.push(Mention { scope, name, flags });
    }

    /// The visited scope reads `name`.
    pub(super) fn mention_use(&mut self, name: &'a str) {
        self.mention(name, Flags::USED);
        // Without arguments, `super` looks for the class around.
        if name == "super" && self.model.scope(self.scope).kind.is_function_like() {
            self.mention("__class__", Flags::USED);
        }
    }

    /// The visited scope binds `name`.
    pub(super) fn mention_binding(&mut self, name: &'a str, kind: BindingKind) {
        let flags = match kind {
            BindingKind::Parameter => Flags::PARAMETER,
            BindingKind::Import => Flags::IMPORTED,
            BindingKind::TypeParameter => Flags::TYPE_PARAMETER | Flags::ASSIGNED,
            BindingKind::Annotation => Flags::ANNOTATED | Flags::ASSIGNED,
            BindingKind::Global => Flags::GLOBAL,
            BindingKind::Nonlocal => Flags::NONLOCAL,
            BindingKind::Assignment
            | BindingKind::Function
            | BindingKind::Class
            | BindingKind::For
            | BindingKind::With
            | BindingKind::Except
            | BindingKind::Walrus
            | BindingKind::Match
            | BindingKind::TypeAlias => Flags::ASSIGNED,
        };
        if kind == BindingKind::Walrus {
            self.mention_outer_target(name);
        }
        self.mention(name, flags);
    }

    /// The target of an assignment expression in a comprehension belongs to the function or module around it: as if
    /// the comprehension declared it `nonlocal` or `global`.
    fn mention_outer_target(&mut self, name: &'a str) {
        if self.model.scope(self.scope).kind != ScopeKind::Comprehension {
            return;
        }
        let mut around = self.scope;
        while let (ScopeKind::Comprehension, Some(parent)) =
            (self.model.scope(around).kind, self.model.scope(around).parent)
        {
            around = parent;
        }
        match self.model.scope(around).kind {
            ScopeKind::Function | ScopeKind::Lambda if self.is_declared_global(around, name) => {
                self.mention(name, Flags::GLOBAL);
                self.mention_in(around, name, Flags::ASSIGNED);
            }
            ScopeKind::Function | ScopeKind::Lambda => {
                self.mention(name, Flags::NONLOCAL);
                self.mention_in(around, name, Flags::ASSIGNED);
            }
            ScopeKind::Module => {
                self.mention(name, Flags::GLOBAL);
                self.mention_in(around, name, Flags::GLOBAL);
            }
            // Elsewhere the interpreter refuses it.
            _ => {}
        }
    }
}
