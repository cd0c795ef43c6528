//! The grammars that come with this build.

use std::sync::OnceLock;

use tree_sitter::{Language as Parsed, Query};

use crate::scan::Language;

/// A grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grammar {
    C,
    Cpp,
    Go,
    Java,
    JavaScript,
    Python,
    Rust,
    Tsx,
    TypeScript,
}

impl Grammar {
    pub(super) const ALL: [Self; 9] = [
        Self::C,
        Self::Cpp,
        Self::Go,
        Self::Java,
        Self::JavaScript,
        Self::Python,
        Self::Rust,
        Self::Tsx,
        Self::TypeScript,
    ];

    /// The grammar of a file; none for languages that have none here.
    pub(super) fn of(language: Option<Language>, path: &str) -> Option<Self> {
        Some(match language? {
            Language::C => Self::C,
            Language::Cpp => Self::Cpp,
            Language::Go => Self::Go,
            Language::Java => Self::Java,
            Language::JavaScript => Self::JavaScript,
            Language::Python => Self::Python,
            Language::Rust => Self::Rust,
            // Elements and type assertions exclude each other.
            Language::TypeScript if path.ends_with(".tsx") => Self::Tsx,
            Language::TypeScript => Self::TypeScript,
            _ => return None,
        })
    }

    pub(super) fn language(self) -> Parsed {
        match self {
            Self::C => tree_sitter_c::LANGUAGE,
            Self::Cpp => tree_sitter_cpp::LANGUAGE,
            Self::Go => tree_sitter_go::LANGUAGE,
            Self::Java => tree_sitter_java::LANGUAGE,
            Self::JavaScript => tree_sitter_javascript::LANGUAGE,
            Self::Python => tree_sitter_python::LANGUAGE,
            Self::Rust => tree_sitter_rust::LANGUAGE,
            Self::Tsx => tree_sitter_typescript::LANGUAGE_TSX,
            Self::TypeScript => tree_sitter_typescript::LANGUAGE_TYPESCRIPT,
        }
        .into()
    }

    /// The grammar's own query for definitions and references.
    fn tags_query(self) -> String {
        match self {
            Self::C => tree_sitter_c::TAGS_QUERY,
            Self::Cpp => tree_sitter_cpp::TAGS_QUERY,
            Self::Go => tree_sitter_go::TAGS_QUERY,
            Self::Java => tree_sitter_java::TAGS_QUERY,
            Self::JavaScript => tree_sitter_javascript::TAGS_QUERY,
            Self::Python => tree_sitter_python::TAGS_QUERY,
            Self::Rust => tree_sitter_rust::TAGS_QUERY,
            // It has only what goes beyond JavaScript.
            Self::Tsx | Self::TypeScript => {
                let javascript = tree_sitter_javascript::TAGS_QUERY;
                return format!("{javascript}\n{}", tree_sitter_typescript::TAGS_QUERY);
            }
        }
        .to_owned()
    }
}

/// The queries for tags, each compiled when it is first needed.
#[derive(Debug, Default)]
pub(crate) struct Queries([OnceLock<Option<Tags>>; Grammar::ALL.len()]);

impl Queries {
    /// The query of a grammar; none for a query that does not fit its grammar, which a test rules out.
    pub(super) fn tags(&self, grammar: Grammar) -> Option<&Tags> {
        let compiled = || Query::new(&grammar.language(), &grammar.tags_query()).ok();
        self.0[grammar as usize].get_or_init(|| compiled().map(Tags::new)).as_ref()
    }
}

/// A query for tags, and what its captures mean.
#[derive(Debug)]
pub(super) struct Tags {
    pub(super) query: Query,
    /// By the number of the capture.
    pub(super) captures: Vec<Capture>,
}

/// What a capture of a query for tags means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Capture {
    /// The name of what the match is about.
    Name,
    /// All of what is defined, and its kind.
    Definition(String),
    /// All of what refers to something, and its kind.
    Reference(String),
    /// That the match is none.
    Ignore,
    /// Documentation, or a scope.
    Other,
}

impl Tags {
    fn new(query: Query) -> Self {
        let capture = |name: &&str| match name.split_once('.') {
            Some(("definition", kind)) => Capture::Definition(kind.to_owned()),
            Some(("reference", kind)) => Capture::Reference(kind.to_owned()),
            _ if *name == "name" => Capture::Name,
            _ if *name == "ignore" => Capture::Ignore,
            _ => Capture::Other,
        };
        let captures = query.capture_names().iter().map(capture).collect();
        Self { query, captures }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_query_fits_its_grammar() {
        let queries = Queries::default();
        for grammar in Grammar::ALL {
            let tags = queries.tags(grammar).unwrap_or_else(|| panic!("{grammar:?}"));
            assert!(tags.captures.contains(&Capture::Name), "{grammar:?}");
        }
    }
}
