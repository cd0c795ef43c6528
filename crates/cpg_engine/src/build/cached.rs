//! What of the evidence a build needs to extract, and what a cache gives or is given.

use std::collections::{BTreeMap, BTreeSet};

use cpg_ir::manifest::EvidenceNeeds;

use super::Run;
use super::execute::Done;
use crate::cache::{Cache, Fetched};
use crate::error::Result;
use crate::fingerprint::TableKey;

/// What is to be done for a stale table of evidence.
#[derive(Debug, Default)]
pub(super) struct Part {
    /// By segment, what is there already, elsewhere.
    pub(super) fetched: BTreeMap<usize, Fetched>,
    /// The segments to extract.
    pub(super) missing: BTreeSet<usize>,
}

/// The stale tables of evidence.
pub(super) struct Parts {
    parts: BTreeMap<TableKey, Part>,
}

impl Parts {
    /// Takes from the cache what it has.
    ///
    /// # Errors
    /// When a stale table is not kept in segments, which would be a defect.
    pub(super) fn fetch(run: &Run, cache: Option<&Cache>) -> Result<Self> {
        let mut parts = BTreeMap::new();
        for (key, table) in run.survey.stale().filter(|(key, _)| key.is_evidence()) {
            let anew = table.made()?;
            let mut part = Part { fetched: BTreeMap::new(), missing: anew.made().collect() };
            if let Some(cache) = cache.filter(|_| !run.authority.profile().refresh) {
                for (place, follows) in anew.follows().iter().enumerate() {
                    if part.missing.contains(&place)
                        && let Some(fetched) = cache.fetch(*follows, &table.dataset, &run.id)
                    {
                        part.missing.remove(&place);
                        part.fetched.insert(place, fetched);
                    }
                }
            }
            parts.insert(key.clone(), part);
        }
        Ok(Self { parts })
    }

    /// What is to be done for a table; none for one that is not stale.
    pub(super) fn of(&self, key: &TableKey) -> Option<&Part> {
        self.parts.get(key)
    }

    /// The tables.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&TableKey, &Part)> {
        self.parts.iter()
    }

    /// The tables of which something is to be extracted.
    pub(super) fn open(&self) -> impl Iterator<Item = (&TableKey, &Part)> {
        self.parts.iter().filter(|(_, part)| !part.missing.is_empty())
    }

    /// The segments of files of which some table needs rows.
    pub(super) fn segments(&self, run: &Run) -> BTreeSet<usize> {
        let missing = self.open().flat_map(|(_, part)| &part.missing).copied();
        missing.filter(|segment| *segment < run.scan.segments()).collect()
    }

    /// What extractors are asked for.
    pub(super) fn needs(&self, run: &Run) -> EvidenceNeeds {
        let mut needs = run.authority.needs().clone();
        // Errors are found by the extractors that run: so all of them must.
        if self.open().any(|(key, _)| key.is_errors()) {
            return needs;
        }
        let open: BTreeSet<&TableKey> = self.open().map(|(key, _)| key).collect();
        for (extractor, tables) in &mut needs {
            tables.retain(|table, _| {
                let (extractor, table) = (extractor.clone(), table.clone());
                open.contains(&TableKey::Evidence { extractor, table })
            });
        }
        needs.retain(|_, tables| !tables.is_empty());
        needs
    }

    /// Gives the cache what was extracted. It is there to save time: whatever is wrong with it costs no build.
    pub(super) fn keep(&self, run: &Run, cache: &Cache, done: &BTreeMap<TableKey, Done>) {
        for (key, part) in self.open() {
            let Some((table, done)) = run.survey.tables().get(key).zip(done.get(key)) else {
                continue;
            };
            let contents = &done.contents;
            for place in &part.missing {
                let segment = contents.follows.get(*place).zip(contents.segments.get(*place));
                let Some((follows, content)) = segment else { continue };
                let files = done.files().filter(|file| file.segment() == Some(*content));
                let fetched = Fetched { content: *content, files: files.cloned().collect() };
                drop(cache.store(*follows, &fetched, &table.dataset, &run.id));
            }
        }
        drop(cache.trim());
    }
}
