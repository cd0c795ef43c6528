//! Stopping a build from outside.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{EngineError, Result};

/// Asks a build to stop. Clones share one state; a signal handler may hold one.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Asks to stop: the build ends with [`EngineError::Interrupted`] at the next batch, and nothing of it is
    /// committed. Once it is committing it finishes, which takes milliseconds.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether somebody asked.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Goes on unless somebody asked to stop.
    pub(crate) fn check(&self) -> Result<()> {
        if self.is_cancelled() { Err(EngineError::Interrupted) } else { Ok(()) }
    }
}
