//! The seeds of the fuzz targets, changed at random, and always the same way: what `cargo xtask fuzz` does for as long as is
//! wanted, for a moment.

#[path = "../../../../tests/fuzz/src/evidence.rs"]
mod evidence;

use std::path::Path;

/// Numbers that look like random ones (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("31 bits") % bound.max(1)
    }

    /// A part of `bytes`, often short.
    fn part<'b>(&mut self, bytes: &'b [u8]) -> &'b [u8] {
        let start = self.below(bytes.len());
        let length = self.below(8) * (1 + self.below(8));
        &bytes[start..(start + length).min(bytes.len())]
    }

    /// A change or a few.
    fn changed(&mut self, seed: &[u8], other: &[u8]) -> Vec<u8> {
        let mut bytes = seed.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(bytes.len() + 1);
            match self.below(5) {
                0 => bytes.truncate(at),
                1 => {
                    let end = (at + self.below(16)).min(bytes.len());
                    bytes.drain(at..end);
                }
                2 => {
                    let part = self.part(other).to_vec();
                    bytes.splice(at..at, part);
                }
                3 => bytes.insert(at, u8::try_from(self.below(256)).expect("a byte")),
                _ => {
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte ^= 1 << self.below(8);
                    }
                }
            }
        }
        bytes
    }
}

/// Tries every seed of a target as it is, and `count` changed ones.
fn try_out(target: &str, count: usize, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fuzz/seeds").join(target);
    let mut seeds = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the target has seeds") {
        let path = entry.expect("a folder of ours").path();
        seeds.push((path.clone(), std::fs::read(path).expect("a seed")));
    }
    seeds.sort();
    seeds.iter().for_each(|(_, seed)| check(seed));
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for _ in 0..count {
        let (one, other) = (random.below(seeds.len()), random.below(seeds.len()));
        check(&random.changed(&seeds[one].1, &seeds[other].1));
    }
}

#[test]
fn python() {
    try_out("python", 200, evidence::python);
}

#[test]
fn tree_sitter() {
    try_out("tree_sitter", 300, evidence::tree_sitter);
}

#[test]
fn scip() {
    try_out("scip", 500, evidence::scip);
}

#[test]
fn external() {
    try_out("external", 2_000, evidence::external);
}
