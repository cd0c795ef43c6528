//! Graphs that the binary builds, and what they answer.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::process::{self, Outcome, cargo, target_dir};

/// The program `cpglang`.
pub struct Binary(PathBuf);

impl Binary {
    /// The one at a path, by default built for release now.
    pub fn at(path: Option<&String>) -> Outcome<Self> {
        if let Some(path) = path {
            return Ok(Self(fs::canonicalize(path).map_err(|error| format!("{path}: {error}"))?));
        }
        process::run(cargo().args(["build", "--release", "--locked", "--package", "cpglang"]))?;
        Ok(Self(target_dir().join("release").join("cpglang")))
    }

    /// Builds the graph of a folder anew; `args` are further ones of `cpglang build`.
    pub fn build(&self, source: &Path, out: &Path, args: &[&str]) -> Outcome<Graph<'_>> {
        if out.exists() {
            fs::remove_dir_all(out)?;
        }
        fs::create_dir_all(out)?;
        let mut build = Command::new(&self.0);
        build.arg("build").arg("--source").arg(source).arg("--out").arg(out).args(args);
        process::run(build.stdout(Stdio::null()).stderr(Stdio::null()))?;
        Ok(Graph { binary: &self.0, out: out.to_owned() })
    }
}

/// A graph that was built.
pub struct Graph<'b> {
    binary: &'b Path,
    out: PathBuf,
}

impl Graph<'_> {
    /// The rows of a query, each an object.
    pub fn rows(&self, sql: &str) -> Outcome<Vec<Value>> {
        let mut query = Command::new(self.binary);
        query.arg("query").arg("--out").arg(&self.out).args(["--format", "ndjson", sql]);
        process::output(&mut query)?.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
    }
}
