//! A synthetic project as data pipelines are: layers of items that read earlier ones.
//!
//! Three in ten stage one of ten seeds, five in ten join two or three earlier items, two in ten unite one to three. All
//! have the same four columns, and each is a table. The same number always gives the same program.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::process::Outcome;

const SEEDS: u64 = 10;

/// Rows of a seed.
const ROWS: u64 = 50;

/// Items in one module.
const PER_MODULE: usize = 500;

/// A generator of numbers that is the same everywhere: Knuth's MMIX.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    /// One of the first `of` items.
    fn item(&mut self, of: usize) -> usize {
        usize::try_from(self.below(of as u64)).unwrap_or_default()
    }
}

/// Writes a project of that many items into a folder: its program, and its seeds into `seeds`.
pub fn write(folder: &Path, items: usize) -> Outcome {
    let mut random = Random(7);
    let (program, data) = (folder.to_owned(), folder.join("seeds"));
    fs::create_dir_all(&program)?;
    fs::create_dir_all(&data)?;
    let mut seeds = "schema Row { id: int, grp: string?, val: int?, src: string? }\n\n".to_owned();
    for seed in 0..SEEDS {
        writeln!(
            seeds,
            "evidence seed_{seed} from csv \"seeds/seed_{seed}.csv\" {{ id: int?, grp: string?, val: int?, src: string? }}"
        )?;
        let mut rows = "id,grp,val,src\n".to_owned();
        for row in 0..ROWS {
            let (group, value, source) = (random.below(5), random.below(1000), random.below(9));
            writeln!(rows, "{row},g{group},{value},  Src{source} ")?;
        }
        fs::write(data.join(format!("seed_{seed}.csv")), rows)?;
    }
    fs::write(program.join("seeds.cpg"), seeds)?;
    let (staged, joined) = (items * 3 / 10, items * 5 / 10);
    let name = |item: usize| match item {
        _ if item < staged => format!("stg_{item:05}"),
        _ if item < staged + joined => format!("rel_{item:05}"),
        _ => format!("uni_{item:05}"),
    };
    let module = |item: usize| format!("layer_{}", item / PER_MODULE);
    for first in (0..items).step_by(PER_MODULE) {
        let all = first..items.min(first + PER_MODULE);
        let mut text = String::new();
        let mut used = BTreeSet::new();
        for item in all.clone() {
            let own = name(item);
            let read = if item < staged {
                let seed = format!("seed_{}", random.below(SEEDS));
                text.push_str(&staging(&own, &seed, random.below(1000)));
                used.insert(format!("seeds.{seed}"));
                BTreeSet::new()
            } else if item < staged + joined {
                // Most of what is joined is staging, so that the layers stay few.
                let mut read = BTreeSet::from([random.item(staged)]);
                read.extend((0..=random.below(2)).map(|_| random.item(item)));
                text.push_str(&join(&own, &read, random.below(1000), name));
                read
            } else {
                let read = (0..=random.below(3)).map(|_| random.item(item)).collect();
                text.push_str(&unite(&own, &read, name));
                used.insert("seeds.Row".to_owned());
                read
            };
            let others = read.into_iter().filter(|other| module(*other) != module(first));
            used.extend(others.map(|other| format!("{}.{}", module(other), name(other))));
        }
        let uses: String = used.iter().map(|path| format!("use {path}\n")).collect();
        let exports: Vec<String> = all.map(name).collect();
        let exports = exports.join(", ");
        fs::write(
            program.join(format!("{}.cpg", module(first))),
            format!("{uses}{text}\nexport {exports}\n"),
        )?;
    }
    Ok(())
}

fn staging(name: &str, seed: &str, k: u64) -> String {
    format!(
        "
/// A seed, cleaned.
view {name} =
  from {seed} as s
  where s.id is not null
  select {{ s.id, grp: lower(trim(s.grp)), val: s.val + {k}, src: lower(trim(s.src)) }}
"
    )
}

fn join(name: &str, read: &BTreeSet<usize>, k: u64, named: impl Fn(usize) -> String) -> String {
    let read: Vec<(String, char)> = read.iter().map(|item| named(*item)).zip('a'..).collect();
    let mut text = format!("\nview {name} =\n");
    for (number, (relation, alias)) in read.iter().enumerate() {
        text.push_str(&match number {
            0 => format!("  from {relation} as a\n"),
            _ => {
                format!("  join {relation} as {alias} on {alias}.id == a.id and {alias}.val >= 0\n")
            }
        });
    }
    let sum: Vec<String> = read.iter().map(|(_, alias)| format!("{alias}.val")).collect();
    let sum = sum.join(" + ");
    text.push_str(&format!(
        "  dedupe per a.id keep best a.val asc, a.src asc
  select {{ a.id, a.grp, val: ({sum}) % 100003 + {k}, a.src }}
"
    ));
    text
}

fn unite(name: &str, read: &BTreeSet<usize>, named: impl Fn(usize) -> String) -> String {
    let read: Vec<String> = read.iter().map(|item| named(*item)).collect();
    let read = read.join(", ");
    format!(
        "\nunion {name}: Row of {read}\n  fuse per id {{ grp: min(grp), val: max(val), src: min(src) }}\n"
    )
}
