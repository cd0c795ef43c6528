//! Extraction on one thread, beside parsing the same text and nothing more.
//!
//! `CPGLANG_BENCH_SOURCE` names the directory; it is this repository's example where it is not set.

mod common;

use std::hint::black_box;
use std::ops::ControlFlow;
use std::path::Path;

use common::{PYTHON, needs, source};
use cpg_evidence::{ExtractorMap, Language, Scan, ScanOptions, Source};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ruff_python_ast::PySourceType;
use ruff_python_parser::parse_unchecked_source;

/// What is measured together, by the name of the figure.
const TOGETHER: [(&str, &[&str]); 7] = [
    ("repo", &["repo"]),
    ("symtable", &["python.symtable"]),
    ("ast", &["python.ast"]),
    ("flow", &["python.flow"]),
    ("imports", &["python.imports"]),
    ("repo_and_cst", &["repo", "python.cst", "errors"]),
    ("all", PYTHON),
];

/// The Python files that are UTF-8: what is not is nothing beside the rest.
fn texts(root: &Path, scan: &Scan) -> Vec<String> {
    let python = scan.files().filter(|(_, file)| file.language == Some(Language::Python));
    python.filter_map(|(path, _)| std::fs::read_to_string(root.join(path)).ok()).collect()
}

fn extract(criterion: &mut Criterion) {
    let root = source();
    let sources = [Source::new(&root)];
    let options = ScanOptions { threads: Some(1), ..ScanOptions::default() };
    let scan = cpg_evidence::scan(&sources, &options).expect("the source can be listed");
    let bytes = scan.files().map(|(_, file)| file.size).sum();

    let mut group = criterion.benchmark_group("extract");
    group.throughput(Throughput::Bytes(bytes)).sample_size(10);
    let texts = texts(&root, &scan);
    group.bench_function("parse", |bencher| {
        bencher.iter(|| {
            for text in &texts {
                black_box(parse_unchecked_source(text, PySourceType::Python));
            }
        });
    });
    group.bench_function("scan", |bencher| {
        bencher.iter(|| cpg_evidence::scan(&sources, &options).expect("the source can be listed"));
    });
    for (name, extractors) in TOGETHER {
        let map = ExtractorMap::new(&needs(extractors)).expect("the catalogue names them");
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                cpg_evidence::extract(&scan, &map, 0..scan.segments(), 1, |_, batch| {
                    black_box(batch);
                    ControlFlow::Continue(())
                })
                .expect("nothing stops it")
            });
        });
    }
    // What an edit of one file costs, besides listing and hashing: the rows of its segment.
    let map = ExtractorMap::new(&needs(PYTHON)).expect("the catalogue names them");
    let middle = scan.segments() / 2;
    group.bench_function("segment", |bencher| {
        bencher.iter(|| {
            cpg_evidence::extract(&scan, &map, [middle], 1, |_, batch| {
                black_box(batch);
                ControlFlow::Continue(())
            })
            .expect("nothing stops it")
        });
    });
    group.finish();
}

criterion_group!(benches, extract);
criterion_main!(benches);
