//! The numbers that tell things of one name in one definition apart.

use std::hash::Hash;

use rustc_hash::FxHashMap;

use super::Context;
use crate::python::scope::ScopeId;

/// How many things of each name there were so far, by the definition or module that they are in.
pub(super) struct Ordinals<K>(FxHashMap<(ScopeId, K), i64>);

impl<K: Hash + Eq> Ordinals<K> {
    pub(super) fn new() -> Self {
        Self(FxHashMap::default())
    }

    /// The number of the next thing called `name` at `scope`, from 0.
    pub(super) fn next(&mut self, context: &Context<'_>, scope: ScopeId, name: K) -> i64 {
        let next = self.0.entry((context.model.scope(scope).named, name)).or_default();
        *next += 1;
        *next - 1
    }
}
