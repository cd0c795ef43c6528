//! Every name of every scope, and where it belongs.
//!
//! A name that a scope binds is its own; else it is that of the innermost function around which binds it; else it is
//! global.

use std::ops::Range;

use super::around::Around;
use super::mention::Mention;
use super::names::{NameId, Names, Private};
use super::{Binding, BindingId, DefId, Flags, Scope, ScopeId, ScopeKind};

/// Index of a symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::python) struct SymbolId(u32);

/// A name in a scope.
#[derive(Debug, Clone, Copy)]
pub(in crate::python) struct Symbol {
    pub(in crate::python) scope: ScopeId,
    pub(in crate::python) name: NameId,
    pub(in crate::python) flags: Flags,
    pub(in crate::python) resolution: Resolution,
    /// The scope that binds what the name means here, when the file does.
    pub(in crate::python) owner: Option<ScopeId>,
    /// The name in that scope.
    pub(super) bound: Option<SymbolId>,
    /// The first place that binds it, in source order. A name that is only deleted belongs to the scope without.
    pub(super) first: Option<BindingId>,
    /// How many places bind it.
    pub(super) bindings: u32,
    /// The last definition of that name.
    pub(super) def: Option<DefId>,
    /// How many definitions have that name.
    pub(super) defs: u32,
}

/// To what a name in a scope belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::python) enum Resolution {
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
    pub(in crate::python) fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Cell => "cell",
            Self::Free => "free",
            Self::GlobalExplicit => "global_explicit",
            Self::GlobalImplicit => "global_implicit",
        }
    }
}

/// Symbols by scope and number of the name.
#[derive(Debug, Clone, Default)]
pub(in crate::python) struct Symbols {
    pub(in crate::python) all: Vec<Symbol>,
    /// By scope, where its symbols start; one more at the end.
    starts: Vec<usize>,
}

impl Symbols {
    /// `all` are in order.
    pub(in crate::python) fn new(all: Vec<Symbol>, scopes: usize) -> Self {
        let mut starts = vec![0; scopes + 1];
        for symbol in &all {
            starts[symbol.scope.index() + 1] += 1;
        }
        for index in 1..starts.len() {
            starts[index] += starts[index - 1];
        }
        Self { all, starts }
    }

    /// Where the symbols of a scope are.
    pub(in crate::python) fn range(&self, scope: ScopeId) -> Range<usize> {
        self.starts[scope.index()]..self.starts[scope.index() + 1]
    }

    /// Where the symbol of a name in a scope is.
    pub(in crate::python) fn position(&self, scope: ScopeId, name: NameId) -> Option<usize> {
        let range = self.range(scope);
        let start = range.start;
        let found = self.all[range].binary_search_by_key(&name, |symbol| symbol.name).ok()?;
        Some(start + found)
    }

    fn id(&self, scope: ScopeId, name: NameId) -> Option<SymbolId> {
        self.position(scope, name).map(SymbolId::at)
    }

    fn flags(&self, scope: ScopeId, name: NameId) -> Flags {
        self.position(scope, name).map_or_else(Flags::default, |found| self.all[found].flags)
    }
}

impl SymbolId {
    fn at(position: usize) -> Self {
        Self(u32::try_from(position).unwrap_or(u32::MAX))
    }

    fn index(self) -> usize {
        self.0 as usize
    }
}

/// The symbols of a module.
#[derive(Debug)]
pub(in crate::python) struct Table<'a> {
    pub(in crate::python) names: Names<'a>,
    pub(in crate::python) symbols: Symbols,
    private: Private<'a>,
    around: Around,
    /// By mention.
    mentioned: Vec<SymbolId>,
}

/// What a scope mentions, and the number of the mention if it stands in the text.
struct Entry {
    scope: ScopeId,
    name: NameId,
    flags: Flags,
    mention: Option<usize>,
}

impl<'a> Table<'a> {
    /// Resolves every mention, and gives each binding to the scope that it belongs to.
    pub(super) fn new(
        scopes: &[Scope<'a>],
        mentions: &[Mention],
        bindings: &mut [Binding<'a>],
        mut names: Names<'a>,
    ) -> Self {
        let private = Private::new(scopes, mentions);
        let mut entries = entries(scopes, mentions, &private, &mut names);
        entries.sort_unstable_by_key(|entry| {
            u64::from(entry.scope.number()) << 32 | u64::from(entry.name.number())
        });
        let mut mentioned = vec![SymbolId(0); mentions.len()];
        let mut all: Vec<Symbol> = Vec::new();
        for entry in entries {
            match all.last_mut() {
                Some(last) if last.scope == entry.scope && last.name == entry.name => {
                    last.flags |= entry.flags;
                }
                _ => all.push(Symbol::new(&entry)),
            }
            if let Some(mention) = entry.mention {
                mentioned[mention] = SymbolId::at(all.len() - 1);
            }
        }
        let symbols = Symbols::new(all, scopes.len());
        let around = Around::new(scopes, &symbols, &names);
        let mut table = Self { names, symbols, private, around, mentioned };
        for index in 0..table.symbols.all.len() {
            let symbol = &table.symbols.all[index];
            let (resolution, owner) =
                table.belonging(scopes, symbol.scope, symbol.name, symbol.flags);
            let bound = owner.and_then(|owner| table.symbols.id(owner, symbol.name));
            let symbol = &mut table.symbols.all[index];
            (symbol.resolution, symbol.owner, symbol.bound) = (resolution, owner, bound);
        }
        table.register(bindings);
        table
    }

    /// To what a name belongs that a scope mentions with these flags; for what is global, the module.
    fn belonging(
        &self,
        scopes: &[Scope<'a>],
        scope: ScopeId,
        name: NameId,
        flags: Flags,
    ) -> (Resolution, Option<ScopeId>) {
        let is_own = |flags: Flags| flags.has(Flags::BOUND) && !flags.has(Flags::NONLOCAL);
        if flags.has(Flags::GLOBAL) {
            return (Resolution::GlobalExplicit, Some(ScopeId::MODULE));
        }
        if is_own(flags) {
            return (Resolution::Local, Some(scope));
        }
        // What the class binds is looked up there first, and then in the module.
        if let Some(class) = class_seen_from(scopes, scope) {
            let flags = self.symbols.flags(class, name);
            if flags.has(Flags::GLOBAL) {
                return (Resolution::GlobalExplicit, Some(ScopeId::MODULE));
            }
            if is_own(flags) {
                return (Resolution::GlobalImplicit, Some(class));
            }
        }
        match self.around.owner(scope, name) {
            Some(owner) => (Resolution::Free, Some(owner)),
            None if flags.has(Flags::NONLOCAL) => (Resolution::GlobalImplicit, None),
            None => (Resolution::GlobalImplicit, Some(ScopeId::MODULE)),
        }
    }

    /// Gives each binding to its scope, and forgets owners that bind nothing.
    fn register(&mut self, bindings: &mut [Binding<'a>]) {
        let starts: Vec<_> = bindings.iter().map(|binding| binding.range.start()).collect();
        let all = &mut self.symbols.all;
        for (number, binding) in (0..).zip(bindings) {
            if binding.kind.is_declaration() {
                continue;
            }
            let symbol = &all[self.mentioned[binding.mention].index()];
            let (Some(owner), Some(bound)) = (symbol.owner, symbol.bound) else {
                continue;
            };
            binding.scope = owner;
            let symbol = &mut all[bound.index()];
            let is_first = |first: BindingId| starts[number as usize] < starts[first.0 as usize];
            if symbol.first.is_none_or(is_first) {
                symbol.first = Some(BindingId(number));
            }
            symbol.bindings += 1;
            if binding.def.is_some() {
                symbol.def = binding.def;
                symbol.defs += 1;
            }
        }
        for index in 0..self.symbols.all.len() {
            let Symbol { owner, bound, .. } = self.symbols.all[index];
            self.symbols.all[index].owner = self.binding_owner(owner, bound);
        }
    }

    /// `owner`, but not a module that does not bind the name.
    fn binding_owner(&self, owner: Option<ScopeId>, bound: Option<SymbolId>) -> Option<ScopeId> {
        let binds = |bound: SymbolId| {
            let bound = &self.symbols.all[bound.index()];
            bound.first.is_some() || bound.flags.has(Flags::BOUND)
        };
        owner.filter(|owner| *owner != ScopeId::MODULE || bound.is_some_and(binds))
    }

    /// The name as a mention in the text means it.
    pub(super) fn mentioned(&self, mention: usize) -> Symbol {
        self.symbols.all[self.mentioned[mention].index()]
    }

    /// What a symbol's name is bound to.
    pub(super) fn bound(&self, symbol: &Symbol) -> Option<&Symbol> {
        symbol.bound.map(|bound| &self.symbols.all[bound.index()])
    }

    /// The name as `scope` would mean it, whether or not it mentions it.
    pub(super) fn find(&self, scopes: &[Scope<'a>], scope: ScopeId, text: &str) -> Option<Symbol> {
        let name = self.number(scope, text)?;
        if let Some(found) = self.symbols.position(scope, name) {
            return Some(self.symbols.all[found]);
        }
        let flags = Flags::default();
        let (resolution, owner) = self.belonging(scopes, scope, name, flags);
        let bound = owner.and_then(|owner| self.symbols.id(owner, name));
        let owner = self.binding_owner(owner, bound);
        let entry = Entry { scope, name, flags, mention: None };
        Some(Symbol { resolution, owner, bound, ..Symbol::new(&entry) })
    }

    /// The symbol of a name that is written in the scope.
    pub(super) fn own(&self, scope: ScopeId, text: &str) -> Option<&Symbol> {
        let name = self.number(scope, text)?;
        self.symbols.position(scope, name).map(|found| &self.symbols.all[found])
    }

    /// The scope that a mentioned name belongs to, and the name's position among the symbols there.
    pub(super) fn variable(&self, mention: usize) -> Option<(ScopeId, u32)> {
        self.variable_at(self.mentioned[mention].index())
    }

    /// The position among the symbols of `scope` of a name that belongs to it.
    pub(super) fn own_variable(&self, scope: ScopeId, text: &str) -> Option<u32> {
        let found = self.symbols.position(scope, self.number(scope, text)?)?;
        self.variable_at(found).filter(|(owner, _)| *owner == scope).map(|(_, variable)| variable)
    }

    fn variable_at(&self, position: usize) -> Option<(ScopeId, u32)> {
        let symbol = &self.symbols.all[position];
        let (owner, bound) = (symbol.owner?, symbol.bound?);
        let variable = bound.index() - self.symbols.range(owner).start;
        Some((owner, u32::try_from(variable).unwrap_or(u32::MAX)))
    }

    fn number(&self, scope: ScopeId, text: &str) -> Option<NameId> {
        let name = self.names.known(text);
        match self.private.mangled(scope, text, name) {
            Some(mangled) => self.names.known(&mangled),
            None => name,
        }
    }
}

impl Symbol {
    /// Not resolved yet.
    fn new(entry: &Entry) -> Self {
        Self {
            scope: entry.scope,
            name: entry.name,
            flags: entry.flags,
            resolution: Resolution::GlobalImplicit,
            owner: None,
            bound: None,
            first: None,
            bindings: 0,
            def: None,
            defs: 0,
        }
    }
}

/// Every mention under the name that it has for the interpreter, and a mark for each definition's name.
fn entries<'a>(
    scopes: &[Scope<'a>],
    mentions: &[Mention],
    private: &Private<'a>,
    names: &mut Names<'a>,
) -> Vec<Entry> {
    let mut entries = Vec::with_capacity(mentions.len() + scopes.len());
    let mut mangle = |scope: ScopeId, name: NameId| {
        let mangled = private.mangled(scope, names.text(name), Some(name));
        mangled.map_or(name, |mangled| names.number(mangled.into()))
    };
    for (index, mention) in mentions.iter().enumerate() {
        let name = mangle(mention.scope, mention.name);
        let Mention { scope, flags, .. } = *mention;
        entries.push(Entry { scope, name, flags, mention: Some(index) });
        if flags.has(Flags::GLOBAL) && scope != ScopeId::MODULE {
            // The module learns of it.
            let (scope, flags) = (ScopeId::MODULE, Flags::GLOBAL);
            entries.push(Entry { scope, name, flags, mention: None });
        }
    }
    for scope in scopes.iter().filter(|scope| !scope.is_discarded) {
        let is_namespace = matches!(
            scope.kind,
            ScopeKind::Class
                | ScopeKind::Function
                | ScopeKind::TypeParameters
                | ScopeKind::TypeAlias
        );
        // The scopes behind type parameters have the same name, which is mentioned around these.
        let parent =
            scope.parent.filter(|parent| scopes[parent.index()].kind != ScopeKind::TypeParameters);
        if let (Some(around), true, false) = (parent, is_namespace, scope.name.is_empty()) {
            let name = names.number(scope.name.into());
            let mangled = private.mangled(around, scope.name, Some(name));
            let name = mangled.map_or(name, |mangled| names.number(mangled.into()));
            entries.push(Entry { scope: around, name, flags: Flags::NAMESPACE, mention: None });
        }
    }
    entries
}

/// The class whose names are seen from a scope of type expressions: type parameters directly in the class, and bounds,
/// defaults and values of aliases there.
pub(super) fn class_seen_from(scopes: &[Scope<'_>], scope: ScopeId) -> Option<ScopeId> {
    let mut scope = &scopes[scope.index()];
    loop {
        let is_type_scope = scope.kind == ScopeKind::TypeParameters || scope.kind.is_deferred();
        let parent = scope.parent.filter(|_| is_type_scope)?;
        scope = &scopes[parent.index()];
        if scope.kind == ScopeKind::Class {
            return Some(parent);
        }
    }
}
