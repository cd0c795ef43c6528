//! What is generated from the compiler's list of keywords, and from the grammar.

use std::fs;
use std::path::{Path, PathBuf};

use cpg_syntax::ItemKeyword;
use cpg_syntax::keywords::{EXPRESSION_WORDS, INNER_WORDS, SPAN_OPERATORS};
use serde_json::{Map, Value, json};

use crate::corpus::root;

#[test]
fn keywords_are_those_of_the_compiler() {
    let text = serde_json::to_string_pretty(&keywords()).expect("JSON");
    is_current(&folder().join("keywords.json"), &format!("{text}\n"));
}

#[test]
fn the_scanner_knows_every_item() {
    let mut text = "// Written by `cargo xtask editors generate`.\n\n".to_owned();
    text.push_str("static const char *const ITEM_WORDS[] = {\n");
    for item in ItemKeyword::ALL {
        text.push_str(&format!("    \"{item}\",\n"));
    }
    let longest = ItemKeyword::ALL.iter().map(|item| item.as_str().len()).max().unwrap_or(0);
    text.push_str(&format!("}};\n\n#define LONGEST_ITEM_WORD {longest}\n"));
    is_current(&folder().join("src/items.h"), &text);
}

#[test]
fn every_keyword_is_highlighted() {
    let words: Vec<String> = every_word().iter().map(|word| format!("  \"{word}\"\n")).collect();
    let block = format!("[\n{}] @keyword\n", words.concat());
    block_is_current(&folder().join("queries/highlights.scm"), &block);
}

#[test]
fn emacs_knows_every_keyword() {
    let items: Vec<&str> = ItemKeyword::ALL.iter().map(|item| item.as_str()).collect();
    let mut words = every_word();
    words.retain(|word| !items.contains(word));
    let block =
        [("cpg-items", "Words that begin items.", items), ("cpg-words", "Other keywords.", words)]
            .map(|(name, docs, words)| {
                let words: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
                format!("(defconst {name}\n  '({})\n  \"{docs}\")\n", words.join("\n    "))
            });
    block_is_current(&root().join("editors/emacs/cpg-mode.el"), &block.join("\n"));
}

/// `grammar.json` and `parser.c` are made by a program that is no part of this workspace: they carry the hash of
/// what they were made from.
#[test]
fn the_parser_is_that_of_the_grammar() {
    is_current(&folder().join("src/grammar.blake3"), &format!("{}\n", grammar_hash()));
}

fn grammar_hash() -> String {
    let mut hasher = blake3::Hasher::new();
    let mut sources = vec![folder().join("grammar.js"), folder().join("keywords.json")];
    let parts = fs::read_dir(folder().join("grammar")).expect("a folder");
    sources.extend(parts.map(|entry| entry.expect("an entry").path()));
    sources.sort();
    for source in sources {
        hasher.update(&fs::read(source).expect("a source of the grammar"));
    }
    hasher.finalize().to_hex().to_string()
}

/// The lists of `cpg_syntax::keywords`, for programs that are not written in Rust.
fn keywords() -> Value {
    let clauses: Map<String, Value> = ItemKeyword::ALL
        .iter()
        .filter(|item| !item.clauses().is_empty())
        .map(|item| (item.to_string(), json!(item.clauses())))
        .collect();
    json!({
        "items": ItemKeyword::ALL.iter().map(|item| item.as_str()).collect::<Vec<_>>(),
        "clauses": clauses,
        "inner": INNER_WORDS,
        "expressions": EXPRESSION_WORDS,
        "operators": SPAN_OPERATORS,
    })
}

/// Every word of the lists once, but those that are highlighted as values.
pub fn every_word() -> Vec<&'static str> {
    const VALUES: [&str; 3] = ["false", "null", "true"];
    let mut words: Vec<&str> = ItemKeyword::ALL.iter().map(|item| item.as_str()).collect();
    words.extend(ItemKeyword::ALL.iter().flat_map(|item| item.clauses()));
    words.extend([INNER_WORDS, EXPRESSION_WORDS, SPAN_OPERATORS].concat());
    words.retain(|word| !VALUES.contains(word));
    words.sort_unstable();
    words.dedup();
    words
}

fn folder() -> PathBuf {
    root().join("editors/tree-sitter-cpg")
}

/// Compares a file with what it should hold, or writes it when that is asked for.
pub fn is_current(path: &Path, text: &str) {
    if std::env::var_os("EDITORS_UPDATE").is_some() {
        fs::write(path, text).expect("a file that can be written");
    }
    let found = fs::read_to_string(path).unwrap_or_default();
    assert!(found == text, "`cargo xtask editors generate` brings {} up to date", path.display());
}

/// The same for the lines between two marks in a file that is otherwise written by hand.
fn block_is_current(path: &Path, block: &str) {
    let text = fs::read_to_string(path).expect("a file of the repository");
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mark = |word: &str| {
        let is_mark = |line: &&str| line.trim_start_matches(';').trim_start().starts_with(word);
        lines.iter().position(is_mark).expect("a mark")
    };
    let (begin, end) = (mark("BEGIN keywords"), mark("END keywords"));
    let whole = format!("{}{block}{}", lines[..=begin].concat(), lines[end..].concat());
    is_current(path, &whole);
}
