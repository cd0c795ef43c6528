//! The words that mean something: the one list for the parser, for recovery and for editors.

use std::fmt;

macro_rules! item_keywords {
    ($($(#[$doc:meta])* $variant:ident = $word:literal,)*) => {
        /// The words that start items. They do so at the beginning of a line and nowhere else.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum ItemKeyword {
            $($(#[$doc])* $variant,)*
        }

        impl ItemKeyword {
            /// Every keyword, in the order of the reference.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// As written.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }

            /// The keyword that is written so.
            pub fn from_word(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

item_keywords! {
    /// `use std.graph.Node`.
    Use = "use",
    /// `const LIMIT = 3`.
    Const = "const",
    /// `fn size(start: int, end: int) = end - start`.
    Fn = "fn",
    /// `schema Node { … }`.
    Schema = "schema",
    /// `evidence refs from extractor python.cst { … }`.
    Evidence = "evidence",
    /// `normalize def from defs as d { … }`.
    Normalize = "normalize",
    /// `relate calls from call as c to def as d { … }`.
    Relate = "relate",
    /// `union nodes: Node of nodes in *`.
    Union = "union",
    /// `view fan_in = from calls …`.
    View = "view",
    /// `fixpoint flow bound 64 { view … }`.
    Fixpoint = "fixpoint",
    /// `closure reaches over calls { from src to dst }`.
    Closure = "closure",
    /// `export fan_in`.
    Export = "export",
    /// `check unique cpg_nodes(node_id)`.
    Check = "check",
    /// `test "no calls, no rows" for calls { … }`.
    Test = "test",
    /// `template relate link(a: relation, b: relation) from a to b { … }`.
    Template = "template",
    /// `policy write for cpg_nodes { … }`.
    Policy = "policy",
}

impl fmt::Display for ItemKeyword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl ItemKeyword {
    /// The words that start the clauses of such an item; none for items without a body of clauses.
    pub fn clauses(self) -> &'static [&'static str] {
        match self {
            Self::Normalize => NORMALIZE_CLAUSES,
            Self::Relate => RELATE_CLAUSES,
            Self::View => VIEW_STEPS,
            Self::Union => UNION_CLAUSES,
            Self::Check => CHECK_RULES,
            Self::Test => TEST_CLAUSES,
            Self::Policy => POLICY_SETTINGS,
            Self::Use
            | Self::Const
            | Self::Fn
            | Self::Schema
            | Self::Evidence
            | Self::Fixpoint
            | Self::Closure
            | Self::Export
            | Self::Template => &[],
        }
    }
}

/// The clauses of `normalize`.
pub const NORMALIZE_CLAUSES: &[&str] =
    &["where", "id", "span", "text", "key", "keep", "derive", "node"];

/// The clauses of `relate`.
pub const RELATE_CLAUSES: &[&str] =
    &["on", "require", "score", "feature", "confidence", "rank", "edge", "provider"];

/// The clauses of `union` that follow its members.
pub const UNION_CLAUSES: &[&str] = &["by", "fuse"];

/// What a `check` may say.
pub const CHECK_RULES: &[&str] =
    &["unique", "not_null", "references", "accepted", "expect", "empty", "coverage"];

/// The clauses of `test`.
pub const TEST_CLAUSES: &[&str] = &["given", "expect"];
/// The settings of all kinds of `policy`.
pub const POLICY_SETTINGS: &[&str] = &[
    "partition",
    "sort",
    "target_file_size",
    "stats",
    "optimize",
    "vacuum",
    "checkpoint",
    "mode",
    "keep",
    "pruning",
    "pushdown",
    "change_feed",
];

/// The first words of a view's steps.
pub const VIEW_STEPS: &[&str] = &[
    "from", "join", "left", "semi", "anti", "where", "select", "derive", "group", "window",
    "unnest", "distinct", "dedupe", "sort",
];

/// The words inside items and clauses that are keywords only there.
pub const INNER_WORDS: &[&str] = &[
    "all",
    "arrow",
    "as",
    "asc",
    "at",
    "best",
    "bound",
    "by",
    "cast",
    "csv",
    "delta",
    "depth",
    "desc",
    "edges",
    "error",
    "every",
    "extractor",
    "for",
    "from",
    "in",
    "join",
    "keep",
    "limit",
    "ndjson",
    "nodes",
    "of",
    "on",
    "over",
    "parquet",
    "per",
    "props",
    "retain",
    "severity",
    "sql",
    "to",
    "unless",
    "via",
    "warn",
    "weight",
    "when",
];

/// The words that cannot be read as the name of a column without backquotes.
pub const EXPRESSION_WORDS: &[&str] = &[
    "and", "between", "case", "else", "false", "if", "in", "is", "not", "null", "or", "then",
    "true",
];

/// Operators between spans, which are names where an operand is expected.
pub const SPAN_OPERATORS: &[&str] =
    &["after", "before", "contains", "overlaps", "touches", "within"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grammar_has_every_word() {
        let grammar = include_str!("../../../grammar/cpg.pest");
        let items = ItemKeyword::ALL.iter().map(|keyword| keyword.as_str());
        let lists = [
            NORMALIZE_CLAUSES,
            RELATE_CLAUSES,
            UNION_CLAUSES,
            CHECK_RULES,
            TEST_CLAUSES,
            POLICY_SETTINGS,
            VIEW_STEPS,
            INNER_WORDS,
            EXPRESSION_WORDS,
            SPAN_OPERATORS,
        ];
        for word in items.chain(lists.into_iter().flatten().copied()) {
            assert!(grammar.contains(&format!("\"{word}\"")), "`{word}` is not in the grammar");
        }
    }

    #[test]
    fn keywords_are_found_by_their_word() {
        for keyword in ItemKeyword::ALL {
            assert_eq!(ItemKeyword::from_word(keyword.as_str()), Some(*keyword));
        }
        assert_eq!(ItemKeyword::from_word("Schema"), None);
    }
}
