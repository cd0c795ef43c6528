//! Agreement with CPython's own `ast` on its standard library.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;

use crate::support::{Sources, Tables};

/// At most this many files, the smallest first.
const FILES: usize = 300;

/// What `ast` sees: definitions with kind, name and byte offset, counts of calls, names and imports by file.
const SCRIPT: &str = r#"
import ast, json, os, sys, sysconfig, warnings
warnings.simplefilter("ignore")
root = sysconfig.get_paths()["stdlib"]
found = []
for folder, folders, names in os.walk(root):
    folders[:] = sorted(f for f in folders if f not in ("site-packages", "__pycache__", "lib2to3"))
    for name in sorted(names):
        if name.endswith(".py"):
            path = os.path.join(folder, name)
            found.append((os.path.getsize(path), path))
KINDS = {ast.FunctionDef: "function", ast.AsyncFunctionDef: "function", ast.ClassDef: "class", ast.Lambda: "lambda"}
done = 0
for size, path in sorted(found):
    if done == int(sys.argv[1]):
        break
    data = open(path, "rb").read()
    try:
        text = data.decode("utf-8")
        tree = ast.parse(data)
    except (SyntaxError, ValueError):
        continue
    if "\f" in text or "\v" in text or data.startswith(b"\xef\xbb\xbf"):
        continue
    done += 1
    starts = [0]
    for line in data.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    at = lambda line, column: starts[line - 1] + column
    defs, counts = [], {"calls": 0, "names": 0, "imports": 0, "args": 0, "decorators": 0, "docstrings": 0}
    for node in ast.walk(tree):
        kind = KINDS.get(type(node))
        if kind:
            defs.append([at(node.lineno, node.col_offset), at(node.end_lineno, node.end_col_offset), kind,
                         getattr(node, "name", None)])
            counts["decorators"] += len(getattr(node, "decorator_list", ()))
        counts["calls"] += isinstance(node, ast.Call)
        counts["names"] += isinstance(node, ast.Name)
        counts["args"] += isinstance(node, ast.arg)
        counts["imports"] += len(node.names) if isinstance(node, (ast.Import, ast.ImportFrom)) else 0
        if isinstance(node, (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            counts["docstrings"] += ast.get_docstring(node) is not None
    docs = [ast.get_docstring(n) for n in ast.walk(tree)
            if isinstance(n, (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))]
    print(json.dumps({"path": os.path.relpath(path, root), "text": text, "defs": sorted(defs, key=lambda d: d[:2]),
                      "counts": counts, "docs": sorted(d for d in docs if d is not None)}))
"#;

#[test]
#[allow(clippy::print_stderr, reason = "what a test skips is for the reader of its output")]
fn agrees_with_ast() {
    let output =
        match Command::new("python3").args(["-I", "-S", "-c", SCRIPT, &FILES.to_string()]).output()
        {
            Ok(output) if output.status.success() => output,
            other => {
                eprintln!("skipped: python3 does not run: {other:?}");
                return;
            }
        };
    let stdout = String::from_utf8(output.stdout).expect("JSON in UTF-8");
    let files: Vec<Value> = stdout
        .lines()
        .map(|line| serde_json::from_str(line).expect("a JSON object per line"))
        .collect();
    assert!(files.len() > 50, "the standard library has files");

    let sources: Vec<_> =
        files.iter().map(|file| (string(&file["path"]), string(&file["text"]))).collect();
    let tables = Sources::new(&sources).tables();
    assert_eq!(tables.select("extract_errors", "path kind message"), [""; 0]);
    let defs = by_path(&tables, "cst_defs");
    let tables_by_count = [
        ("calls", by_path(&tables, "cst_callsites")),
        ("names", by_path(&tables, "cst_refs")),
        ("imports", by_path(&tables, "cst_imports")),
        ("args", by_path(&tables, "cst_params")),
        ("decorators", by_path(&tables, "cst_decorators")),
        ("docstrings", by_path(&tables, "cst_docstrings")),
    ];
    for file in &files {
        let path = string(&file["path"]);
        let expected: Vec<String> = array(&file["defs"])
            .iter()
            .map(|def| match def[3].as_str() {
                Some(name) => format!("{} {} {} {name}", def[0], def[1], string(&def[2])),
                None => format!("{} {} {}", def[0], def[1], string(&def[2])),
            })
            .collect();
        let found: Vec<String> = rows(&defs, path)
            .iter()
            .map(|row| match row["kind"].as_str() {
                "lambda" => format!("{} {} lambda", row["start"], row["end"]),
                kind => format!("{} {} {kind} {}", row["start"], row["end"], row["name"]),
            })
            .collect();
        assert_eq!(found, expected, "{path}");
        for (what, table) in &tables_by_count {
            assert_eq!(
                rows(table, path).len() as u64,
                file["counts"][what].as_u64().expect("a count"),
                "{what} of {path}"
            );
        }
        let mut docs: Vec<_> =
            rows(&tables_by_count[5].1, path).iter().map(|row| row["text"].as_str()).collect();
        docs.sort_unstable();
        let expected: Vec<_> = array(&file["docs"]).iter().map(string).collect();
        assert_eq!(docs, expected, "docstrings of {path}");
    }
}

type Row = BTreeMap<String, String>;

fn by_path<'t>(tables: &'t Tables, table: &str) -> BTreeMap<&'t str, Vec<&'t Row>> {
    let mut by_path: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in tables.rows.get(table).into_iter().flatten() {
        by_path.entry(&row["path"]).or_default().push(row);
    }
    by_path
}

fn rows<'r, 't>(table: &'r BTreeMap<&str, Vec<&'t Row>>, path: &str) -> &'r [&'t Row] {
    table.get(path).map_or(&[], Vec::as_slice)
}

fn string(value: &Value) -> &str {
    value.as_str().expect("a string")
}

fn array(value: &Value) -> &[Value] {
    value.as_array().expect("an array")
}
