//! When a build began and how long things take. Told in records, never part of what is computed.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Runs from the start of a build.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    begun: Instant,
    /// The start, in milliseconds since 1970-01-01 UTC.
    pub(crate) started_unix_ms: u64,
}

impl Clock {
    /// Starts now.
    pub(crate) fn start() -> Self {
        // A clock before 1970 is told as 1970.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let started_unix_ms = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
        Self { begun: Instant::now(), started_unix_ms }
    }

    /// How long ago the start was, in seconds.
    pub(crate) fn seconds(&self) -> f64 {
        seconds(self.begun.elapsed())
    }

    /// Something that no other build shares.
    pub(crate) fn seed(&self) -> String {
        format!("{} {}", std::process::id(), self.started_unix_ms)
    }
}

/// A duration in seconds, to the microsecond: so few digits are read from a record as they were written.
pub(crate) fn seconds(took: Duration) -> f64 {
    took.as_micros() as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_read_as_they_were_written() {
        for nanos in (0..5_000_000_000_u64).step_by(7_654_321) {
            let took = seconds(Duration::from_nanos(nanos));
            let text = serde_json::to_string(&took).expect("a number");
            assert_eq!(serde_json::from_str::<f64>(&text).expect("a number"), took, "{text}");
        }
    }
}
