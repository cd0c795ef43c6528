//! Where the names that scopes mention belong.
//!
//! A name that a scope binds is its own; else it is that of the innermost function around which binds it, through which
//! functions it may have to be handed; else it is global.

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
    for index in 0..table.symbols.len() {
        table.resolve(index);
    }
    table.hand_on()?;
    let Table { mut symbols, .. } = table;
    let ranks = names.ranks();
    symbols.sort_unstable_by_key(|symbol| (symbol.scope, ranks[symbol.name.index()]));
    Ok(symbols)
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

    fn position(&self, scope: ScopeId, name: NameId) -> Option<usize> {
        let range = self.starts[scope.index()]..self.starts[scope.index() + 1];
        let start = range.start;
        let found = self.symbols[range].binary_search_by_key(&name, |symbol| symbol.name).ok()?;
        Some(start + found)
    }

    fn flags(&self, scope: ScopeId, name: NameId) -> Flags {
        self.position(scope, name).map_or_else(Flags::default, |found| self.symbols[found].flags)
    }

    fn resolve(&mut self, index: usize) {
        let Symbol { scope, name, flags, .. } = self.symbols[index];
        let (resolution, owner) = if flags.has(Flags::GLOBAL) {
            (Resolution::GlobalExplicit, self.module(name))
        } else if flags.has(Flags::BOUND) && !flags.has(Flags::NONLOCAL) {
            (Resolution::Local, Some(scope))
        } else {
            self.outside(scope, name)
        };
        self.symbols[index].resolution = resolution;
        self.symbols[index].owner = owner;
    }

    /// The module, if it binds the name.
    fn module(&self, name: NameId) -> Option<ScopeId> {
        let is_bound = self.flags(ScopeId::MODULE, name).has(Flags::BOUND);
        is_bound.then_some(ScopeId::MODULE)
    }

    /// To what a name belongs that is not bound in `scope`.
    fn outside(&self, scope: ScopeId, name: NameId) -> (Resolution, Option<ScopeId>) {
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
        match self.function_around(scope, name) {
            Some(owner) => (Resolution::Free, Some(owner)),
            None => (Resolution::GlobalImplicit, self.module(name)),
        }
    }

    /// The innermost function around `scope` that binds a name; for names that every class binds for the functions in
    /// it, the class.
    fn function_around(&self, scope: ScopeId, name: NameId) -> Option<ScopeId> {
        let is_of_class = Some(name) == self.names.class || Some(name) == self.names.class_dict;
        let mut next = self.model.scope(scope).parent;
        while let Some(id) = next {
            let scope = self.model.scope(id);
            next = scope.parent;
            match scope.kind {
                ScopeKind::Module => return None,
                ScopeKind::Class if is_of_class => return Some(id),
                ScopeKind::Class => {}
                _ => {
                    let flags = self.flags(id, name);
                    if flags.has(Flags::GLOBAL) {
                        return None;
                    }
                    if flags.has(Flags::BOUND) && !flags.has(Flags::NONLOCAL) {
                        return Some(id);
                    }
                }
            }
        }
        None
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
