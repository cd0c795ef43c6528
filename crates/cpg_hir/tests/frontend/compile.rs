//! What compiling gives, and what it does not depend on.

use cpg_hir::{Source, compile, module_path};

use crate::render::{Result, database, render, source};

const PROGRAM: &str = "\
//! Definitions.
use evidence.{cst_defs}

/// The shortest interesting name.
const SHORT = 3

/// What a definition looks like.
schema Named {
  /// As written.
  name: string
  def_id: Id<def>
}

/// A definition.
///
/// Of any kind.
@tag(core)
@tag(python)
normalize def from cst_defs as d {
  id def_id in \"py_def\"
  span d.start .. d.end
  keep name
}

/// Definitions with names.
view named: Named = from def as d where char_length(d.name) > SHORT select { d.def_id, d.name }

relate same from def as a to def as b {
  on a.name == b.name // by name alone
  edge \"SAME\"
}

export named, same
";

const EVIDENCE: &str = "\
evidence cst_defs from extractor python.cst {
  file_id: FileId
  path: Path
  /// The name.
  name: string
  start: Offset<byte>
  end: Offset<byte>
}
";

/// The hash of a program's outputs.
fn hash(sources: &[Source]) -> Result<String> {
    let db = database(sources)?;
    let outcome = compile(&db).map_err(|diagnostics| render(&diagnostics, sources))?;
    Ok(outcome.manifest.ir().ir_hash().to_string())
}

#[test]
fn documentation_reaches_the_manifest() -> Result {
    let sources = [source("evidence", EVIDENCE), source("main", PROGRAM)];
    let db = database(&sources)?;
    let manifest = compile(&db).map_err(|wrong| render(&wrong, &sources))?.manifest;
    let docs = manifest.ir().docs();
    let of = |name: &str| docs.iter().find(|(id, _)| id.as_str() == name).map(|(_, docs)| docs);
    let def = of("main.def").ok_or("no docs of def")?;
    assert_eq!(def.text, "A definition.\n\nOf any kind.");
    assert_eq!(def.tags.iter().map(String::as_str).collect::<Vec<_>>(), ["core", "python"]);
    let named = of("main.named").ok_or("no docs of named")?;
    assert_eq!(named.columns.get("name").map(String::as_str), Some("As written."));
    let evidence = of("evidence.cst_defs").ok_or("no docs of cst_defs")?;
    assert_eq!(evidence.columns.get("name").map(String::as_str), Some("The name."));
    assert!(of("main.same").is_none());
    Ok(())
}

#[test]
fn comments_aliases_order_and_layout_change_no_hash() -> Result {
    let whole = hash(&[source("evidence", EVIDENCE), source("main", PROGRAM)])?;

    let commented =
        PROGRAM.replace("by name alone", "other words").replace("\n\n", "\n\n// more\n\n");
    assert_eq!(hash(&[source("evidence", EVIDENCE), source("main", &commented)])?, whole);

    let renamed = PROGRAM
        .replace("from cst_defs as d", "from cst_defs as x")
        .replace("d.start .. d.end", "x.start .. x.end")
        .replace("def as a to def as b", "def as left to def as right")
        .replace("a.name == b.name", "left.name == right.name");
    assert_eq!(hash(&[source("evidence", EVIDENCE), source("main", &renamed)])?, whole);

    let mut items: Vec<&str> = PROGRAM.split("\n\n").collect();
    items[1..].reverse();
    let reversed = items.join("\n\n");
    assert_eq!(hash(&[source("evidence", EVIDENCE), source("main", &reversed)])?, whole);

    let (head, tail) = PROGRAM.split_once("relate").ok_or("no relate")?;
    let moved = [
        source("rows.evidence", EVIDENCE),
        source("definitions", &head.replace("use evidence.", "use rows.evidence.")),
        source("relations", &format!("use definitions.{{def, named}}\n\nrelate{tail}")),
    ];
    assert_eq!(hash(&moved)?, whole);

    let other = PROGRAM.replace("SHORT = 3", "SHORT = 4");
    assert_ne!(hash(&[source("evidence", EVIDENCE), source("main", &other)])?, whole);
    Ok(())
}

#[test]
fn moving_an_expression_into_a_function_changes_no_hash() -> Result {
    let written_out = "\
use evidence.cst_defs

view sizes = from cst_defs as d
  where char_length(d.name) > 3 and not starts_with(d.name, \"_\")
  select { size: (d.end - d.start) * 2 + 1, label: concat(d.path, \":\", d.name ?? \"\") }

export sizes
";
    let with_functions = "\
use evidence.cst_defs
use helpers.{is_public as shown, twice_and_one}

fn size(start: Offset<byte>, end: Offset<byte>) -> int = end - start
fn label(path: Path, name: string) = concat(path, \":\", name ?? \"\")

view sizes = from cst_defs as d
  where shown(d.name, 3)
  select { size: twice_and_one(size(d.start, d.end)), label: label(d.path, d.name) }

export sizes
";
    let helpers = "\
fn is_public(name: string, length: int) = char_length(name) > length and not starts_with(name, \"_\")
fn twice_and_one(x: int) -> int = x * 2 + ONE
const ONE = 1
";
    let evidence = source("evidence", EVIDENCE);
    let whole = hash(&[evidence.clone(), source("main", written_out)])?;
    let sources = [evidence, source("helpers", helpers), source("main", with_functions)];
    assert_eq!(hash(&sources)?, whole);
    Ok(())
}

#[test]
fn checks_are_in_the_manifest_and_in_no_hash_of_what_is_computed() -> Result {
    let compiled = |program: &str| {
        let sources = [source("evidence", EVIDENCE), source("main", program)];
        let db = database(&sources)?;
        let outcome = compile(&db).map_err(|diagnostics| render(&diagnostics, &sources))?;
        Ok::<_, Box<dyn std::error::Error>>(outcome.manifest)
    };
    let plain = compiled(PROGRAM)?;
    let one = "check unique def(def_id)\n";
    let two = "check accepted named(name) in (\"b\", \"a\") severity warn\n";
    let checked = compiled(&format!("{PROGRAM}\n{one}{two}"))?;
    let again =
        compiled(&format!("{}\n{one}{one}", PROGRAM.replacen("\n\n", &format!("\n\n{two}\n"), 1)))?;
    let looser = compiled(&format!("{PROGRAM}\n{one}{}", two.replace("\"b\"", "\"c\"")))?;

    let told: Vec<String> = checked.checks().iter().map(ToString::to_string).collect();
    assert_eq!(told, ["accepted main.named(name)", "unique main.def(def_id)"]);
    assert_eq!(again.checks(), checked.checks());
    assert_eq!(again.fingerprint(), checked.fingerprint());
    assert_ne!(looser.fingerprint(), checked.fingerprint());
    assert_ne!(plain.fingerprint(), checked.fingerprint());
    assert!(!serde_json::to_string(&plain)?.contains("\"checks\""));
    for manifest in [checked, looser] {
        assert_eq!(manifest.ir(), plain.ir());
        assert_eq!(manifest.bindings(), plain.bindings());
    }
    Ok(())
}

#[test]
fn modules_are_named_after_their_files() {
    assert_eq!(module_path("std", "python/calls.cpg"), "std.python.calls");
    assert_eq!(module_path("", "rules.cpg"), "rules");
    assert_eq!(module_path("", "./cpg/more/rules.cpg"), "cpg.more.rules");
}

#[test]
fn an_instance_of_a_template_means_what_it_stands_for() -> Result {
    let written_out = PROGRAM;
    let made = PROGRAM
        .replace(
            "view named: Named = from def as d where char_length(d.name) > SHORT \
             select { d.def_id, d.name }",
            "view named = longer(def, char_length(d.name) > SHORT, name)",
        )
        .replace(
            "relate same from def as a to def as b {\n  on a.name == b.name // by name alone\n  \
             edge \"SAME\"\n}",
            "relate same = alike(def, name, kind: \"SAME\")",
        );
    assert!(!made.contains("relate same from") && !made.contains("view named:"), "{made}");
    let templates = "\
template view longer(rows: relation, when: bool, label: column): Named =
  from rows as d
  where when
  select { d.def_id, d.label }

template relate alike(rows: relation, key: column, kind: string) from rows as a to rows as other {
  on a.key == other.key
  edge kind
}
";
    let compiled = |program: &str| -> Result<_> {
        let sources = [source("main", program), source("evidence", EVIDENCE)];
        let outcome = compile(&database(&sources)?);
        Ok(outcome.map_err(|wrong| render(&wrong, &sources))?)
    };
    let expected = compiled(written_out)?.manifest;
    let found = compiled(&format!("{made}\n{templates}"))?.manifest;
    assert_eq!(found.ir(), expected.ir());
    assert_eq!(found.fingerprint(), expected.fingerprint());
    Ok(())
}
