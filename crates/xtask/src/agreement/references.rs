//! To which definitions references lead, beside what an index says that a type checker made.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

use crate::graph::Graph;
use crate::process::{Outcome, say};

use super::percent;
use super::sources::Sources;

/// Definitions of the package by where their names stand; a module stands nowhere in its file.
const DEFINITIONS: &str = "select n.node_id, n.kind, n.qualified_name, n.path, \
    coalesce(d.name_start, n.start) as start \
    from cpg_nodes n \
    left join extract.cst_defs d on n.kind in ('CLASS', 'FUNCTION', 'METHOD') \
        and n.file_id = d.file_id and n.start = d.start and n.\"end\" = d.\"end\" \
    where n.kind in ('CLASS', 'FUNCTION', 'METHOD', 'PARAMETER', 'VARIABLE', 'ATTRIBUTE', 'MODULE', 'PACKAGE')";

/// Every place that binds a variable, with the first one, where its node stands.
const BOUND: &str = "select b.path, b.start, f.start as first_start from extract.cst_bindings b \
    join extract.cst_bindings f on b.file_id = f.file_id and b.first_place = f.place";

/// Where names stand that the graph may lead from, and where it does: references, imported names, and the last names of
/// what is called.
const LEADS: &str = "with place as ( \
    select n.node_id, n.path, n.start, case r.context when 'load' then 'a name that is read' \
        else 'a name that is assigned again' end as role \
    from cpg_nodes n join extract.cst_refs r on n.file_id = r.file_id and n.start = r.start and n.\"end\" = r.\"end\" \
    where n.kind = 'REFERENCE' \
    union all \
    select node_id, path, start, 'an imported name' as role from cpg_nodes where kind = 'IMPORT' \
    union all \
    select n.node_id, n.path, c.callee_end - octet_length(c.callee_name) as start, 'an attribute that is called' as role \
    from cpg_nodes n join extract.cst_callsites c on n.file_id = c.file_id and n.start = c.start and n.\"end\" = c.\"end\" \
    where n.kind = 'CALL' and c.shape = 'attribute') \
    select p.path, p.start, p.role, e.kind, e.dst, e.confidence \
    from place p left join ( \
        select * from cpg_edges where kind in ('REFERS_TO', 'IMPORT_RESOLVES_TO', 'CALLS', 'INSTANTIATES')) e \
    on p.node_id = e.src";

/// Which methods override which.
const OVERRIDES: &str = "select src, dst from cpg_edges where kind = 'OVERRIDES'";

/// The index, as the extractor `scip` reads it.
const OCCURRENCES: &str = "select path, nullif(start, \"end\") as start, symbol, is_local, is_definition \
    from extract.scip_occurrences";

/// A file, with where a name in it begins; the file itself stands for its module.
type Place = (String, Option<usize>);

/// What the graph knows of a definition.
struct Definition {
    kind: String,
    qualified_name: String,
    place: Place,
}

/// How many references lead to the same, and what those that do not have in common.
#[derive(Default)]
pub(super) struct References {
    both: usize,
    right: usize,
    only_graph: usize,
    only_index: usize,
    groups: BTreeMap<String, usize>,
    pub(super) differences: Vec<String>,
}

impl References {
    /// `plain` is built without the index, `indexed` with it.
    pub(super) fn compare(
        sources: &Sources,
        plain: &Graph<'_>,
        indexed: &Graph<'_>,
    ) -> Outcome<Self> {
        let known = Known::of(plain)?;
        let mut graph = leads(plain, &known)?;
        let mut references = Self::default();
        for (place, said) in index(indexed)? {
            let lead = graph.remove(&place).unwrap_or_default();
            if lead.to.is_empty() {
                references.only_index += 1;
                let role = lead.role.unwrap_or_else(|| unnamed(sources, &place).to_owned());
                *references.groups.entry(format!("only the index: {role}")).or_default() += 1;
                continue;
            }
            references.both += 1;
            let said: Vec<Said> =
                said.iter().map(|place| Said { place, known: known.at(place) }).collect();
            if lead.to.iter().all(|found| said.iter().any(|said| said.is(found))) {
                references.right += 1;
            } else {
                references.differ(sources, &known, &place, &lead.to, &said);
            }
        }
        references.only_graph = graph.values().filter(|lead| !lead.to.is_empty()).count();
        Ok(references)
    }

    fn differ(
        &mut self,
        sources: &Sources,
        known: &Known,
        place: &Place,
        found: &[&Definition],
        said: &[Said<'_>],
    ) {
        let cause = known.cause(found, said);
        *self.groups.entry(format!("different: {cause}")).or_default() += 1;
        let line = |place: &Place| sources.shown(&place.0, place.1.unwrap_or_default());
        let shown = |(what, place): (&str, &Place)| format!("{what} ({})", line(place));
        let found = found.iter().map(|found| (found.qualified_name.as_str(), &found.place));
        let said = said.iter().map(|said| {
            (said.known.map_or("what has no node", |known| &known.qualified_name), said.place)
        });
        self.differences.push(format!(
            "{}: {cause}: leads to {}, the index says {}",
            line(place),
            found.map(shown).collect::<Vec<_>>().join(", "),
            said.map(shown).collect::<Vec<_>>().join(", ")
        ));
    }
}

/// What the graph knows of the package's definitions.
struct Known {
    /// By the ids of their nodes.
    definitions: BTreeMap<String, Definition>,
    ids: BTreeMap<Place, String>,
    /// What methods override, at the next class above that has them.
    overridden: BTreeMap<String, Vec<String>>,
}

impl Known {
    fn of(graph: &Graph<'_>) -> Outcome<Self> {
        let definition = |row: &Value| {
            let text = |column: &str| row[column].as_str().unwrap_or_default().to_owned();
            let definition = Definition {
                kind: text("kind"),
                qualified_name: text("qualified_name"),
                place: place(row),
            };
            (row["node_id"].to_string(), definition)
        };
        let definitions: BTreeMap<_, _> = graph.rows(DEFINITIONS)?.iter().map(definition).collect();
        let mut ids: BTreeMap<Place, String> =
            definitions.iter().map(|(id, known)| (known.place.clone(), id.clone())).collect();
        for row in graph.rows(BOUND)? {
            let (path, start) = place(&row);
            let first = (path, row["first_start"].as_u64().map(|start| start as usize));
            if let Some(id) = ids.get(&first).cloned() {
                ids.entry((first.0, start)).or_insert(id);
            }
        }
        let mut overridden: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in graph.rows(OVERRIDES)? {
            overridden.entry(row["src"].to_string()).or_default().push(row["dst"].to_string());
        }
        Ok(Self { definitions, ids, overridden })
    }

    fn at(&self, place: &Place) -> Option<&Definition> {
        self.definitions.get(self.ids.get(place)?)
    }

    /// Why the graph may lead elsewhere than the index.
    fn cause(&self, found: &[&Definition], said: &[Said<'_>]) -> &'static str {
        let any = |test: &dyn Fn(&Definition, &Definition) -> bool| {
            let known = said.iter().filter_map(|said| said.known);
            known.into_iter().any(|known| found.iter().any(|found| test(found, known)))
        };
        let holds = |said: &Said<'_>| {
            said.known.is_none_or(|known| ["ATTRIBUTE", "VARIABLE"].contains(&known.kind.as_str()))
        };
        if any(&|found, known| found.place == known.place) {
            "that and others"
        } else if any(&|found, known| found.qualified_name == known.qualified_name) {
            "another definition of the same name"
        } else if any(&|found, known| self.overrides(found, known)) {
            "an override of it"
        } else if any(&|found, known| self.overrides(known, found)) {
            "what it overrides"
        } else if said.iter().all(holds) {
            "what a variable or attribute holds"
        } else {
            "something else"
        }
    }

    fn overrides(&self, below: &Definition, above: &Definition) -> bool {
        let (Some(below), Some(above)) = (self.ids.get(&below.place), self.ids.get(&above.place))
        else {
            return false;
        };
        let (mut pending, mut seen) = (vec![below], BTreeSet::new());
        while let Some(id) = pending.pop() {
            if id == above {
                return true;
            }
            if seen.insert(id) {
                pending.extend(self.overridden.get(id).into_iter().flatten());
            }
        }
        false
    }
}

/// What the index says of a reference.
struct Said<'s> {
    place: &'s Place,
    /// Where the graph has it.
    known: Option<&'s Definition>,
}

impl Said<'_> {
    fn is(&self, found: &Definition) -> bool {
        self.known.is_some_and(|known| known.place == found.place)
    }
}

/// What is named at a place, and the surest definitions of the package that the graph leads to from there.
#[derive(Default)]
struct Lead<'d> {
    role: Option<String>,
    sure: (bool, f64),
    to: Vec<&'d Definition>,
}

/// Where the graph may lead from.
fn leads<'d>(graph: &Graph<'_>, known: &'d Known) -> Outcome<BTreeMap<Place, Lead<'d>>> {
    let mut leads: BTreeMap<Place, Lead<'_>> = BTreeMap::new();
    for row in graph.rows(LEADS)? {
        let lead = leads.entry(place(&row)).or_default();
        lead.role = row["role"].as_str().map(str::to_owned);
        let Some(definition) = known.definitions.get(&row["dst"].to_string()) else { continue };
        // A call of a class leads to its `__init__`, too.
        let sure = (row["kind"] != "CALLS", row["confidence"].as_f64().unwrap_or_default());
        if lead.to.is_empty() || sure > lead.sure {
            lead.sure = sure;
            lead.to.clear();
        }
        if sure == lead.sure {
            lead.to.push(definition);
        }
    }
    Ok(leads)
}

/// Every place that names something that is defined in the package, with the places that define that.
fn index(graph: &Graph<'_>) -> Outcome<BTreeMap<Place, BTreeSet<Place>>> {
    let mut defined: BTreeMap<(String, String), BTreeSet<Place>> = BTreeMap::new();
    let mut used: Vec<(Place, (String, String))> = Vec::new();
    for row in graph.rows(OCCURRENCES)? {
        let place = place(&row);
        let file = if row["is_local"] == true { place.0.clone() } else { String::new() };
        let symbol = (file, row["symbol"].as_str().unwrap_or_default().to_owned());
        if row["is_definition"] == true {
            defined.entry(symbol).or_default().insert(place);
        } else {
            used.push((place, symbol));
        }
    }
    let mut index: BTreeMap<Place, BTreeSet<Place>> = BTreeMap::new();
    for (place, symbol) in used {
        if let Some(places) = defined.get(&symbol) {
            index.entry(place).or_default().extend(places.iter().cloned());
        }
    }
    Ok(index)
}

fn place(row: &Value) -> Place {
    let start = row["start"].as_u64().map(|start| start as usize);
    (row["path"].as_str().unwrap_or_default().to_owned(), start)
}

/// What is named where the graph has no node.
fn unnamed(sources: &Sources, place: &Place) -> &'static str {
    match sources.before(&place.0, place.1.unwrap_or_default()).last() {
        Some(b'.') => "an attribute",
        _ => "a keyword, or the module of an import",
    }
}

/// Counts of what disagreements have in common.
pub(super) fn print_groups<'r>(all: impl Iterator<Item = &'r References>) {
    let mut groups: BTreeMap<&str, usize> = BTreeMap::new();
    for (group, count) in all.flat_map(|references| &references.groups) {
        *groups.entry(group).or_default() += count;
    }
    say("\n| what differs | references |\n| --- | --: |");
    for (group, count) in groups {
        say(&format!("| {group} | {count} |"));
    }
}

/// Cells of a table.
impl fmt::Display for References {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { both, right, only_graph, only_index, .. } = self;
        write!(f, "{both} | {} | {only_graph} | {only_index}", percent(*right, *both))
    }
}
