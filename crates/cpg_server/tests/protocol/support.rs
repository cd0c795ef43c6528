//! A client for tests, and a host whose files are in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use cpg_base::{SourceId, System};
use cpg_hir::{
    FoundSchemas, Planner, ProgramTests, Source, TestCase, builtin_functions, module_path,
};
use cpg_ir::catalog::{ExtractorCatalog, ExtractorSignature, FunctionCatalog};
use cpg_ir::file::{FileColumn, FileProblem, FileSchema, FileSource};
use cpg_ir::manifest::ProgramManifest;
use cpg_ir::spec::RelationId;
use cpg_ir::sql::{SqlColumn, SqlName, SqlPlanner, SqlProblem, SqlQuery};
use cpg_ir::types::{Column, ColumnType, PhysicalType, RowSchema, SemanticType, TextUnit};
use cpg_server::{Connection, Ended, Host, PlanFacts, RelationFacts, Tested, serve};
use lsp_server::{Message, Notification, Request, RequestId, Response};
use serde_json::{Value, json};

/// How long anything may take before a test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where projects lie.
pub const ROOT: &str = "/project";

/// Files in memory that tests can change.
#[derive(Default)]
pub struct Files(Mutex<BTreeMap<PathBuf, String>>);

impl Files {
    pub fn set(&self, path: &str, text: Option<&str>) {
        let mut files = self.0.lock().expect("no test holds it");
        match text {
            Some(text) => files.insert(PathBuf::from(path), text.to_owned()),
            None => files.remove(Path::new(path)),
        };
    }

    fn paths(&self) -> Vec<PathBuf> {
        self.0.lock().expect("no test holds it").keys().cloned().collect()
    }
}

impl System for Files {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let files = self.0.lock().expect("no test holds it");
        let text = files.get(path).ok_or(io::ErrorKind::NotFound)?;
        Ok(text.clone().into_bytes())
    }

    fn files_in(&self, dir: &Path, _: &str) -> io::Result<Vec<PathBuf>> {
        Ok(self.paths().into_iter().filter(|path| path.parent() == Some(dir)).collect())
    }

    fn files_below(&self, dir: &Path, _: &str) -> io::Result<Vec<PathBuf>> {
        Ok(self.paths().into_iter().filter(|path| path.starts_with(dir)).collect())
    }

    fn is_file(&self, path: &Path) -> bool {
        self.paths().iter().any(|own| own == path)
    }

    fn is_dir(&self, path: &Path) -> bool {
        self.paths().iter().any(|own| own != path && own.starts_with(path))
    }

    fn env(&self, _: &str) -> Option<String> {
        None
    }
}

/// The standard library of tests.
pub const LIBRARY: &str = "//! Files.

/// A file of the repository.
evidence repo_files from extractor repo {
  file_id: FileId
  path: Path
}
";

/// A host on files in memory.
pub struct TestHost {
    pub files: Files,
}

impl Host for TestHost {
    fn system(&self) -> &dyn System {
        &self.files
    }

    fn library(&self) -> Vec<Source> {
        let id = SourceId::new("std/files.cpg");
        let text = LIBRARY.to_owned();
        vec![Source { id, module: "std.files".to_owned(), text, library: true }]
    }

    fn library_file(&self, source: &SourceId) -> Option<PathBuf> {
        Some(Path::new("/library").join(source.as_str()))
    }

    fn extractors(&self) -> ExtractorCatalog {
        let column = |(name, semantic, nullable): (&str, SemanticType, bool)| Column {
            name: name.to_owned(),
            ty: ColumnType { semantic, nullable },
        };
        let offset = SemanticType::Offset(TextUnit::Byte);
        let file = [("file_id", SemanticType::FileId, false), ("path", SemanticType::Path, false)];
        let defs = file.iter().cloned().chain([
            ("name", SemanticType::String, false),
            ("kind", SemanticType::String, false),
            ("start", offset.clone(), false),
            ("end", offset.clone(), false),
            ("container_start", offset.clone(), true),
            ("container_end", offset, true),
        ]);
        let defs = RowSchema { columns: defs.map(column).collect() };
        let files = RowSchema { columns: file.map(column).into() };
        let extractor = |description: &str, table: &str, schema| ExtractorSignature {
            version: 1,
            description: description.to_owned(),
            tables: BTreeMap::from([(table.to_owned(), schema)]),
            docs: BTreeMap::new(),
        };
        let cst = extractor("Definitions.", "cst_defs", defs);
        let repo = extractor("Files.", "repo_files", files);
        let extractors = [("python.cst".to_owned(), cst), ("repo".to_owned(), repo)];
        ExtractorCatalog { extractors: BTreeMap::from(extractors) }
    }

    fn functions(&self) -> FunctionCatalog {
        builtin_functions().expect("the catalogue of functions is well-formed")
    }

    fn sql(&self) -> Planner {
        Some(Arc::new(Words))
    }

    fn project_files(&self, root: &Path) -> io::Result<Vec<(String, PathBuf)>> {
        let paths = self.files.paths().into_iter();
        Ok(paths.filter_map(|path| Some((self.module(root, &path)?, path))).collect())
    }

    fn module(&self, root: &Path, path: &Path) -> Option<String> {
        let own = path.strip_prefix(root).ok()?;
        let below = own.starts_with("cpg") || own.components().count() == 1;
        below.then(|| module_path("", &own.to_string_lossy()))
    }

    fn file_schemas(
        &self,
        root: &Path,
        named: BTreeSet<FileSource>,
    ) -> Result<FoundSchemas, String> {
        let look = |source: FileSource| {
            let text = self.files.read(&root.join(&source.location));
            let schema = text.map_err(|_| FileProblem::Missing).map(|text| {
                let names = String::from_utf8_lossy(&text).lines().next().unwrap_or("").to_owned();
                let columns = names.split(',').map(|name| FileColumn {
                    name: name.to_owned(),
                    physical: Some(PhysicalType::Utf8),
                    stored: "text".to_owned(),
                    nullable: false,
                });
                FileSchema { columns: columns.collect() }
            });
            (source, schema)
        };
        Ok(named.into_iter().map(look).collect())
    }

    fn plan(&self, manifest: ProgramManifest) -> Result<PlanFacts, String> {
        let facts = RelationFacts {
            granularity: "per file".to_owned(),
            notes: vec![("Granularity".to_owned(), "file".to_owned())],
            plan: format!("{} relations", manifest.bindings().len()),
        };
        let relations = BTreeMap::from([(RelationId::new("main", "def"), facts)]);
        Ok(PlanFacts { relations })
    }

    /// Tests pass that are called so.
    fn test(&self, _: &ProgramTests, case: &TestCase) -> Result<Tested, String> {
        match case.test.name.as_str() {
            "panics" => panic!("a defect on purpose"),
            "passes" => Ok(Tested::Passed),
            _ => Ok(Tested::Failed {
                summary: "1 row is missing".to_owned(),
                rows: "- 1".to_owned(),
            }),
        }
    }
}

/// Knows one query: that which gives all of a relation.
struct Words;

impl SqlPlanner for Words {
    fn read(&self, query: &str) -> Result<SqlQuery, SqlProblem> {
        let Some(name) = query.trim().strip_prefix("select * from ") else {
            return Err(SqlProblem::wrong("this is no query"));
        };
        let start = query.len() - query.trim_start().len() + "select * from ".len();
        let range = start..start + name.len();
        let relations = vec![SqlName { name: name.to_owned(), range }];
        Ok(SqlQuery { canonical: "select * from r0".to_owned(), relations })
    }

    fn row(&self, _: &str, relations: &[RowSchema]) -> Result<Vec<SqlColumn>, SqlProblem> {
        let columns = relations.iter().flat_map(|row| &row.columns);
        let copied = columns.map(|column| SqlColumn {
            name: column.name.clone(),
            physical: column.ty.semantic.physical(),
            nullable: column.ty.nullable,
            copies: Some((0, column.name.clone())),
        });
        Ok(copied.collect())
    }
}

/// What was told of a file last: the version, and the diagnostics.
pub type Told = (Option<i64>, Vec<Value>);

/// A client.
pub struct Client {
    connection: Connection,
    server: Option<JoinHandle<Ended>>,
    next: i32,
    /// Everything that was told of files, by address, in order.
    pub told: BTreeMap<String, Vec<Told>>,
    pub logged: Vec<String>,
    pub shown: Vec<String>,
    /// What the server asked, by method.
    pub asked: Vec<(String, Value)>,
    /// The titles of what took its time.
    pub progress: Vec<Value>,
    pub settings: Value,
    pub host: Arc<TestHost>,
    responses: BTreeMap<RequestId, Response>,
    versions: BTreeMap<String, i64>,
}

impl Client {
    /// A client that has not said a word yet.
    pub fn silent(files: &[(&str, &str)]) -> Self {
        let host = Arc::new(TestHost { files: Files::default() });
        for (path, text) in files {
            host.files.set(&format!("{ROOT}/{path}"), Some(text));
        }
        let (server_side, connection) = Connection::memory();
        let own = Arc::clone(&host);
        let server = std::thread::spawn(move || serve(server_side, own));
        Self {
            connection,
            server: Some(server),
            next: 0,
            told: BTreeMap::new(),
            logged: Vec::new(),
            shown: Vec::new(),
            asked: Vec::new(),
            progress: Vec::new(),
            settings: Value::Null,
            host,
            responses: BTreeMap::new(),
            versions: BTreeMap::new(),
        }
    }

    /// A client that has introduced itself.
    pub fn start(files: &[(&str, &str)]) -> Self {
        Self::start_with(files, json!(["utf-16"])).0
    }

    /// The same with encodings to choose from; with what the server says it can do.
    pub fn start_with(files: &[(&str, &str)], encodings: Value) -> (Self, Value) {
        let mut client = Self::silent(files);
        let capabilities = json!({
            "general": { "positionEncodings": encodings },
            "workspace": {
                "configuration": true,
                "didChangeWatchedFiles": { "dynamicRegistration": true },
                "codeLens": { "refreshSupport": true },
                "inlayHint": { "refreshSupport": true },
            },
            "window": { "workDoneProgress": true },
            "textDocument": { "completion": { "completionItem": { "snippetSupport": true } } },
        });
        let params = json!({
            "processId": null,
            "rootUri": null,
            "capabilities": capabilities,
            "workspaceFolders": [{ "uri": format!("file://{ROOT}"), "name": "project" }],
        });
        let result = client.request("initialize", params).expect("it is initialised");
        client.notify("initialized", json!({}));
        (client, result["capabilities"].clone())
    }

    pub fn uri(path: &str) -> String {
        format!("file://{ROOT}/{path}")
    }

    pub fn notify(&mut self, method: &str, params: Value) {
        let notification = Notification::new(method.to_owned(), params);
        self.connection.sender.send(notification.into()).expect("the server runs");
    }

    /// Sends a request and does not wait.
    pub fn send(&mut self, method: &str, params: Value) -> RequestId {
        self.next += 1;
        let id = RequestId::from(self.next);
        let request = Request::new(id.clone(), method.to_owned(), params);
        self.connection.sender.send(request.into()).expect("the server runs");
        id
    }

    /// The answer to a request: its result, or the code and the words of its error.
    pub fn wait(&mut self, id: &RequestId) -> Result<Value, (i32, String)> {
        let start = Instant::now();
        while !self.responses.contains_key(id) {
            assert!(start.elapsed() < PATIENCE, "request {id:?} is never answered");
            self.pump(Duration::from_millis(100));
        }
        let response = self.responses.remove(id).expect("it is there");
        response.response_result.map_err(|error| (error.code, error.message))
    }

    pub fn request(&mut self, method: &str, params: Value) -> Result<Value, (i32, String)> {
        let id = self.send(method, params);
        self.wait(&id)
    }

    /// The same for requests that must be answered.
    pub fn ask(&mut self, method: &str, params: Value) -> Value {
        match self.request(method, params) {
            Ok(value) => value,
            Err((code, why)) => panic!("{method}: {code}: {why}"),
        }
    }

    /// Asks about a place: `|` marks it in `near`, which stands in the text of the file.
    pub fn at(&mut self, method: &str, path: &str, text: &str, near: &str) -> Value {
        let params = Self::position_params(path, text, near);
        self.ask(method, params)
    }

    pub fn position_params(path: &str, text: &str, near: &str) -> Value {
        let position = position(text, near);
        json!({ "textDocument": { "uri": Self::uri(path) }, "position": position })
    }

    pub fn open(&mut self, path: &str, text: &str) {
        let uri = Self::uri(path);
        self.versions.insert(uri.clone(), 1);
        let document = json!({ "uri": uri, "languageId": "cpg", "version": 1, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document }));
    }

    /// Sends changes; gives the new version.
    pub fn change(&mut self, path: &str, changes: Value) -> i64 {
        let uri = Self::uri(path);
        let version = self.versions.get(&uri).copied().unwrap_or(0) + 1;
        self.versions.insert(uri.clone(), version);
        let document = json!({ "uri": uri, "version": version });
        let params = json!({ "textDocument": document, "contentChanges": changes });
        self.notify("textDocument/didChange", params);
        version
    }

    /// What is wrong with a file once the server has told of its newest version.
    pub fn diagnostics(&mut self, path: &str) -> Vec<Value> {
        let uri = Self::uri(path);
        let version = self.versions.get(&uri).copied();
        self.until(|client| {
            client
                .told
                .get(&uri)
                .and_then(|told| told.last())
                .is_some_and(|(own, _)| *own == version)
        });
        self.told
            .get(&uri)
            .and_then(|told| told.last())
            .map(|(_, own)| own.clone())
            .unwrap_or_default()
    }

    /// Asks about a place until the answer has something.
    pub fn until_said(&mut self, method: &str, near: &str, said: &str) -> Value {
        let start = Instant::now();
        loop {
            let answer = self.at(method, "main.cpg", PROGRAM, near);
            if answer.to_string().contains(said) {
                return answer;
            }
            assert!(start.elapsed() < PATIENCE, "{said} is never said: {answer}");
            self.pump(Duration::from_millis(20));
        }
    }

    /// Takes messages until something holds.
    pub fn until(&mut self, holds: impl Fn(&Self) -> bool) {
        let start = Instant::now();
        while !holds(self) {
            assert!(
                start.elapsed() < PATIENCE,
                "it never comes to hold; logged: {:?}",
                self.logged
            );
            self.pump(Duration::from_millis(100));
        }
    }

    /// Takes one message, if one comes soon.
    pub fn pump(&mut self, patience: Duration) -> bool {
        let Ok(message) = self.connection.receiver.recv_timeout(patience) else { return false };
        match message {
            Message::Response(response) => {
                let id = response.id.clone();
                let known = self.responses.insert(id.clone(), response);
                assert!(known.is_none(), "request {id:?} is answered twice");
            }
            Message::Notification(notification) => self.noted(notification),
            Message::Request(request) => {
                let result = match request.method.as_str() {
                    "workspace/configuration" => json!([self.settings]),
                    _ => Value::Null,
                };
                self.asked.push((request.method, request.params));
                let response = Response::new_ok(request.id, result);
                self.connection.sender.send(response.into()).expect("the server runs");
            }
        }
        true
    }

    fn noted(&mut self, notification: Notification) {
        let params = notification.params;
        match notification.method.as_str() {
            "textDocument/publishDiagnostics" => {
                let uri = params["uri"].as_str().expect("an address").to_owned();
                let found = params["diagnostics"].as_array().expect("a list").clone();
                self.told.entry(uri).or_default().push((params["version"].as_i64(), found));
            }
            "window/logMessage" => {
                self.logged.push(params["message"].as_str().expect("a text").to_owned());
            }
            "window/showMessage" => {
                self.shown.push(params["message"].as_str().expect("a text").to_owned());
            }
            "$/progress" => self.progress.push(params["value"].clone()),
            other => panic!("the server sends `{other}`"),
        }
    }

    /// Ends the server in order.
    pub fn stop(mut self) -> Ended {
        self.ask("shutdown", Value::Null);
        self.notify("exit", Value::Null);
        self.server.take().expect("it runs").join().expect("it does not panic")
    }

    /// Waits for the server to end by itself.
    pub fn ended(mut self) -> Ended {
        self.server.take().expect("it runs").join().expect("it does not panic")
    }
}

/// The position of `|` in `near`, which stands in `text` without it, in UTF-16.
pub fn position(text: &str, near: &str) -> Value {
    let (before, after) = near.split_once('|').expect("`|` marks the place");
    let found =
        text.find(&format!("{before}{after}")).unwrap_or_else(|| panic!("no {near} in {text}"));
    position_at(text, found + before.len())
}

/// The position of an offset, in UTF-16.
pub fn position_at(text: &str, offset: usize) -> Value {
    let before = &text[..offset];
    let line = before.matches('\n').count();
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let character: usize = before[start..].chars().map(char::len_utf16).sum();
    json!({ "line": line, "character": character })
}

/// A text after the edits of an answer.
pub fn applied(text: &str, edits: &Value) -> String {
    let offset = |position: &Value| {
        let line = position["line"].as_u64().expect("a number") as usize;
        let column = position["character"].as_u64().expect("a number") as usize;
        let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        let mut units = 0;
        let rest = text[start..].char_indices();
        for (at, c) in rest {
            if units >= column {
                return start + at;
            }
            units += c.len_utf16();
        }
        text.len()
    };
    let mut edits: Vec<(usize, usize, &str)> = edits
        .as_array()
        .expect("a list")
        .iter()
        .map(|edit| {
            let (start, end) = (&edit["range"]["start"], &edit["range"]["end"]);
            (offset(start), offset(end), edit["newText"].as_str().expect("a text"))
        })
        .collect();
    edits.sort_unstable();
    let mut text = text.to_owned();
    for (start, end, by) in edits.into_iter().rev() {
        text.replace_range(start..end, by);
    }
    text
}

/// A program of one file that is right.
pub const PROGRAM: &str = "//! A program.

use std.files.repo_files

const LIMIT = 3

/// Half of a number.
fn half(value: int) -> int = value / 2

/// Definitions.
evidence cst_defs from extractor python.cst {
  file_id: FileId
  path: Path
  /// What it is called.
  name: string
  kind: string
  start: Offset<byte>
  end: Offset<byte>
  container_start: Offset<byte>?
  container_end: Offset<byte>?
}

/// A definition.
@tag(core)
normalize def from cst_defs as d {
  id def_id in \"py_def\"
  span d.start .. d.end
  text name = d.name nfc
  keep kind
  key container_id -> def at d.container_start .. d.container_end unless d.container_start is null
  node \"DEF\" { name, kind }
}

normalize member from cst_defs as d {
  where d.kind == \"function\"
  id member_id in \"py_member\"
  span d.start .. d.end
  key def_id -> def at d.start .. d.end
}

/// Members of definitions.
relate member_of from member as m to def as d {
  edge \"MEMBER_OF\"
}

view counted =
  from member_of as m
  join def as d on m.dst == d.def_id
  where m.score >= LIMIT
  group by d.kind { rows: count() }

view paths = from repo_files as r select { r.path }

export counted, paths
";
