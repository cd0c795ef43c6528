//! What is known of an item, as text and as JSON.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use cpg_engine::Location;
use cpg_ir::canon::Fingerprint;
use cpg_ir::ir::Model;
use cpg_ir::json_schema::json_schema;
use cpg_ir::manifest::ProgramManifest;
use cpg_ir::spec::{Relation, RelationId};
use cpg_plan::lineage::Origins;
use cpg_plan::{Granularity, ProgramPlans, RelationPlan};
use serde_json::{Map, Value, json};

use crate::args::ExplainArgs;
use crate::failure::Failure;

/// An item and the program that it is in.
pub(super) struct Facts<'a> {
    pub model: &'a Model,
    pub manifest: &'a ProgramManifest,
    pub plans: &'a ProgramPlans,
    pub relation: &'a Relation,
    /// What was inferred of its columns, in words.
    pub inferred: &'a [String],
    /// Whether the program needs it.
    pub built: bool,
    /// Where it may have been built.
    pub out: &'a Location,
}

/// A part of what is said.
pub(super) struct Section {
    pub key: &'static str,
    pub title: &'static str,
    pub text: String,
    pub json: Value,
}

impl Facts<'_> {
    pub(super) fn text(&self, args: &ExplainArgs) -> Result<String, Failure> {
        let sections = self.sections(args)?;
        if let [only] = sections.as_slice() {
            return Ok(only.text.clone());
        }
        let mut text = String::new();
        for section in sections {
            if !text.is_empty() {
                text.push('\n');
            }
            if !section.title.is_empty() {
                let _ = writeln!(text, "{}", section.title);
            }
            text.push_str(&section.text);
        }
        Ok(text)
    }

    pub(super) fn json(&self, args: &ExplainArgs) -> Result<Value, Failure> {
        let mut object = Map::new();
        object.insert("item".to_owned(), json!(self.relation.id));
        for section in self.sections(args)? {
            object.insert(section.key.to_owned(), section.json);
        }
        Ok(Value::Object(object))
    }

    /// What was asked for; without a word, what everybody wants to know.
    fn sections(&self, args: &ExplainArgs) -> Result<Vec<Section>, Failure> {
        let asked = [
            args.ir,
            args.logical,
            args.physical,
            args.lineage,
            args.signals,
            args.fingerprint,
            args.decisions,
            args.json_schema,
        ];
        if !asked.contains(&true) {
            return Ok(vec![self.summary()?, self.lineage()?, self.signals()?]);
        }
        let [ir, logical, physical, lineage, signals, fingerprint, decisions, json_schema] = asked;
        let mut sections = Vec::new();
        if ir {
            sections.push(self.ir()?);
        }
        if logical {
            sections.push(self.logical()?);
        }
        if physical {
            sections.push(self.physical()?);
        }
        if lineage {
            sections.push(self.lineage()?);
        }
        if signals {
            sections.push(self.signals()?);
        }
        if fingerprint {
            sections.push(self.fingerprint()?);
        }
        if decisions {
            sections.push(self.decisions()?);
        }
        if json_schema {
            sections.push(self.json_schema()?);
        }
        Ok(sections)
    }

    fn plan(&self) -> Result<&RelationPlan, Failure> {
        let plan = self.plans.relation(&self.relation.id);
        plan.ok_or_else(|| Failure::Defect(format!("`{}` has no plan", self.relation.id)))
    }

    fn spec_hash(&self) -> Option<Fingerprint> {
        self.manifest.ir().relation(&self.relation.id).map(|relation| relation.spec_hash)
    }

    /// What it is, what it reads, who reads it, and its columns.
    fn summary(&self) -> Result<Section, Failure> {
        let Relation { id, spec, schema } = self.relation;
        let kept = match (self.built, self.plans.materialisation(id)) {
            (true, Some(kept)) => kept.to_string(),
            _ => "not built: no output needs it".to_owned(),
        };
        let docs = self.model.docs.get(id);
        let inputs: BTreeSet<&RelationId> = spec.inputs().into_iter().collect();
        let readers: BTreeSet<&RelationId> = self
            .model
            .relations
            .iter()
            .filter(|reader| reader.spec.inputs().contains(&id))
            .map(|reader| &reader.id)
            .collect();
        let checks: Vec<String> = self
            .manifest
            .checks()
            .iter()
            .filter(|check| check.rule.relations().contains(id))
            .map(ToString::to_string)
            .collect();
        let mut text = format!("{} {id}\n", spec.keyword());
        for line in docs.iter().flat_map(|docs| docs.text.lines()) {
            let _ = writeln!(text, "  {line}");
        }
        let _ = writeln!(text, "  kept:     {kept}");
        let _ = writeln!(text, "  reads:    {}", listed(&inputs));
        let _ = writeln!(text, "  read by:  {}", listed(&readers));
        for check in &checks {
            let _ = writeln!(text, "  check:    {check}");
        }
        let policies = self.manifest.policies().relations.get(id);
        let policies: Vec<_> = policies.iter().flat_map(|said| said.described()).collect();
        for (setting, target) in &policies {
            let _ = writeln!(text, "  policy:   {setting} (for {target})");
        }
        if let Some(owner) = docs.and_then(|docs| docs.owner.as_ref()) {
            let _ = writeln!(text, "  owner:    {owner}");
        }
        if let Some(why) = docs.and_then(|docs| docs.deprecated.as_ref()) {
            let _ = writeln!(text, "  deprecated: {why}");
        }
        text.push_str("columns\n");
        let width = schema.columns.iter().map(|column| column.name.chars().count()).max();
        for column in &schema.columns {
            let fill = width.unwrap_or_default() - column.name.chars().count();
            let ty = column.ty.to_string();
            let _ = writeln!(text, "  {}{}  {ty}", column.name, " ".repeat(fill));
        }
        if !self.inferred.is_empty() {
            text.push_str("inferred from the files\n");
        }
        for column in self.inferred {
            let _ = writeln!(text, "  {column}");
        }
        let columns: Vec<Value> = schema
            .columns
            .iter()
            .map(|column| json!({ "name": column.name, "type": column.ty.to_string() }))
            .collect();
        let json = json!({
            "kind": spec.keyword(),
            "docs": docs.map(|docs| &docs.text),
            "tags": docs.map(|docs| &docs.tags),
            "exported": self.model.exports.contains(id),
            "kept": kept,
            "reads": inputs,
            "read_by": readers,
            "checks": checks,
            "policies": policies
                .iter()
                .map(|(setting, target)| json!({ "setting": setting, "for": target }))
                .collect::<Vec<_>>(),
            "owner": docs.and_then(|docs| docs.owner.as_ref()),
            "deprecated": docs.and_then(|docs| docs.deprecated.as_ref()),
            "columns": columns,
            "inferred": self.inferred,
        });
        Ok(Section { key: "summary", title: "", text, json })
    }

    fn ir(&self) -> Result<Section, Failure> {
        let json = serde_json::to_value(self.relation)
            .map_err(|error| Failure::Defect(error.to_string()))?;
        let text = serde_json::to_string_pretty(self.relation)
            .map_err(|error| Failure::Defect(error.to_string()))?;
        Ok(Section { key: "ir", title: "meaning", text: text + "\n", json })
    }

    fn json_schema(&self) -> Result<Section, Failure> {
        let Relation { id, schema, .. } = self.relation;
        let json = json_schema(id.name(), schema, self.model.docs.get(id));
        let text = serde_json::to_string_pretty(&json)
            .map_err(|error| Failure::Defect(error.to_string()))?;
        Ok(Section { key: "json_schema", title: "its rows as JSON", text: text + "\n", json })
    }

    fn logical(&self) -> Result<Section, Failure> {
        let text = format!("{}\n", self.plan()?.plan().display_indent());
        let json = json!(text.trim_end());
        Ok(Section { key: "logical", title: "plan over its inputs", text, json })
    }

    fn physical(&self) -> Result<Section, Failure> {
        let text = cpg_engine::physical_plan(self.plans, &self.relation.id)?;
        let json = json!(text.trim_end());
        Ok(Section { key: "physical", title: "how it runs", text, json })
    }

    /// Where its values and its rows come from, one step away.
    fn lineage(&self) -> Result<Section, Failure> {
        let lineage = self.plan()?.lineage();
        let names = |origins: &Origins| -> Vec<String> {
            origins.iter().map(|from| format!("{}.{}", from.relation, from.column)).collect()
        };
        let mut text = String::new();
        let mut columns = Map::new();
        for column in &self.relation.schema.columns {
            let origins = lineage.columns.get(&column.name).map(names).unwrap_or_default();
            let from =
                if origins.is_empty() { "a constant".to_owned() } else { origins.join(", ") };
            let _ = writeln!(text, "  {} <- {from}", column.name);
            columns.insert(column.name.clone(), json!(origins));
        }
        let rows = names(&lineage.rows);
        if !rows.is_empty() {
            let _ = writeln!(text, "  which rows there are <- {}", rows.join(", "));
        }
        let json = json!({ "columns": columns, "rows": rows });
        Ok(Section { key: "lineage", title: "where its columns come from", text, json })
    }

    /// What its plan tells those who decide how it runs.
    fn signals(&self) -> Result<Section, Failure> {
        let plan = self.plan()?;
        let granularity = match plan.granularity() {
            Granularity::FileLocal => "file: each file's rows follow from its rows of the inputs",
            Granularity::KeyLocal => "key: rows follow from the rows that agree with them in keys",
            Granularity::Global => "all: nothing smaller is known",
        };
        let relation = self.manifest.ir().relation(&self.relation.id);
        let tier = relation.map(|relation| json!(relation.tier)).unwrap_or_default();
        let groups = self.manifest.ir().join_groups().iter();
        let shares: Vec<&RelationId> = groups
            .filter(|group| group.members.contains(&self.relation.id))
            .flat_map(|group| &group.members)
            .filter(|member| **member != self.relation.id)
            .collect();
        let deps = plan.deps();
        let mut text = String::new();
        let _ = writeln!(text, "  computed by {granularity}");
        let division = self.plans.task(&self.relation.id).map(|task| &task.division);
        if let Some(division) = division {
            let _ = writeln!(text, "  made anew {division}");
        }
        let _ = writeln!(text, "  tier {}", tier.as_str().unwrap_or_default());
        for (input, columns) in &deps.inputs {
            let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
            let _ = writeln!(text, "  reads {input}({})", columns.join(", "));
        }
        for (function, version) in &deps.functions {
            let _ = writeln!(text, "  calls {function}, version {version}");
        }
        for member in &shares {
            let _ = writeln!(text, "  joins once for itself and {member}");
        }
        let json = json!({
            "granularity": granularity.split(':').next(),
            "division": division.map(ToString::to_string),
            "tier": tier,
            "inputs": deps.inputs,
            "functions": deps.functions,
            "joined_with": shares,
        });
        Ok(Section { key: "signals", title: "what is known of its plan", text, json })
    }

    /// What it means, and the fingerprints of what it reads.
    fn fingerprint(&self) -> Result<Section, Failure> {
        let plan = self.plan()?;
        let own = plan.deps().plan_fingerprint;
        let spec = self.spec_hash();
        let mut text = format!("  plan     {own}\n");
        if let Some(spec) = spec {
            let _ = writeln!(text, "  meaning  {spec}");
        }
        let mut inputs = Map::new();
        for input in plan.deps().inputs.keys() {
            if let Some(input) = self.plans.relation(input) {
                let fingerprint = input.deps().plan_fingerprint;
                let _ = writeln!(text, "  reads    {fingerprint} {}", input.id());
                inputs.insert(input.id().to_string(), json!(fingerprint));
            }
        }
        for (function, version) in &plan.deps().functions {
            let _ = writeln!(text, "  calls    {function}, version {version}");
        }
        let json = json!({
            "plan": own,
            "meaning": spec,
            "inputs": inputs,
            "functions": plan.deps().functions,
        });
        Ok(Section { key: "fingerprint", title: "what its fingerprint is taken over", text, json })
    }
}

fn listed(relations: &BTreeSet<&RelationId>) -> String {
    match relations.is_empty() {
        true => "nothing".to_owned(),
        false => relations.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(", "),
    }
}
