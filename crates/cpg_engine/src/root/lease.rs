//! The lock of an output root in a bucket: an object that says who builds, and until when.
//!
//! A store releases nothing by itself when a build dies. So who builds says again and again that it still does, and
//! whoever finds an old word waits long enough to have heard a new one before it takes over. No two clocks need to agree
//! for that: an object that is written again has another tag. See `docs/decisions/object-stores.md`.

use std::sync::{Arc, Weak};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use object_store::path::Path as Key;
use object_store::{
    Error as StoreError, ObjectStore, ObjectStoreExt as _, PutMode, PutOptions, PutPayload,
    UpdateVersion,
};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::bucket::Bucket;
use super::failure;
use crate::clock::Clock;
use crate::error::{EngineError, Result};

/// Into how many parts a lease falls; after each, it is prolonged.
const PARTS: u32 = 6;

/// For how many parts an old lease is watched before it is taken over.
const WATCHED: u32 = 2;

/// How long a store is waited for when a build is over.
const RELEASING: Duration = Duration::from_secs(10);

/// How often it is tried to get a lease that others get at the same time.
const TRIES: usize = 4;

/// What the object says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Word {
    /// What no other build says.
    owner: String,
    /// The process, and on which machine.
    process: String,
    /// When it was said, in milliseconds since 1970-01-01 UTC.
    said_unix_ms: u64,
    /// For how long it holds.
    milliseconds: u64,
    /// Whether the build is over.
    released: bool,
}

impl Word {
    fn bytes(&self) -> PutPayload {
        // It has no keys that are no strings.
        PutPayload::from(serde_json::to_vec(self).unwrap_or_default())
    }

    fn again(&self) -> Self {
        Self { said_unix_ms: now(), ..self.clone() }
    }

    /// How long it still holds, by the clock of this machine. What was said later than now holds from now on.
    fn rest(&self) -> Duration {
        let said = self.said_unix_ms.min(now());
        let until = said.saturating_add(self.milliseconds);
        Duration::from_millis(until.saturating_sub(now()))
    }
}

fn now() -> u64 {
    Clock::start().started_unix_ms
}

/// Held for as long as a build runs.
#[derive(Debug)]
pub(crate) struct Lease {
    bucket: Arc<Bucket>,
    held: Arc<Held>,
}

/// What is known of the object.
#[derive(Debug)]
struct Held {
    store: Arc<dyn ObjectStore>,
    key: Key,
    word: Word,
    /// Its tag; nothing once somebody else wrote it.
    tag: Mutex<Option<UpdateVersion>>,
}

/// What prolonging found.
enum Prolonged {
    Yes,
    /// Somebody else has it.
    Lost,
    Unknown(StoreError),
}

impl Lease {
    /// Takes the lease that an object keeps.
    ///
    /// # Errors
    /// [`EngineError::OutputBusy`] while another build has it, [`EngineError::NoConditions`] where the store does not keep
    /// two from having it, and what it says when requests fail.
    pub(crate) fn acquire(bucket: &Arc<Bucket>, key: &Key) -> Result<Self> {
        let lease = bucket.location().patience().lease;
        let word = Word {
            owner: owner(),
            process: format!("process {}{}", std::process::id(), host()),
            said_unix_ms: now(),
            milliseconds: u64::try_from(lease.as_millis()).unwrap_or(u64::MAX),
            released: false,
        };
        let held = Held {
            store: Arc::clone(bucket.store()),
            key: key.clone(),
            word,
            tag: Mutex::new(None),
        };
        let held = Arc::new(held);
        let taking = Arc::clone(&held);
        let out = bucket.location().to_string();
        let failed = |error: std::io::Error| EngineError::io(format!("the lock of {out}"), error);
        let taken = bucket.wait(async move { taking.take(lease).await }).map_err(failed)?;
        match taken.map_err(|error| failed(failure::as_io(error)))? {
            Taken::Yes => {}
            Taken::Held(by) => {
                return Err(EngineError::OutputBusy { out: bucket.location().clone().into(), by });
            }
            Taken::WithoutConditions => {
                let reason = "it wrote an object again that was there already".to_owned();
                return Err(EngineError::NoConditions { what: out, reason });
            }
        }
        bucket.beside(keep(Arc::downgrade(&held), lease / PARTS));
        Ok(Self { bucket: Arc::clone(bucket), held })
    }

    /// Makes sure that nobody else has taken over, and nobody will for the whole length of a lease.
    ///
    /// # Errors
    /// [`EngineError::LeaseLost`] when somebody has, and what the store says when requests fail.
    pub(crate) fn confirm(&self) -> Result<()> {
        let held = Arc::clone(&self.held);
        let out = self.bucket.location().to_string();
        let failed = |error: std::io::Error| EngineError::io(format!("the lock of {out}"), error);
        match self.bucket.wait(async move { held.prolong().await }).map_err(failed)? {
            Prolonged::Yes => Ok(()),
            Prolonged::Lost => {
                Err(EngineError::LeaseLost { out: self.bucket.location().clone().into() })
            }
            Prolonged::Unknown(error) => Err(failed(failure::as_io(error))),
        }
    }

    /// Whether a build has the lease that an object keeps, and which one.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn holder(bucket: &Arc<Bucket>, key: &Key) -> std::io::Result<Option<String>> {
        let bytes = match bucket.read(key) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            found => found?,
        };
        let word = serde_json::from_slice::<Word>(&bytes).ok();
        let word = word.filter(|word| !word.released && !word.rest().is_zero());
        Ok(word.map(|word| word.process))
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let held = Arc::clone(&self.held);
        // Where that fails, the lease ends by itself.
        drop(self.bucket.wait(async move { timeout(RELEASING, held.release()).await }));
    }
}

/// What taking a lease came to.
enum Taken {
    Yes,
    /// By whom, where that is known.
    Held(Option<String>),
    /// The store does not keep others from taking it.
    WithoutConditions,
}

impl Held {
    async fn write(&self, word: &Word, mode: PutMode) -> object_store::Result<UpdateVersion> {
        let options = PutOptions { mode, ..PutOptions::default() };
        self.store.put_opts(&self.key, word.bytes(), options).await.map(Into::into)
    }

    async fn take(&self, lease: Duration) -> object_store::Result<Taken> {
        let mut watched: Option<UpdateVersion> = None;
        let mut found = None;
        for _ in 0..TRIES {
            let mode = match self.store.get(&self.key).await {
                Err(StoreError::NotFound { .. }) => PutMode::Create,
                Err(error) => return Err(error),
                Ok(object) => {
                    let tag = UpdateVersion {
                        e_tag: object.meta.e_tag.clone(),
                        version: object.meta.version.clone(),
                    };
                    // What is no word was put there by somebody else; it is never said again.
                    let word = serde_json::from_slice::<Word>(&object.bytes().await?).ok();
                    let is_free = word.as_ref().is_some_and(|word| word.released);
                    let rest = word.as_ref().map(Word::rest).unwrap_or_default();
                    found = word.map(|word| word.process);
                    let is_same = watched.as_ref().is_some_and(|before| before.e_tag == tag.e_tag);
                    if !is_free && !rest.is_zero() {
                        return Ok(Taken::Held(found));
                    }
                    if !is_free && !is_same {
                        if watched.replace(tag).is_some() {
                            return Ok(Taken::Held(found));
                        }
                        tokio::time::sleep(lease / PARTS * WATCHED).await;
                        continue;
                    }
                    PutMode::Update(tag)
                }
            };
            match self.write(&self.word.again(), mode).await {
                Ok(tag) => {
                    *self.tag.lock().await = Some(tag);
                    return Ok(match self.has_conditions().await? {
                        true => Taken::Yes,
                        false => Taken::WithoutConditions,
                    });
                }
                // Somebody was faster.
                Err(StoreError::AlreadyExists { .. } | StoreError::Precondition { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Taken::Held(found))
    }

    /// Whether the store keeps an object from being written that is there: all that keeps two builds apart.
    async fn has_conditions(&self) -> object_store::Result<bool> {
        // Other bytes than those that are there: equal ones are taken for written.
        let other = Word { milliseconds: 0, ..self.word.clone() };
        match self.write(&other, PutMode::Create).await {
            Ok(_) => Ok(false),
            Err(StoreError::AlreadyExists { .. } | StoreError::Precondition { .. }) => Ok(true),
            Err(error) => Err(error),
        }
    }

    async fn prolong(&self) -> Prolonged {
        let mut tag = self.tag.lock().await;
        let Some(before) = tag.clone() else { return Prolonged::Lost };
        match self.write(&self.word.again(), PutMode::Update(before)).await {
            Ok(after) => {
                *tag = Some(after);
                Prolonged::Yes
            }
            Err(StoreError::AlreadyExists { .. } | StoreError::Precondition { .. }) => {
                *tag = None;
                Prolonged::Lost
            }
            Err(error) => Prolonged::Unknown(error),
        }
    }

    async fn release(&self) {
        if let Some(tag) = self.tag.lock().await.take() {
            let word = Word { released: true, ..self.word.again() };
            drop(self.write(&word, PutMode::Update(tag)).await);
        }
    }
}

/// Prolongs a lease until it is released or lost.
async fn keep(held: Weak<Held>, every: Duration) {
    loop {
        tokio::time::sleep(every).await;
        let Some(held) = held.upgrade() else { return };
        if matches!(held.prolong().await, Prolonged::Lost) {
            return;
        }
    }
}

/// What no other build says, on this machine or another.
fn owner() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let thread = std::thread::current().id();
    format!("{} {thread:?} {}{}", std::process::id(), since.as_nanos(), host())
}

/// The machine's name, where it is known.
fn host() -> String {
    let named = ["HOSTNAME", "COMPUTERNAME"].into_iter().find_map(|name| std::env::var(name).ok());
    let named = named.or_else(|| std::fs::read_to_string("/proc/sys/kernel/hostname").ok());
    named.map(|name| format!(" on {}", name.trim())).unwrap_or_default()
}
