//! A client for tests.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use cpg_server::{Connection, Ended, serve};
use lsp_server::{Message, Notification, Request, RequestId, Response};
use serde_json::{Value, json};

use crate::host::{Files, ROOT, TestHost};

/// How long anything may take before a test fails. Whoever types for an hour shares the machine with others.
pub fn patience() -> Duration {
    let minutes = if std::env::var_os("CPGLANG_REPLAY_MINUTES").is_some() { 10 } else { 1 };
    Duration::from_secs(60 * minutes)
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
            assert!(start.elapsed() < patience(), "request {id:?} is never answered");
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

    /// Says that a document was saved.
    pub fn save(&mut self, path: &str) {
        let document = json!({ "textDocument": { "uri": Self::uri(path) } });
        self.notify("textDocument/didSave", document);
    }

    /// Says that a file that it watches changed on disk.
    pub fn changed(&mut self, path: &str) {
        let changes = json!([{ "uri": Self::uri(path), "type": 2 }]);
        self.notify("workspace/didChangeWatchedFiles", json!({ "changes": changes }));
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
            assert!(start.elapsed() < patience(), "{said} is never said: {answer}");
            self.pump(Duration::from_millis(20));
        }
    }

    /// Takes messages until something holds.
    pub fn until(&mut self, holds: impl Fn(&Self) -> bool) {
        let start = Instant::now();
        while !holds(self) {
            assert!(
                start.elapsed() < patience(),
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
