//! Where the names that scopes mention belong.
//!
//! A name that a scope binds is its own; else it is that of the innermost function around which binds it, through which
//! functions it may have to be handed; else it is global.

use std::ops::Range;

use rustc_hash::FxHashSet;

use super::names::{Entry, NameId, Names};
use crate::python::scope::{Flags, Model, ScopeId, ScopeKind};

/// How many names scopes may hand on, in one file. Only deep nests of functions that all use what the outermost binds have
/// more than a few thousand.
const MAX_HANDED: usize = 1_000_000;

/// A name in a scope.
#[derive(Debug, Clone, Copy)]
pub(super) struct Symbol {
    pub(super) scope: ScopeId,
    pub(super) name: NameId,
    pub(super) flags: Flags,
    pub(super) resolution: Resolution,
    /// The scope that binds it, when the file does.
    pub(super) owner: Option<ScopeId>,
}

/// To what a name in a scope belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Resolution {
    /// The scope.
    Local,
    /// The scope, and scopes inside use it.
    Cell,
    /// A function around.
    Free,
    /// The module, by declaration.
    GlobalExplicit,
    /// The module or the builtins.
    GlobalImplicit,
}

impl Resolution {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Cell => "cell",
            Self::Free => "free",
            Self::GlobalExplicit => "global_explicit",
            Self::GlobalImplicit => "global_implicit",
        }
    }
}

/// Every symbol of a module, by scope and name.
///
/// # Errors
/// Says so when scopes hand on more names than is accepted.
pub(super) fn resolve(model: &Model<'_>, names: &Names<'_>) -> Result<Vec<Symbol>, String> {
    let mut table = Table::new(model, names);
    table.resolve();
    table.hand_on()?;
    let Table { mut symbols, .. } = table;
    let ranks = names.ranks();
    symbols.sort_unstable_by_key(|symbol| (symbol.scope, ranks[symbol.name.index()]));
    Ok(symbols)
}

/// A step of the way through the scopes.
enum Step {
    Enter(ScopeId),
    Leave(ScopeId),
}

/// What the functions around a scope bind.
struct Around {
    /// By number of the name, from the outside in: the scope that binds it, or none where it is declared global.
    owners: Vec<Vec<Option<ScopeId>>>,
}

impl Around {
    fn new(names: &Names<'_>) -> Self {
        Self { owners: vec![Vec::new(); names.count()] }
    }

    fn owner(&self, name: NameId) -> Option<ScopeId> {
        self.owners[name.index()].last().copied().flatten()
    }

    fn enter(&mut self, name: NameId, owner: Option<ScopeId>) {
        self.owners[name.index()].push(owner);
    }

    fn leave(&mut self, name: NameId) {
        self.owners[name.index()].pop();
    }
}

struct Table<'t, 'a> {
    model: &'t Model<'a>,
    names: &'t Names<'a>,
    /// By scope and number of the name.
    symbols: Vec<Symbol>,
    /// By scope, where its symbols start; one more at the end.
    starts: Vec<usize>,
}

impl<'t, 'a> Table<'t, 'a> {
    /// The mentions of each name in each scope together.
    fn new(model: &'t Model<'a>, names: &'t Names<'a>) -> Self {
        let mut entries = names.entries.clone();
        entries.sort_unstable_by_key(|entry| (entry.scope, entry.name));
        let mut symbols: Vec<Symbol> = Vec::new();
        for Entry { scope, name, flags } in entries {
            match symbols.last_mut() {
                Some(last) if last.scope == scope && last.name == name => last.flags |= flags,
                _ => symbols.push(Symbol {
                    scope,
                    name,
                    flags,
                    resolution: Resolution::GlobalImplicit,
                    owner: None,
                }),
            }
        }
        let mut starts = vec![0; model.scopes.len() + 1];
        for symbol in &symbols {
            starts[symbol.scope.index() + 1] += 1;
        }
        for index in 1..starts.len() {
            starts[index] += starts[index - 1];
        }
        Self { model, names, symbols, starts }
    }

    /// Where the symbols of a scope are.
    fn range(&self, scope: ScopeId) -> Range<usize> {
        self.starts[scope.index()]..self.starts[scope.index() + 1]
    }

    fn position(&self, scope: ScopeId, name: NameId) -> Option<usize> {
        let range = self.range(scope);
        let start = range.start;
        let found = self.symbols[range].binary_search_by_key(&name, |symbol| symbol.name).ok()?;
        Some(start + found)
    }

    fn flags(&self, scope: ScopeId, name: NameId) -> Flags {
        self.position(scope, name).map_or_else(Flags::default, |found| self.symbols[found].flags)
    }

    /// Resolves every name, from the module inwards.
    fn resolve(&mut self) {
        let mut inner: Vec<Vec<ScopeId>> = vec![Vec::new(); self.model.scopes.len()];
        for (id, scope) in self.model.scope_ids().zip(&self.model.scopes) {
            if let Some(parent) = scope.parent {
                inner[parent.index()].push(id);
            }
        }
        let mut around = Around::new(self.names);
        let mut steps = vec![Step::Enter(ScopeId::MODULE)];
        while let Some(step) = steps.pop() {
            match step {
                Step::Enter(scope) => {
                    for index in self.range(scope) {
                        let (resolution, owner) = self.belonging(&self.symbols[index], &around);
                        self.symbols[index].resolution = resolution;
                        self.symbols[index].owner = owner;
                    }
                    self.bound(scope, |name, owner| around.enter(name, owner));
                    steps.push(Step::Leave(scope));
                    let inner = std::mem::take(&mut inner[scope.index()]);
                    steps.extend(inner.into_iter().map(Step::Enter));
                }
                Step::Leave(scope) => self.bound(scope, |name, _| around.leave(name)),
            }
        }
    }

    /// The names that scopes inside of `scope` do not look for further out, with the scope they find.
    fn bound(&self, scope: ScopeId, mut give: impl FnMut(NameId, Option<ScopeId>)) {
        match self.model.scope(scope).kind {
            ScopeKind::Module => {}
            ScopeKind::Class => {
                // Every class binds these for the functions in it, and nothing else.
                let names = [self.names.class, self.names.class_dict];
                names.into_iter().flatten().for_each(|name| give(name, Some(scope)));
            }
            _ => {
                for symbol in &self.symbols[self.range(scope)] {
                    if symbol.flags.has(Flags::GLOBAL) {
                        give(symbol.name, None);
                    } else if symbol.flags.has(Flags::BOUND) && !symbol.flags.has(Flags::NONLOCAL) {
                        give(symbol.name, Some(scope));
                    }
                }
            }
        }
    }

    fn belonging(&self, symbol: &Symbol, around: &Around) -> (Resolution, Option<ScopeId>) {
        let Symbol { scope, name, flags, .. } = *symbol;
        if flags.has(Flags::GLOBAL) {
            return (Resolution::GlobalExplicit, self.module(name));
        }
        if flags.has(Flags::BOUND) && !flags.has(Flags::NONLOCAL) {
            return (Resolution::Local, Some(scope));
        }
        // What the class binds is looked up there first, and then in the module.
        if let Some(class) = self.model.class_seen_from(scope) {
            let flags = self.flags(class, name);
            if flags.has(Flags::GLOBAL) {
                return (Resolution::GlobalExplicit, self.module(name));
            }
            if flags.has(Flags::BOUND) && !flags.has(Flags::NONLOCAL) {
                return (Resolution::GlobalImplicit, Some(class));
            }
        }
        match around.owner(name) {
            Some(owner) => (Resolution::Free, Some(owner)),
            None => (Resolution::GlobalImplicit, self.module(name)),
        }
    }

    /// The module, if it binds the name.
    fn module(&self, name: NameId) -> Option<ScopeId> {
        let is_bound = self.flags(ScopeId::MODULE, name).has(Flags::BOUND);
        is_bound.then_some(ScopeId::MODULE)
    }

    /// Makes cells of the locals that scopes inside use, and free names of what lies between.
    fn hand_on(&mut self) -> Result<(), String> {
        let mut handed: FxHashSet<(ScopeId, NameId)> = FxHashSet::default();
        let mut between: Vec<Symbol> = Vec::new();
        for index in 0..self.symbols.len() {
            let symbol = self.symbols[index];
            let (Resolution::Free, Some(owner)) = (symbol.resolution, symbol.owner) else {
                continue;
            };
            let mut next = self.model.scope(symbol.scope).parent;
            while let Some(scope) = next {
                let is_owner = scope == owner;
                let is_class = self.model.scope(scope).kind == ScopeKind::Class;
                match self.position(scope, symbol.name) {
                    Some(found) if is_owner => {
                        if !is_class {
                            self.symbols[found].resolution = Resolution::Cell;
                        }
                    }
                    Some(found) => {
                        let met = &mut self.symbols[found];
                        if is_class && met.flags.has(Flags::BOUND | Flags::GLOBAL) {
                            met.flags |= Flags::FREE_CLASS;
                        }
                        // It hands the name on itself.
                        if met.resolution == Resolution::Free {
                            break;
                        }
                    }
                    None if is_owner => {}
                    None => {
                        if !handed.insert((scope, symbol.name)) {
                            break;
                        }
                        if handed.len() > MAX_HANDED {
                            return Err(format!(
                                "scopes hand on more than {MAX_HANDED} names of scopes around them"
                            ));
                        }
                        between.push(Symbol { scope, flags: Flags::default(), ..symbol });
                    }
                }
                if is_owner {
                    break;
                }
                next = self.model.scope(scope).parent;
            }
        }
        self.symbols.append(&mut between);
        Ok(())
    }
}
