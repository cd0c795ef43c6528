//! How much memory extraction takes at most, for a code base once and for eight copies of it: one figure and a ratio.
//!
//! `CPGLANG_BENCH_SOURCE` names the directory; it is this repository's example where it is not set. Each figure is measured
//! in a process of its own, which is this program again.

mod common;

use std::ops::ControlFlow;
use std::path::Path;
use std::process::Command;

use common::{PYTHON, needs, source};
use cpg_evidence::{ExtractorMap, ScanOptions, Source};

/// Says to this program how many copies to extract.
const COPIES: &str = "CPGLANG_BENCH_COPIES";

/// The most memory that this process had so far, in MiB; none where the system does not tell.
fn peak() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<f64>().ok()? / 1024.0)
}

/// Extracts that many copies on two threads, and says how much memory it took.
fn extract(root: &Path, copies: usize) -> Option<f64> {
    let sources: Vec<_> =
        (0..copies).map(|copy| Source::with_prefix(root, &format!("copy_{copy}"))).collect();
    let options = ScanOptions { threads: Some(2), ..ScanOptions::default() };
    let scan = cpg_evidence::scan(&sources, &options).expect("the source can be listed");
    let map = ExtractorMap::new(&needs(PYTHON)).expect("the catalogue names them");
    cpg_evidence::extract(&scan, &map, 0..scan.segments(), 2, |_, batch| {
        drop(batch);
        ControlFlow::Continue(())
    })
    .expect("nothing stops it");
    peak()
}

/// What a process of its own says.
fn measured(copies: usize) -> Option<f64> {
    let program = std::env::current_exe().expect("it runs");
    let output = Command::new(program).env(COPIES, copies.to_string()).output().expect("it starts");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).trim().parse().ok()
}

#[allow(clippy::print_stdout, reason = "what a benchmark measures is for the reader of its output")]
fn main() {
    let root = source();
    if let Ok(copies) = std::env::var(COPIES) {
        let copies = copies.parse().expect("a number");
        println!("{}", extract(&root, copies).unwrap_or(f64::NAN));
        return;
    }
    match (measured(1), measured(8)) {
        (Some(one), Some(eight)) if one.is_finite() => {
            println!("memory/one_copy       {one:>8.1} MiB");
            println!(
                "memory/eight_copies   {eight:>8.1} MiB {:>9.3} x memory/one_copy",
                eight / one
            );
        }
        _ => println!("the system does not say how much memory a process takes"),
    }
}
