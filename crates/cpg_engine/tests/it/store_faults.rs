//! Builds in a store that fails: every request of a build in turn is not done, done without an answer, or the last one.
//!
//! Readers see the build before whole, and the next build gives what a build to a folder gives. A few requests are
//! tried that decide what is written; all of them, with all faults, where `CPG_CRASHES=all`.

use std::time::{Duration, Instant};

use cpg_base::Code;
use cpg_engine::{BuildReport, EngineError};

use crate::server::{Asked, Fault, Store};
use crate::support::Project;

/// A build to a store, and the same sources built to a folder each time.
struct Pair {
    store: Store,
    remote: Project,
    round: usize,
}

impl Pair {
    fn new() -> Self {
        let store = Store::start();
        let remote = Project::built_to(store.location("graph"));
        remote.build().expect("the first build succeeds");
        Self { store, remote, round: 0 }
    }

    /// Changes the sources, so that a build has something to do.
    fn edit(&mut self) {
        self.round += 1;
        write(&self.remote, self.round);
    }

    /// What a first build of the sources gives in a folder.
    fn expected(&self) -> Contents {
        let local = Project::new();
        write(&local, self.round);
        local.build().expect("it succeeds");
        local.content()
    }

    /// The requests of a build after an edit.
    fn requests(&mut self) -> Vec<Asked> {
        self.edit();
        self.store.heal();
        self.remote.build().expect("it succeeds");
        self.store.asked()
    }

    /// Builds once nobody has the lock of a build that died.
    fn build_when_free(&self) -> BuildReport {
        when_free(|| self.remote.build())
    }
}

/// Does something once nobody has the lock of a build that died.
fn when_free<T>(work: impl Fn() -> Result<T, EngineError>) -> T {
    let begun = Instant::now();
    loop {
        match work() {
            Err(EngineError::OutputBusy { .. }) if begun.elapsed() < Duration::from_secs(20) => {
                std::thread::sleep(Duration::from_millis(200));
            }
            done => return done.expect("it succeeds once it is free"),
        }
    }
}

type Contents = std::collections::BTreeMap<String, Vec<String>>;

/// Of an edit, whatever was there before.
fn write(project: &Project, round: usize) {
    project.write("main.py", &format!("def main_{round}():\n    return {round}\n"));
}

/// Whether a request is the one, by its number and what it asks for.
type Is = Box<dyn FnMut(usize, &Asked) -> bool + Send>;

/// A request of a build, and what becomes of it.
struct Moment {
    what: String,
    is: Is,
    fault: Fault,
}

/// Requests that decide what is written, and what may become of them.
const TELLING: [(&str, &str, Fault); 6] = [
    ("PUT", ".parquet", Fault::Silent),
    ("PUT", "/_delta_log/", Fault::Lost),
    ("PUT", "/_delta_log/", Fault::Late),
    ("PUT", "/runs/run-", Fault::FailsLate),
    ("PUT", "/build.lock", Fault::Lost),
    ("GET", "/_delta_log/", Fault::Fails),
];

/// Every request with every fault, or the first one of each telling kind with one.
fn moments(asked: &[Asked]) -> Vec<Moment> {
    if std::env::var("CPG_CRASHES").is_ok_and(|said| said == "all") {
        let each = asked.iter().enumerate().flat_map(|(number, asked)| {
            Fault::ALL.map(|fault| Moment {
                what: format!("{fault:?} at request {number}, such as {asked:?}"),
                is: Box::new(move |at, _| at == number),
                fault,
            })
        });
        return each.collect();
    }
    let first = TELLING.map(|(method, path, fault)| {
        let is_one = move |asked: &Asked| asked.method == method && asked.path.contains(path);
        assert!(asked.iter().any(is_one), "no build makes the request {method} {path}");
        let mut is_over = false;
        let is = move |_, asked: &Asked| {
            let is_now = !is_over && is_one(asked);
            is_over |= is_now;
            is_now
        };
        Moment { what: format!("{fault:?} at {method} {path}"), is: Box::new(is), fault }
    });
    first.into()
}

#[test]
fn a_fault_of_one_request_is_not_noticed() {
    let mut pair = Pair::new();
    let asked = pair.requests();
    for Moment { what, mut is, fault } in moments(&asked) {
        pair.edit();
        pair.store.fail(move |at, asked| is(at, asked).then_some(fault));
        let report = pair.remote.build();
        pair.store.heal();
        let report = report.unwrap_or_else(|error| panic!("{what}: {error}"));
        assert!(report.published, "{what}");
        assert!(pair.remote.content() == pair.expected(), "{what}");
        assert!(!pair.build_when_free().published, "{what}: it is complete");
    }
}

#[test]
fn builds_that_lose_their_store_leave_the_one_before() {
    let mut pair = Pair::new();
    let asked = pair.requests();
    for Moment { what, mut is, fault } in moments(&asked) {
        // Whoever waits for each of many requests waits long; that one is done or not is what matters.
        if matches!(fault, Fault::Silent | Fault::Late) {
            continue;
        }
        let before = pair.remote.content();
        pair.edit();
        let expected = pair.expected();
        // The one request may be done; those after it are not.
        let mut is_lost = false;
        pair.store.fail(move |at, asked| match is_lost {
            true => Some(Fault::Fails),
            false => {
                is_lost = is(at, asked);
                is_lost.then_some(fault)
            }
        });
        let ended = pair.remote.build();
        pair.store.heal();
        let content = pair.remote.content();
        match &ended {
            // What comes after publishing may fail.
            Ok(report) => assert!(report.published && content == expected, "{what}"),
            Err(error) => {
                assert_eq!(error.code(), Code::StoreUnavailable, "{what}: {error}");
                // A record may be there although nobody heard of it.
                assert!(content == before || content == expected, "{what}: a mixture is read");
            }
        }
        pair.build_when_free();
        assert!(pair.remote.content() == expected, "{what}: the next build completes");
        // A build with nothing to do needs no lock.
        let left = when_free(|| cpg_engine::clean(pair.remote.location(), None, true));
        // Documents of a run that was never published stay until somebody cleans up.
        let is_document = |path: &String| path.contains("/runs/");
        assert!(left.paths.iter().all(is_document), "{what}: {:?}", left.paths);
    }
}

#[test]
fn a_store_that_is_slow_at_times_is_waited_for() {
    let mut pair = Pair::new();
    pair.edit();
    // Of seventeen requests, one fails, in whatever way is next.
    let mut faults = Fault::ALL.into_iter().cycle();
    pair.store.fail(move |at, _| (at % 17 == 3).then(|| faults.next()).flatten());
    let report = pair.remote.build();
    pair.store.heal();
    report.expect("no request fails often enough");
    assert!(pair.remote.content() == pair.expected());
}
