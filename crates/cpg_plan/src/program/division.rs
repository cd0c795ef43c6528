//! How the rows of a table are told apart.

use std::collections::BTreeSet;
use std::fmt;

use cpg_ir::spec::RelationId;
use cpg_ir::types::{RowSchema, SemanticType};

use crate::drivers::{Drivers, Reads};
use crate::granularity::{Belonging, Granularity, Locality};

/// How a task's rows are told apart by the files that they belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Division {
    /// Not at all.
    Whole,
    /// A column names each row's file, and the rows of some files follow from all that some inputs have.
    Split {
        /// That column. Null in rows of no file.
        file: String,
        /// What is read of the file's rows alone.
        by_file: Reads,
        /// What is read of all rows.
        whole: Reads,
    },
    /// A column names each row's file, and the rows of some files follow from the rows that the inputs have of them.
    Local {
        /// That column. Null in rows of no file.
        file: String,
        /// The inputs of which all rows are read for the rows of no file, and none for others.
        elsewhere: BTreeSet<RelationId>,
    },
}

impl Division {
    pub(super) fn new(row: &RowSchema, locality: Locality, drivers: Drivers) -> Self {
        let Locality { granularity, belonging, elsewhere } = locality;
        let Some(file) = file_column(row, &belonging).map(str::to_owned) else {
            return Self::Whole;
        };
        match granularity {
            Granularity::FileLocal => Self::Local { file, elsewhere },
            _ => {
                let Drivers { by_file, whole } = drivers;
                Self::Split { file, by_file, whole }
            }
        }
    }

    /// The column that names each row's file, where there is one.
    pub fn file(&self) -> Option<&str> {
        match self {
            Self::Whole => None,
            Self::Split { file, .. } | Self::Local { file, .. } => Some(file),
        }
    }
}

/// The column that names each row's file: of several the one that is fastest to compare.
pub(super) fn file_column<'a>(row: &'a RowSchema, belonging: &Belonging) -> Option<&'a str> {
    let names = row.columns.iter().filter(|column| belonging.names.contains(&column.name));
    let file = names.min_by_key(|column| column.ty.semantic != SemanticType::FileId)?;
    Some(&file.name)
}

impl fmt::Display for Division {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => f.write_str("as a whole"),
            Self::Split { file, by_file, .. } if !by_file.is_empty() => write!(
                f,
                "for the files, by `{file}`, that change, and for all when what is read of all files does"
            ),
            Self::Split { file, .. } => {
                write!(f, "as a whole, and written for the files, by `{file}`, whose rows change")
            }
            Self::Local { file, .. } => write!(f, "for the files, by `{file}`, that change"),
        }
    }
}
