//! The language server as editors start it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use serde_json::{Value, json};

use crate::sandbox::{Run, Sandbox};

/// The two ends of a server's pipes.
struct Wire {
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Wire {
    fn send(&mut self, message: Value) {
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len()).expect("it listens");
        self.input.flush().expect("it listens");
    }

    fn read(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.output.read_line(&mut line).expect("it speaks");
            match line.trim().split_once(": ") {
                Some(("Content-Length", value)) => length = value.parse().expect("a number"),
                Some(_) => {}
                None => break,
            }
        }
        let mut bytes = vec![0; length];
        self.output.read_exact(&mut bytes).expect("it speaks");
        serde_json::from_slice(&bytes).expect("JSON")
    }

    /// The first message for which something holds.
    fn until(&mut self, holds: impl Fn(&Value) -> bool) -> Value {
        loop {
            let message = self.read();
            if holds(&message) {
                return message;
            }
        }
    }

    fn ask(&mut self, id: i32, method: &str, params: Value) -> Value {
        self.send(json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        self.until(|message| message["id"] == id && message["method"].is_null())["result"].clone()
    }

    fn tell(&mut self, method: &str, params: Value) {
        self.send(json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }
}

/// A server for the project in a folder.
fn start(sandbox: &Sandbox, root: &Path) -> (Child, Wire) {
    let mut command = sandbox.command(&["lsp", "--stdio"]);
    command.env("XDG_CACHE_HOME", sandbox.path("cache"));
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("the binary starts");
    let input = child.stdin.take().expect("it is piped");
    let output = BufReader::new(child.stdout.take().expect("it is piped"));
    let mut wire = Wire { input, output };
    let folder = json!({ "uri": format!("file://{}", root.display()), "name": "shop" });
    let refresh = json!({ "workspace": { "codeLens": { "refreshSupport": true } } });
    let params =
        json!({ "processId": null, "capabilities": refresh, "workspaceFolders": [folder] });
    let result = wire.ask(1, "initialize", params);
    assert_eq!(result["serverInfo"]["name"], "cpglang");
    wire.tell("initialized", json!({}));
    (child, wire)
}

/// Ends it in order.
fn stop(mut child: Child, mut wire: Wire) {
    wire.ask(99, "shutdown", Value::Null);
    wire.tell("exit", Value::Null);
    drop(wire);
    assert!(child.wait().expect("it ends").success());
}

#[test]
fn serves_an_editor() {
    let sandbox = Sandbox::bookshop();
    let root = sandbox.path("shop");
    let path = root.join("shop.cpg");
    let text = std::fs::read_to_string(&path).expect("the example has a program");
    let (child, mut wire) = start(&sandbox, &root);

    let uri = format!("file://{}", path.display());
    let wrong = text.replace("c.dst == subject.def_id", "c.dts == subject.def_id");
    let document = json!({ "uri": uri, "languageId": "cpg", "version": 1, "text": wrong });
    wire.tell("textDocument/didOpen", json!({ "textDocument": document }));
    let told = wire.until(|message| {
        message["params"]["uri"] == uri.as_str() && message["params"]["version"] == 1
    });
    let found = &told["params"]["diagnostics"][0];
    assert_eq!(found["code"], "unknown-column");
    assert!(found["message"].as_str().expect("a text").contains("`dst`"), "{found}");

    let document = json!({ "uri": uri, "version": 2 });
    let change = json!({ "textDocument": document, "contentChanges": [{ "text": text }] });
    wire.tell("textDocument/didChange", change);
    let told = wire.until(|message| message["params"]["version"] == 2);
    assert_eq!(told["params"]["diagnostics"], json!([]));

    let line = text.lines().position(|line| line.contains("from def as d")).expect("it is there");
    let at = json!({
        "textDocument": { "uri": uri },
        "position": { "line": line, "character": "  from d".len() },
    });
    let found = wire.ask(2, "textDocument/definition", at.clone());
    let target = found[0]["uri"].as_str().expect("an address");
    assert!(target.ends_with("/std/python/definitions.cpg"), "{target}");
    let opened = target.strip_prefix("file://").expect("a file");
    assert!(std::fs::read_to_string(opened).expect("it is there").contains("normalize def"));

    wire.tell("textDocument/didSave", json!({ "textDocument": { "uri": uri } }));
    wire.until(|message| message["method"] == "workspace/codeLens/refresh");
    let hover = wire.ask(3, "textDocument/hover", at);
    let text = hover["contents"]["value"].as_str().expect("a text");
    for said in ["Granularity: ", "Fingerprint: ", "A function, method, class or lambda."] {
        assert!(text.contains(said), "{text}");
    }

    stop(child, wire);
}

/// Views in SQL, columns that files have, and a test: what the server asks the planner and the engine.
const OF_FILES: &str = "evidence owners from csv \"owners.csv\"
view per_owner = sql \"\"\"select owner, count(*) as files from owners group by owner\"\"\"
view many = from per_owner as o where o.files > 1 select { o.owner }
export many

test \"who owns one file is left out\" for many {
  given owners [{ owner: \"a\", path: \"x\" }, { owner: \"b\", path: \"y\" }, { owner: \"b\", path: \"z\" }]
  expect [{ owner: \"a\" }]
}
";

#[test]
fn asks_the_planner_and_the_engine() {
    let sandbox = Sandbox::new();
    let root = sandbox.path("shop");
    std::fs::create_dir_all(&root).expect("it can be made");
    let path = root.join("main.cpg");
    std::fs::write(&path, OF_FILES).expect("it can be written");
    let (child, mut wire) = start(&sandbox, &root);
    let uri = format!("file://{}", path.display());
    let codes = |message: &Value| -> Vec<String> {
        let found = message["params"]["diagnostics"].as_array().into_iter().flatten();
        found.filter_map(|one| one["code"].as_str().map(str::to_owned)).collect()
    };
    let told = |wanted: &'static [&str]| {
        let uri = uri.clone();
        move |message: &Value| message["params"]["uri"] == uri.as_str() && codes(message) == wanted
    };
    wire.until(told(&["missing-file"]));

    let document = json!({ "uri": uri, "languageId": "cpg", "version": 1, "text": OF_FILES });
    wire.tell("textDocument/didOpen", json!({ "textDocument": document }));
    std::fs::write(root.join("owners.csv"), "path,owner\nx,a\ny,b\n").expect("it can be written");
    wire.tell("textDocument/didSave", json!({ "textDocument": { "uri": uri } }));
    wire.until(told(&[]));
    let edit = |version: i32, from: &str, to: &str| {
        let document = json!({ "uri": uri, "version": version });
        let text = OF_FILES.replace(from, to);
        json!({ "textDocument": document, "contentChanges": [{ "text": text }] })
    };
    wire.tell("textDocument/didChange", edit(2, "select owner,", "select ownr,"));
    wire.until(told(&["bad-sql"]));
    wire.tell("textDocument/didChange", edit(3, "", ""));
    wire.until(told(&[]));

    let arguments = json!([uri, "main", "who owns one file is left out"]);
    let command = json!({ "command": "cpglang.runTest", "arguments": arguments });
    let outcome = wire.ask(2, "workspace/executeCommand", command.clone());
    assert_eq!(outcome["passed"], false);
    let report = outcome["report"].as_str().expect("a text");
    let said = "\"who owns one file is left out\": 1 row is missing, 1 row is unexpected\n\n";
    assert!(report.starts_with(said), "{report}");
    assert!(report.contains("\n  -  \"a\"\n  +  \"b\"\n"), "{report}");
    wire.until(told(&["test-failed"]));
    let right = edit(4, "expect [{ owner: \"a\" }]", "expect [{ owner: \"b\" }]");
    wire.tell("textDocument/didChange", right);
    wire.until(told(&[]));
    let outcome = wire.ask(3, "workspace/executeCommand", command);
    assert_eq!(outcome, json!({ "passed": true }));
    stop(child, wire);
}

const STRICT: &str = "use std.files.repo_files
view paths = from repo_files as f select { f.path }
export paths
policy schema for paths { mode strict }
";

#[test]
fn compares_programs_with_the_newest_build() {
    let sandbox = Sandbox::new();
    sandbox.write("shop/main.cpg", STRICT);
    sandbox.write("shop/a.py", "");
    sandbox.run(&["build", "--source", "shop"]).expect(0);
    let root = sandbox.path("shop");
    let (child, mut wire) = start(&sandbox, &root);
    let uri = format!("file://{}", root.join("main.cpg").display());
    let text = STRICT.replace("select { f.path }", "select { f.path, is_a: f.path == \"a\" }");
    let document = json!({ "uri": uri, "languageId": "cpg", "version": 1, "text": text });
    wire.tell("textDocument/didOpen", json!({ "textDocument": document }));
    let told = |version: i32| {
        let uri = uri.clone();
        move |message: &Value| {
            message["params"]["uri"] == uri.as_str() && message["params"]["version"] == version
        }
    };
    let found = wire.until(told(1));
    assert_eq!(found["params"]["diagnostics"], json!([]));
    wire.tell("textDocument/didSave", json!({ "textDocument": { "uri": uri } }));
    let found = wire.until(told(1));
    let found = &found["params"]["diagnostics"][0];
    assert_eq!(found["code"], "schema-diverged");
    let message = found["message"].as_str().expect("a text");
    assert!(message.contains("the columns of `graph/paths` would change"), "{message}");
    assert!(message.contains("`is_a: bool` is new"), "{message}");
    let at = json!({
        "textDocument": { "uri": uri },
        "position": { "line": 1, "character": "view p".len() },
    });
    let hover = wire.ask(2, "textDocument/hover", at);
    let text = hover["contents"]["value"].as_str().expect("a text");
    assert!(text.contains("Newest build: "), "{text}");
    assert!(text.contains(" in `graph/paths` of run-00000001-"), "{text}");
    stop(child, wire);
}

#[test]
fn a_server_that_is_left_alone_ends() {
    let sandbox = Sandbox::new();
    let run = sandbox.run(&["lsp"]).expect(2);
    assert!(run.stderr.contains("without shutting it down"), "{}", run.stderr);
}

#[test]
fn what_is_no_message_ends_the_server_with_a_word() {
    let sandbox = Sandbox::new();
    let messages = [
        "garbage\r\n\r\n",
        "Content-Length: many\r\n\r\n{}",
        "Content-Length: 2\r\n\r\n[]",
        "Content-Length: 900\r\n\r\n{\"jsonrpc\": \"2.0\"",
    ];
    for message in messages {
        let mut command = sandbox.command(&["lsp"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary starts");
        let mut input = child.stdin.take().expect("it is piped");
        input.write_all(message.as_bytes()).expect("it listens");
        drop(input);
        let run: Run = child.wait_with_output().expect("it ends").into();
        run.expect(2).says(&["the editor sends what is no message", "docs/editors.md"]);
    }
}
