//! A directory of its own for each test, and the binary run in it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::SystemTime;

use serde_json::Value;
use tempfile::TempDir;

/// A temporary directory.
pub(crate) struct Sandbox(TempDir);

/// How a run of the binary ended.
pub(crate) struct Run {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Sandbox {
    /// An empty directory.
    pub fn new() -> Self {
        Self(TempDir::with_prefix("cpglang-").expect("a temporary directory can be made"))
    }

    /// The example code base, in the folder `shop`, with its one broken file.
    pub fn bookshop() -> Self {
        let sandbox = Self::new();
        copy(&repository().join("examples/bookshop"), &sandbox.path("shop"));
        sandbox
    }

    /// One Python file, in the folder `code`.
    pub fn small() -> Self {
        let sandbox = Self::new();
        sandbox.write("code/a.py", "def f():\n    return g()\n\n\ndef g():\n    return 1\n");
        sandbox
    }

    /// A path in the directory.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.0.path().join(relative)
    }

    /// Writes a file and the folders above it.
    pub fn write(&self, relative: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(relative);
        fs::create_dir_all(path.parent().expect("a file has a folder")).expect("can be created");
        fs::write(path, bytes).expect("can be written");
    }

    /// The binary, to be run in the directory, with nothing of this process's environment that matters to it.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cpglang"));
        command.current_dir(self.0.path()).args(args).stdin(Stdio::null());
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("CPGLANG_") {
                command.env_remove(name);
            }
        }
        command.env_remove("RUST_BACKTRACE");
        command
    }

    /// Runs the binary to its end.
    pub fn run(&self, args: &[&str]) -> Run {
        self.command(args).output().expect("the binary starts").into()
    }

    /// Starts the binary, with its messages thrown away.
    pub fn start(&self, args: &[&str]) -> Child {
        let mut command = self.command(args);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary starts")
    }

    /// Builds `source` and expects that to work.
    pub fn build(&self, source: &str) -> Run {
        self.run(&["build", "--source", source]).expect(0)
    }

    /// The rows of a query over the build in `out`.
    pub fn rows(&self, out: &str, sql: &str) -> Vec<Value> {
        let run = self.run(&["query", "--out", out, "--format", "ndjson", sql]).expect(0);
        run.stdout.lines().map(|line| serde_json::from_str(line).expect("a row")).collect()
    }

    /// The first column of a query's rows, as text, in their order.
    pub fn column(&self, out: &str, sql: &str) -> Vec<String> {
        let first = |row: Value| match row.as_object().and_then(|row| row.values().next()) {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => String::new(),
        };
        self.rows(out, sql).into_iter().map(first).collect()
    }

    /// Every file below a folder with its size and the time of its last change.
    pub fn listing(&self, relative: &str) -> BTreeMap<PathBuf, (u64, SystemTime)> {
        let mut listing = BTreeMap::new();
        let mut pending = vec![self.path(relative)];
        while let Some(folder) = pending.pop() {
            for entry in fs::read_dir(folder).expect("the folder is there") {
                let entry = entry.expect("the folder can be read");
                let meta = entry.metadata().expect("the file is there");
                if meta.is_dir() {
                    pending.push(entry.path());
                }
                let modified = meta.modified().expect("the system keeps times");
                listing.insert(entry.path(), (meta.len(), modified));
            }
        }
        listing
    }
}

impl Run {
    /// The same, which must have ended with that code.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// The same, whose messages must hold all these.
    #[track_caller]
    pub fn says(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(self.stderr.contains(part), "`{part}` is not in:\n{}", self.stderr);
        }
        self
    }

    /// The objects of the stream for programs.
    pub fn objects(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).expect("an object")).collect()
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("messages are UTF-8");
        Self {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

/// The root of the repository.
pub(crate) fn repository() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("crates lie two folders below the root")
}

/// Copies a folder, but no build in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("can be created");
    for entry in fs::read_dir(from).expect("the folder is there") {
        let entry = entry.expect("the folder can be read");
        let target = to.join(entry.file_name());
        if entry.file_name().to_string_lossy().starts_with('.')
            || entry.file_name() == "__pycache__"
        {
            continue;
        }
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("can be copied");
        }
    }
}
