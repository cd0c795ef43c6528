//! Whether an object was written, where the answer was lost.
//!
//! A request to write an object that must not be there yet, or must still be the same, may be done although nobody hears
//! of it: the answer is lost, or the store fails after writing. The client makes the request again, and then its own
//! object is in the way. So whoever is refused looks at what is there: every such object has something that no other
//! writer would write, so equal bytes are our own.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::stream::BoxStream;
use object_store::path::Path as Key;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, ObjectStoreExt as _, PutMode, PutMultipartOptions, PutOptions, PutPayload,
    PutResult, Result,
};

/// How long it is waited until an object that is not there is written again.
const PAUSE: Duration = Duration::from_millis(100);

/// How often a write is made again that was not done. The client has made each several times.
const RETRIES: usize = 2;

/// A store that finds out whether conditional writes were done.
#[derive(Debug)]
pub(super) struct Settled {
    inner: Arc<dyn ObjectStore>,
}

impl Settled {
    pub(super) fn new(inner: Arc<dyn ObjectStore>) -> Self {
        Self { inner }
    }

    /// Writes under a condition.
    async fn put_if(
        &self,
        key: &Key,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        let mut retries = RETRIES;
        loop {
            let error = match self.inner.put_opts(key, payload.clone(), options.clone()).await {
                Err(error) if may_be_done(&error) => error,
                done => return done,
            };
            let (is_there, etag) = match self.inner.get(key).await {
                Ok(found) => {
                    let etag = found.meta.e_tag.clone();
                    let version = found.meta.version.clone();
                    let there = found.bytes().await?;
                    if payload.iter().flatten().eq(there.iter()) {
                        return Ok(PutResult { e_tag: etag, version });
                    }
                    (true, etag)
                }
                Err(Error::NotFound { .. }) => (false, None),
                Err(_) => return Err(error),
            };
            let may_still = match &options.mode {
                PutMode::Create => !is_there,
                PutMode::Update(before) => is_there && before.e_tag == etag,
                PutMode::Overwrite => true,
            };
            if !may_still {
                return Err(match options.mode {
                    PutMode::Create => {
                        Error::AlreadyExists { path: key.to_string(), source: Box::new(error) }
                    }
                    _ => Error::Precondition { path: key.to_string(), source: Box::new(error) },
                });
            }
            if retries == 0 {
                return Err(error);
            }
            retries -= 1;
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// Whether a write that ended so may have been done.
fn may_be_done(error: &Error) -> bool {
    matches!(
        error,
        Error::Generic { .. } | Error::AlreadyExists { .. } | Error::Precondition { .. }
    )
}

impl fmt::Display for Settled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

#[async_trait]
impl ObjectStore for Settled {
    async fn put_opts(
        &self,
        location: &Key,
        payload: PutPayload,
        opts: PutOptions,
    ) -> Result<PutResult> {
        match opts.mode {
            PutMode::Overwrite => self.inner.put_opts(location, payload, opts).await,
            PutMode::Create | PutMode::Update(_) => self.put_if(location, payload, opts).await,
        }
    }

    async fn put_multipart_opts(
        &self,
        location: &Key,
        opts: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(location, opts).await
    }

    async fn get_opts(&self, location: &Key, options: GetOptions) -> Result<GetResult> {
        self.inner.get_opts(location, options).await
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Key>>,
    ) -> BoxStream<'static, Result<Key>> {
        self.inner.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Key>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    fn list_with_offset(
        &self,
        prefix: Option<&Key>,
        offset: &Key,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list_with_offset(prefix, offset)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Key>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Key, to: &Key, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}
