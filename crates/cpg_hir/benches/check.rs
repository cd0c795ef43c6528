//! How long checking takes: a program of a thousand items from nothing, again, and after one edit.
//!
//! `cargo bench -p cpg_hir` prints milliseconds, the least of several runs.

#![allow(clippy::print_stdout, reason = "its output is what a benchmark is for")]

use std::fmt::Write;
use std::hint::black_box;
use std::time::{Duration, Instant};

use cpg_base::SourceId;
use cpg_hir::{RootDatabase, Source, builtin_functions, check};

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Ten modules of a hundred items: entities, relations between them, and views of these.
fn program() -> Result<Vec<Source>> {
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
            write!(
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
            )?;
        }
        sources.push(source(&format!("m{module}"), text));
    }
    Ok(sources)
}

fn source(module: &str, text: String) -> Source {
    let id = SourceId::new(&format!("{module}.cpg"));
    Source { id, module: module.to_owned(), text, library: false }
}

fn least(runs: usize, mut run: impl FnMut() -> Duration) -> f64 {
    (0..runs).map(|_| run()).min().unwrap_or_default().as_secs_f64() * 1000.0
}

fn timed(db: &RootDatabase) -> Duration {
    let start = Instant::now();
    black_box(check(db));
    start.elapsed()
}

fn main() -> Result {
    let sources = program()?;
    let functions = builtin_functions()?;
    let bytes: usize = sources.iter().map(|source| source.text.len()).sum();
    let new = || {
        let mut db = RootDatabase::new(cpg_evidence::catalog(), functions.clone());
        db.set_sources(sources.clone());
        db
    };
    let mut db = new();
    assert!(check(&db).is_empty(), "the program is right");
    println!("cold check of 1,000 items ({bytes} bytes)  {:8.2} ms", least(5, || timed(&new())));
    println!("check again                           {:8.2} ms", least(20, || timed(&db)));

    let edited = db.file(&SourceId::new("m5.cpg")).ok_or("no such file")?;
    let text = edited.text(&db).clone();
    let mut edits = 0;
    let mut after = |db: &mut RootDatabase, from: &str, to: &dyn Fn(u32) -> String| {
        least(20, || {
            edits += 1;
            db.set_text(edited, text.replacen(from, &to(edits), 1));
            timed(db)
        })
    };
    let blank =
        after(&mut db, "use evidence", &|n| format!("{}use evidence", "\n".repeat(n as usize)));
    println!("after blank lines at the top of a file{blank:8.2} ms");
    let body = after(&mut db, "confidence > 0.5", &|n| format!("confidence > 0.5{n}"));
    println!("after an edit of one view             {body:8.2} ms");
    let row = after(&mut db, "keep kind", &|n| format!("keep kind\n  derive c{n} = {n}"));
    println!("after a new column of one entity      {row:8.2} ms");
    Ok(())
}
