#![allow(clippy::all, clippy::unwrap_used, clippy::print_stderr)]
fn main() {
    for (name, unit) in [("-", "-"), ("1+", "1 + "), (".b", ".b"), ("a,", "a,"), ("a", "a"), ("sp"," "), ("score","score "), ("é","é"),("@","@"), ("`","`"),("\"","\""),("/*","/*"),("*/","*/")] {
        for n in [50_000usize, 200_000] {
            let text = format!("relate r from a to b {{ on a{}", unit.repeat(n / unit.len()));
            let t = std::time::Instant::now();
            let k = cpg_syntax::split(&text).chunks.iter().map(|c| cpg_syntax::parse_item(c.range.slice(&text).unwrap(), c.keyword).errors.len()).sum::<usize>();
            eprintln!("{name} {n} {:?} {k}", t.elapsed());
        }
    }
}
