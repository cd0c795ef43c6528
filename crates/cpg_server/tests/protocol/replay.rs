//! A program typed character by character, broken on nearly every keystroke: what is told must be what a fresh check
//! of that text says.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::time::{Duration, Instant};

use cpg_base::{LineIndex, SourceId, TextUnit};
use cpg_hir::{RootDatabase, Source, builtin_functions, check};
use cpg_server::Host as _;
use serde_json::{Value, json};

use crate::host::TestHost;
use crate::support::{Client, PROGRAM, patience, position_at};

/// What a fresh check of a program says of one of its modules: code, line and column.
fn fresh(
    host: &TestHost,
    program: &BTreeMap<&str, String>,
    module: &str,
) -> Vec<(String, u64, u64)> {
    let id = |module: &str| SourceId::new(&format!("/project/{module}.cpg"));
    let functions = builtin_functions().expect("the catalogue of functions is well-formed");
    let mut db = RootDatabase::new(host.extractors(None), functions);
    let mut sources = host.library();
    sources.extend(program.iter().map(|(module, text)| Source {
        id: id(module),
        module: (*module).to_owned(),
        text: text.clone(),
        library: false,
    }));
    db.set_sources(sources);
    let (text, id) = (&program[module], id(module));
    let lines = LineIndex::new(text);
    let found = check(&db).into_iter().filter(|one| one.labels[0].source == id);
    found
        .map(|one| {
            let start = one.labels[0].range.start();
            let place = lines.line_column(text, start, TextUnit::Utf16);
            (one.code.id().to_owned(), u64::from(place.line), u64::from(place.column))
        })
        .collect()
}

fn told(found: &[Value]) -> Vec<(String, u64, u64)> {
    found
        .iter()
        .map(|one| {
            let start = &one["range"]["start"];
            let number = |value: &Value| value.as_u64().expect("a number");
            let code = one["code"].as_str().expect("a code").to_owned();
            (code, number(&start["line"]), number(&start["character"]))
        })
        .collect()
}

#[test]
fn nothing_stale_is_told_while_a_program_is_typed() {
    let mut client = Client::start(&[]);
    client.open("main.cpg", "");
    let mut texts: BTreeMap<i64, String> = BTreeMap::from([(1, String::new())]);
    let mut text = String::new();
    let type_at = |client: &mut Client, text: &mut String, at: usize, by: &str| {
        let position = position_at(text, at);
        text.insert_str(at, by);
        let range = json!({ "start": position, "end": position });
        client.change("main.cpg", json!([{ "range": range, "text": by }]))
    };
    // The second half first, so that names are missing and then come.
    let (head, tail) = PROGRAM.split_at(PROGRAM.find("/// A definition.").expect("it is there"));
    for c in tail.chars() {
        let at = text.len();
        let version = type_at(&mut client, &mut text, at, &c.to_string());
        texts.insert(version, text.clone());
        while client.pump(std::time::Duration::from_micros(200)) {}
    }
    for (at, c) in head.char_indices() {
        let version = type_at(&mut client, &mut text, at, &c.to_string());
        texts.insert(version, text.clone());
        while client.pump(std::time::Duration::from_micros(200)) {}
    }
    assert_eq!(text, PROGRAM);
    assert_eq!(client.diagnostics("main.cpg"), Vec::<Value>::new());
    let all = client.told[&Client::uri("main.cpg")].clone();
    assert!(all.len() > 20, "{} publications", all.len());
    for (version, found) in &all {
        let text = &texts[&version.expect("a version")];
        let program = BTreeMap::from([("main", text.clone())]);
        let fresh = fresh(&client.host, &program, "main");
        assert_eq!(told(found), fresh, "version {version:?}:\n{text}");
    }
    client.stop();
}

/// Numbers that look drawn at random and are the same for the same seed (splitmix64).
struct Draw(u64);

impl Draw {
    /// A number below `end`.
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) as usize % end.max(1)
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    /// A place in a text that no pair of characters straddles.
    fn place(&mut self, text: &str) -> usize {
        let is_whole = |at: &usize| {
            text.is_char_boundary(*at) && text.get(at - 1..at + 1).is_none_or(|pair| pair != "\r\n")
        };
        let at = self.below(text.len() + 1);
        (1..=at).rev().find(is_whole).unwrap_or(0)
    }
}

/// What is typed: what programs are made of, what breaks them, and what is counted differently by everyone.
const PIECES: &[&str] = &[
    " ",
    "\n",
    "\r\n",
    "{",
    "}",
    "(",
    ")",
    "\"",
    "\"\"\"",
    "/*",
    "*/",
    "//",
    "///",
    "@",
    ".",
    ",",
    "|",
    "=",
    "->",
    "😀",
    "é",
    "\u{200b}",
    "view ",
    "from def as d",
    "where d.kind == \"x\"",
    "select { d.name }",
    "normalize ",
    "relate ",
    "const Z = LIMIT + 1\n",
    "use main.def\n",
    "\nview broken = from\n",
    "evidence ",
    "export ",
    "m",
    "def_id",
    "0x",
];

/// Requests about a place.
const ASKED: &[&str] = &[
    "hover",
    "completion",
    "definition",
    "references",
    "signatureHelp",
    "documentHighlight",
    "prepareRename",
];

/// A second module, which reads the first.
const READER: &str = "use main.{def, counted, LIMIT}

view names = from def as d where char_length(d.name) < LIMIT select { d.name, d.kind }

view both = from names as n join counted as c on n.kind == c.kind select { n.name, c.rows }

export both
";

/// Somebody edits two modules without looking, and asks without waiting. In the suite for some hundred keystrokes;
/// `cargo xtask replay` goes on for an hour, from another seed.
#[test]
fn whoever_types_anything_is_told_the_truth() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seed = number("CPGLANG_REPLAY_SEED").unwrap_or(1);
    let minutes = number("CPGLANG_REPLAY_MINUTES").map(|minutes| Duration::from_secs(60 * minutes));
    let start = Instant::now();
    let (mut draw, mut round) = (Draw(seed), 0_u64);
    let mut client = Client::start(&[]);
    let mut program = BTreeMap::from([("main", PROGRAM.to_owned()), ("reader", READER.to_owned())]);
    for (module, text) in &program {
        client.open(&format!("{module}.cpg"), text);
    }
    let mut asked = Vec::new();
    let (mut requests, mut compared, mut early) = (0_u64, 0_u64, None);
    while minutes.map_or(round < 400, |minutes| start.elapsed() < minutes) {
        round += 1;
        let module = *draw.of(&["main", "main", "reader"]);
        let path = format!("{module}.cpg");
        let text = program.get_mut(module).expect("it is there");
        let change = match draw.below(20) {
            // From the beginning, so that something is right again.
            0 => {
                *text = if module == "main" { PROGRAM } else { READER }.to_owned();
                json!({ "text": text })
            }
            what => {
                let from = draw.place(text);
                let to = if what < 6 {
                    draw.place(text).clamp(from, from.max(text.len().min(from + 80)))
                } else {
                    from
                };
                let to = (from..=to).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(from);
                let by = if what < 3 { "" } else { draw.of(PIECES) };
                let lines = LineIndex::new(text);
                let position = |at: usize| {
                    let place = lines.line_column(text, at as u32, TextUnit::Utf16);
                    json!({ "line": place.line, "character": place.column })
                };
                let range = json!({ "start": position(from), "end": position(to) });
                text.replace_range(from..to, by);
                json!({ "range": range, "text": by })
            }
        };
        client.change(&path, json!([change]));
        let place = json!({ "line": draw.below(60), "character": draw.below(60) });
        let method = format!("textDocument/{}", draw.of(ASKED));
        let mut params =
            json!({ "textDocument": { "uri": Client::uri(&path) }, "position": place });
        params["context"] =
            json!({ "includeDeclaration": true, "triggerKind": 1, "isRetrigger": false });
        let id = client.send(&method, params);
        if draw.below(4) == 0 {
            client.notify(
                "$/cancelRequest",
                json!({ "id": id.to_string().parse::<i32>().expect("a number") }),
            );
        }
        asked.push((method, id));
        requests += 1;
        if round % 40 == 0 {
            for (method, id) in asked.drain(..) {
                if let Err((code, why)) = client.wait(&id) {
                    // Cancelled, edited meanwhile, or a name that cannot be another.
                    assert!([-32800, -32801, -32803].contains(&code), "{method}: {code}: {why}");
                }
            }
            for module in ["main", "reader"] {
                let wanted = fresh(&client.host, &program, module);
                let uri = Client::uri(&format!("{module}.cpg"));
                client.diagnostics(&format!("{module}.cpg"));
                // What another module's edit changes here is told once the whole program was looked at.
                let is_told = |client: &Client| {
                    client.told[&uri].last().is_some_and(|(_, found)| told(found) == wanted)
                };
                let waiting = Instant::now();
                while !is_told(&client) {
                    assert!(
                        waiting.elapsed() < patience(),
                        "seed {seed}, round {round}, {module}: expected {wanted:?}, told {:?}\n{}",
                        client.told[&uri].last().map(|(_, found)| told(found)),
                        program[module],
                    );
                    client.pump(Duration::from_millis(50));
                }
                compared += 1;
            }
            if round == SETTLED {
                early = memory();
            }
            client.told.values_mut().for_each(|told| drop(told.drain(..told.len() - 1)));
        }
    }
    client.stop();
    let mib = |memory: Option<u64>| memory.map_or("?".to_owned(), |kib| (kib / 1024).to_string());
    let told = writeln!(
        std::io::stderr(),
        "seed {seed}: {round} keystrokes, {requests} requests answered, diagnostics compared with those of a fresh \
         check {compared} times; {} MiB in use after {SETTLED} keystrokes, {} MiB now",
        mib(early),
        mib(memory()),
    );
    told.expect("somebody reads it");
}

/// After so many keystrokes, what is kept for good is there.
const SETTLED: u64 = 2000;

/// The memory that this process, the server among it, has in use, in KiB; where the system tells.
fn memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse().ok()
}
