//! The extractor `tree_sitter`: concrete syntax trees of many languages, and definitions and references by the queries
//! that come with the grammars.
//!
//! The parser recovers from every error, so that there is always a tree. It takes time in proportion to the text but for
//! texts made to be slow, which a bound of steps ends: steps and not seconds, so that the same bytes give the same rows
//! on any machine.

mod grammar;
mod tables;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

use tree_sitter::{Node, ParseOptions, Parser, QueryCursor, StreamingIterator as _, Tree};

pub(crate) use grammar::Queries;
use grammar::{Capture, Grammar, Tags};
use tables::{tags, ts_errors, ts_nodes};

use crate::errors::{self, ErrorKind};
use crate::scan::Language;
use crate::text::{Decoded, Encoding, Lines, Offsets};

crate::table::extractor! {
    "tree_sitter" version 1: "Syntax trees, errors, definitions and references of C, C++, Go, Java, JavaScript, Python, Rust and TypeScript";
    nodes: ts_nodes,
    errors: ts_errors,
    tags: tags,
}

/// The largest text that is parsed: a tree takes some hundred times its text.
const MAX_TEXT: usize = 4 * 1024 * 1024;

/// How often the parser may report that it is still at work, at least, and for each byte.
const STEPS: usize = 100_000;
const STEPS_PER_BYTE: usize = 1;

/// How many matches of a query may be open at once.
const OPEN_MATCHES: u32 = 4096;

/// The longest text of a node that is kept.
const MAX_NODE_TEXT: usize = 200;

/// A file to extract.
pub(crate) struct Input<'a> {
    pub(crate) grammar: FileGrammar,
    pub(crate) bytes: &'a [u8],
    pub(crate) encoding: &'a Encoding,
    pub(crate) lines: &'a Lines,
}

/// The grammar that a file is parsed with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FileGrammar(Grammar);

impl FileGrammar {
    /// None for a file in a language without a grammar.
    pub(crate) fn of(language: Option<Language>, path: &str) -> Option<Self> {
        Grammar::of(language, path).map(Self)
    }
}

/// A text with how its offsets become those of the file.
struct Text<'a> {
    text: &'a str,
    offsets: &'a Offsets,
    lines: &'a Lines,
}

/// Gives the rows of a file to `receive`.
pub(crate) fn extract(
    plan: &Plan,
    queries: &Queries,
    input: &Input<'_>,
    errors: &mut errors::Rows<'_>,
    receive: impl FnOnce(Rows<'_>),
) {
    let FileGrammar(grammar) = input.grammar;
    let decoded = Decoded::new(input.bytes, input.encoding);
    let Some((text, offsets)) = &decoded.text else {
        let message = decoded.misfit.map_or_else(String::new, |misfit| misfit.message);
        errors.push_file(KEY, ErrorKind::Encoding, message);
        return;
    };
    if text.len() > MAX_TEXT {
        let message = format!("the text has more than {MAX_TEXT} bytes");
        errors.push_file(KEY, ErrorKind::TooLarge, message);
        return;
    }
    let Some(tree) = parse(grammar, text) else {
        let message = "the text takes far more steps to parse than its length accounts for";
        errors.push_file(KEY, ErrorKind::TooCostly, message);
        return;
    };
    let text = Text { text, offsets, lines: input.lines };
    let mut rows = Rows::default();
    if plan.nodes.is_some() || plan.errors.is_some() {
        push_nodes(plan, &tree, &text, &mut rows);
    }
    if plan.tags.is_some()
        && let Some(tags) = queries.tags(grammar)
        && !push_tags(tags, &tree, &text, &mut rows)
    {
        let message = "so many constructs are open at once that definitions may be missing";
        errors.push_file(KEY, ErrorKind::TooDeep, message);
    }
    receive(rows);
}

fn parse(grammar: Grammar, text: &str) -> Option<Tree> {
    let mut parser = Parser::new();
    parser.set_language(&grammar.language()).ok()?;
    let mut left = STEPS + text.len() * STEPS_PER_BYTE;
    let mut step = |_: &tree_sitter::ParseState| match left.checked_sub(1) {
        Some(fewer) => {
            left = fewer;
            ControlFlow::Continue(())
        }
        None => ControlFlow::Break(()),
    };
    let options = ParseOptions::new().progress_callback(&mut step);
    let bytes = text.as_bytes();
    parser.parse_with_options(
        &mut |start, _| bytes.get(start..).unwrap_or_default(),
        None,
        Some(options),
    )
}

/// A node on the way from the root to the one that is looked at.
struct Open {
    number: i64,
    children: i64,
}

fn push_nodes<'t>(plan: &Plan, tree: &'t Tree, text: &Text<'t>, rows: &mut Rows<'t>) {
    let wants_text = plan.nodes.as_ref().is_some_and(|nodes| nodes.wanted.text);
    let mut cursor = tree.walk();
    let mut path: Vec<Open> = Vec::new();
    let mut number = 0;
    loop {
        let node = cursor.node();
        if plan.errors.is_some() {
            push_error(node, text, rows);
        }
        if plan.nodes.is_some() {
            let (start, end) = text.span(node);
            let position = path.last_mut().map_or(0, |parent| {
                parent.children += 1;
                parent.children - 1
            });
            let is_leaf = node.child_count() == 0;
            let own = &text.text[node.start_byte()..node.end_byte()];
            let keeps = wants_text && is_leaf && node.is_named() && own.len() <= MAX_NODE_TEXT;
            rows.nodes.push(ts_nodes::Row {
                node: number,
                parent: path.last().map(|parent| parent.number),
                field: cursor.field_name().map(Cow::Borrowed),
                position,
                kind: Cow::Borrowed(node.kind()),
                start,
                end,
                is_named: node.is_named(),
                is_extra: node.is_extra(),
                text: keeps.then_some(Cow::Borrowed(own)),
            });
        }
        let here = Open { number, children: 0 };
        number += 1;
        if cursor.goto_first_child() {
            path.push(here);
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return;
            }
            path.pop();
        }
    }
}

fn push_error<'t>(node: Node<'t>, text: &Text<'_>, rows: &mut Rows<'t>) {
    if !node.is_error() && !node.is_missing() {
        return;
    }
    let (start, end) = text.span(node);
    let is_missing = node.is_missing();
    rows.errors.push(ts_errors::Row {
        start,
        end,
        kind: if is_missing { "missing" } else { "unexpected" },
        expected: is_missing.then(|| Cow::Borrowed(node.kind())),
        line: text.lines.line_of(start),
    });
}

/// Adds the tags; gives whether none can be missing.
fn push_tags<'t>(tags: &'t Tags, tree: &Tree, text: &Text<'t>, rows: &mut Rows<'t>) -> bool {
    let mut cursor = QueryCursor::new();
    cursor.set_match_limit(OPEN_MATCHES);
    // Where several patterns find something of one name, the first one counts, as the queries' authors mean it.
    let mut found: BTreeMap<(usize, usize, bool), (usize, Node<'_>, &str)> = BTreeMap::new();
    let mut matches = cursor.matches(&tags.query, tree.root_node(), text.text.as_bytes());
    while let Some(matched) = matches.next() {
        let (mut name, mut about) = (None, None);
        let mut is_ignored = false;
        for capture in matched.captures() {
            match tags.captures.get(capture.index as usize) {
                Some(Capture::Name) => name = Some(capture.node),
                Some(Capture::Definition(kind)) => about = Some((capture.node, kind, true)),
                Some(Capture::Reference(kind)) => about = Some((capture.node, kind, false)),
                Some(Capture::Ignore) => is_ignored = true,
                Some(Capture::Other) | None => {}
            }
        }
        let (Some(name), Some((node, kind, is_definition)), false) = (name, about, is_ignored)
        else {
            continue;
        };
        let key = (name.start_byte(), name.end_byte(), is_definition);
        let pattern = matched.pattern_index;
        let first = found.entry(key).or_insert((pattern, node, kind));
        if pattern < first.0 {
            *first = (pattern, node, kind);
        }
    }
    drop(matches);
    for ((name_start, name_end, is_definition), (_, node, kind)) in found {
        let (start, end) = text.span(node);
        let (name_start_raw, name_end_raw) = (text.raw(name_start), text.raw(name_end));
        rows.tags.push(tags::Row {
            start,
            end,
            kind: Cow::Borrowed(kind),
            is_definition,
            name: Cow::Borrowed(&text.text[name_start..name_end]),
            name_start: name_start_raw,
            name_end: name_end_raw,
            line: text.lines.line_of(name_start_raw),
        });
    }
    !cursor.did_exceed_match_limit()
}

impl Text<'_> {
    fn span(&self, node: Node<'_>) -> (u32, u32) {
        (self.raw(node.start_byte()), self.raw(node.end_byte()))
    }

    fn raw(&self, offset: usize) -> u32 {
        self.offsets.raw(u32::try_from(offset).unwrap_or(u32::MAX))
    }
}
