//! How long extraction takes beside parsing alone, for a directory of Python source:
//!
//! ```text
//! cargo run --release -p cpg_evidence --example throughput -- DIRECTORY [THREADS]
//! ```
//!
//! Each figure is the best of several runs, files in the system's cache.
#![allow(clippy::print_stdout, reason = "figures are what a benchmark prints")]

use std::error::Error;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use cpg_evidence::{ExtractorMap, Language, ScanOptions, Source};
use cpg_ir::manifest::EvidenceNeeds;
use ruff_python_ast::PySourceType;
use ruff_python_parser::parse_unchecked_source;

const RUNS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let root = arguments.next().ok_or("which directory?")?;
    let threads = arguments.next().map_or(Ok(1), |threads| threads.parse())?;

    let options = ScanOptions { output: None, threads: Some(threads) };
    let source = [Source::new(&root)];
    let (scanning, scan) = best(|| cpg_evidence::scan(&source, &options))?;
    let (fingerprinting, _) = best(|| Ok::<_, Box<dyn Error>>(scan.fingerprint("python.cst")))?;
    let python: Vec<_> =
        scan.files().filter(|(_, file)| file.language == Some(Language::Python)).collect();
    let bytes: u64 = python.iter().map(|(_, file)| file.size).sum();
    println!("{} files, of which {} Python, {} bytes", scan.files().count(), python.len(), bytes);
    report("scan", scanning, bytes);
    report("fingerprint", fingerprinting, bytes);

    let (parsing, _) = best(|| {
        for (path, _) in &python {
            if let Ok(text) = std::fs::read_to_string(std::path::Path::new(&root).join(path)) {
                std::hint::black_box(parse_unchecked_source(&text, PySourceType::Python));
            }
        }
        Ok::<_, Box<dyn Error>>(())
    })?;
    report("read and parse alone, one thread", parsing, bytes);

    let measure = |what: &str, needs: &EvidenceNeeds| -> Result<(), Box<dyn Error>> {
        let map = ExtractorMap::new(needs)?;
        let (time, summary) =
            best(|| cpg_evidence::extract(&scan, &map, threads, |_| ControlFlow::Continue(())))?;
        let ratio = time.as_secs_f64() / parsing.as_secs_f64();
        report(&format!("{what} on {threads} threads"), time, bytes);
        println!(
            "    {} rows, {} errors, {ratio:.2} times the parse",
            summary.rows, summary.errors
        );
        Ok(())
    };
    for extractors in [&["repo"][..], &["python.cst"], &["repo", "python.cst", "errors"]] {
        measure(&extractors.join(" + "), &needs(extractors))?;
    }
    for (extractor, tables) in needs(&["repo", "python.cst"]) {
        for (table, columns) in tables {
            let alone =
                EvidenceNeeds::from([(extractor.clone(), [(table.clone(), columns)].into())]);
            measure(&format!("{table} alone"), &alone)?;
        }
    }
    Ok(())
}

/// Every column of every table.
fn needs(extractors: &[&str]) -> EvidenceNeeds {
    let mut needs = EvidenceNeeds::new();
    for (key, signature) in cpg_evidence::catalog().extractors {
        if extractors.contains(&key.as_str()) {
            let tables = signature.tables.into_iter().map(|(table, row)| {
                (table, row.columns.into_iter().map(|column| column.name).collect())
            });
            needs.insert(key, tables.collect());
        }
    }
    needs
}

fn best<T, E>(mut run: impl FnMut() -> Result<T, E>) -> Result<(Duration, T), E> {
    let mut timed = || {
        let start = Instant::now();
        run().map(|value| (start.elapsed(), value))
    };
    let mut best = timed()?;
    for _ in 1..RUNS {
        let next = timed()?;
        if next.0 < best.0 {
            best = next;
        }
    }
    Ok(best)
}

fn report(what: &str, time: Duration, bytes: u64) {
    let rate = bytes as f64 / 1e6 / time.as_secs_f64();
    println!("{what}: {:.1} ms, {rate:.0} MB/s", time.as_secs_f64() * 1e3);
}
