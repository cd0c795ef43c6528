//! All that lay below a root when it was listed.
//!
//! Whether anything is to be done is asked of every table and every file. Of a folder that takes microseconds each; of a
//! bucket each would be a request. One listing answers all of them, and the newest commits are read many at once.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use object_store::path::Path as Key;

use super::bucket::Bucket;

/// Ends with it: questions are requests again.
#[must_use]
pub(crate) struct Seen {
    bucket: Arc<Bucket>,
}

impl Seen {
    pub(super) fn new(bucket: &Arc<Bucket>, root: &Key) -> io::Result<Self> {
        let listing = Listing::of(bucket, root)?;
        bucket.answer_from(Some(Arc::new(listing)));
        Ok(Self { bucket: Arc::clone(bucket) })
    }
}

impl Drop for Seen {
    fn drop(&mut self) {
        self.bucket.answer_from(None);
    }
}

/// The objects below a root, with their sizes, and what some of them hold.
#[derive(Debug, Default)]
pub(super) struct Listing {
    sizes: BTreeMap<String, u64>,
    texts: BTreeMap<Key, Vec<u8>>,
}

impl Listing {
    fn of(bucket: &Bucket, root: &Key) -> io::Result<Self> {
        let found = bucket.below(root)?;
        let sizes: BTreeMap<String, u64> =
            found.into_iter().map(|(key, size)| (key.to_string(), size)).collect();
        // The last one of each log in order is the newest.
        let mut newest: BTreeMap<&str, &str> = BTreeMap::new();
        for key in sizes.keys() {
            if let Some((folder, name)) = key.rsplit_once('/')
                && folder.ends_with("/_delta_log")
                && name.ends_with(".json")
            {
                newest.insert(folder, key);
            }
        }
        let newest = newest.into_values().flat_map(Key::parse).collect();
        let texts = bucket.read_all(newest)?;
        Ok(Self { sizes, texts })
    }

    /// The keys below one, relative to it.
    fn relative<'a>(&'a self, key: &Key) -> impl Iterator<Item = (&'a str, u64)> {
        let prefix = format!("{key}/");
        let from = prefix.clone();
        self.sizes
            .range(from..)
            .map_while(move |(key, size)| Some((key.strip_prefix(prefix.as_str())?, *size)))
    }

    pub(super) fn names(&self, key: &Key) -> (Vec<String>, Vec<String>) {
        let (mut files, mut folders) = (Vec::new(), Vec::<String>::new());
        for (name, _) in self.relative(key) {
            match name.split_once('/') {
                None => files.push(name.to_owned()),
                Some((folder, _)) if folders.last().is_some_and(|last| last == folder) => {}
                Some((folder, _)) => folders.push(folder.to_owned()),
            }
        }
        (files, folders)
    }

    pub(super) fn below(&self, key: &Key) -> BTreeMap<Key, u64> {
        let below = self.relative(key).map(|(name, size)| (format!("{key}/{name}"), size));
        below.filter_map(|(key, size)| Some((Key::parse(key).ok()?, size))).collect()
    }

    pub(super) fn size(&self, key: &Key) -> io::Result<u64> {
        let found = self.sizes.get(key.as_ref()).copied();
        found.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "there is no such object"))
    }

    /// What an object holds, where that was read.
    pub(super) fn read(&self, key: &Key) -> Option<Vec<u8>> {
        self.texts.get(key).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_knows_folders_and_files() {
        let keys = ["r/a/_delta_log/0.json", "r/a/run/x", "r/a/run/y", "r/b", "r/ab/z"];
        let sizes = keys.iter().zip(1..).map(|(key, size)| ((*key).to_owned(), size)).collect();
        let listing = Listing { sizes, texts: BTreeMap::new() };
        let names = |key: &str| listing.names(&Key::from(key));
        assert_eq!(names("r"), (vec!["b".to_owned()], vec!["a".to_owned(), "ab".to_owned()]));
        assert_eq!(names("r/a/run").0, ["x", "y"]);
        assert_eq!(names("r/none"), Default::default());
        assert_eq!(listing.below(&Key::from("r/a")).len(), 3);
        assert_eq!(listing.size(&Key::from("r/b")).expect("it is there"), 4);
        assert!(listing.size(&Key::from("r/a")).is_err());
    }
}
