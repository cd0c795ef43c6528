//! What definitions and variables are called: their dotted paths, and their keys.
//!
//! A key tells a thing from others of its kind in the file, by names alone: it stays when lines come and go above.
//! Definitions of one path are numbered from the second on, as in `C.m#2`. Names that comprehensions and type parameters
//! bind are numbered from the first on, in the definition around them: `f.x` is the variable of `f`, `f.x#1` another one.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

use ruff_python_ast::Identifier;
use rustc_hash::FxHashMap;

use super::names::NameId;
use super::{BindingId, DefId, DefNode, Flags, Model, ScopeId};

/// The keys of the variables of a module, by the first place that binds each.
#[derive(Debug)]
pub(super) struct VariableKeys {
    text: String,
    /// By binding.
    places: Vec<Range<usize>>,
}

impl VariableKeys {
    fn new(model: &Model<'_>) -> Self {
        let mut keys = Self { text: String::new(), places: vec![0..0; model.bindings.len()] };
        let mut unnamed: FxHashMap<(ScopeId, NameId), u32> = FxHashMap::default();
        for symbol in &model.table.symbols.all {
            let Some(first) = symbol.first else {
                continue;
            };
            let start = keys.text.len();
            let named = model.scope(symbol.scope).named;
            push_below(&mut keys.text, model.key(named), model.table.names.text(symbol.name));
            if named != symbol.scope {
                let number = unnamed.entry((named, symbol.name)).or_default();
                *number += 1;
                push_number(&mut keys.text, *number);
            }
            keys.places[first.index()] = start..keys.text.len();
        }
        keys
    }
}

/// The keys of the scopes of a module: a definition's is that of the definition.
#[derive(Debug)]
pub(super) struct ScopeKeys(Vec<String>);

impl ScopeKeys {
    fn new(model: &Model<'_>) -> Self {
        let mut unnamed: FxHashMap<(ScopeId, &str), u32> = FxHashMap::default();
        let key = |id: ScopeId| {
            let scope = model.scope(id);
            let mut text = String::new();
            if scope.named == id {
                text.push_str(model.key(id).unwrap_or_default());
                return text;
            }
            let number = unnamed.entry((scope.named, scope.kind.as_str())).or_default();
            *number += 1;
            push_below(&mut text, model.key(scope.named), scope.kind.as_str());
            push_number(&mut text, *number);
            text
        };
        Self(model.scope_ids().map(key).collect())
    }
}

impl<'a> Model<'a> {
    /// Gives definitions their dotted paths and their keys.
    pub(super) fn name_definitions(&mut self, module: &str) {
        let mut lambdas = vec![0_u32; self.scopes.len()];
        let mut numbers: FxHashMap<String, u32> = FxHashMap::default();
        for id in self.scope_ids() {
            let Some(def) = self.scope(id).def.map(|def| self.def(def)) else {
                if id == ScopeId::MODULE {
                    module.clone_into(&mut self.seen.scopes[id.index()].qualified_name);
                }
                continue;
            };
            let outer = def.outer;
            let mut around = self.scope(outer).named;
            let name = match def.node {
                DefNode::Lambda(_) => {
                    lambdas[around.index()] += 1;
                    Cow::Owned(format!("<lambda{}>", lambdas[around.index()]))
                }
                node => Cow::Borrowed(node.name()),
            };
            // As for the interpreter, what is declared global is named as if it stood in the module.
            let symbol = self.table.own(outer, &name);
            if outer != ScopeId::MODULE && symbol.is_some_and(|own| own.flags.has(Flags::GLOBAL)) {
                around = ScopeId::MODULE;
            }
            let path = format!("{}.{name}", self.scope(around).qualified_name);
            let mut key = String::new();
            push_below(&mut key, self.key(around), &name);
            let number = numbers.entry(key.clone()).or_default();
            let ordinal = *number;
            *number += 1;
            if *number > 1 {
                push_number(&mut key, *number);
            }
            let scope = &mut self.seen.scopes[id.index()];
            (scope.qualified_name, scope.key) = (path, Some(key));
            scope.ordinal = i64::from(ordinal);
        }
    }

    /// The key of the innermost definition whose body `scope` is part of; none in the module.
    pub(in crate::python) fn key(&self, scope: ScopeId) -> Option<&str> {
        self.scope(self.scope(scope).named).key.as_deref()
    }

    /// Among the definitions of its path, the number of the one whose body `scope` is, from 0.
    pub(in crate::python) fn ordinal(&self, scope: ScopeId) -> i64 {
        self.scope(scope).ordinal
    }

    /// The key of a definition.
    pub(in crate::python) fn def_key(&self, def: DefId) -> &str {
        self.key(self.def(def).body).unwrap_or_default()
    }

    /// What tells a scope from the others of the file: the key of the definition whose body it is, empty for the module;
    /// others are numbered by kind in the definition around them, as in `C.m.comprehension#1`.
    pub(in crate::python) fn scope_key(&self, scope: ScopeId) -> &str {
        let keys = self.scope_keys.get_or_init(|| ScopeKeys::new(self));
        &keys.0[scope.index()]
    }

    /// The key of the variable that is bound at `name` for the first time in `scope`; none where it was bound before.
    pub(in crate::python) fn own_key(&self, scope: ScopeId, name: &Identifier) -> Option<&str> {
        let first = self.table.own(scope, name.as_str())?.first?;
        (self.binding(first).range == name.range).then(|| self.variable_key(first))
    }

    /// The key of the variable that has the name in a scope; none where no place binds it.
    pub(in crate::python) fn symbol_key(&self, scope: ScopeId, name: NameId) -> Option<&str> {
        let symbols = &self.table.symbols;
        let first = symbols.all[symbols.position(scope, name)?].first?;
        Some(self.variable_key(first))
    }

    /// The key of the variable that `first` is the first place to bind.
    pub(in crate::python) fn variable_key(&self, first: BindingId) -> &str {
        let keys = self.variable_keys.get_or_init(|| VariableKeys::new(self));
        &keys.text[keys.places[first.index()].clone()]
    }
}

/// Adds the key of what has a name in the definition of a key.
fn push_below(text: &mut String, around: Option<&str>, name: &str) {
    if let Some(around) = around {
        text.push_str(around);
        text.push('.');
    }
    text.push_str(name);
}

fn push_number(text: &mut String, number: u32) {
    // Writing to a string cannot fail.
    let _ = write!(text, "#{number}");
}
