//! When a build began and how long things take. Told in records, never part of what is computed.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Runs from the start of a build.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    begun: Instant,
    /// The start, in milliseconds since 1970-01-01 UTC.
    pub(super) started_unix_ms: u64,
}

impl Clock {
    /// Starts now.
    pub(super) fn start() -> Self {
        // A clock before 1970 is told as 1970.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let started_unix_ms = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
        Self { begun: Instant::now(), started_unix_ms }
    }

    /// How long ago the start was, in seconds.
    pub(super) fn seconds(&self) -> f64 {
        self.begun.elapsed().as_secs_f64()
    }

    /// Something that no other build shares.
    pub(super) fn seed(&self) -> String {
        format!("{} {}", std::process::id(), self.started_unix_ms)
    }
}
