//! Checking the standard library, and a program of a thousand items: from nothing, again, and after one edit, beside
//! the time that its parser alone needs.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use cpg_base::SourceId;
use cpg_hir::{RootDatabase, Source, builtin_functions, check, module_path};
use cpg_ir::catalog::FunctionCatalog;
use cpg_syntax::{parse_item, split};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};

/// Ten modules of a hundred items: entities, relations between them, and views of these.
fn program() -> Vec<Source> {
    let mut sources = vec![source(
        "evidence",
        "evidence cst_defs from extractor python.cst {
  file_id: FileId
  path: Path
  name: string
  kind: string
  start: Offset<byte>
  end: Offset<byte>
  container_start: Offset<byte>?
  container_end: Offset<byte>?
}
"
        .to_owned(),
    )];
    for module in 0..10 {
        let mut text = "use evidence.cst_defs\n".to_owned();
        for n in 0..33 {
            let _ = write!(
                text,
                "
/// An entity.
normalize e{n} from cst_defs as d {{
  where d.kind == \"k{n}\"
  id e{n}_id in \"m{module}_e{n}\"
  span d.start .. d.end
  text name = d.name nfc
  keep kind
  key outer_id -> e{n} at d.container_start .. d.container_end unless d.container_start is null
  node \"E{n}\" {{ name, kind }}
}}

relate r{n} from e{n} as a to e{n} as b {{
  on a.outer_id == b.e{n}_id and a.name != b.name
  feature same = a.kind == b.kind weight 2
  rank per a.e{n}_id by score desc, b.span.start asc keep 1
  edge \"R{n}\" {{ size: a.span.end - a.span.start }}
}}

view v{n} =
  from r{n} as r
  join e{n} as e on r.src == e.e{n}_id
  where r.confidence > 0.5
  group by e.path {{ rows: count(), largest: max(r.size) }}
"
            );
        }
        sources.push(source(&format!("m{module}"), text));
    }
    sources
}

fn source(module: &str, text: String) -> Source {
    let id = SourceId::new(&format!("{module}.cpg"));
    Source { id, module: module.to_owned(), text, library: false }
}

/// The standard library, as the binary holds it.
fn stdlib() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../stdlib");
    let mut pending = vec![root.clone()];
    let mut sources = Vec::new();
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(folder).expect("the standard library is there") {
            let path = entry.expect("the standard library is there").path();
            if path.is_dir() {
                pending.push(path);
            } else {
                let relative = path.strip_prefix(&root).unwrap_or(&path).to_string_lossy();
                let text = fs::read_to_string(&path).expect("the standard library is text");
                let (id, module) = (SourceId::new(&relative), module_path("std", &relative));
                sources.push(Source { id, module, text, library: true });
            }
        }
    }
    sources
}

fn database(sources: &[Source], functions: &FunctionCatalog) -> RootDatabase {
    let mut db = RootDatabase::new(cpg_evidence::catalog(), functions.clone());
    db.set_sources(sources.to_vec());
    db
}

fn benches(criterion: &mut Criterion) {
    let functions = builtin_functions().expect("the catalogue of functions is well-formed");
    let stdlib = stdlib();
    let thousand = program();
    let mut group = criterion.benchmark_group("check");
    group.sample_size(20);

    for (name, sources) in [("stdlib", &stdlib), ("thousand", &thousand)] {
        assert!(check(&database(sources, &functions)).is_empty(), "{name} is right");
        group.bench_function(format!("{name}_parse"), |bencher| {
            bencher.iter(|| sources.iter().map(|source| parse(&source.text)).sum::<usize>());
        });
        group.bench_function(format!("{name}_cold"), |bencher| {
            let new = || database(sources, &functions);
            bencher.iter_batched_ref(new, |db| check(db).len(), BatchSize::LargeInput);
        });
    }

    let mut db = database(&thousand, &functions);
    group.bench_function("thousand_again", |bencher| bencher.iter(|| check(&db).len()));
    let file = db.file(&SourceId::new("m5.cpg")).expect("the program has this file");
    let text = file.text(&db).clone();
    // What is typed, and what it makes of a part of the text; numbers keep every text new.
    type Edit = (&'static str, &'static str, fn(u32) -> String);
    let edits: [Edit; 3] = [
        ("blank_lines", "use evidence", |n| {
            format!("{}use evidence", "\n".repeat(1 + n as usize % 50))
        }),
        ("one_view", "confidence > 0.5", |n| format!("confidence > 0.5{n}")),
        ("new_column", "keep kind", |n| format!("keep kind\n  derive c{n} = {n}")),
    ];
    let mut number = 0;
    for (name, from, to) in edits {
        group.bench_function(format!("thousand_after_{name}"), |bencher| {
            bencher.iter(|| {
                number += 1;
                db.set_text(file, text.replacen(from, &to(number), 1));
                check(&db).len()
            });
        });
    }
    group.finish();
}

/// How many items a text has.
fn parse(text: &str) -> usize {
    let items = split(text).chunks;
    let parsed =
        items.iter().filter_map(|chunk| parse_item(chunk.range.slice(text)?, chunk.keyword).item);
    parsed.count()
}

criterion_group!(all, benches);
criterion_main!(all);
