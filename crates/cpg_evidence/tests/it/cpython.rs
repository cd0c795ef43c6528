//! Agreement with CPython's own `ast` and compiler on its standard library.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use crate::support::{Sources, Tables};

/// About this many files, evenly spread.
const FILES: usize = 300;

/// What is looked at.
const TABLES: [&str; 10] = [
    "cst_bindings",
    "cst_callsites",
    "cst_decorators",
    "cst_defs",
    "cst_docstrings",
    "cst_imports",
    "cst_params",
    "cst_refs",
    "cst_scopes",
    "extract_errors",
];

/// What `ast` sees: definitions with kind, name and byte offset, counts of calls, names and imports by file. What the
/// compiler makes of names: where the bytecode loads a name from the function around it and its like, and where from
/// the module or the builtins.
const SCRIPT: &str = r#"
import ast, dis, json, os, sys, sysconfig, warnings
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
LOADS = {"LOAD_GLOBAL": "global", "LOAD_FAST": "local", "LOAD_DEREF": "local", "LOAD_CLASSDEREF": "local",
         "LOAD_FAST_CHECK": "local", "LOAD_FAST_BORROW": "local"}
def loads(code, at):
    for op in dis.get_instructions(code):
        where = op.positions
        if op.opname in LOADS and where and where.end_col_offset is not None and where.lineno == where.end_lineno:
            start, end = at(where.lineno, where.col_offset), at(where.lineno, where.end_col_offset)
            yield start, end, op.argval, LOADS[op.opname]
    for constant in code.co_consts:
        if hasattr(constant, "co_code"):
            yield from loads(constant, at)
wanted = int(sys.argv[1])
found = [path for size, path in sorted(found, key=lambda f: f[1]) if 500 < size < 60_000]
for path in found[::max(1, len(found) // wanted)]:
    data = open(path, "rb").read()
    try:
        text = data.decode("utf-8")
        tree = ast.parse(data)
        code = compile(data, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        continue
    if "\f" in text or "\v" in text or data.startswith(b"\xef\xbb\xbf"):
        continue
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
    names = sorted({load for load in loads(code, at)
                    if data[load[0]:load[1]] == load[2].encode()})
    docs = [ast.get_docstring(n) for n in ast.walk(tree)
            if isinstance(n, (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))]
    print(json.dumps({"path": os.path.relpath(path, root), "text": text, "defs": sorted(defs, key=lambda d: d[:2]),
                      "counts": counts, "names": names, "docs": sorted(d for d in docs if d is not None)}))
"#;

#[test]
#[allow(clippy::print_stderr, reason = "what a test skips is for the reader of its output")]
fn agrees_with_the_interpreter() {
    let mut command = Command::new("python3");
    let output = match command.args(["-I", "-S", "-c", SCRIPT, &FILES.to_string()]).output() {
        Ok(output) => output,
        Err(error) => {
            eprintln!("skipped: there is no python3: {error}");
            return;
        }
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let stdout = String::from_utf8(output.stdout).expect("JSON in UTF-8");
    let files: Vec<Value> = stdout
        .lines()
        .map(|line| serde_json::from_str(line).expect("a JSON object per line"))
        .collect();
    assert!(files.len() > 100, "the standard library has files");

    let sources: Vec<_> =
        files.iter().map(|file| (string(&file["path"]), string(&file["text"]))).collect();
    let tables = Sources::new(&sources).some_tables(&TABLES);
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
    let checked = names_belong_where_the_compiler_says(&tables, &files);
    assert!(checked > 50_000, "the standard library loads names: {checked}");
}

/// Gives how many names were compared.
fn names_belong_where_the_compiler_says(tables: &Tables, files: &[Value]) -> usize {
    let scopes = by_path(tables, "cst_scopes");
    let bindings = by_path(tables, "cst_bindings");
    let refs = by_path(tables, "cst_refs");
    let mut checked = 0;
    for file in files {
        let path = string(&file["path"]);
        let module = rows(&scopes, path)
            .iter()
            .find(|row| row["kind"] == "module")
            .map(|row| (&row["start"], &row["end"]));
        // Where names of the module itself are bound.
        let global: BTreeSet<&String> = rows(&bindings, path)
            .iter()
            .filter(|row| Some((&row["scope_start"], &row["scope_end"])) == module)
            .map(|row| &row["start"])
            .collect();
        let found: BTreeMap<(&str, &str), &str> = rows(&refs, path)
            .iter()
            .map(|row| {
                let is_global = match row["binding_kind"].as_str() {
                    "builtin" | "unresolved" => true,
                    _ if row["binding_start"] == "-" => row["binding_kind"] == "global",
                    _ => global.contains(&row["binding_start"]),
                };
                let place = if is_global { "global" } else { "local" };
                ((row["start"].as_str(), row["end"].as_str()), place)
            })
            .collect();
        for name in array(&file["names"]) {
            let (start, end) = (name[0].to_string(), name[1].to_string());
            if let Some(place) = found.get(&(start.as_str(), end.as_str())) {
                checked += 1;
                assert_eq!(*place, string(&name[3]), "{} at {start} in {path}", name[2]);
            }
        }
    }
    checked
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
