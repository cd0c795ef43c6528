//! Evidence that lies in files: where, in which format, and what the files say of their columns.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::types::PhysicalType;

/// A format of files that hold rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileFormat {
    /// Parquet files.
    Parquet,
    /// A Delta table: a folder with a log.
    Delta,
    /// Comma-separated values below a line of names.
    Csv,
    /// A JSON object a line.
    Ndjson,
    /// Arrow IPC files.
    Arrow,
}

impl FileFormat {
    /// Every format, in the order of the reference.
    pub const ALL: [Self; 5] = [Self::Parquet, Self::Delta, Self::Csv, Self::Ndjson, Self::Arrow];

    /// As programs write it; also the ending of such files in a folder.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Parquet => "parquet",
            Self::Delta => "delta",
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
            Self::Arrow => "arrow",
        }
    }

    /// The format that programs write so.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == word)
    }

    /// Whether its values are text until a type is said.
    pub fn is_text(self) -> bool {
        self == Self::Csv
    }
}

impl fmt::Display for FileFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Files of one format at one place. Their schema is the contract of the relation that reads them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FileSource {
    /// How rows are written in them.
    pub format: FileFormat,
    /// A file, a folder or a glob pattern, `/`-separated, relative to the project's folder.
    pub location: String,
}

impl FileSource {
    /// Whether its location is a pattern that several files may fit.
    pub fn is_pattern(&self) -> bool {
        is_pattern(&self.location)
    }

    /// The parts of its location before the first that is a pattern: below it lies all that can be meant.
    pub fn fixed_part(&self) -> String {
        let parts = self.location.split('/').take_while(|part| !is_pattern(part));
        parts.collect::<Vec<_>>().join("/")
    }
}

fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '[', '{'])
}

/// As programs write it: `parquet "data/calls.parquet"`.
impl fmt::Display for FileSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} \"{}\"", self.format, self.location)
    }
}

/// What files say of their rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileSchema {
    /// The columns that every file has, or some of them, in the order of the first.
    pub columns: Vec<FileColumn>,
}

/// What files say of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileColumn {
    /// Its name.
    pub name: String,
    /// What carries its values; `None` where no type of the language does.
    pub physical: Option<PhysicalType>,
    /// The type as the files call it.
    pub stored: String,
    /// Whether the files allow nulls in it.
    pub nullable: bool,
}

impl FileSchema {
    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&FileColumn> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// Why files cannot be evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileProblem {
    /// There is none at the location.
    Missing,
    /// The location leads out of the project or to a store that this build cannot reach.
    Location(String),
    /// They are not what the format says, or differ from one another, or need what readers here cannot do.
    Unreadable(String),
}

/// What is wrong with a location before anything is looked at: it must stay below the project's folder, so that a
/// program that nobody trusts cannot look elsewhere and means the same on every machine.
///
/// # Errors
/// The reason in words.
pub fn check_location(location: &str) -> Result<(), String> {
    if location.trim().is_empty() {
        return Err("it is empty".to_owned());
    }
    if let Some((scheme, _)) = location.split_once("://") {
        return Err(format!("this build has no store for `{scheme}:`"));
    }
    let windows_drive = location.as_bytes().get(1) == Some(&b':');
    if location.starts_with(['/', '\\']) || windows_drive {
        return Err("it is absolute".to_owned());
    }
    if location.split(['/', '\\']).any(|part| part == "..") {
        return Err("`..` leads out of the project's folder".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_stay_below_the_project() {
        for good in ["a.parquet", "data/a.csv", "data/*.csv", "./a", "a..b/c", "..a"] {
            assert_eq!(check_location(good), Ok(()), "{good}");
        }
        for bad in ["", " ", "/etc/x", "../a", "a/../b", "s3://b/a", "file:///a", "C:/x", "\\x"] {
            assert!(check_location(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn formats_are_called_as_they_are_written() {
        for format in FileFormat::ALL {
            assert_eq!(FileFormat::from_word(format.as_str()), Some(format));
        }
        assert_eq!(FileFormat::from_word("json"), None);
    }
}
