//! Megabytes per second of splitting, and of splitting and parsing: `cargo bench -p cpg_syntax`.
//!
//! The program is the standard library, repeated.

use std::fs;
use std::hint::black_box;
use std::io::{self, Write};
use std::path::Path;
use std::time::Instant;

use cpg_syntax::{parse_item, split};

const BYTES: usize = 2 * 1024 * 1024;
const ROUNDS: u32 = 5;

fn main() -> io::Result<()> {
    let stdlib = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../stdlib");
    let mut unit = String::new();
    for file in ["python/definitions.cpg", "python/calls.cpg", "python/classes.cpg"] {
        unit.push_str(&fs::read_to_string(stdlib.join(file))?.replace("//!", "//"));
    }
    let text = unit.repeat(BYTES / unit.len());
    measure("split", &text, || split(black_box(&text)).chunks.len())?;
    measure("split and parse", &text, || {
        let chunks = split(black_box(&text)).chunks;
        let parsed = chunks
            .iter()
            .filter_map(|chunk| parse_item(chunk.range.slice(&text)?, chunk.keyword).item);
        parsed.count()
    })
}

/// Says how fast the fastest round was.
fn measure(what: &str, text: &str, work: impl Fn() -> usize) -> io::Result<()> {
    let mut items = 0;
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        items = work();
        best = best.min(start.elapsed().as_secs_f64());
    }
    let megabytes = text.len() as f64 / 1e6;
    let mut out = io::stdout().lock();
    writeln!(out, "{what}: {items} items, {megabytes:.1} MB, {:.1} MB/s", megabytes / best)
}
