//! `cpglang rollback`: back to an earlier build.

use std::io::{self, Write as _};

use crate::args::RollbackArgs;
use crate::console::{Console, Message};
use crate::failure::Failure;
use crate::size::counted;

/// Goes back, and says to where.
pub(crate) fn rollback(args: &RollbackArgs, console: &Console) -> Result<(), Failure> {
    let done = cpg_engine::rollback(&args.place.out()?, &args.run)?;
    if console.is_json() {
        return console.emit(&Message::new("rollback", done));
    }
    let earlier = done.record.restores.as_deref().unwrap_or_default();
    let left = done.record.tables.len().saturating_sub(done.restored);
    let text = format!(
        "Back to {earlier}: {} put back, {left} as they were\nPublished as {}; `cpglang build` makes what \
         the sources are now\n",
        counted(done.restored as u64, "table"),
        done.record.run,
    );
    io::stdout().lock().write_all(text.as_bytes()).map_err(Failure::output)
}
