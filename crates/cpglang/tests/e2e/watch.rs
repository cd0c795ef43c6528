//! `cpglang watch`: builds that follow changes.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use serde_json::Value;

use crate::sandbox::Sandbox;

const OUT: &str = "code/.cpglang";
const NAMES: &str = "select name from names order by name";

/// A watch that runs, with the objects that it prints.
struct Watch {
    child: Child,
    objects: Receiver<Value>,
}

impl Watch {
    fn start(sandbox: &Sandbox) -> Self {
        let args = [
            "watch",
            "--source",
            "code",
            "--program",
            "program",
            "--select",
            "names",
            "--message-format",
            "json",
        ];
        let mut command = sandbox.command(&args);
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
        let lines = BufReader::new(child.stdout.take().expect("it has an output")).lines();
        let (send, objects) = mpsc::channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let object = serde_json::from_str(&line).expect("an object a line");
                if send.send(object).is_err() {
                    break;
                }
            }
        });
        Self { child, objects }
    }

    /// The next object of that kind.
    fn next(&self, kind: &str) -> Value {
        loop {
            let object = self.objects.recv_timeout(Duration::from_secs(120)).expect("it goes on");
            if object["type"] == kind {
                return object;
            }
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn program(sandbox: &Sandbox, condition: &str) {
    let text = format!(
        "use std.python.definitions.def\n\nview names = from def as d where {condition} select {{ d.name }}\n\n\
         export names\n"
    );
    sandbox.write("program/names.cpg", text);
}

#[test]
fn a_watch_builds_after_each_change_and_ends_when_it_is_asked_to() {
    let sandbox = Sandbox::small();
    program(&sandbox, "d.name != \"x\"");
    let mut watch = Watch::start(&sandbox);
    assert_eq!(watch.next("build")["published"], true);
    assert_eq!(sandbox.column(OUT, NAMES), ["f", "g"]);
    sandbox.write("code/b.py", "def h(): pass\n");
    assert_eq!(watch.next("build")["published"], true);
    assert_eq!(sandbox.column(OUT, NAMES), ["f", "g", "h"]);
    // What is wrong is told, and mended by the next change.
    program(&sandbox, "d.nome != \"x\"");
    assert_eq!(watch.next("diagnostic")["code"], "unknown-column");
    program(&sandbox, "d.name != \"g\"");
    assert_eq!(watch.next("build")["published"], true);
    assert_eq!(sandbox.column(OUT, NAMES), ["f", "h"]);
    // Its own writing is no change.
    let more = watch.objects.recv_timeout(Duration::from_secs(2));
    assert!(more.is_err(), "{more:?}");
    let id = watch.child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().expect("kill is there").success());
    assert_eq!(watch.child.wait().expect("it ends").code(), Some(130));
    let missing = ["watch", "--source", "nowhere"];
    sandbox.run(&missing).expect(2).says(&["`nowhere` cannot be watched"]);
}
