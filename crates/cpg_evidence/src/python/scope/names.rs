//! The names of a module: numbered, and mangled where classes say so.

use std::borrow::Cow;

use rustc_hash::{FxHashMap, FxHashSet};

use super::mention::Mention;
use super::{Flags, Scope, ScopeId, ScopeKind};

/// Number of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::python) struct NameId(u32);

impl NameId {
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }

    pub(super) fn number(self) -> u32 {
        self.0
    }
}

/// The names that are numbered so far.
#[derive(Debug, Default)]
pub(in crate::python) struct Names<'a> {
    texts: Vec<Cow<'a, str>>,
    numbers: FxHashMap<Cow<'a, str>, NameId>,
}

impl<'a> Names<'a> {
    /// The number of a name, which it gets now if it has none.
    pub(super) fn number(&mut self, text: Cow<'a, str>) -> NameId {
        if let Some(number) = self.numbers.get(&text) {
            return *number;
        }
        let number = NameId(u32::try_from(self.texts.len()).unwrap_or(u32::MAX));
        self.texts.push(text.clone());
        self.numbers.insert(text, number);
        number
    }

    /// The number of a name that was met.
    pub(super) fn known(&self, text: &str) -> Option<NameId> {
        self.numbers.get(text).copied()
    }

    pub(in crate::python) fn text(&self, name: NameId) -> &Cow<'a, str> {
        &self.texts[name.index()]
    }

    /// How many names there are.
    pub(super) fn count(&self) -> usize {
        self.texts.len()
    }

    /// The position of each name, by number, among all in alphabetical order.
    pub(in crate::python) fn ranks(&self) -> Ranks {
        let mut order: Vec<usize> = (0..self.texts.len()).collect();
        order.sort_unstable_by_key(|index| &self.texts[*index]);
        let mut ranks = vec![0; order.len()];
        for (rank, index) in (0..).zip(order) {
            ranks[index] = rank;
        }
        Ranks(ranks)
    }
}

/// Names in alphabetical order.
pub(in crate::python) struct Ranks(Vec<u32>);

impl Ranks {
    pub(in crate::python) fn of(&self, name: NameId) -> u32 {
        self.0[name.index()]
    }
}

/// Which names are private to which class.
#[derive(Debug)]
pub(super) struct Private<'a> {
    /// By scope, the class whose private names it sees.
    classes: Vec<Option<PrivateTo<'a>>>,
    /// The type parameters, with the scopes that bind them.
    type_params: FxHashSet<(ScopeId, NameId)>,
}

/// A class with private names.
#[derive(Debug, Clone, Copy)]
struct PrivateTo<'a> {
    class: &'a str,
    /// The scope of the class's type parameters, around its header, where only their names are private.
    header: Option<ScopeId>,
}

impl<'a> Private<'a> {
    pub(super) fn new(scopes: &[Scope<'a>], mentions: &[Mention]) -> Self {
        let mut classes: Vec<Option<PrivateTo<'a>>> = Vec::with_capacity(scopes.len());
        for (index, scope) in scopes.iter().enumerate() {
            let around = scope.parent.and_then(|parent| classes[parent.index()]);
            classes.push(match scope.kind {
                ScopeKind::Class => Some(PrivateTo { class: scope.name, header: None }),
                ScopeKind::TypeParameters if scope.is_class_header => {
                    Some(PrivateTo { class: scope.name, header: Some(ScopeId::at(index)) })
                }
                _ => around,
            });
        }
        let type_params = mentions
            .iter()
            .filter(|mention| mention.flags.has(Flags::TYPE_PARAMETER))
            .map(|mention| (mention.scope, mention.name))
            .collect();
        Self { classes, type_params }
    }

    /// What the name `text`, written in `scope`, is called, where that is something else. `name` is its number, if it
    /// has one.
    pub(super) fn mangled(
        &self,
        scope: ScopeId,
        text: &str,
        name: Option<NameId>,
    ) -> Option<String> {
        if !text.starts_with("__") || text.ends_with("__") || text.contains('.') {
            return None;
        }
        let private = self.classes[scope.index()]?;
        let is_private = private.header.is_none_or(|header| {
            name.is_some_and(|name| self.type_params.contains(&(header, name)))
        });
        let class = private.class.trim_start_matches('_');
        (!class.is_empty() && is_private).then(|| format!("_{class}{text}"))
    }
}
