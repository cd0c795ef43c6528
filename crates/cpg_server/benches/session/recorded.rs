//! Sessions that were taken down from an editor: `editors/neovim/test/record.sh` does that.

use std::path::Path;

use cpg_base::{OsSystem, System as _};
use serde_json::Value;

use crate::client::Client;

/// What an editor said of one document, in its order.
pub struct Session {
    /// The module that the document is.
    pub module: String,
    /// Its text at first.
    pub text: String,
    /// Method and parameters of what followed, without the document.
    said: Vec<(String, Value)>,
}

/// All sessions.
pub fn sessions() -> Vec<Session> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/benches/session/recorded"));
    let files = OsSystem.files_in(folder, "ndjson").expect("sessions are there");
    files.iter().map(|path| read(path)).collect()
}

fn read(path: &Path) -> Session {
    let name = path.file_stem().expect("it has a name").to_string_lossy();
    let text = std::fs::read_to_string(path).expect("it can be read");
    let mut lines = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let first = lines.next().expect("the text at first");
    let said = lines
        .map(|one| (one["method"].as_str().expect("a method").to_owned(), one["params"].clone()));
    Session {
        module: format!("recorded_{name}"),
        text: first["text"].as_str().expect("a text").to_owned(),
        said: said.collect(),
    }
}

impl Session {
    /// Says it again, each time once the answer to what was said before is there.
    pub fn replay(&self, client: &mut Client) {
        for (method, params) in &self.said {
            if method == "textDocument/didChange" {
                client.change(&self.module, &params["contentChanges"]);
            } else {
                let mut params = params.clone();
                params["textDocument"] = serde_json::json!({ "uri": Client::uri(&self.module) });
                client.ask(method, params);
            }
        }
    }
}
