//! Editing sessions over the protocol, in programs of 1,000 and of 10,000 items that are all open: how long an editor
//! waits.
//!
//! `cargo xtask bench session` replays the sessions in `recorded/`, which were taken down from Neovim, then types a view
//! into several modules, character by character, and asks for completions, hovers and definitions on the way. Every
//! edit waits for the answer to the one before it and for nothing else, which is faster than anybody types. It fails where
//! an answer is slower than what is promised, which says something on a machine that does nothing else.

mod client;
mod program;
mod recorded;

use std::io::{self, Write as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use cpg_base::MemorySystem;
use cpg_server::{Connection, serve};
use serde_json::json;

use client::{Client, KEYSTROKE};
use program::BenchHost;

/// What is typed, at the end of a module.
const TYPED: &str = "\nview typed =
  from r1 as r
  join e1 as e on r.src == e.e1_id
  where r.confidence > 0.5 and e.kind == \"k1\"
  group by e.path { rows: count(), largest: max(r.size) }
";

/// In how many modules.
const TYPED_IN: usize = 6;

/// What is measured, how many of a hundred are at most as slow, and how slow that may be, in milliseconds.
const PROMISED: [(&str, usize, u64); 5] = [
    (KEYSTROKE, 50, 5),
    (KEYSTROKE, 99, 20),
    ("textDocument/completion", 99, 30),
    ("textDocument/hover", 99, 10),
    ("textDocument/definition", 99, 10),
];

/// From the start of the server until it is told what is wrong with the first file.
const START: Duration = Duration::from_secs(1);

const MOST_MEGABYTES: u64 = 500;

fn main() {
    let kept = [1_000, 10_000].map(session);
    if kept.contains(&false) {
        std::process::exit(1);
    }
}

/// Whether all promises are kept.
fn session(items: usize) -> bool {
    let modules = program::modules(items);
    let recorded = recorded::sessions();
    let mut system = MemorySystem::default();
    let recordings = recorded.iter().map(|one| (&one.module, &one.text));
    let files: Vec<(&String, &String)> =
        modules.iter().map(|(module, text)| (module, text)).chain(recordings).collect();
    for (module, text) in &files {
        system = system.with_file(format!("/p/{module}.cpg"), text.as_bytes());
    }
    let names = files.iter().map(|(module, _)| (*module).clone()).collect();
    let (server, connection) = Connection::memory();
    let host = Arc::new(BenchHost { system, modules: names });
    let serving = std::thread::spawn(move || serve(server, host));

    let mut client = Client::new(connection);
    let started = Instant::now();
    client.start();
    let mut files = files.into_iter();
    if let Some((module, text)) = files.next() {
        client.open(module, text);
        client.told(module);
    }
    let start = started.elapsed();
    for (module, text) in files {
        client.open(module, text);
        client.told(module);
    }
    client.times.clear();
    recorded.iter().for_each(|one| one.replay(&mut client));
    for (module, text) in modules.iter().step_by((modules.len() / TYPED_IN).max(1)) {
        type_into(&mut client, module, text);
    }
    let mut times = std::mem::take(&mut client.times);
    client.stop();
    serving.join().expect("it ends");

    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{items} items");
    let mut kept = line(&mut out, "start to first diagnostics", start, START);
    for (what, percent, most) in PROMISED {
        let times = times.entry(what.to_owned()).or_default();
        let name = format!("{what}, p{percent} of {}", times.len());
        kept &= line(&mut out, &name, percentile(times, percent), Duration::from_millis(most));
    }
    if let Some(megabytes) = peak_megabytes() {
        let _ = writeln!(
            out,
            "  {:<40} {megabytes:>9} MB of {MOST_MEGABYTES} MB",
            "memory, at most so far"
        );
        kept &= megabytes <= MOST_MEGABYTES;
    }
    kept
}

/// Types at the end of a module, and asks on the way.
fn type_into(client: &mut Client, module: &str, text: &str) {
    let (mut line, mut column) = (text.lines().count(), 0);
    for (number, c) in TYPED.chars().enumerate() {
        let at = json!({ "line": line, "character": column });
        client.change(
            module,
            &json!([{ "range": { "start": at, "end": at }, "text": c.to_string() }]),
        );
        (line, column) = if c == '\n' { (line + 1, 0) } else { (line, column + 1) };
        if matches!(c, '.' | ' ') {
            client.ask_at("textDocument/completion", module, line, column);
        }
        if c == ' ' {
            // Somewhere in the module.
            client.ask_at("textDocument/hover", module, 4 + number % 40, 12);
            client.ask_at("textDocument/definition", module, 4 + number % 40, 12);
        }
    }
}

/// Shows what was measured beside what is promised, and says whether that is kept.
fn line(out: &mut impl io::Write, what: &str, took: Duration, most: Duration) -> bool {
    let mark = if took <= most { "" } else { "  too slow" };
    let _ = writeln!(out, "  {what:<40} {took:>12.2?} of {most:?}{mark}");
    took <= most
}

fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    let at = (times.len() * percent / 100).min(times.len().saturating_sub(1));
    times.get(at).copied().unwrap_or_default()
}

/// The most memory that this process had at once, where the system tells.
fn peak_megabytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1024)
}
