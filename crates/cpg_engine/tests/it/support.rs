//! A source directory, an output directory, and builds from one to the other.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use arrow::util::pretty::pretty_format_batches;
use cpg_engine::{
    BuildEvent, BuildObserver, BuildReport, Cancel, EngineError, Location, PublishedBuild,
    RuntimeProfile, Silent, TableRecord, TableStatus,
};
use tempfile::TempDir;

use crate::program::Variant;

pub const MEMORY: usize = 256 << 20;

/// Two directories that vanish with it.
pub struct Project {
    folder: TempDir,
    location: Location,
}

impl Project {
    /// Two modules and a file that does not parse.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let location = folder.path().join("out").into();
        Self { folder, location }.filled()
    }

    /// The same, built to another place.
    pub fn built_to(location: Location) -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        Self { folder, location }.filled()
    }

    fn filled(self) -> Self {
        let project = self;
        project.write("pkg/__init__.py", "");
        project.write("pkg/shop.py", "class Shop:\n    def open(self):\n        return 1\n");
        project.write("main.py", "def main():\n    pass\n");
        project.write("broken.py", "def half(:\n");
        project
    }

    pub fn source(&self) -> PathBuf {
        self.folder.path().join("source")
    }

    pub fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.source().join(path);
        let folder = path.parent().expect("a file is in a folder");
        fs::create_dir_all(folder).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where it is built to.
    pub fn location(&self) -> &Location {
        &self.location
    }

    pub fn profile(&self) -> RuntimeProfile {
        RuntimeProfile { out: self.location.clone(), ..profile_of(self.folder()) }
    }

    pub fn build(&self) -> Result<BuildReport, EngineError> {
        self.build_variant(&Variant::default())
    }

    pub fn build_variant(&self, variant: &Variant) -> Result<BuildReport, EngineError> {
        self.build_as(variant, self.profile())
    }

    pub fn build_as(
        &self,
        variant: &Variant,
        profile: RuntimeProfile,
    ) -> Result<BuildReport, EngineError> {
        cpg_engine::build(variant.compile(), profile, Arc::new(Silent), &Cancel::default())
    }

    pub fn build_observed(
        &self,
        observer: Arc<dyn BuildObserver>,
        cancel: &Cancel,
    ) -> Result<BuildReport, EngineError> {
        cpg_engine::build(Variant::default().compile(), self.profile(), observer, cancel)
    }

    pub fn open(&self) -> PublishedBuild {
        PublishedBuild::open(&self.location, 2, MEMORY).expect("there is a build")
    }

    /// The rows of a query, cells by `,`, rows sorted.
    pub fn rows(&self, sql: &str) -> Vec<String> {
        let build = self.open();
        let batches: Vec<_> = build
            .sql(sql)
            .expect("the query is valid")
            .map(|batch| batch.expect("it runs"))
            .collect();
        let text = pretty_format_batches(&batches).expect("rows can be shown").to_string();
        let mut rows: Vec<String> = text
            .lines()
            .skip(3)
            .filter(|line| line.starts_with('|'))
            .map(|line| {
                let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
                cells.join(",")
            })
            .collect();
        rows.sort();
        rows
    }

    /// Every row of every table, for comparisons.
    pub fn content(&self) -> BTreeMap<String, Vec<String>> {
        let tables = self.open().record().tables.clone();
        tables
            .into_iter()
            .filter(|table| table.area != cpg_ir::manifest::Area::Stage)
            .map(|table| {
                let name = format!("{}.{}", table.area.folder(), table.table);
                let rows = self.rows(&format!("select * from {name}"));
                (name, rows)
            })
            .collect()
    }

    /// Every file and folder below the output directory, with its size and when it was last changed.
    pub fn disk(&self) -> BTreeMap<PathBuf, (u64, SystemTime)> {
        let mut found = BTreeMap::new();
        let mut pending = vec![self.out()];
        while let Some(path) = pending.pop() {
            let metadata = fs::metadata(&path).expect("it is there");
            if metadata.is_dir() {
                let entries = fs::read_dir(&path).expect("it can be listed");
                pending.extend(entries.map(|entry| entry.expect("it can be listed").path()));
            }
            let changed = metadata.modified().expect("the system knows");
            found.insert(path, (metadata.len(), changed));
        }
        found
    }

    /// The folders that runs made below a table.
    pub fn runs_of(&self, table: &str) -> Vec<String> {
        let mut runs: Vec<String> = fs::read_dir(self.out().join(table))
            .map(|entries| {
                entries
                    .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
                    .filter(|name| name.starts_with("run-"))
                    .collect()
            })
            .unwrap_or_default();
        runs.sort();
        runs
    }
}

/// What builds of the project in a folder are told.
pub fn profile_of(project: &Path) -> RuntimeProfile {
    RuntimeProfile {
        threads: 2,
        memory_bytes: MEMORY,
        ..RuntimeProfile::new(project.join("source"), project.join("out"))
    }
}

/// The record of a table, called as in `graph/nodes`.
pub fn table<'a>(report: &'a BuildReport, name: &str) -> &'a TableRecord {
    let named = |table: &&TableRecord| format!("{}/{}", table.area.folder(), table.table) == name;
    report.record.tables.iter().find(named).unwrap_or_else(|| panic!("no table {name}"))
}

/// The tables that a build wrote.
pub fn written(report: &BuildReport) -> Vec<String> {
    let tables = report.record.tables.iter();
    tables
        .filter(|table| matches!(table.status, TableStatus::Written | TableStatus::Updated))
        .map(|table| format!("{}/{}", table.area.folder(), table.table))
        .collect()
}

/// Puts a commit on top of a table that does not say it is ours.
pub fn commit_as_somebody_else(table: &Path, version: u64) {
    let log = table.join("_delta_log");
    fs::create_dir_all(&log).expect("a folder can be made");
    let commit = r#"{"commitInfo":{"timestamp":0,"operation":"OPTIMIZE"}}"#;
    fs::write(log.join(format!("{version:020}.json")), commit).expect("a file can be written");
}

/// Calls a function for every event.
pub struct Observer<F>(Mutex<F>);

impl<F: FnMut(&BuildEvent<'_>) + Send> Observer<F> {
    pub fn new(function: F) -> Arc<Self> {
        Arc::new(Self(Mutex::new(function)))
    }
}

impl<F: FnMut(&BuildEvent<'_>) + Send> BuildObserver for Observer<F> {
    fn event(&self, event: BuildEvent<'_>) {
        (self.0.lock().expect("no test panics in an observer"))(&event);
    }
}
