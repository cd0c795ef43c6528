//! `cpglang watch`: a build after every change.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use cpg_base::System;
use cpg_engine::{Cancel, EngineError};
use notify::{Event, EventKind, RecursiveMode, Watcher as _};

use super::build;
use crate::args::BuildArgs;
use crate::console::Console;
use crate::failure::Failure;
use crate::interrupt;
use crate::profile::Profile;

/// How long nothing must change before a build begins: editors write in several steps, and git many files.
const QUIET: Duration = Duration::from_millis(150);

/// How long changes that do not end can keep a build from beginning.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often it is looked whether somebody asked to stop.
const TICK: Duration = Duration::from_millis(50);

/// Builds until it is interrupted. What is wrong with a program or its sources is shown, and tried again after the next
/// change.
pub(crate) fn watch(
    system: &dyn System,
    profile: &Profile,
    args: &BuildArgs,
    console: Console,
) -> Result<(), Failure> {
    let cancel = Cancel::default();
    interrupt::listen(&cancel)?;
    let changes = Changes::of(args)?;
    loop {
        match build::once(system, profile, args, None, console, &cancel) {
            Ok(()) => {}
            Err(failure) if is_final(&failure) => return Err(failure),
            Err(failure) => console.failure(&failure),
        }
        if console.is_chatty() {
            console.say("\nWaiting for changes; Ctrl-C ends\n");
        }
        changes.next(&cancel)?;
    }
}

/// Whether no change of a file can mend it.
fn is_final(failure: &Failure) -> bool {
    match failure {
        Failure::Closed | Failure::Usage { .. } => true,
        Failure::Engine(error) => matches!(error, EngineError::Interrupted),
        _ => false,
    }
}

/// What tells of changes.
struct Changes {
    told: Receiver<notify::Result<Event>>,
    /// The folder that builds write to, where it is one.
    out: Option<PathBuf>,
    // It tells as long as it is there.
    _watcher: notify::RecommendedWatcher,
}

impl Changes {
    /// Of the sources and the program, wherever they lie.
    fn of(args: &BuildArgs) -> Result<Self, Failure> {
        let failed = |path: &Path| {
            let path = path.display().to_string();
            move |error: notify::Error| {
                Failure::usage(
                    format!("`{path}` cannot be watched: {error}"),
                    "give folders and files that are there, and let the system watch as many",
                )
            }
        };
        let (tell, told) = mpsc::channel();
        let mut watcher = notify::recommended_watcher(tell).map_err(failed(Path::new(".")))?;
        let roots: BTreeSet<&PathBuf> =
            args.place.source.sources.iter().chain(&args.program.program).collect();
        for root in roots {
            watcher.watch(root, RecursiveMode::Recursive).map_err(failed(root))?;
        }
        let out = args.place.out()?;
        let out = out.folder().map(|out| {
            out.canonicalize().or_else(|_| std::path::absolute(out)).unwrap_or_default()
        });
        Ok(Self { told, out, _watcher: watcher })
    }

    /// Waits until something changed and then nothing for a while.
    fn next(&self, cancel: &Cancel) -> Result<(), Failure> {
        let mut first: Option<Instant> = None;
        let mut last = Instant::now();
        loop {
            if cancel.is_cancelled() {
                return Err(EngineError::Interrupted.into());
            }
            match self.told.recv_timeout(TICK) {
                Ok(event) if self.matters(&event) => {
                    last = Instant::now();
                    first.get_or_insert(last);
                }
                Ok(_) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Failure::Defect("nobody tells of changes any more".to_owned()));
                }
            }
            if first.is_some_and(|first| last.elapsed() >= QUIET || first.elapsed() >= PATIENCE) {
                return Ok(());
            }
        }
    }

    /// Whether a build may find something else. Where changes were missed, it may.
    fn matters(&self, event: &notify::Result<Event>) -> bool {
        let Ok(event) = event else { return true };
        let is_read = matches!(event.kind, EventKind::Access(_));
        let is_own = |path: &PathBuf| {
            let whole = std::path::absolute(path).unwrap_or_else(|_| path.clone());
            let whole = match (whole.parent().map(Path::canonicalize), whole.file_name()) {
                (Some(Ok(folder)), Some(name)) => folder.join(name),
                _ => whole,
            };
            self.out.as_ref().is_some_and(|out| whole.starts_with(out))
                || whole.components().any(|part| part.as_os_str() == ".git")
        };
        !is_read && (event.need_rescan() || !event.paths.iter().all(is_own))
    }
}
