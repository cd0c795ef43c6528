//! Ctrl-C: the first asks the build to stop, the second stops the process.

use std::io;

use cpg_engine::Cancel;

use crate::failure::Failure;

/// The code of a process that was interrupted.
const INTERRUPTED: i32 = 130;

/// Cancels `cancel` when the process is asked to stop.
pub(crate) fn listen(cancel: &Cancel) -> Result<(), Failure> {
    let cancel = cancel.clone();
    let on_signal = move || {
        if cancel.is_cancelled() {
            // Nothing of an unfinished build is visible, so stopping anywhere is safe.
            std::process::exit(INTERRUPTED);
        }
        cancel.cancel();
    };
    ctrlc::set_handler(on_signal).map_err(|error| Failure::output(io::Error::other(error)))
}
