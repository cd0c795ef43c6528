//! What scopes say about names: the raw facts that symbol tables are made from.

use std::borrow::Cow;
use std::ops::{BitOr, BitOrAssign};

use ruff_python_ast::{Expr, Stmt, StmtImportFrom};

use super::build::Builder;
use super::names::NameId;
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

    /// It stands where nothing is evaluated.
    pub(super) const UNEVALUATED: Self = Self(1 << 11);

    /// Bound in the scope, unless it is declared to belong elsewhere.
    pub(in crate::python) const BOUND: Self =
        Self(Self::ASSIGNED.0 | Self::PARAMETER.0 | Self::IMPORTED.0 | Self::TYPE_PARAMETER.0);

    /// Set and read by the compiler.
    pub(super) const HELD: Self = Self(Self::ASSIGNED.0 | Self::USED.0);

    /// Whether the interpreter knows of it.
    pub(in crate::python) fn is_evaluated(self) -> bool {
        self != Self::UNEVALUATED
    }

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
pub(super) struct Mention {
    pub(super) scope: ScopeId,
    pub(super) name: NameId,
    pub(super) flags: Flags,
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
    /// The visited scope mentions `name`. Gives the number of the mention.
    pub(super) fn mention(&mut self, name: &'a str, flags: Flags) -> usize {
        self.mention_in(self.scope, name, flags)
    }

    fn mention_in(&mut self, scope: ScopeId, name: &'a str, mut flags: Flags) -> usize {
        if self.is_discarding && !self.scope_at(scope).is_discarded {
            flags = Flags::UNEVALUATED;
        } else if self.iteration_targets.contains(&scope) {
            flags |= Flags::ITERATION;
        }
        let name = self.numbers.number(Cow::Borrowed(name));
        self.seen.mentions.push(Mention { scope, name, flags });
        self.seen.mentions.len() - 1
    }

    /// The visited scope reads `name`.
    pub(super) fn mention_use(&mut self, name: &'a str) -> usize {
        // Without arguments, `super` looks for the class around.
        if name == "super" && self.scope_at(self.scope).kind.is_function_like() {
            self.mention("__class__", Flags::USED);
        }
        self.mention(name, Flags::USED)
    }

    /// The visited scope binds `name`.
    pub(super) fn mention_binding(&mut self, name: &'a str, kind: BindingKind) -> usize {
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
        self.mention(name, flags)
    }

    /// The target of an assignment expression in a comprehension belongs to the function or module around it: as if
    /// the comprehension declared it `nonlocal` or `global`.
    fn mention_outer_target(&mut self, name: &'a str) {
        if self.scope_at(self.scope).kind != ScopeKind::Comprehension {
            return;
        }
        let mut around = self.scope;
        while let (ScopeKind::Comprehension, Some(parent)) =
            (self.scope_at(around).kind, self.scope_at(around).parent)
        {
            around = parent;
        }
        let number = self.numbers.number(Cow::Borrowed(name));
        let (inside, outside) = match self.scope_at(around).kind {
            ScopeKind::Function | ScopeKind::Lambda => {
                let is_global = self.globals.contains(&(around, number));
                (if is_global { Flags::GLOBAL } else { Flags::NONLOCAL }, Flags::ASSIGNED)
            }
            ScopeKind::Module => (Flags::GLOBAL, Flags::GLOBAL),
            // Elsewhere the interpreter refuses it.
            _ => return,
        };
        self.mention(name, inside);
        self.mention_in(around, name, outside);
    }
}
