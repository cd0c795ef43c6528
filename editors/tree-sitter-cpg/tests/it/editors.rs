//! What the editors that use the grammar are given: queries in names that they know, and settings that name what is
//! there.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use tree_sitter::{Language, Parser, Query, QueryCursor, StreamingIterator as _};

use crate::corpus::{programs, root};
use crate::generated::is_current;

/// A kind of query, where each editor that has it keeps it, and the names that these editors' manuals list. A name
/// counts as known where one of its beginnings is: themes fall back to these.
struct Queries {
    folder: &'static str,
    file: &'static str,
    known: &'static [&'static str],
}

const ALL: &[Queries] = &[
    // Neovim: what `:help treesitter-highlight-groups` lists, and nvim-treesitter for the rest.
    Queries {
        folder: "neovim/queries/cpg",
        file: "highlights.scm",
        known: &[
            "attribute",
            "boolean",
            "comment.documentation",
            "constant.builtin",
            "function.call",
            "keyword",
            "module",
            "number.float",
            "operator",
            "property",
            "punctuation.bracket",
            "punctuation.delimiter",
            "string.escape",
            "type",
            "variable.parameter",
        ],
    },
    Queries { folder: "neovim/queries/cpg", file: "folds.scm", known: &["fold"] },
    Queries {
        folder: "neovim/queries/cpg",
        file: "indents.scm",
        known: &["indent.auto", "indent.begin", "indent.branch", "indent.end", "indent.ignore"],
    },
    Queries {
        folder: "neovim/queries/cpg",
        file: "locals.scm",
        known: &[
            "local.definition.parameter",
            "local.definition.var",
            "local.reference",
            "local.scope",
        ],
    },
    // Helix: the scopes of its themes, and its guides to the other queries.
    Queries {
        folder: "helix/queries",
        file: "highlights.scm",
        known: &[
            "attribute",
            "comment.line.documentation",
            "constant.builtin.boolean",
            "constant.character.escape",
            "constant.numeric.float",
            "constant.numeric.integer",
            "function",
            "keyword",
            "namespace",
            "operator",
            "punctuation.bracket",
            "punctuation.delimiter",
            "string",
            "type",
            "variable.other.member",
            "variable.parameter",
        ],
    },
    Queries { folder: "helix/queries", file: "indents.scm", known: &["indent", "outdent"] },
    Queries {
        folder: "helix/queries",
        file: "locals.scm",
        known: &["local.definition.variable.parameter", "local.reference", "local.scope"],
    },
    Queries {
        folder: "helix/queries",
        file: "tags.scm",
        known: &[
            "definition.class",
            "definition.constant",
            "definition.function",
            "definition.interface",
            "name",
            "reference",
        ],
    },
    // Zed: what its manual says of extensions for languages.
    Queries {
        folder: "zed/languages/cpg",
        file: "highlights.scm",
        known: &[
            "attribute",
            "boolean",
            "comment.doc",
            "constant",
            "function",
            "keyword",
            "number",
            "operator",
            "property",
            "punctuation.bracket",
            "punctuation.delimiter",
            "string.escape",
            "type",
            "variable",
        ],
    },
    Queries { folder: "zed/languages/cpg", file: "brackets.scm", known: &["close", "open"] },
    Queries { folder: "zed/languages/cpg", file: "indents.scm", known: &["end", "indent"] },
    Queries {
        folder: "zed/languages/cpg",
        file: "outline.scm",
        known: &["context", "item", "name"],
    },
];

fn editors() -> PathBuf {
    root().join("editors")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The names of Helix, for those of the queries that are written by hand.
const HELIX: &[(&str, &str)] = &[
    ("boolean", "constant.builtin.boolean"),
    ("comment.documentation", "comment.line.documentation"),
    ("local.definition.parameter", "local.definition.variable.parameter"),
    ("local.definition.var", "local.definition.variable.parameter"),
    ("module", "namespace"),
    ("number", "constant.numeric.integer"),
    ("number.float", "constant.numeric.float"),
    ("property", "variable.other.member"),
    ("string.escape", "constant.character.escape"),
];

/// The same of Zed.
const ZED: &[(&str, &str)] = &[("comment.documentation", "comment.doc"), ("module", "type")];

/// A query with other names for its captures.
fn renamed(query: &str, names: &[(&str, &str)]) -> String {
    let mut text = "; Written by `cargo xtask editors generate`.\n\n".to_owned();
    let mut rest = query;
    while let Some((before, after)) = rest.split_once('@') {
        let is_of_name = |c: char| c.is_ascii_lowercase() || c == '.' || c == '_';
        let end = after.find(|c: char| !is_of_name(c)).unwrap_or(after.len());
        let name = &after[..end];
        let other = names.iter().find(|(own, _)| *own == name).map_or(name, |(_, other)| other);
        text.push_str(before);
        text.push('@');
        text.push_str(other);
        rest = &after[end..];
    }
    text.push_str(rest);
    text
}

#[test]
fn queries_in_other_names_are_those_written_by_hand() {
    for (names, folder, files) in [
        (HELIX, "helix/queries", &["highlights.scm", "locals.scm"][..]),
        (ZED, "zed/languages/cpg", &["highlights.scm"]),
    ] {
        for file in files {
            let query = read(&editors().join("tree-sitter-cpg/queries").join(file));
            is_current(&editors().join(folder).join(file), &renamed(&query, names));
        }
    }
}

/// Every query compiles, says what its editor understands, and all of it is for something: each pattern is found in
/// some program of the repository.
#[test]
fn every_query_is_understood_and_finds_something() {
    let language: Language = tree_sitter_cpg::LANGUAGE.into();
    let mut parser = Parser::new();
    parser.set_language(&language).expect("a language of this version");
    let programs: Vec<_> = programs()
        .into_iter()
        .map(|program| (parser.parse(&program.text, None).expect("nothing stops it"), program.text))
        .collect();
    for Queries { folder, file, known } in ALL {
        let text = read(&editors().join(folder).join(file));
        let query =
            Query::new(&language, &text).unwrap_or_else(|error| panic!("{folder}/{file}: {error}"));
        for name in query.capture_names() {
            let mut beginnings = name.match_indices('.').map(|(at, _)| &name[..at]);
            let is_known = known.contains(name) || beginnings.any(|one| known.contains(&one));
            let is_beginning = known
                .iter()
                .any(|one| one.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')));
            assert!(is_known || is_beginning, "{folder}/{file}: nobody knows @{name}");
        }
        let mut unseen: BTreeSet<usize> = (0..query.pattern_count()).collect();
        for (tree, text) in &programs {
            let mut cursor = QueryCursor::new();
            let mut found = cursor.matches(&query, tree.root_node(), text.as_bytes());
            while let Some(one) = found.next() {
                unseen.remove(&one.pattern_index);
            }
        }
        let shown = |at: &usize| {
            let start = query.start_byte_for_pattern(*at);
            text[start..].lines().next().unwrap_or_default().to_owned()
        };
        let unseen: Vec<String> = unseen.iter().map(shown).collect();
        assert!(unseen.is_empty(), "{folder}/{file}: no program has {unseen:#?}");
    }
}

/// Every file that is meant for an editor is in the list above.
#[test]
fn no_query_is_left_out() {
    for folder in ["neovim/queries/cpg", "helix/queries", "zed/languages/cpg"] {
        for entry in fs::read_dir(editors().join(folder)).expect("a folder of the repository") {
            let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
            // For `tree-sitter tags`, which Neovim does not read.
            let is_other = folder.starts_with("neovim") && name == "tags.scm";
            let is_listed = ALL.iter().any(|own| own.folder == folder && own.file == name);
            assert!(is_listed || is_other || name == "config.toml", "{folder}/{name}");
        }
    }
}

fn table(path: &str) -> toml::Table {
    read(&editors().join(path)).parse().unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn helix_is_told_what_is_there() {
    let settings = table("helix/languages.toml");
    let language = &settings["language"][0];
    assert_eq!(language["name"].as_str(), Some("cpg"));
    let server = language["language-servers"][0].as_str().expect("a name");
    assert_eq!(settings["language-server"][server]["command"].as_str(), Some("cpglang"));
    let source = settings["grammar"][0]["source"]["path"].as_str().expect("a path");
    // The path of a checkout comes before it.
    let inside = source.split_once("/cpglang/").expect("a folder of a checkout").1;
    assert!(root().join(inside).join("src/parser.c").is_file(), "{inside}");
    assert_eq!(settings["grammar"][0]["name"], language["name"]);
}

#[test]
fn zed_is_told_what_is_there() {
    let extension = table("zed/extension.toml");
    let language = table("zed/languages/cpg/config.toml");
    let grammar = language["grammar"].as_str().expect("a name");
    let inside = extension["grammars"][grammar]["path"].as_str().expect("a path");
    assert!(root().join(inside).join("src/parser.c").is_file(), "{inside}");
    let server = &extension["language_servers"]["cpglang"];
    assert_eq!(server["languages"][0], language["name"]);
    let package = table("zed/Cargo.toml");
    assert_eq!(package["package"]["version"], extension["version"]);
    let library = package["lib"]["path"].as_str().expect("a path");
    assert!(editors().join("zed").join(library).is_file());
}
