//! Which part of a build is exported, as queries over it.

use std::collections::BTreeSet;

use arrow::array::{Array, AsArray};
use arrow::datatypes::{DataType, Int64Type};
use cpg_base::{Code, nearest};
use cpg_engine::{EngineError, PublishedBuild, Rows};
use cpg_export::{Graph, Key};
use cpg_ir::manifest::Area;

use crate::args::ExportArgs;
use crate::failure::Failure;

const NODES: &str = "cpg_nodes";
const EDGES: &str = "cpg_edges";
const PROPERTIES: &str = "cpg_props";

/// How many nodes there may be around one.
const MOST_AROUND: usize = 20_000;

/// What is asked of a build.
pub(super) struct Question<'b> {
    build: &'b PublishedBuild,
    args: &'b ExportArgs,
    /// Conditions on nodes and on edges, in SQL.
    nodes: Option<String>,
    edges: Option<String>,
}

impl<'b> Question<'b> {
    /// Looks whether the build has what the arguments name.
    pub(super) fn new(build: &'b PublishedBuild, args: &'b ExportArgs) -> Result<Self, Failure> {
        let mut question = Self { build, args, nodes: None, edges: None };
        for table in &args.tables {
            question.must_have(table)?;
        }
        if !args.tables.is_empty() {
            return Ok(question);
        }
        for table in [NODES, EDGES, PROPERTIES] {
            question.must_have(table)?;
        }
        question.known_kinds("node", NODES, &args.node_kinds)?;
        question.known_kinds("edge", EDGES, &args.edge_kinds)?;
        question.choose()?;
        Ok(question)
    }

    /// The graph, in an order that does not depend on how it was computed.
    pub(super) fn graph(&self) -> Result<Graph<'_, EngineError>, Failure> {
        let nodes = self.build.sql(&format!(
            "select * from {NODES}{} order by node_id",
            clause(self.nodes.as_deref())
        ))?;
        let edges = self.build.sql(&format!(
            "select * from {EDGES}{} order by src, dst, kind",
            clause(self.edges.as_deref())
        ))?;
        let properties = self.build.sql(&format!(
            "select node_id, key, value from {PROPERTIES}{} order by node_id, key, value",
            clause(self.nodes.as_deref())
        ))?;
        let keys = self.texts(&format!(
            "select key, min(value_type), max(value_type) from {PROPERTIES}{} \
             group by key order by key",
            clause(self.nodes.as_deref())
        ))?;
        let keys = keys.into_iter().map(|row| {
            let [name, first, last] = row;
            // Of several types remains what every value can be: text.
            let value_type = if first == last { first } else { "string".to_owned() };
            Key { name, value_type }
        });
        Ok(Graph {
            node_schema: nodes.schema(),
            nodes: Box::new(nodes),
            edge_schema: edges.schema(),
            edges: Box::new(edges),
            properties: Box::new(properties),
            keys: keys.collect(),
        })
    }

    /// The tables that files are made of.
    pub(super) fn tables(&self) -> BTreeSet<&str> {
        match self.args.tables.as_slice() {
            [] => BTreeSet::from([NODES, EDGES, PROPERTIES]),
            tables => tables.iter().map(String::as_str).collect(),
        }
    }

    /// The rows of one of them, in the order of their columns.
    pub(super) fn rows(&self, table: &str) -> Result<Rows<'_>, Failure> {
        let columns = self.build.sql(&format!("select * from {} limit 0", name(table)))?.schema();
        let ordered = columns.fields().iter().filter(|field| !field.data_type().is_nested());
        let order: Vec<String> = ordered.map(|field| name(field.name())).collect();
        let order = match order.is_empty() {
            true => String::new(),
            false => format!(" order by {}", order.join(", ")),
        };
        let condition = match table {
            NODES | PROPERTIES => self.nodes.as_deref(),
            EDGES => self.edges.as_deref(),
            _ => None,
        };
        Ok(self.build.sql(&format!("select * from {}{}{order}", name(table), clause(condition)))?)
    }

    fn must_have(&self, table: &str) -> Result<(), Failure> {
        let outputs = self.build.record().tables.iter();
        let outputs = outputs.filter(|found| found.area == Area::Graph);
        let names: Vec<&str> = outputs.map(|found| found.table.as_str()).collect();
        if names.contains(&table) {
            return Ok(());
        }
        let message = format!("the build has no output `{table}`");
        Err(Failure::coded(Code::BadExport, message, suggestion(table, &names)))
    }

    /// Reports kinds that nothing has.
    fn known_kinds(&self, what: &str, table: &str, kinds: &[String]) -> Result<(), Failure> {
        if kinds.is_empty() {
            return Ok(());
        }
        let rows = self.texts(&format!("select distinct kind from {table} order by kind"))?;
        let known: Vec<&str> = rows.iter().map(|[kind]| kind.as_str()).collect();
        match kinds.iter().find(|kind| !known.contains(&kind.as_str())) {
            None => Ok(()),
            Some(kind) => {
                let message = format!("no {what} of the build is a `{kind}`");
                Err(Failure::coded(Code::BadExport, message, suggestion(kind, &known)))
            }
        }
    }

    /// Says which nodes and edges are meant.
    fn choose(&mut self) -> Result<(), Failure> {
        let ExportArgs { node_kinds, edge_kinds, around, depth, .. } = self.args;
        let kinds_of_edges = among("kind", edge_kinds);
        let mut nodes = Vec::new();
        nodes.extend(among("kind", node_kinds));
        match around {
            Some(around) => {
                let found = self.around(around, *depth, kinds_of_edges.as_deref())?;
                nodes.push(listed("node_id", found.iter()));
            }
            // Who chooses edges wants what they join.
            None => nodes.extend(kinds_of_edges.as_ref().map(|kinds| {
                let ends = |end: &str| format!("select {end} from {EDGES} where {kinds}");
                format!("(node_id in ({}) or node_id in ({}))", ends("src"), ends("dst"))
            })),
        }
        let mut edges: Vec<String> = kinds_of_edges.into_iter().collect();
        if !nodes.is_empty() {
            let nodes = nodes.join(" and ");
            // Properties have no kind.
            let chosen = format!("(select node_id from {NODES} where {nodes})");
            self.nodes = Some(format!("node_id in {chosen}"));
            if around.is_some() || !node_kinds.is_empty() {
                edges.push(format!("src in {chosen} and dst in {chosen}"));
            }
        }
        self.edges = (!edges.is_empty()).then(|| edges.join(" and "));
        Ok(())
    }

    /// The nodes of a name, and those that as many edges lead to or from.
    fn around(
        &self,
        qualified_name: &str,
        depth: u32,
        edges: Option<&str>,
    ) -> Result<BTreeSet<i64>, Failure> {
        let mut found = self.ids(&format!(
            "select node_id from {NODES} where qualified_name = {} \
             and kind not in ('CALL', 'IMPORT', 'REFERENCE', 'TYPE')",
            text(qualified_name)
        ))?;
        if found.is_empty() {
            let message = format!("no definition is called `{qualified_name}`");
            let help = "give the dotted name that `qualified_name` of `cpg_nodes` has";
            return Err(Failure::coded(Code::BadExport, message, help));
        }
        let mut newest = found.clone();
        for _ in 0..depth {
            let edges = edges.unwrap_or("true");
            let (from, to) = (listed("src", newest.iter()), listed("dst", newest.iter()));
            let next = self.ids(&format!(
                "select dst from {EDGES} where {edges} and {from} \
                 union select src from {EDGES} where {edges} and {to}"
            ))?;
            newest = next.difference(&found).copied().collect();
            found.extend(&newest);
            if found.len() > MOST_AROUND {
                let message = format!("there are more than {MOST_AROUND} nodes around it");
                let help = "choose kinds of edges with `--edge-kind`, or less `--depth`";
                return Err(Failure::coded(Code::BadExport, message, help));
            }
            if newest.is_empty() {
                break;
            }
        }
        Ok(found)
    }

    /// The first column of a query's rows, as ids.
    fn ids(&self, sql: &str) -> Result<BTreeSet<i64>, Failure> {
        let mut found = BTreeSet::new();
        for batch in self.build.sql(sql)? {
            let batch = batch?;
            found.extend(batch.column(0).as_primitive::<Int64Type>().values());
        }
        Ok(found)
    }

    /// The columns of a query's rows, as texts that are there.
    fn texts<const N: usize>(&self, sql: &str) -> Result<Vec<[String; N]>, Failure> {
        let mut found = Vec::new();
        for batch in self.build.sql(sql)? {
            let batch = batch?;
            let columns: Result<Vec<_>, _> = batch
                .columns()
                .iter()
                .map(|column| arrow::compute::cast(column, &DataType::Utf8))
                .collect();
            let columns = columns.map_err(|error| Failure::Defect(error.to_string()))?;
            for row in 0..batch.num_rows() {
                found.push(std::array::from_fn(|at| {
                    let column = columns[at].as_string::<i32>();
                    if column.is_null(row) { String::new() } else { column.value(row).to_owned() }
                }));
            }
        }
        Ok(found)
    }
}

fn suggestion(name: &str, names: &[&str]) -> String {
    match nearest(name, names.iter().copied()) {
        Some(near) => format!("there is `{near}`"),
        None => format!("there are: {}", names.join(", ")),
    }
}

fn clause(condition: Option<&str>) -> String {
    condition.map_or_else(String::new, |condition| format!(" where {condition}"))
}

/// That a column has one of some texts; nothing for none.
fn among(column: &str, texts: &[String]) -> Option<String> {
    let texts: Vec<String> = texts.iter().map(|one| text(one)).collect();
    (!texts.is_empty()).then(|| format!("{column} in ({})", texts.join(", ")))
}

fn listed<'i>(column: &str, ids: impl Iterator<Item = &'i i64>) -> String {
    let ids: Vec<String> = ids.map(i64::to_string).collect();
    format!("{column} in ({})", ids.join(", "))
}

/// A text in SQL.
fn text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A name in SQL.
fn name(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
