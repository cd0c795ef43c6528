//! The names of symbols: mangled where classes say so, and numbered.

use std::borrow::Cow;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::python::scope::{Flags, Model, ScopeId, ScopeKind};

/// Number of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct NameId(u32);

/// What a scope mentions, by number: once for each mention.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) scope: ScopeId,
    pub(super) name: NameId,
    pub(super) flags: Flags,
}

/// The names that the scopes of a module mention.
pub(super) struct Names<'a> {
    texts: Vec<Cow<'a, str>>,
    /// Every mention, and a mark for each definition's name.
    pub(super) entries: Vec<Entry>,
    /// Names with a meaning of their own, where they are mentioned.
    pub(super) class: Option<NameId>,
    pub(super) class_dict: Option<NameId>,
}

impl<'a> Names<'a> {
    pub(super) fn new(model: &Model<'a>) -> Self {
        let private = Private::new(model);
        let mut numbers: FxHashMap<Cow<'a, str>, NameId> = FxHashMap::default();
        let mut texts: Vec<Cow<'a, str>> = Vec::new();
        let mut number = |text: Cow<'a, str>| match numbers.get(&text) {
            Some(number) => *number,
            None => {
                let number = NameId(u32::try_from(texts.len()).unwrap_or(u32::MAX));
                texts.push(text.clone());
                numbers.insert(text, number);
                number
            }
        };
        let mut entries = Vec::with_capacity(model.mentions.len() + model.scopes.len());
        for mention in &model.mentions {
            let name = number(private.mangle(mention.scope, mention.name));
            entries.push(Entry { scope: mention.scope, name, flags: mention.flags });
            if mention.flags.has(Flags::GLOBAL) && mention.scope != ScopeId::MODULE {
                // The module learns of it.
                entries.push(Entry { scope: ScopeId::MODULE, name, flags: Flags::GLOBAL });
            }
        }
        for scope in model.scopes.iter().filter(|scope| !scope.is_discarded) {
            let is_namespace = matches!(
                scope.kind,
                ScopeKind::Class
                    | ScopeKind::Function
                    | ScopeKind::TypeParameters
                    | ScopeKind::TypeAlias
            );
            // The scopes behind type parameters have the same name, which is mentioned around these.
            let parent = scope
                .parent
                .filter(|parent| model.scope(*parent).kind != ScopeKind::TypeParameters);
            if let (Some(scope_around), true, false) = (parent, is_namespace, scope.name.is_empty())
            {
                let name = number(private.mangle(scope_around, scope.name));
                entries.push(Entry { scope: scope_around, name, flags: Flags::NAMESPACE });
            }
        }
        let known = |text: &str| numbers.get(text).copied();
        let (class, class_dict) = (known("__class__"), known("__classdict__"));
        Self { texts, entries, class, class_dict }
    }

    pub(super) fn text(&self, name: NameId) -> Cow<'a, str> {
        self.texts.get(name.0 as usize).cloned().unwrap_or_default()
    }

    /// How many names there are.
    pub(super) fn count(&self) -> usize {
        self.texts.len()
    }

    /// The position of each name, by number, among all in alphabetical order.
    pub(super) fn ranks(&self) -> Vec<u32> {
        let mut order: Vec<usize> = (0..self.texts.len()).collect();
        order.sort_unstable_by_key(|index| &self.texts[*index]);
        let mut ranks = vec![0; order.len()];
        for (rank, index) in (0..).zip(order) {
            ranks[index] = rank;
        }
        ranks
    }
}

impl NameId {
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// Which names are private to which class.
struct Private<'a> {
    /// By scope, the class whose private names it sees.
    classes: Vec<Option<PrivateTo<'a>>>,
    /// The type parameters, with the scopes that bind them.
    type_params: FxHashSet<(ScopeId, &'a str)>,
}

/// A class with private names.
#[derive(Clone, Copy)]
struct PrivateTo<'a> {
    class: &'a str,
    /// The scope of the class's type parameters, around its header, where only their names are private.
    header: Option<ScopeId>,
}

impl<'a> Private<'a> {
    fn new(model: &Model<'a>) -> Self {
        let mut classes: Vec<Option<PrivateTo<'a>>> = Vec::with_capacity(model.scopes.len());
        for (id, scope) in model.scope_ids().zip(&model.scopes) {
            let around = scope.parent.and_then(|parent| classes[parent.index()]);
            classes.push(match scope.kind {
                ScopeKind::Class => Some(PrivateTo { class: scope.name, header: None }),
                ScopeKind::TypeParameters if scope.is_class_header => {
                    Some(PrivateTo { class: scope.name, header: Some(id) })
                }
                _ => around,
            });
        }
        let type_params = model
            .mentions
            .iter()
            .filter(|mention| mention.flags.has(Flags::TYPE_PARAMETER))
            .map(|mention| (mention.scope, mention.name))
            .collect();
        Self { classes, type_params }
    }

    /// What `name`, written in `scope`, is called.
    fn mangle(&self, scope: ScopeId, name: &'a str) -> Cow<'a, str> {
        if !name.starts_with("__") || name.ends_with("__") || name.contains('.') {
            return Cow::Borrowed(name);
        }
        let Some(private) = self.classes[scope.index()] else {
            return Cow::Borrowed(name);
        };
        let is_private =
            private.header.is_none_or(|header| self.type_params.contains(&(header, name)));
        let class = private.class.trim_start_matches('_');
        if class.is_empty() || !is_private {
            return Cow::Borrowed(name);
        }
        Cow::Owned(format!("_{class}{name}"))
    }
}
