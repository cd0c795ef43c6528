//! Which item needs which, and the cycles among them.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::Hash;

use cpg_base::TextRange;
use cpg_syntax::ItemKeyword;
use cpg_syntax::ast::{ItemKind, UnionMembers};
use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use crate::check::name_range;
use crate::db::Db;
use crate::expr::{POSITION, line_index};
use crate::files::{Item, Program, SourceFile, block_members, items, parse};
use crate::members::members;
use crate::names::{Resolution, Symbol, resolve};
use crate::references::{Reference, Role, needed_references};
use crate::template::{home, located};

/// The items without which an item has no meaning, each once. The entities whose ids it holds are not among
/// them: of those only the namespace is needed.
#[salsa::tracked]
pub fn dependencies<'db>(db: &'db dyn Db, item: Item<'db>) -> Vec<Item<'db>> {
    // A view of a fixpoint has its meaning from all of them together.
    if let Some(block) = item.block(db) {
        return vec![block];
    }
    let mut needed: Vec<Item<'db>> = speakers(db, item)
        .into_iter()
        .flat_map(|reader| {
            let references = needed_references(db, reader);
            references.into_iter().filter_map(move |reference| target(db, reader, &reference))
        })
        .filter(|needed| needed.block(db) != Some(item))
        .collect();
    if item.keyword(db) == ItemKeyword::Union {
        needed.extend(members(db, item));
    }
    // By name and not by the database's ids, so that the history of edits never shows.
    needed.sort_by_cached_key(|item| (item.module(db).to_owned(), item.name(db).clone()));
    needed.dedup();
    needed
}

/// What the items of a file need, in the order of its text. A query of its own, so that an edit looks at the items of
/// one file and not at those of all.
#[salsa::tracked]
pub(crate) fn needs<'db>(db: &'db dyn Db, file: SourceFile) -> Vec<(Item<'db>, Vec<Item<'db>>)> {
    let items = items(db, file).iter();
    items.map(|item| (*item, dependencies(db, *item).clone())).collect()
}

/// The items of a file that need others, by what they need; looked up only, never walked.
#[salsa::tracked]
fn readers_in<'db>(db: &'db dyn Db, file: SourceFile) -> HashMap<Item<'db>, Vec<Item<'db>>> {
    let mut readers: HashMap<Item<'db>, Vec<Item<'db>>> = HashMap::new();
    for (item, needed) in needs(db, file) {
        for needed in needed {
            readers.entry(*needed).or_default().push(*item);
        }
    }
    readers
}

/// The items that need this one, in the order of the program's text.
pub fn readers<'db>(db: &'db dyn Db, item: Item<'db>) -> Vec<Item<'db>> {
    let files = Program::get(db).files(db).iter();
    files.filter_map(|file| readers_in(db, *file).get(&item)).flatten().copied().collect()
}

/// The items whose references are those of `item`: a fixpoint reads what its views do.
fn speakers<'db>(db: &'db dyn Db, item: Item<'db>) -> Vec<Item<'db>> {
    match item.keyword(db) {
        ItemKeyword::Fixpoint => block_members(db, item),
        _ => vec![item],
    }
}

fn target<'db>(db: &'db dyn Db, item: Item<'db>, reference: &Reference<'_>) -> Option<Item<'db>> {
    // What a position means, the index of lines tells.
    if reference.role == Role::Function && reference.text == POSITION {
        return line_index(db).filter(|index| *index != item);
    }
    let home = home(db, item, reference.range).file(db);
    let found = match resolve(db, home, Symbol::new(db, reference.text)) {
        Resolution::Item(found) => found,
        Resolution::Broken | Resolution::Unknown => return None,
    };
    match reference.role {
        Role::Relation | Role::Schema => Some(found),
        Role::Value => (found.keyword(db) == ItemKeyword::Const).then_some(found),
        Role::Function => (found.keyword(db) == ItemKeyword::Fn).then_some(found),
        Role::Template => (found.keyword(db) == ItemKeyword::Template).then_some(found),
        Role::Entity | Role::Output => None,
    }
}

/// Where in `item` it says that it needs `needed`; a view of a fixpoint needs that by standing in it.
pub(crate) fn dependency_range<'db>(
    db: &'db dyn Db,
    item: Item<'db>,
    needed: Item<'db>,
) -> Option<TextRange> {
    if item.block(db) == Some(needed) {
        return Some(name_range(db, item));
    }
    let named = speakers(db, item).into_iter().find_map(|reader| {
        let references = needed_references(db, reader);
        let found = references.iter().find(|found| target(db, reader, found) == Some(needed))?;
        if reader == item {
            return Some(found.range);
        }
        // What a view of the fixpoint is made with stands elsewhere.
        let (holder, range) = located(db, reader, found.range);
        let range = if holder == reader { range } else { name_range(db, reader) };
        Some(range.shifted(reader.start(db) - item.start(db)))
    });
    named.or_else(|| match &parse(db, item).item.as_ref()?.kind {
        ItemKind::Union(tree) => match &tree.members {
            UnionMembers::Emitted { what_range, .. } => Some(*what_range),
            UnionMembers::Relations(_) => None,
        },
        _ => None,
    })
}

/// All items of the program, and which of them need themselves.
#[derive(Debug, Clone, PartialEq, Eq, salsa::SalsaValue)]
pub(crate) struct Order<'db> {
    /// Every item after those it needs, cycles aside.
    pub items: Vec<Item<'db>>,
    /// One cycle for each group of items that need each other, first item not repeated.
    pub cycles: Vec<Vec<Item<'db>>>,
    /// All items that need themselves, directly or through others.
    cyclic: Vec<Item<'db>>,
}

/// The order in which items can be checked without one check waiting for another.
///
/// Group by group, so that an edit sorts the items of one group anew and not those of the whole program.
#[salsa::tracked]
pub(crate) fn order(db: &dyn Db) -> Order<'_> {
    let mut order = Order { items: Vec::new(), cycles: Vec::new(), cyclic: Vec::new() };
    for group in groups(db) {
        if let Some(first) = group.first() {
            let own = order_of_group(db, *first);
            order.items.extend_from_slice(&own.items);
            order.cycles.extend_from_slice(&own.cycles);
            order.cyclic.extend_from_slice(&own.cyclic);
        }
    }
    order
}

/// The items of a file that need themselves.
#[salsa::tracked]
pub(crate) fn cyclic<'db>(db: &'db dyn Db, file: SourceFile) -> HashSet<Item<'db>> {
    let Some(first) = group(db, file).first() else { return HashSet::new() };
    order_of_group(db, *first).cyclic.iter().copied().collect()
}

/// The files whose items the items of a file need, by module.
#[salsa::tracked]
fn needed_files(db: &dyn Db, file: SourceFile) -> Vec<SourceFile> {
    let needed = needs(db, file).iter().flat_map(|(_, needed)| needed);
    let files: HashSet<SourceFile> = needed.map(|needed| needed.file(db)).collect();
    let mut files: Vec<SourceFile> = files.into_iter().filter(|needed| *needed != file).collect();
    files.sort_by_cached_key(|file| (file.module(db).clone(), file.source(db).clone()));
    files
}

/// The files of the program: those that need each other are a group, which comes after those that it needs.
#[salsa::tracked]
fn groups(db: &dyn Db) -> Vec<Vec<SourceFile>> {
    let files = Program::get(db).files(db);
    let graph = graph(files.iter().map(|file| (*file, needed_files(db, *file).as_slice())));
    let component = |nodes: Vec<NodeIndex>| {
        let mut nodes = nodes;
        nodes.sort_unstable();
        nodes.into_iter().map(|node| graph[node]).collect()
    };
    kosaraju_scc(&graph).into_iter().map(component).collect()
}

/// The group of a file. A query of its own, since it hardly ever changes.
#[salsa::tracked]
fn group(db: &dyn Db, file: SourceFile) -> Vec<SourceFile> {
    let mut groups = groups(db).iter();
    groups.find(|group| group.contains(&file)).cloned().unwrap_or_default()
}

/// The order of the items of a group, by its first file.
#[salsa::tracked]
fn order_of_group<'db>(db: &'db dyn Db, first: SourceFile) -> Order<'db> {
    let needs = group(db, first).iter().flat_map(|file| needs(db, *file));
    let graph = graph(needs.map(|(item, needed)| (*item, needed.as_slice())));
    let items = Vec::with_capacity(graph.node_count());
    let mut order = Order { items, cycles: Vec::new(), cyclic: Vec::new() };
    // Components come with those they lead to before them.
    for component in kosaraju_scc(&graph) {
        let members = component.iter().map(|node| graph[*node]);
        if let Some(cycle) = shortest_cycle(&graph, &component) {
            order.cycles.push(cycle);
            order.cyclic.extend(members.clone());
        }
        order.items.extend(members);
    }
    order
}

/// Nodes with those that they lead to, as far as these are among them.
fn graph<'a, N: Copy + Eq + Hash + 'a>(
    nodes: impl Iterator<Item = (N, &'a [N])> + Clone,
) -> DiGraph<N, ()> {
    let mut graph: DiGraph<N, ()> = DiGraph::new();
    // Looked up only, never walked: its order would depend on the history of edits.
    let known: HashMap<N, NodeIndex> =
        nodes.clone().map(|(node, _)| (node, graph.add_node(node))).collect();
    for (node, needed) in nodes {
        for needed in needed {
            if let (Some(from), Some(to)) = (known.get(&node), known.get(needed)) {
                graph.add_edge(*from, *to, ());
            }
        }
    }
    graph
}

/// A shortest cycle through the first item of a component, if it has any.
fn shortest_cycle<'db>(
    graph: &DiGraph<Item<'db>, ()>,
    component: &[NodeIndex],
) -> Option<Vec<Item<'db>>> {
    let start = *component.iter().min()?;
    let component: HashSet<NodeIndex> = component.iter().copied().collect();
    let mut reached_from: HashMap<NodeIndex, NodeIndex> = HashMap::new();
    let mut pending = VecDeque::from([start]);
    while let Some(node) = pending.pop_front() {
        for next in graph.neighbors(node).filter(|next| component.contains(next)) {
            if next == start {
                let mut path = vec![graph[node]];
                let mut at = node;
                while let Some(before) = reached_from.get(&at) {
                    path.push(graph[*before]);
                    at = *before;
                }
                path.reverse();
                return Some(path);
            }
            if let Entry::Vacant(unseen) = reached_from.entry(next) {
                unseen.insert(node);
                pending.push_back(next);
            }
        }
    }
    None
}
