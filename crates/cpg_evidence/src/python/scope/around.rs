//! Which function around a scope binds a name.

use super::names::{NameId, Names};
use super::table::Symbols;
use super::{Flags, Scope, ScopeId, ScopeKind};

/// For each name, the scopes that decide what it means in the scopes inside of them.
#[derive(Debug)]
pub(super) struct Around {
    /// By scope, where it begins and ends on a walk through all of them.
    extents: Vec<Extent>,
    /// By name, from where they begin.
    deciders: Vec<Vec<Decider>>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Extent {
    begin: u32,
    end: u32,
}

#[derive(Debug, Clone, Copy)]
struct Decider {
    extent: Extent,
    /// The scope that binds the name; none where it is declared global.
    owner: Option<ScopeId>,
    /// The decider around, among those of the name.
    outer: Option<usize>,
}

impl Around {
    pub(super) fn new(scopes: &[Scope<'_>], symbols: &Symbols, names: &Names<'_>) -> Self {
        let (extents, order) = walk(scopes);
        let mut around = Self { extents, deciders: vec![Vec::new(); names.count()] };
        let implicit = [names.known("__class__"), names.known("__classdict__")];
        for scope in order {
            match scopes[scope.index()].kind {
                ScopeKind::Module => {}
                // Every class binds these for the functions in it, and nothing else.
                ScopeKind::Class => {
                    for name in implicit.into_iter().flatten() {
                        around.push(scope, name, Some(scope));
                    }
                }
                _ => {
                    for symbol in &symbols.all[symbols.range(scope)] {
                        if symbol.flags.has(Flags::GLOBAL) {
                            around.push(scope, symbol.name, None);
                        } else if symbol.flags.has(Flags::BOUND)
                            && !symbol.flags.has(Flags::NONLOCAL)
                        {
                            around.push(scope, symbol.name, Some(scope));
                        }
                    }
                }
            }
        }
        around
    }

    fn push(&mut self, scope: ScopeId, name: NameId, owner: Option<ScopeId>) {
        let extent = self.extents[scope.index()];
        let deciders = &mut self.deciders[name.index()];
        let outer = innermost(deciders, deciders.len().checked_sub(1), extent.begin);
        deciders.push(Decider { extent, owner, outer });
    }

    /// The scope around `scope` that binds `name`, unless one between declares it global.
    pub(super) fn owner(&self, scope: ScopeId, name: NameId) -> Option<ScopeId> {
        let begin = self.extents[scope.index()].begin;
        let deciders = &self.deciders[name.index()];
        let before = deciders.partition_point(|decider| decider.extent.begin < begin);
        let found = innermost(deciders, before.checked_sub(1), begin)?;
        deciders[found].owner
    }
}

/// The innermost decider around the scope that begins at `begin`, from `start` on outwards.
fn innermost(deciders: &[Decider], start: Option<usize>, begin: u32) -> Option<usize> {
    let mut next = start;
    while let Some(index) = next.filter(|index| deciders[*index].extent.end <= begin) {
        next = deciders[index].outer;
    }
    next
}

/// Where each scope begins and ends, and the scopes in the order in which they begin. (They were opened in another one:
/// a default belongs around the function whose parameters it stands among.)
fn walk(scopes: &[Scope<'_>]) -> (Vec<Extent>, Vec<ScopeId>) {
    let mut inner: Vec<Vec<ScopeId>> = vec![Vec::new(); scopes.len()];
    for (index, scope) in scopes.iter().enumerate() {
        if let Some(parent) = scope.parent {
            inner[parent.index()].push(ScopeId::at(index));
        }
    }
    enum Step {
        Begin(ScopeId),
        End(ScopeId),
    }
    let mut extents = vec![Extent::default(); scopes.len()];
    let mut order = Vec::with_capacity(scopes.len());
    let mut steps = vec![Step::Begin(ScopeId::MODULE)];
    let mut clock = 0;
    while let Some(step) = steps.pop() {
        match step {
            Step::Begin(scope) => {
                extents[scope.index()].begin = clock;
                clock += 1;
                order.push(scope);
                steps.push(Step::End(scope));
                let inner = std::mem::take(&mut inner[scope.index()]);
                steps.extend(inner.into_iter().map(Step::Begin));
            }
            Step::End(scope) => extents[scope.index()].end = clock,
        }
    }
    (extents, order)
}
