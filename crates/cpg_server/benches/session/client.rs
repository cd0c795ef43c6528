//! A client that waits for every answer and notes how long that takes.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use cpg_server::Connection;
use lsp_server::{Message, Notification, Request, RequestId};
use serde_json::{Value, json};

/// Where the project lies.
const ROOT: &str = "file:///p";

/// From an edit until it is told what is wrong with the file.
pub const KEYSTROKE: &str = "keystroke to diagnostics";

pub struct Client {
    connection: Connection,
    next: i32,
    versions: BTreeMap<String, i64>,
    /// How long things took, by what they are.
    pub times: BTreeMap<String, Vec<Duration>>,
}

impl Client {
    pub fn new(connection: Connection) -> Self {
        Self { connection, next: 0, versions: BTreeMap::new(), times: BTreeMap::new() }
    }

    pub fn uri(module: &str) -> String {
        format!("{ROOT}/{module}.cpg")
    }

    pub fn start(&mut self) {
        let folders = json!([{ "uri": ROOT, "name": "p" }]);
        self.ask("initialize", json!({ "capabilities": {}, "workspaceFolders": folders }));
        self.notify("initialized", json!({}));
    }

    pub fn stop(mut self) {
        self.ask("shutdown", Value::Null);
        self.notify("exit", Value::Null);
    }

    pub fn notify(&self, method: &str, params: Value) {
        let message = Notification::new(method.to_owned(), params);
        self.connection.sender.send(message.into()).expect("the server runs");
    }

    pub fn open(&mut self, module: &str, text: &str) {
        let uri = Self::uri(module);
        let document = json!({ "uri": uri, "languageId": "cpg", "version": 0, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document }));
        self.versions.insert(uri, 0);
    }

    /// Sends changes and waits until it is told what is wrong.
    pub fn change(&mut self, module: &str, changes: &Value) {
        let uri = Self::uri(module);
        let version = self.versions.get(&uri).map_or(0, |version| version + 1);
        self.versions.insert(uri.clone(), version);
        let document = json!({ "uri": uri, "version": version });
        let begin = Instant::now();
        let params = json!({ "textDocument": document, "contentChanges": changes });
        self.notify("textDocument/didChange", params);
        self.told(module);
        self.times.entry(KEYSTROKE.to_owned()).or_default().push(begin.elapsed());
    }

    pub fn ask(&mut self, method: &str, params: Value) -> Value {
        self.next += 1;
        let id = RequestId::from(self.next);
        let begin = Instant::now();
        let request = Request::new(id.clone(), method.to_owned(), params);
        self.connection.sender.send(request.into()).expect("the server runs");
        loop {
            if let Message::Response(response) = self.receive()
                && response.id == id
            {
                self.times.entry(method.to_owned()).or_default().push(begin.elapsed());
                return response.response_result.expect("it is answered");
            }
        }
    }

    /// Asks about a place in a module.
    pub fn ask_at(&mut self, method: &str, module: &str, line: usize, character: usize) {
        let document = json!({ "uri": Self::uri(module) });
        let position = json!({ "line": line, "character": character });
        self.ask(method, json!({ "textDocument": document, "position": position }));
    }

    fn receive(&self) -> Message {
        self.connection.receiver.recv_timeout(Duration::from_secs(120)).expect("it answers")
    }

    /// Waits until it is told what is wrong with a module as it is now.
    pub fn told(&self, module: &str) {
        let uri = Self::uri(module);
        let version = self.versions.get(&uri).copied();
        loop {
            if let Message::Notification(one) = self.receive()
                && one.params["uri"] == uri.as_str()
                && one.params["version"].as_i64() == version
            {
                return;
            }
        }
    }
}
