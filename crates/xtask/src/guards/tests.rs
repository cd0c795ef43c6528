//! Every guard on a small repository: nothing is said of one in order, and each planted violation is named.

use std::fs;
use std::process::Command;

use tempfile::TempDir;

use super::violations;
use crate::process::{Outcome, cargo, output};

/// Packages of others that the rules speak of.
const OTHERS: [&str; 11] = [
    "salsa",
    "datafusion",
    "deltalake",
    "lsp-types",
    "lsp-server",
    "tokio",
    "object_store",
    "pest",
    "miette",
    "clap",
    "middle",
];

/// Our crates, each with what it depends on.
const OURS: [(&str, &[&str]); 11] = [
    ("cpg_base", &[]),
    ("cpg_syntax", &["cpg_base", "pest"]),
    ("cpg_ir", &[]),
    ("cpg_hir", &["cpg_syntax", "cpg_ir", "cpg_base", "salsa"]),
    ("cpg_ide", &["cpg_hir"]),
    ("cpg_server", &["cpg_ide", "lsp-types", "lsp-server"]),
    ("cpg_plan", &["cpg_ir", "datafusion"]),
    ("cpg_evidence", &["cpg_ir"]),
    ("cpg_engine", &["cpg_plan", "cpg_evidence", "cpg_ir", "tokio", "deltalake", "object_store"]),
    ("cpg_export", &[]),
    ("cpglang", &["cpg_engine", "cpg_hir", "cpg_export", "miette", "clap"]),
];

const ARCHITECTURE: &str = "\
# Architecture

| crate | purpose | may use |
| --- | --- | --- |
| `cpg_base` | ranges | – |
| `cpg_syntax` | text to trees | base |
| `cpg_ir` | what is meant | – |
| `cpg_hir` | names and types | syntax, ir, base |
| `cpg_ide` | answers | hir, syntax, ir, base |
| `cpg_server` | the protocol | ide, hir, syntax, ir, base |
| `cpg_plan` | plans | ir |
| `cpg_evidence` | extractors | ir |
| `cpg_engine` | runs | plan, evidence, ir, base |
| `cpg_export` | files | – |
| `cpglang` | the command line | all |
";

const SUMMARY: &str = "\
# Summary

- [Architecture](architecture.md)
- [Errors](errors/README.md)
  - [syntax](errors/syntax.md)
";

const ERRORS: &str = "\
# Errors

Each diagnostic has a code, and each code a page: what is wrong, a program that is wrong so, and one that is not. The
tests run both. `cpglang explain CODE` prints a page.

- [`syntax`](syntax.md): Something else was expected.
";

const REGISTRY: &str = "\
artifacts! {
    Run = \"run\", version 1, RunRecord:
        \"Which versions belong together.\";
}
";

/// A repository that breaks no rule.
struct Tree(TempDir);

impl Tree {
    fn new() -> Outcome<Self> {
        let tree = Self(tempfile::tempdir()?);
        tree.write("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"crates/*\"]\n")?;
        for name in OTHERS {
            let dependencies: &[&str] = if name == "middle" { &["salsa"] } else { &[] };
            tree.package("others", name, dependencies)?;
        }
        for (name, dependencies) in OURS {
            tree.package("crates", name, dependencies)?;
        }
        tree.write("docs/architecture.md", ARCHITECTURE)?;
        tree.write("docs/SUMMARY.md", SUMMARY)?;
        tree.write("docs/errors/README.md", ERRORS)?;
        tree.write("docs/errors/syntax.md", "# syntax\n\nSomething else was expected.\n")?;
        tree.write("crates/cpg_engine/src/artifact/mod.rs", REGISTRY)?;
        tree.write("crates/cpg_hir/src/lib.rs", "fn f() { ProgramManifest::compile(a, b) }\n")?;
        Ok(tree)
    }

    fn write(&self, path: &str, text: impl AsRef<[u8]>) -> Outcome {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().ok_or("a file is in a folder")?)?;
        Ok(fs::write(path, text)?)
    }

    /// A package in a folder, with nothing in it.
    fn package(&self, folder: &str, name: &str, dependencies: &[&str]) -> Outcome {
        let mut manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\n[dependencies]\n"
        );
        for one in dependencies {
            let of = if OTHERS.contains(one) { "others" } else { "crates" };
            manifest.push_str(&format!("{one} = {{ path = \"../../{of}/{one}\" }}\n"));
        }
        self.write(&format!("{folder}/{name}/Cargo.toml"), manifest)?;
        self.write(&format!("{folder}/{name}/src/lib.rs"), "")
    }

    /// What the guards say of it, in order.
    fn violations(&self) -> Outcome<Vec<String>> {
        let root = self.0.path();
        output(cargo().current_dir(root).args(["generate-lockfile", "--offline", "--quiet"]))?;
        for args in [&["init", "--quiet"][..], &["add", "--all"]] {
            output(Command::new("git").current_dir(root).args(args))?;
        }
        let mut found = violations(root)?;
        found.sort();
        Ok(found)
    }
}

#[test]
fn of_a_repository_in_order_nothing_is_said() -> Outcome {
    assert_eq!(Tree::new()?.violations()?, [""; 0]);
    Ok(())
}

#[test]
fn every_planted_violation_is_named() -> Outcome {
    let tree = Tree::new()?;
    // Against the direction, through somebody else, and of what another crate owns.
    tree.package("crates", "cpg_base", &["cpg_ir"])?;
    tree.package("crates", "cpg_evidence", &["cpg_ir", "middle"])?;
    tree.package("crates", "cpg_plan", &["cpg_ir", "datafusion", "tokio"])?;
    tree.package("crates", "cpg_more", &[])?;
    // A second way to compile, and state that is everybody's.
    tree.write(
        "crates/cpglang/src/lib.rs",
        "#[cfg(test)]\nmod tests;\n\nfn f() { ProgramManifest::compile(a, b) }\n",
    )?;
    tree.write(
        "crates/cpg_plan/src/lib.rs",
        "pub(crate) static FUNCTIONS: Mutex<Functions> = make();\nthread_local! { static A: B = c(); }\n",
    )?;
    tree.write("crates/cpg_ir/src/lib.rs", "\n".repeat(601))?;
    // Documents of no kind, and of a kind without a type.
    tree.write("crates/cpg_engine/src/lib.rs", "impl Artifact for Anything {}\n")?;
    let untyped = REGISTRY.replace("RunRecord", "serde_json::Value");
    tree.write("crates/cpg_engine/src/artifact/mod.rs", untyped)?;
    // A list that is out of date, a page that no list has, and a link to nothing.
    tree.write("docs/errors/syntax.md", "# syntax\n\nIt is another sentence.\n")?;
    tree.write("docs/more.md", "# More\n\n[gone](gone.md)\n")?;

    let registry = "crates/cpg_engine/src/artifact/mod.rs";
    let mut planted = [
        "cpg_base may not use cpg_ir: docs/architecture.md".to_owned(),
        "cpg_evidence must not reach salsa".to_owned(),
        "cpg_engine must not reach salsa".to_owned(),
        "cpg_plan must not depend on tokio directly".to_owned(),
        "docs/architecture.md does not say what cpg_more may use".to_owned(),
        "crates/cpglang/src/lib.rs:4: a program is compiled in cpg_hir alone".to_owned(),
        "crates/cpg_plan/src/lib.rs:1: state that everything shares and anything may change"
            .to_owned(),
        "crates/cpg_plan/src/lib.rs:2: state that everything shares and anything may change"
            .to_owned(),
        "crates/cpg_ir/src/lib.rs has 601 lines, more than 600".to_owned(),
        format!(
            "crates/cpg_engine/src/lib.rs:1: a kind of documents that {registry} does not list"
        ),
        format!("{registry}:2: documents whose payload has no type"),
        "docs/errors/README.md is out of date; `cargo xtask book` writes it".to_owned(),
        "docs/SUMMARY.md leaves out `more.md`".to_owned(),
        "docs/more.md links to `gone.md`, which is not there".to_owned(),
    ];
    planted.sort();
    assert_eq!(tree.violations()?, planted);
    Ok(())
}
