//! The variables of a scope: the names that it binds itself.

use std::borrow::Cow;

use ruff_python_ast::{AtomicNodeIndex, ExprContext, ExprName};
use ruff_text_size::TextRange;

use super::{Model, NameUse, ScopeId};

impl<'a> Model<'a> {
    /// The scope that a node of the tree opens.
    pub(in crate::python) fn opened_by(&self, index: &AtomicNodeIndex) -> Option<ScopeId> {
        let scope = ScopeId(index.load().as_u32()?);
        (scope.index() < self.scopes.len()).then_some(scope)
    }

    /// The use that a name of the tree is.
    pub(super) fn use_of(&self, name: &ExprName) -> Option<&NameUse<'a>> {
        self.names.get(name.node_index.load().as_u32()? as usize)
    }

    /// The variable of `scope` that a name in the scope means, as a position among its symbols.
    pub(in crate::python) fn variable_of(&self, name: &ExprName, scope: ScopeId) -> Option<u32> {
        let used = self.use_of(name).filter(|used| used.scope == scope)?;
        let (owner, variable) = self.table.variable(used.mention)?;
        (owner == scope).then_some(variable)
    }

    /// The variable of `scope` that `name` means in it.
    pub(in crate::python) fn variable(&self, scope: ScopeId, name: &str) -> Option<u32> {
        self.table.own_variable(scope, name)
    }

    /// How many symbols a scope has, variables or not.
    pub(in crate::python) fn variables(&self, scope: ScopeId) -> usize {
        self.table.symbols.range(scope).len()
    }

    pub(in crate::python) fn variable_name(&self, scope: ScopeId, variable: u32) -> &Cow<'a, str> {
        let position = self.table.symbols.range(scope).start + variable as usize;
        self.table.names.text(self.table.symbols.all[position].name)
    }

    /// What is assigned in one scope and belongs to another around it: both scopes, the variable and the place.
    pub(in crate::python) fn assigned_around(
        &self,
    ) -> impl Iterator<Item = (ScopeId, ScopeId, u32, TextRange)> {
        let stored = self.names.iter().filter(|used| used.node.ctx == ExprContext::Store);
        stored.filter_map(|used| {
            let (owner, variable) = self.table.variable(used.mention)?;
            (owner != used.scope).then_some((used.scope, owner, variable, used.node.range))
        })
    }
}
