//! Which relations of a program are meant: by name, kind, tag or path, with what they need and what needs them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use crate::ir::{Model, RelationDocs};
use crate::manifest::ProgramManifest;
use crate::spec::{Relation, RelationId, Spec};

/// Some relations of a program, as they are named: `cpg_nodes`, `+call`, `call+`, `kind:relate`, `tag:api`,
/// `path:std/python`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector {
    /// Whether all that these are computed from are meant, too.
    inputs: bool,
    by: By,
    /// Whether all that are computed from these are meant, too.
    readers: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum By {
    /// A whole name, an output's, or the end of one.
    Name(String),
    /// The word that items begin with.
    Kind(String),
    /// A tag that items carry.
    Tag(String),
    /// A file of the program, or a folder of such.
    Path(String),
}

/// A selector that nothing of the program fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownSelector {
    /// The selector.
    pub selector: Selector,
    /// What could have been said in its place, without duplicates.
    pub known: BTreeSet<String>,
}

impl FromStr for Selector {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (inputs, rest) = match text.strip_prefix('+') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (readers, rest) = match rest.strip_suffix('+') {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let by = match rest.split_once(':') {
            None => By::Name(rest.to_owned()),
            Some(("kind", kind)) => By::Kind(kind.to_owned()),
            Some(("tag", tag)) => By::Tag(tag.to_owned()),
            Some(("path", path)) => {
                By::Path(path.trim_start_matches("./").trim_end_matches('/').to_owned())
            }
            Some((what, _)) => {
                return Err(format!(
                    "`{what}:` selects nothing; there are `kind:`, `tag:` and `path:`"
                ));
            }
        };
        let (By::Name(word) | By::Kind(word) | By::Tag(word) | By::Path(word)) = &by;
        if word.is_empty() {
            return Err("a name is missing, as in `cpg_nodes`, `+call` or `tag:api`".to_owned());
        }
        Ok(Self { inputs, by, readers })
    }
}

/// As it is written.
impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.inputs { "+" } else { "" })?;
        match &self.by {
            By::Name(name) => f.write_str(name),
            By::Kind(kind) => write!(f, "kind:{kind}"),
            By::Tag(tag) => write!(f, "tag:{tag}"),
            By::Path(path) => write!(f, "path:{path}"),
        }?;
        f.write_str(if self.readers { "+" } else { "" })
    }
}

impl Selector {
    /// The word that is looked for.
    pub fn word(&self) -> &str {
        let (By::Name(word) | By::Kind(word) | By::Tag(word) | By::Path(word)) = &self.by;
        word
    }
}

/// What can be selected: relations with what is known of them.
struct Choice<'a> {
    relations: Vec<&'a Relation>,
    /// By name.
    outputs: Cow<'a, BTreeMap<String, RelationId>>,
    docs: &'a BTreeMap<RelationId, RelationDocs>,
}

impl ProgramManifest {
    /// The relations of the program that some selector of `wanted` means, or the outputs where there is none, but for those
    /// that one of `unwanted` means.
    ///
    /// # Errors
    /// [`UnknownSelector`] when nothing fits one of them.
    pub fn select(
        &self,
        wanted: &[Selector],
        unwanted: &[Selector],
    ) -> Result<BTreeSet<RelationId>, UnknownSelector> {
        let choice = Choice {
            relations: self.ir().relations().iter().map(|one| &one.relation).collect(),
            outputs: Cow::Borrowed(self.outputs()),
            docs: self.ir().docs(),
        };
        choice.select(wanted, unwanted, || self.outputs().values().cloned().collect())
    }
}

impl Model {
    /// The relations that some selector of `wanted` means, or all where there is none, but for those that one of `unwanted`
    /// means. Outputs have the names of their relations.
    ///
    /// # Errors
    /// [`UnknownSelector`] when nothing fits one of them.
    pub fn select(
        &self,
        wanted: &[Selector],
        unwanted: &[Selector],
    ) -> Result<BTreeSet<RelationId>, UnknownSelector> {
        let outputs = self.exports.iter().map(|id| (id.name().to_owned(), id.clone()));
        let choice = Choice {
            relations: self.relations.iter().collect(),
            outputs: Cow::Owned(outputs.collect()),
            docs: &self.docs,
        };
        let all = || self.relations.iter().map(|relation| relation.id.clone()).collect();
        choice.select(wanted, unwanted, all)
    }
}

impl Choice<'_> {
    fn select(
        &self,
        wanted: &[Selector],
        unwanted: &[Selector],
        all: impl FnOnce() -> BTreeSet<RelationId>,
    ) -> Result<BTreeSet<RelationId>, UnknownSelector> {
        let mut selected = if wanted.is_empty() { all() } else { BTreeSet::new() };
        for selector in wanted {
            selected.extend(self.meant(selector)?);
        }
        for selector in unwanted {
            let meant = self.meant(selector)?;
            selected.retain(|id| !meant.contains(id));
        }
        Ok(selected)
    }

    fn meant(&self, selector: &Selector) -> Result<BTreeSet<RelationId>, UnknownSelector> {
        let named = self.fitting(&selector.by);
        if named.is_empty() {
            let known = self.known(&selector.by);
            return Err(UnknownSelector { selector: selector.clone(), known });
        }
        let mut meant = named.clone();
        if selector.inputs {
            meant.extend(self.inputs(named.clone()));
        }
        if selector.readers {
            meant.extend(self.readers(named));
        }
        Ok(meant)
    }

    /// These, and all that they are computed from.
    fn inputs(&self, named: BTreeSet<RelationId>) -> BTreeSet<RelationId> {
        let by_id: BTreeMap<&RelationId, &&Relation> =
            self.relations.iter().map(|relation| (&relation.id, relation)).collect();
        let mut pending: Vec<RelationId> = named.into_iter().collect();
        let mut found = BTreeSet::new();
        while let Some(id) = pending.pop() {
            let inputs = by_id.get(&id).map(|relation| relation.spec.inputs()).unwrap_or_default();
            if found.insert(id) {
                pending.extend(inputs.into_iter().cloned());
            }
        }
        found
    }

    /// These, and all that are computed from them.
    fn readers(&self, named: BTreeSet<RelationId>) -> BTreeSet<RelationId> {
        let mut by_input: BTreeMap<&RelationId, Vec<&RelationId>> = BTreeMap::new();
        for relation in &self.relations {
            for input in relation.spec.inputs() {
                by_input.entry(input).or_default().push(&relation.id);
            }
        }
        let mut pending: Vec<RelationId> = named.into_iter().collect();
        let mut found = BTreeSet::new();
        while let Some(id) = pending.pop() {
            let readers = by_input.get(&id).cloned().unwrap_or_default();
            if found.insert(id) {
                pending.extend(readers.into_iter().cloned());
            }
        }
        found
    }

    fn fitting(&self, by: &By) -> BTreeSet<RelationId> {
        if let By::Name(name) = by {
            let whole = self.relations.iter().map(|one| &one.id).find(|id| id.as_str() == name);
            if let Some(only) = whole.or_else(|| self.outputs.get(name)) {
                return BTreeSet::from([only.clone()]);
            }
        }
        let fitting = self.relations.iter().filter(|relation| match by {
            By::Name(name) => {
                let rest = relation.id.as_str().strip_suffix(name.as_str());
                rest.is_some_and(|rest| rest.ends_with('.'))
            }
            By::Kind(kind) => self::kind(&relation.spec) == kind,
            By::Tag(tag) => self.docs.get(&relation.id).is_some_and(|docs| docs.tags.contains(tag)),
            By::Path(path) => paths(&relation.id).any(|one| one == *path),
        });
        fitting.map(|relation| relation.id.clone()).collect()
    }

    /// All that could be said in this way.
    fn known(&self, by: &By) -> BTreeSet<String> {
        let relations = self.relations.iter();
        match by {
            By::Name(_) => relations
                .flat_map(|one| [one.id.as_str().to_owned(), one.id.name().to_owned()])
                .collect(),
            By::Kind(_) => relations.map(|one| kind(&one.spec).to_owned()).collect(),
            By::Tag(_) => self.docs.values().flat_map(|docs| docs.tags.iter().cloned()).collect(),
            By::Path(_) => relations.flat_map(|one| paths(&one.id)).collect(),
        }
    }
}

/// The word that the item of a relation begins with.
fn kind(spec: &Spec) -> &'static str {
    match spec {
        Spec::Evidence(_) | Spec::Files(_) => "evidence",
        Spec::Normalize(_) => "normalize",
        Spec::Relate(_) => "relate",
        Spec::Union(_) => "union",
        Spec::View(_) | Spec::Member(_) | Spec::Sql(_) => "view",
        Spec::Fixpoint(_) => "fixpoint",
        Spec::Closure(_) => "closure",
    }
}

/// The file that declares a relation, which its module names, and the folders above it.
fn paths(id: &RelationId) -> impl Iterator<Item = String> {
    let module = id.as_str().rsplit_once('.').map_or("", |(module, _)| module);
    let parts: Vec<&str> = module.split('.').collect();
    let folders: Vec<String> = (1..parts.len()).map(|many| parts[..many].join("/")).collect();
    folders.into_iter().chain([format!("{}.cpg", parts.join("/"))])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Selector {
        text.parse().expect("it is a selector")
    }

    #[test]
    fn selectors_are_read_as_they_are_written() {
        for text in
            ["cpg_nodes", "+call", "call+", "+std.python.calls.call+", "+kind:relate+", "tag:api"]
        {
            assert_eq!(parsed(text).to_string(), text);
        }
        assert_eq!(parsed("path:./std/python/").to_string(), "path:std/python");
        for (text, why) in
            [("", "missing"), ("+", "missing"), ("tag:", "missing"), ("tga:x", "`tga:`")]
        {
            let told = text.parse::<Selector>().expect_err("it is none");
            assert!(told.contains(why), "{text}: {told}");
        }
    }

    #[test]
    fn a_module_is_a_file_in_folders() {
        let of = |module| paths(&RelationId::new(module, "x")).collect::<Vec<_>>();
        assert_eq!(of("std.python.calls"), ["std", "std/python", "std/python/calls.cpg"]);
        assert_eq!(of("shop"), ["shop.cpg"]);
    }
}
