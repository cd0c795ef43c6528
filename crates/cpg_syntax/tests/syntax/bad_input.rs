//! Input that is no program, or only the beginning of one.

use std::fmt::Write;

use cpg_syntax::{format, parse_item, split};

use crate::programs::repository_programs;
use crate::properties::check;
use crate::render::all_errors;

/// Numbers that look random and are the same every time.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        // Knuth's MMIX generator; its upper half is the better one.
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next()).unwrap_or(0) % bound.max(1)
    }
}

/// The next place at which a text can be cut.
fn boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

#[test]
fn ten_megabytes_of_noise_are_answered() {
    let mut noise = Noise(1);
    let bytes: Vec<u8> =
        std::iter::repeat_with(|| noise.next().to_le_bytes()[0]).take(10 * 1024 * 1024).collect();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let split = split(&text);
    assert!(!split.errors.is_empty());
    for chunk in &split.chunks {
        let parsed = parse_item(chunk.range.slice(&text).expect("in the text"), chunk.keyword);
        assert!(!parsed.errors.is_empty());
    }
}

#[test]
fn every_beginning_of_every_program_is_answered() {
    for (_, text) in repository_programs() {
        // Whole items before the last one are answered by themselves, so the last one is what is cut.
        let chunks = split(&text).chunks;
        for chunk in &chunks {
            let item = chunk.range.slice(&text).expect("in the text");
            // All places of short items, and many of long ones.
            let step = 1 + item.len() / 30;
            for end in (1..item.len()).step_by(step) {
                check(&item[..boundary(item, end)]);
            }
        }
        for end in (0..text.len()).step_by(1 + text.len() / 8) {
            check(&text[..boundary(&text, end)]);
        }
    }
}

#[test]
fn programs_with_mistakes_are_answered_and_laid_out() {
    let programs = repository_programs();
    let mut noise = Noise(7);
    for round in 0..200 {
        let (_, text) = &programs[noise.below(programs.len())];
        let chunks = split(text).chunks;
        let Some(chunk) = chunks.get(noise.below(chunks.len())) else { continue };
        let mut item = chunk.range.slice(text).expect("in the text").to_owned();
        for _ in 0..=noise.below(4) {
            let at = boundary(&item, noise.below(item.len() + 1));
            let end = boundary(&item, (at + noise.below(12)).min(item.len()));
            let from = boundary(&item, noise.below(item.len() + 1));
            let until = boundary(&item, (from + noise.below(12)).min(item.len()));
            let extra = item[from..until].to_owned();
            match noise.below(3) {
                0 => item.replace_range(at..end, ""),
                1 => item.replace_range(at..end, &extra),
                _ => item.insert_str(at, &extra),
            }
        }
        check(&item);
        let laid_out = format(&item);
        assert_eq!(format(&laid_out.text).text, laid_out.text, "round {round}: {item:?}");
    }
}

#[test]
fn what_deceives_is_refused_by_name() {
    let mut said = String::new();
    for text in [
        "const `n\u{430}me` = 1",
        "const `\u{441}` = 1",
        "const `a\u{200B}b` = 1",
        "const `a\u{202E}b` = 1",
        "const A = \"x\u{2067}y\"",
        "const A = 1 // x\u{202E}y",
        "// x\u{202E}y\nconst A = 1",
        "const n\u{430}me = 1",
    ] {
        for error in all_errors(text) {
            writeln!(said, "{} {}", error.code, error.message).expect("text");
        }
    }
    insta::assert_snapshot!(said, @r"
    confusing-text this name holds U+0430 `а`, which looks like `a`
    confusing-text this name holds U+0441 `с`, which looks like `c`
    confusing-text this name holds U+200B ZERO WIDTH SPACE
    confusing-text this name holds U+202E RIGHT-TO-LEFT OVERRIDE
    confusing-text this string holds U+2067 RIGHT-TO-LEFT ISOLATE
    confusing-text this comment holds U+202E RIGHT-TO-LEFT OVERRIDE
    confusing-text this comment holds U+202E RIGHT-TO-LEFT OVERRIDE
    syntax unexpected U+0430 `а`
    ");
    for honest in ["const `имя` = 1", "const A = \"имя\" // имя", "const `é` = 1"] {
        assert_eq!(all_errors(honest), []);
    }
}
