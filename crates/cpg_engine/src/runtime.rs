//! The threads that async work runs on. They belong to this crate: nobody above sees an async function.

use tokio::runtime::{Builder, Runtime};

use crate::error::{EngineError, Result};

/// Planning a query walks its tree by recursion; the deepest accepted one fits with room to spare. Only what is
/// touched takes memory.
const STACK_BYTES: usize = 16 * 1024 * 1024;

/// Starts `threads` workers.
///
/// # Errors
/// When the system gives no threads.
pub(crate) fn start(threads: usize) -> Result<Runtime> {
    Builder::new_multi_thread()
        .worker_threads(threads.max(1))
        .thread_name("cpglang")
        .thread_stack_size(STACK_BYTES)
        .enable_all()
        .build()
        .map_err(|error| EngineError::storage("starting threads", error))
}
