//! Which part of a table a build makes anew.
//!
//! Where a column says whose file's rows these are, a table is kept in segments: the rows of some files, in data files of
//! their own. What each segment holds has a fingerprint, and so has what its rows follow from. A segment of which the newest
//! version has the rows is kept, and one that follows from what it followed from is not computed. So an edited file costs its segment, and it does not matter what was built before:
//! tables made step by step have the rows in the very segments that a first build puts them into.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use arrow::array::{Array, AsArray as _, RecordBatch, UInt32Array};
use arrow::compute::take_record_batch;
use arrow::datatypes::{DataType, Int64Type};
use cpg_evidence::Scan;
use cpg_ir::canon::{Domain, Fingerprint};
use cpg_ir::stable_id::file_id;

use crate::delta::DataFile;
use crate::delta::state::Commit;
use crate::error::{EngineError, Result};

/// The segments of a table as they should be, and which of them are there.
#[derive(Debug)]
pub(super) struct Segments {
    /// What each should hold.
    contents: Vec<Fingerprint>,
    /// By content, the first of this content: only segments without rows have equal ones.
    places: BTreeMap<Fingerprint, usize>,
    /// Those that are not there.
    missing: BTreeSet<usize>,
}

impl Segments {
    /// Those that are `there` are not missing.
    pub(super) fn new(contents: Vec<Fingerprint>, there: &BTreeSet<Fingerprint>) -> Self {
        let places = places(&contents);
        let missing = contents.iter().enumerate().filter(|(_, content)| !there.contains(content));
        let missing = missing.map(|(place, _)| place).collect();
        Self { contents, places, missing }
    }

    /// What each segment should hold.
    pub(super) fn into_contents(self) -> Vec<Fingerprint> {
        self.contents
    }

    /// The segments that are not there.
    pub(super) fn missing(&self) -> &BTreeSet<usize> {
        &self.missing
    }

    /// The files that hold the rows of the segment at `place`, as its files.
    ///
    /// # Errors
    /// When there is no such segment, which would be a defect.
    pub(super) fn files(
        &self,
        place: usize,
        files: Vec<DataFile>,
    ) -> Result<impl Iterator<Item = DataFile>> {
        let none = || EngineError::internal("rows of a segment", "there is no such segment");
        let content = self.contents.get(place).copied().ok_or_else(none)?;
        Ok(files.into_iter().map(move |file| file.in_segment(content)))
    }

    fn place(&self, file: &DataFile) -> Option<usize> {
        self.places.get(&file.segment()?).copied()
    }

    /// The files of the newest version that stay.
    pub(super) fn kept(&self, newest: Option<&Commit>) -> Vec<DataFile> {
        let files = newest.map(|newest| newest.files.as_slice()).unwrap_or_default();
        let stays =
            |file: &&DataFile| self.place(file).is_some_and(|place| !self.missing.contains(&place));
        files.iter().filter(stays).cloned().collect()
    }
}

/// By what segments hold, which they are: the first where several are without rows.
pub(super) fn places(contents: &[Fingerprint]) -> BTreeMap<Fingerprint, usize> {
    let mut places = BTreeMap::new();
    for (place, content) in contents.iter().enumerate() {
        places.entry(*content).or_insert(place);
    }
    places
}

fn files(scan: &Scan, segment: usize) -> Fingerprint {
    let paths: Vec<&str> = scan.segment_paths(segment).collect();
    Fingerprint::of_bytes(Domain::Segment, paths.join("\n").as_bytes())
}

/// From files to segments.
#[derive(Debug)]
pub(super) struct SegmentOfFile {
    by_id: HashMap<i64, usize>,
    by_path: HashMap<String, usize>,
    /// By segment, which files are its.
    files: Vec<Fingerprint>,
    /// The segment of everything else.
    elsewhere: usize,
}

impl SegmentOfFile {
    pub(super) fn new(scan: &Scan) -> Self {
        let elsewhere = scan.segments();
        let paths = || {
            (0..elsewhere)
                .flat_map(|segment| scan.segment_paths(segment).map(move |path| (path, segment)))
        };
        Self {
            by_id: paths().map(|(path, segment)| (file_id(path), segment)).collect(),
            by_path: paths().map(|(path, segment)| (path.to_owned(), segment)).collect(),
            files: (0..=elsewhere).map(|segment| files(scan, segment)).collect(),
            elsewhere,
        }
    }

    /// Which files are those of a segment.
    ///
    /// # Errors
    /// When there is no such segment, which would be a defect.
    pub(super) fn files(&self, segment: usize) -> Result<Fingerprint> {
        let none = || EngineError::internal("files of a segment", "there is no such segment");
        self.files.get(segment).copied().ok_or_else(none)
    }

    /// The segment of everything that is of no file of the scan; the last.
    pub(super) fn elsewhere(&self) -> usize {
        self.elsewhere
    }

    /// The rows of a batch by segment, of those that are `wanted`; the column at `file` names each row's file.
    ///
    /// # Errors
    /// When rows cannot be picked, which would be a defect.
    pub(super) fn split(
        &self,
        batch: &RecordBatch,
        file: usize,
        wanted: impl Fn(usize) -> bool,
    ) -> arrow::error::Result<Vec<(usize, RecordBatch)>> {
        let mut rows: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
        for (row, segment) in (0_u32..).zip(self.segments(batch.column(file).as_ref())) {
            rows.entry(segment).or_default().push(row);
        }
        rows.retain(|segment, _| wanted(*segment));
        rows.into_iter()
            .map(|(segment, rows)| {
                if rows.len() == batch.num_rows() {
                    return Ok((segment, batch.clone()));
                }
                Ok((segment, take_record_batch(batch, &UInt32Array::from(rows))?))
            })
            .collect()
    }

    fn segments(&self, file: &dyn Array) -> Vec<usize> {
        match file.data_type() {
            DataType::Int64 => file
                .as_primitive::<Int64Type>()
                .iter()
                .map(|id| id.and_then(|id| self.by_id.get(&id).copied()).unwrap_or(self.elsewhere))
                .collect(),
            DataType::Utf8 => self.of_paths(file.as_string::<i32>().iter()),
            DataType::LargeUtf8 => self.of_paths(file.as_string::<i64>().iter()),
            DataType::Utf8View => self.of_paths(file.as_string_view().iter()),
            _ => vec![self.elsewhere; file.len()],
        }
    }

    fn of_paths<'a>(&self, paths: impl Iterator<Item = Option<&'a str>>) -> Vec<usize> {
        paths
            .map(|path| {
                path.and_then(|path| self.by_path.get(path).copied()).unwrap_or(self.elsewhere)
            })
            .collect()
    }
}
