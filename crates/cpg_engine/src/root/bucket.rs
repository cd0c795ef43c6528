//! A bucket, asked by requests that are waited for.
//!
//! Requests run on a thread of their own: whoever waits for one may be a thread of a build, which must not wait for
//! itself, and connections must not end with the runtime of a build.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::str::FromStr as _;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use datafusion::prelude::SessionContext;
use deltalake::DeltaResult;
use deltalake::logstore::{LogStoreRef, StorageConfig, default_logstore};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::client::SpawnedReqwestConnector;
use object_store::path::Path as Key;
use object_store::{
    BackoffConfig, ClientConfigKey, ObjectStore, ObjectStoreExt as _, PutMode, PutOptions,
    PutPayload, RetryConfig,
};
use tokio::runtime::Runtime;
use url::Url;

use super::location::{BucketLocation, Location};
use super::seen::Listing;
use super::settled::Settled;
use super::{Place, failure};
use crate::error::{EngineError, Result};
use crate::runtime;

/// How many requests are made at once where many are.
const AT_ONCE: usize = 16;

/// How long after the first try a request is not made again.
const RETRIED_FOR: Duration = Duration::from_secs(60);

/// A bucket of a store.
pub(crate) struct Bucket {
    location: BucketLocation,
    url: Url,
    store: Arc<dyn ObjectStore>,
    requests: Option<Runtime>,
    seen: Mutex<Option<Arc<Listing>>>,
}

impl Bucket {
    /// The root that a location means.
    ///
    /// # Errors
    /// [`EngineError::NoCredentials`], [`EngineError::NoBucket`] or [`EngineError::StoreUnavailable`] where the store says
    /// so, [`EngineError::BadOutput`] for what could be no bucket.
    pub(super) fn open(location: &BucketLocation) -> Result<Place> {
        let out = || Location::from(location.clone());
        let bad = |reason: String| EngineError::BadOutput { out: out(), reason };
        let requests = runtime::start(1)?;
        let connector = SpawnedReqwestConnector::new(requests.handle().clone());
        let builder = builder(location)?.with_http_connector(connector);
        let store = builder.build().map_err(|error| bad(failure::reason(&error.to_string())))?;
        let store = Settled::new(Arc::new(store));
        let url = Url::parse(&format!("s3://{}", location.bucket()));
        let bucket = Arc::new(Self {
            location: location.clone(),
            url: url.map_err(|error| bad(error.to_string()))?,
            store: Arc::new(store),
            requests: Some(requests),
            seen: Mutex::default(),
        });
        let key = Key::parse(location.prefix()).map_err(|error| bad(error.to_string()))?;
        // Whether it can be used is told before any work.
        bucket.names(&key).map_err(|error| EngineError::io(out().to_string(), error))?;
        Ok(Place::Remote(bucket, key))
    }

    pub(super) fn location(&self) -> &BucketLocation {
        &self.location
    }

    /// The store, its keys beginning at the bucket's root.
    pub(super) fn store(&self) -> &Arc<dyn ObjectStore> {
        &self.store
    }

    /// Runs something on the thread of requests and waits for it.
    ///
    /// # Errors
    /// When that thread ended, which would be a defect.
    pub(super) fn wait<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> io::Result<T> {
        let ended = || io::Error::other("the thread of requests ended");
        let (sender, receiver) = sync_channel(1);
        let requests = self.requests.as_ref().ok_or_else(ended)?;
        requests.spawn(async move {
            // Whoever waited is gone.
            drop(sender.send(work.await));
        });
        receiver.recv().map_err(|_| ended())
    }

    /// Runs something beside everything else, until the bucket is closed.
    pub(super) fn beside(&self, work: impl Future<Output = ()> + Send + 'static) {
        if let Some(requests) = &self.requests {
            requests.spawn(work);
        }
    }

    /// Makes a request.
    fn request<T: Send + 'static, F>(
        &self,
        request: impl FnOnce(Arc<dyn ObjectStore>) -> F,
    ) -> io::Result<T>
    where
        F: Future<Output = object_store::Result<T>> + Send + 'static,
    {
        self.wait(request(Arc::clone(&self.store)))?.map_err(failure::as_io)
    }

    fn seen(&self) -> Option<Arc<Listing>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From now on, questions are answered from a listing; or by requests again.
    pub(super) fn answer_from(&self, listing: Option<Arc<Listing>>) {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = listing;
    }

    /// The names of objects and of folders in one, each in order.
    pub(super) fn names(&self, key: &Key) -> io::Result<(Vec<String>, Vec<String>)> {
        if let Some(seen) = self.seen() {
            return Ok(seen.names(key));
        }
        let prefix = key.clone();
        let found =
            self.request(|store| async move { store.list_with_delimiter(Some(&prefix)).await })?;
        let name = |key: &Key| key.filename().map(str::to_owned);
        let mut files: Vec<_> =
            found.objects.iter().filter_map(|one| name(&one.location)).collect();
        let mut folders: Vec<_> = found.common_prefixes.iter().filter_map(name).collect();
        files.sort();
        folders.sort();
        Ok((files, folders))
    }

    /// All objects below a key, with their sizes.
    pub(super) fn below(&self, key: &Key) -> io::Result<BTreeMap<Key, u64>> {
        if let Some(seen) = self.seen() {
            return Ok(seen.below(key));
        }
        let prefix = key.clone();
        self.request(|store| async move {
            let found = store.list(Some(&prefix));
            found.map_ok(|object| (object.location, object.size)).try_collect().await
        })
    }

    pub(super) fn size(&self, key: &Key) -> io::Result<u64> {
        if let Some(seen) = self.seen() {
            return seen.size(key);
        }
        let key = key.clone();
        self.request(|store| async move { store.head(&key).await.map(|object| object.size) })
    }

    pub(super) fn read(&self, key: &Key) -> io::Result<Vec<u8>> {
        if let Some(bytes) = self.seen().and_then(|seen| seen.read(key)) {
            return Ok(bytes);
        }
        let key = key.clone();
        self.request(|store| async move { Ok(store.get(&key).await?.bytes().await?.to_vec()) })
    }

    /// What objects hold, many at once; those that are not there any more are left out.
    pub(super) fn read_all(&self, keys: Vec<Key>) -> io::Result<BTreeMap<Key, Vec<u8>>> {
        self.request(|store| async move {
            let read = stream::iter(keys).map(|key| {
                let store = Arc::clone(&store);
                async move {
                    match store.get(&key).await {
                        Ok(found) => Ok(Some((key, found.bytes().await?.to_vec()))),
                        Err(object_store::Error::NotFound { .. }) => Ok(None),
                        Err(error) => Err(error),
                    }
                }
            });
            let read = read.buffer_unordered(AT_ONCE);
            read.try_filter_map(|one| async move { Ok(one) }).try_collect().await
        })
    }

    /// Writes an object that is not there.
    pub(super) fn create(&self, key: &Key, bytes: Vec<u8>) -> io::Result<()> {
        self.put_as(key, bytes, PutMode::Create)
    }

    /// Writes an object, whether it is there or not.
    pub(super) fn put(&self, key: &Key, bytes: Vec<u8>) -> io::Result<()> {
        self.put_as(key, bytes, PutMode::Overwrite)
    }

    fn put_as(&self, key: &Key, bytes: Vec<u8>, mode: PutMode) -> io::Result<()> {
        self.answer_from(None);
        let key = key.clone();
        self.request(|store| async move {
            let options = PutOptions { mode, ..PutOptions::default() };
            store.put_opts(&key, PutPayload::from(bytes), options).await.map(drop)
        })
    }

    pub(super) fn remove(&self, keys: Vec<Key>) -> io::Result<()> {
        self.answer_from(None);
        self.request(|store| async move {
            let keys = stream::iter(keys.into_iter().map(Ok)).boxed();
            store.delete_stream(keys).try_for_each(|_| async { Ok(()) }).await
        })
    }

    /// The URL of an object, or of a folder.
    pub(super) fn url(&self, key: &Key, is_folder: bool) -> Option<Url> {
        let mut url = self.url.clone();
        let parts = key.parts().map(|part| part.as_ref().to_owned()).collect::<Vec<_>>();
        let mut segments = url.path_segments_mut().ok()?;
        segments.clear().extend(parts);
        if is_folder {
            segments.push("");
        }
        drop(segments);
        Some(url)
    }

    /// The log of the table in a folder. Commits are objects that must not be there yet.
    pub(super) fn log_store(&self, folder: &Url) -> DeltaResult<LogStoreRef> {
        let options = StorageConfig::default();
        let below = options.decorate_store(Arc::clone(&self.store), folder)?;
        Ok(default_logstore(Arc::new(below), Arc::clone(&self.store), folder, &options))
    }

    pub(super) fn register(&self, session: &SessionContext) {
        session.runtime_env().register_object_store(&self.url, Arc::clone(&self.store));
    }
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bucket").field("location", &self.location).finish_non_exhaustive()
    }
}

impl Drop for Bucket {
    fn drop(&mut self) {
        // The last one to hold it may be a task, which must not wait for threads.
        if let Some(requests) = self.requests.take() {
            requests.shutdown_background();
        }
    }
}

/// A client of the store as the location says it.
fn builder(location: &BucketLocation) -> Result<AmazonS3Builder> {
    let out = || Location::from(location.clone());
    let patience = location.patience();
    let retry = RetryConfig {
        max_retries: patience.retries,
        retry_timeout: RETRIED_FOR,
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(50),
            max_backoff: Duration::from_secs(5),
            base: 2.0,
        },
    };
    let milliseconds = format!("{}ms", patience.request.as_millis());
    let timeouts = [ClientConfigKey::Timeout, ClientConfigKey::ConnectTimeout];
    let mut builder = AmazonS3Builder::new().with_retry(retry);
    for key in timeouts {
        builder = builder.with_config(AmazonS3ConfigKey::Client(key), &milliseconds);
    }
    for (name, value) in location.options() {
        // Others are for other programs.
        if let Ok(key) = AmazonS3ConfigKey::from_str(name) {
            builder = builder.with_config(key, value);
        }
    }
    let builder = builder.with_bucket_name(location.bucket());
    let said = |key: AmazonS3ConfigKey| builder.get_config_value(&key);
    if said(AmazonS3ConfigKey::AccessKeyId).is_some()
        != said(AmazonS3ConfigKey::SecretAccessKey).is_some()
    {
        let reason = "of the access key and its secret, one is missing".to_owned();
        return Err(EngineError::NoCredentials { out: out().to_string(), reason });
    }
    let endpoint =
        said(AmazonS3ConfigKey::S3Endpoint).or_else(|| said(AmazonS3ConfigKey::Endpoint));
    let in_the_open =
        said(AmazonS3ConfigKey::Client(ClientConfigKey::AllowHttp)).is_some_and(|on| on != "false");
    match endpoint {
        Some(endpoint) if endpoint.starts_with("http://") && !in_the_open => {
            let reason = format!(
                "requests to `{endpoint}` would not be encrypted, which `AWS_ALLOW_HTTP=true` allows"
            );
            Err(EngineError::BadOutput { out: out(), reason })
        }
        _ => Ok(builder),
    }
}
