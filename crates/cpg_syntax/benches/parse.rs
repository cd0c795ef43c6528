//! Splitting, splitting and parsing, and formatting of two megabytes of the standard library's program.

use std::fs;
use std::hint::black_box;
use std::path::Path;

use cpg_syntax::{format, parse_item, split};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const BYTES: usize = 2 * 1024 * 1024;

fn text() -> String {
    let stdlib = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../stdlib");
    let mut unit = String::new();
    for file in ["python/definitions.cpg", "python/calls.cpg", "python/classes.cpg"] {
        let text = fs::read_to_string(stdlib.join(file)).expect("the standard library is there");
        // A module's documentation may stand at the start of a file only.
        unit.push_str(&text.replace("//!", "//"));
    }
    unit.repeat(BYTES / unit.len())
}

fn parse(criterion: &mut Criterion) {
    let text = text();
    let mut group = criterion.benchmark_group("parse");
    group.throughput(Throughput::Bytes(text.len() as u64)).sample_size(10);
    group.bench_function("split", |bencher| bencher.iter(|| split(black_box(&text)).chunks.len()));
    group.bench_function("split_and_parse", |bencher| {
        bencher.iter(|| {
            let chunks = split(black_box(&text)).chunks;
            let parsed = chunks
                .iter()
                .filter_map(|chunk| parse_item(chunk.range.slice(&text)?, chunk.keyword).item);
            parsed.count()
        });
    });
    group.bench_function("format", |bencher| bencher.iter(|| format(black_box(&text)).text.len()));
    group.finish();
}

criterion_group!(benches, parse);
criterion_main!(benches);
