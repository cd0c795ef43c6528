//! Where an output root lies, as users say it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use url::Url;

use crate::error::{EngineError, Result};

/// The schemes that an output root may have.
const SCHEMES: [&str; 2] = ["s3", "file"];

/// What the variables begin with that say how a store is reached.
const VARIABLES: &str = "AWS_";

/// Where builds are written: a folder of this machine, or what lies below a prefix of a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A folder.
    Folder(PathBuf),
    /// A bucket of a store that speaks the protocol of Amazon S3.
    Bucket(Box<BucketLocation>),
}

impl Location {
    /// What a text means: `s3://BUCKET/PREFIX`, `file:///FOLDER`, or else the path of a folder. How the store is reached
    /// is what the variables of the environment say, see `docs/object-stores.md`.
    ///
    /// # Errors
    /// [`EngineError::UnknownScheme`] for another scheme, [`EngineError::BadOutput`] for a URL that names no bucket.
    pub fn parse(path: PathBuf) -> Result<Self> {
        let Some((scheme, rest)) = path.to_str().and_then(|text| text.split_once("://")) else {
            return Ok(Self::Folder(path));
        };
        match scheme {
            "s3" => {
                let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
                if bucket.is_empty() || bucket.contains(['?', '#', '@', ':']) {
                    let reason = "it does not say `s3://BUCKET/PREFIX`".to_owned();
                    return Err(EngineError::BadOutput { out: Self::Folder(path), reason });
                }
                let mut location = BucketLocation::new(bucket, prefix);
                for (name, value) in std::env::vars_os() {
                    if let (Some(name), Some(value)) = (name.to_str(), value.to_str())
                        && name.starts_with(VARIABLES)
                    {
                        location = location.with(&name.to_ascii_lowercase(), value);
                    }
                }
                Ok(location.into())
            }
            "file" => match Url::parse(&format!("file://{rest}")).map(|url| url.to_file_path()) {
                Ok(Ok(folder)) => Ok(Self::Folder(folder)),
                _ => {
                    let reason = "it names no folder of this machine".to_owned();
                    Err(EngineError::BadOutput { out: Self::Folder(path), reason })
                }
            },
            _ => {
                let location = path.display().to_string();
                let known = cpg_base::nearest(scheme, SCHEMES).map(str::to_owned);
                Err(EngineError::UnknownScheme { scheme: scheme.to_owned(), location, known })
            }
        }
    }

    /// The folder, where it is one.
    pub fn folder(&self) -> Option<&Path> {
        match self {
            Self::Folder(path) => Some(path),
            Self::Bucket(_) => None,
        }
    }
}

impl From<PathBuf> for Location {
    fn from(folder: PathBuf) -> Self {
        Self::Folder(folder)
    }
}

impl From<&Path> for Location {
    fn from(folder: &Path) -> Self {
        Self::Folder(folder.to_owned())
    }
}

impl From<&PathBuf> for Location {
    fn from(folder: &PathBuf) -> Self {
        Self::Folder(folder.clone())
    }
}

impl From<&str> for Location {
    fn from(folder: &str) -> Self {
        Self::Folder(folder.into())
    }
}

impl From<BucketLocation> for Location {
    fn from(bucket: BucketLocation) -> Self {
        Self::Bucket(Box::new(bucket))
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => path.display().fmt(f),
            Self::Bucket(bucket) => bucket.fmt(f),
        }
    }
}

/// A prefix of a bucket, and how its store is reached.
#[derive(Clone, PartialEq, Eq)]
pub struct BucketLocation {
    bucket: String,
    prefix: String,
    /// What the store's client is told, by the names that `object_store` has for it. Some are secrets.
    options: BTreeMap<String, String>,
    patience: Patience,
}

impl BucketLocation {
    /// A prefix of a bucket in the store that is reached where nothing is said.
    pub fn new(bucket: &str, prefix: &str) -> Self {
        Self {
            bucket: bucket.to_owned(),
            prefix: prefix.trim_matches('/').to_owned(),
            options: BTreeMap::new(),
            patience: Patience::default(),
        }
    }

    /// The same, with something else told to the client of the store: `aws_endpoint_url`, `aws_access_key_id`, and so on.
    #[must_use]
    pub fn with(mut self, option: &str, value: &str) -> Self {
        self.options.insert(option.to_owned(), value.to_owned());
        self
    }

    /// The same, for which others wait so long.
    #[must_use]
    pub fn patient(mut self, patience: Patience) -> Self {
        self.patience = patience;
        self
    }

    /// The bucket's name.
    pub(crate) fn bucket(&self) -> &str {
        &self.bucket
    }

    /// What all keys begin with; nothing where the bucket is the root.
    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    pub(crate) fn options(&self) -> &BTreeMap<String, String> {
        &self.options
    }

    pub(crate) fn patience(&self) -> Patience {
        self.patience
    }
}

impl fmt::Display for BucketLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}", self.bucket)?;
        if self.prefix.is_empty() { Ok(()) } else { write!(f, "/{}", self.prefix) }
    }
}

/// Without the values of options, which may be secrets.
impl fmt::Debug for BucketLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BucketLocation")
            .field("bucket", &self.bucket)
            .field("prefix", &self.prefix)
            .field("options", &self.options.keys())
            .field("patience", &self.patience)
            .finish()
    }
}

/// How long a store is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For the answer to one request.
    pub request: Duration,
    /// How often a request is made again that was not answered, or with a failure of the store.
    pub retries: usize,
    /// How long a build that was not heard of keeps others from building.
    pub lease: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { request: Duration::from_secs(30), retries: 8, lease: Duration::from_secs(60) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_are_what_they_say() {
        let parsed = |text: &str| Location::parse(PathBuf::from(text));
        for text in ["s3://bucket/a/b", "s3://bucket"] {
            let location = parsed(text).expect("it is a bucket");
            assert_eq!(location.to_string(), text);
            assert!(location.folder().is_none(), "{text}");
        }
        assert_eq!(parsed("s3://b/a/").expect("a bucket").to_string(), "s3://b/a");
        for folder in ["out", "/a/b", "a:b", "s3:/bucket"] {
            let location = parsed(folder).expect("it is a folder");
            assert_eq!(location.folder(), Some(Path::new(folder)));
        }
        #[cfg(unix)]
        assert_eq!(parsed("file:///a%20b").expect("a folder").folder(), Some(Path::new("/a b")));
        for bad in ["s3://", "s3:///prefix", "s3://bucket?x", "file://host/share"] {
            let error = parsed(bad).expect_err("it names nothing");
            assert!(matches!(error, EngineError::BadOutput { .. }), "{bad}: {error}");
        }
    }

    #[test]
    fn an_unknown_scheme_is_told_with_the_nearest_one() {
        let error = Location::parse("s4://bucket".into()).expect_err("nobody knows it");
        assert!(error.help().is_some_and(|help| help.contains("s3://")), "{error}");
        assert!(matches!(error, EngineError::UnknownScheme { known: Some(_), .. }), "{error}");
    }

    #[test]
    fn secrets_are_not_shown() {
        let location = BucketLocation::new("b", "p").with("aws_secret_access_key", "hidden");
        assert!(!format!("{location:?}{location}").contains("hidden"));
    }
}
