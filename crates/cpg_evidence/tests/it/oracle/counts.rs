//! What a comparison found, for a test to judge and for a reader of numbers.

use std::collections::BTreeMap;
use std::io::Write as _;

use serde_json::json;

/// The file that counts are added to, a JSON object a line, where `cargo xtask exactness` asks for them.
const COUNTS: &str = "CPG_ORACLE_COUNTS";

/// What was compared.
#[derive(Debug, Default)]
pub struct Counts {
    pub files: usize,
    pub rows: usize,
    /// Why files were not compared.
    pub skipped: BTreeMap<String, usize>,
    /// What is different on purpose.
    pub explained: BTreeMap<String, usize>,
    /// The first difference of each file that has one.
    pub differences: Vec<String>,
}

impl Counts {
    /// Tells the counts, and that there is no difference. `least` is how many rows the files of the suite have; others
    /// may have fewer.
    #[allow(clippy::print_stderr, reason = "what a test counts is for the reader of its output")]
    pub fn judge(&self, name: &str, least: usize) {
        eprintln!("{name}: {self:#?}");
        if let Some(path) = std::env::var_os(COUNTS) {
            let line = json!({
                "name": name,
                "files": self.files,
                "rows": self.rows,
                "skipped": self.skipped,
                "explained": self.explained,
                "differences": self.differences,
            });
            let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
            // One write, since tests run side by side.
            let line = format!("{line}\n");
            file.and_then(|mut file| file.write_all(line.as_bytes())).expect("a file for counts");
        }
        if !super::is_given() {
            assert!(self.rows > least, "{name}: too little to compare: {}", self.rows);
        }
        assert_eq!(self.differences, [""; 0], "{name}");
    }
}
