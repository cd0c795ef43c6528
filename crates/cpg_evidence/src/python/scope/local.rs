//! What nodes of the tree are in the model.

use ruff_python_ast::{AtomicNodeIndex, ExprName};

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
}
