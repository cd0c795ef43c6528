//! An editing session over the protocol, with 1,000 and with 10,000 items open: how long an editor waits.
//!
//! `cargo bench -p cpg_server` types a view into several modules, character by character, and asks for completions,
//! hovers and definitions on the way. It fails where an answer is slower than what is promised.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use cpg_base::{MemorySystem, SourceId, System};
use cpg_hir::{Source, builtin_functions};
use cpg_ir::catalog::{ExtractorCatalog, ExtractorSignature, FunctionCatalog};
use cpg_ir::manifest::ProgramManifest;
use cpg_ir::types::{Column, ColumnType, RowSchema, SemanticType, TextUnit};
use cpg_server::{Connection, Host, PlanFacts, serve};
use lsp_server::{Message, Notification, Request, RequestId};
use serde_json::{Value, json};

/// How many items a module has, besides its `use`s.
const PER_MODULE: usize = 100;

/// What is typed, at the end of a module.
const TYPED: &str = "\nview typed =
  from r1 as r
  join e1 as e on r.src == e.e1_id
  where r.confidence > 0.5 and e.kind == \"k1\"
  group by e.path { rows: count(), largest: max(r.size) }
";

fn main() {
    let mut kept = true;
    for items in [1_000, 10_000] {
        kept &= session(items);
    }
    if !kept {
        std::process::exit(1);
    }
}

/// The files of a program of so many items.
fn program(items: usize) -> Vec<(String, String)> {
    let mut files = vec![(
        "evidence".to_owned(),
        "evidence cst_defs from extractor python.cst {
  file_id: FileId
  path: Path
  name: string
  kind: string
  start: Offset<byte>
  end: Offset<byte>
}
"
        .to_owned(),
    )];
    for module in 0..items / PER_MODULE {
        let mut text = "use evidence.cst_defs\n".to_owned();
        if module > 0 {
            // Modules read one another, as far back as the first.
            let _ = writeln!(text, "use m{}.v1 as before", module - 1);
        }
        let other = if module > 0 { "before" } else { "v0" };
        for n in 0..PER_MODULE / 4 {
            let reads = if n == 2 { other.to_owned() } else { format!("v{n}") };
            let _ = write!(
                text,
                "
/// An entity.
normalize e{n} from cst_defs as d {{
  where d.kind == \"k{n}\"
  id e{n}_id in \"m{module}_e{n}\"
  span d.start .. d.end
  text name = d.name nfc
  keep kind
  node \"E{n}\" {{ name, kind }}
}}

relate r{n} from e{n} as a to e{n} as b {{
  on a.kind == b.kind and a.name != b.name
  feature same = a.kind == b.kind weight 2
  rank per a.e{n}_id by score desc, b.span.start asc keep 1
  edge \"R{n}\" {{ size: a.span.end - a.span.start }}
}}

view v{n} =
  from r{n} as r
  join e{n} as e on r.src == e.e{n}_id
  where r.confidence > 0.5
  group by e.path {{ rows: count(), largest: max(r.size) }}

view w{n} = from {reads} as v where v.rows > {n}
"
            );
        }
        files.push((format!("m{module}"), text));
    }
    files
}

struct BenchHost {
    system: MemorySystem,
    modules: Vec<String>,
}

impl Host for BenchHost {
    fn system(&self) -> &dyn System {
        &self.system
    }

    fn library(&self) -> Vec<Source> {
        Vec::new()
    }

    fn library_file(&self, _: &SourceId) -> Option<PathBuf> {
        None
    }

    fn extractors(&self) -> ExtractorCatalog {
        let column = |(name, semantic): (&str, SemanticType)| Column {
            name: name.to_owned(),
            ty: ColumnType::required(semantic),
        };
        let offset = SemanticType::Offset(TextUnit::Byte);
        let columns = [
            ("file_id", SemanticType::FileId),
            ("path", SemanticType::Path),
            ("name", SemanticType::String),
            ("kind", SemanticType::String),
            ("start", offset.clone()),
            ("end", offset),
        ];
        let schema = RowSchema { columns: columns.map(column).into() };
        let signature = ExtractorSignature {
            version: 1,
            description: String::new(),
            tables: BTreeMap::from([("cst_defs".to_owned(), schema)]),
            docs: BTreeMap::new(),
        };
        ExtractorCatalog { extractors: BTreeMap::from([("python.cst".to_owned(), signature)]) }
    }

    fn functions(&self) -> FunctionCatalog {
        builtin_functions().expect("the catalogue of functions is well-formed")
    }

    fn project_files(&self, root: &Path) -> io::Result<Vec<(String, PathBuf)>> {
        let file = |module: &String| (module.clone(), root.join(format!("{module}.cpg")));
        Ok(self.modules.iter().map(file).collect())
    }

    fn module(&self, root: &Path, path: &Path) -> Option<String> {
        let name = path.strip_prefix(root).ok()?.to_str()?;
        name.strip_suffix(".cpg").map(str::to_owned)
    }

    fn plan(&self, _: ProgramManifest) -> Result<PlanFacts, String> {
        Ok(PlanFacts::default())
    }
}

struct Client {
    connection: Connection,
    next: i32,
}

impl Client {
    fn notify(&self, method: &str, params: Value) {
        let message = Notification::new(method.to_owned(), params);
        self.connection.sender.send(message.into()).expect("the server runs");
    }

    fn ask(&mut self, method: &str, params: Value) -> (Value, Duration) {
        self.next += 1;
        let id = RequestId::from(self.next);
        let start = Instant::now();
        let request = Request::new(id.clone(), method.to_owned(), params);
        self.connection.sender.send(request.into()).expect("the server runs");
        loop {
            if let Message::Response(response) = self.receive()
                && response.id == id
            {
                let value = response.response_result.expect("it is answered");
                return (value, start.elapsed());
            }
        }
    }

    fn receive(&self) -> Message {
        self.connection.receiver.recv_timeout(Duration::from_secs(120)).expect("it answers")
    }

    /// Waits until it is told what is wrong with that version of a file.
    fn told(&self, uri: &str, version: i64) {
        loop {
            if let Message::Notification(one) = self.receive()
                && one.params["uri"] == uri
                && one.params["version"] == version
            {
                return;
            }
        }
    }
}

/// Times, sorted.
fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    let at = (times.len() * percent / 100).min(times.len().saturating_sub(1));
    times.get(at).copied().unwrap_or_default()
}

fn session(items: usize) -> bool {
    let files = program(items);
    let mut system = MemorySystem::default();
    for (module, text) in &files {
        system = system.with_file(format!("/p/{module}.cpg"), text.as_bytes());
    }
    let modules = files.iter().map(|(module, _)| module.clone()).collect();
    let (server, connection) = Connection::memory();
    let host = Arc::new(BenchHost { system, modules });
    let serving = std::thread::spawn(move || serve(server, host));
    let mut client = Client { connection, next: 0 };

    let started = Instant::now();
    let folders = json!([{ "uri": "file:///p", "name": "p" }]);
    client.ask("initialize", json!({ "capabilities": {}, "workspaceFolders": folders }));
    client.notify("initialized", json!({}));
    let uri = |module: &str| format!("file:///p/{module}.cpg");
    let (module, text) = &files[1];
    let document = json!({ "uri": uri(module), "languageId": "cpg", "version": 0, "text": text });
    client.notify("textDocument/didOpen", json!({ "textDocument": document }));
    client.told(&uri(module), 0);
    let start = started.elapsed();
    for (module, text) in files.iter().skip(2) {
        let document =
            json!({ "uri": uri(module), "languageId": "cpg", "version": 0, "text": text });
        client.notify("textDocument/didOpen", json!({ "textDocument": document }));
    }
    let (last, _) = &files[files.len() - 1];
    client.told(&uri(last), 0);

    let (mut keys, mut completions, mut hovers, mut definitions) = (vec![], vec![], vec![], vec![]);
    let step = (files.len() / 6).max(1);
    for (module, text) in files.iter().skip(1).step_by(step) {
        let uri = uri(module);
        let (mut line, mut column) = (text.lines().count(), 0);
        let mut version = 0;
        for c in TYPED.chars() {
            version += 1;
            let at = json!({ "line": line, "character": column });
            let change = json!([{ "range": { "start": at, "end": at }, "text": c.to_string() }]);
            let document = json!({ "uri": uri, "version": version });
            let begin = Instant::now();
            client.notify(
                "textDocument/didChange",
                json!({ "textDocument": document, "contentChanges": change }),
            );
            client.told(&uri, version);
            keys.push(begin.elapsed());
            (line, column) = if c == '\n' { (line + 1, 0) } else { (line, column + 1) };
            if matches!(c, '.' | ' ') {
                let position = json!({ "line": line, "character": column });
                let params = json!({ "textDocument": { "uri": uri }, "position": position });
                completions.push(client.ask("textDocument/completion", params).1);
            }
            if c == ' ' {
                // Somewhere in the module.
                let position = json!({ "line": 4 + version % 40, "character": 12 });
                let params = json!({ "textDocument": { "uri": uri }, "position": position });
                hovers.push(client.ask("textDocument/hover", params.clone()).1);
                definitions.push(client.ask("textDocument/definition", params).1);
            }
        }
    }
    client.ask("shutdown", Value::Null);
    client.notify("exit", Value::Null);
    serving.join().expect("it ends");

    let ms = Duration::from_millis;
    let rows = [
        ("start to first diagnostics", start, ms(1000)),
        ("keystroke to diagnostics, p50", percentile(&mut keys, 50), ms(5)),
        ("keystroke to diagnostics, p99", percentile(&mut keys, 99), ms(20)),
        ("completion, p99", percentile(&mut completions, 99), ms(30)),
        ("hover, p99", percentile(&mut hovers, 99), ms(10)),
        ("definition, p99", percentile(&mut definitions, 99), ms(10)),
    ];
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{items} items, {} keystrokes", keys.len());
    for (what, took, most) in rows {
        let mark = if took <= most { "" } else { "  too slow" };
        let _ = writeln!(out, "  {what:<32} {took:>12.2?} of {most:?}{mark}");
    }
    let most = 500;
    if let Some(megabytes) = peak_megabytes() {
        let _ = writeln!(out, "  {:<32} {megabytes:>9} MB of {most} MB", "memory at most, so far");
    }
    rows.iter().all(|(_, took, most)| took <= most)
        && peak_megabytes().is_none_or(|megabytes| megabytes <= most)
}

/// The most memory that this process had at once, where the system tells.
fn peak_megabytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1024)
}
