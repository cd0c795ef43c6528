//! Error messages from the places where the generated parser gave up.

use cpg_base::{Code, TextRange};
use pest::error::{Error, ErrorVariant, InputLocation};

use crate::error::SyntaxError;
use crate::form::Form;
use crate::grammar::Rule;
use crate::keywords::ItemKeyword;
use crate::lexer::{Token, TokenKind};
use crate::lexical::{Lexical, too_deep};

mod hints;
mod next;

pub use next::{Next, next};

/// Where an item or a clause of it stands, in words.
pub(crate) struct Place<'a> {
    item: ItemKeyword,
    /// The kind of item that it has the body of.
    body: Option<ItemKeyword>,
    name: Option<&'a str>,
    /// The first word of the clause.
    clause: Option<&'a str>,
}

impl<'a> Place<'a> {
    /// In an item.
    pub(crate) fn new(item: ItemKeyword, form: Form, lexical: &Lexical<'a>) -> Self {
        let mut tokens = lexical
            .tokens
            .iter()
            .skip_while(|token| token.text(lexical.text) != item.as_str())
            .skip(if item == ItemKeyword::Template { 2 } else { 1 });
        let name = tokens
            .next()
            .filter(|token| matches!(token.kind, TokenKind::Word | TokenKind::QuotedName { .. }))
            .map(|token| token.text(lexical.text).trim_matches('`'))
            .filter(|_| {
                !matches!(
                    item,
                    ItemKeyword::Use
                        | ItemKeyword::Export
                        | ItemKeyword::Check
                        | ItemKeyword::Policy
                        | ItemKeyword::Test
                )
            });
        Self { item, body: form.body(), name, clause: None }
    }

    /// In the clause of that item that starts with `word`.
    pub(crate) fn clause<'b>(&self, word: &'b str) -> Place<'b>
    where
        'a: 'b,
    {
        Place { item: self.item, body: self.body, name: self.name, clause: Some(word) }
    }

    fn describe(&self) -> String {
        let mut place = String::from("in ");
        if let Some(clause) = self.clause {
            let kind = if self.body == Some(ItemKeyword::View) { "step" } else { "clause" };
            place.push_str(&format!("the `{clause}` {kind} of "));
        }
        place.push_str(self.item.as_str());
        if let Some(name) = self.name {
            place.push_str(&format!(" `{name}`"));
        }
        place
    }
}

/// Where the parser gave up, and what it would have gone on with.
pub(crate) struct Failure {
    /// Relative to the item.
    pub(crate) at: u32,
    /// Empty when it gave up for want of stack.
    expected: Vec<Rule>,
}

impl Failure {
    /// A failure in the text that starts at `base`.
    pub(crate) fn new(error: &Error<Rule>, base: u32) -> Self {
        let at = match error.location {
            InputLocation::Pos(at) => at,
            InputLocation::Span((start, _)) => start,
        };
        let at = TextRange::from_usize(at, at).shifted(base).start();
        let expected = match &error.variant {
            ErrorVariant::ParsingError { positives, .. } => positives.clone(),
            ErrorVariant::CustomError { .. } => Vec::new(),
        };
        Self { at, expected }
    }

    /// The same of a piece of a body: what ends the piece is the brace that ends the body.
    pub(crate) fn in_braces(mut self) -> Self {
        for rule in &mut self.expected {
            if *rule == Rule::EOI {
                *rule = Rule::close_brace;
            }
        }
        self
    }

    /// Whether a whole clause or step could have begun there.
    pub(crate) fn between_clauses(&self) -> bool {
        let begins = [
            Rule::normalize_clause,
            Rule::relate_clause,
            Rule::test_clause,
            Rule::step,
            Rule::setting,
        ];
        self.expected.iter().any(|rule| begins.contains(rule))
    }

    /// Whether the item could have ended there.
    pub(crate) fn expects_end(&self) -> bool {
        self.expected.contains(&Rule::EOI)
    }

    /// The message; `None` when what is there is reported already, for being wrong by itself.
    pub(crate) fn error(&self, lexical: &Lexical<'_>, place: &Place<'_>) -> Option<SyntaxError> {
        let token = lexical.token_at(self.at);
        let range = token.map_or_else(
            || TextRange::empty(lexical.tokens.last().map_or(0, |last| last.range.end())),
            |token| token.range,
        );
        if self.expected.is_empty() {
            return Some(too_deep(range));
        }
        if lexical.is_broken(line_around(lexical.text, range)) {
            return None;
        }
        let expected = expected(&self.expected);
        let found = token.map_or_else(
            || END.to_owned(),
            |token| format!("`{}`", shortened(token.text(lexical.text))),
        );
        let message = format!("expected {expected}, found {found}");
        let error = SyntaxError::new(Code::Syntax, range, message).found(place.describe());
        Some(hints::hint(error, token, &self.expected, lexical, place))
    }
}

/// The line on which a range starts.
fn line_around(text: &str, range: TextRange) -> TextRange {
    let at = range.start() as usize;
    let newline = ['\n', '\r'];
    let start = text.get(..at).and_then(|before| before.rfind(newline)).map_or(0, |at| at + 1);
    let rest = text.get(at..).unwrap_or_default();
    let end = at + rest.find(newline).unwrap_or(rest.len());
    TextRange::from_usize(start, end.max(start + 1))
}

fn shortened(written: &str) -> String {
    const MAX: usize = 40;
    match written.char_indices().nth(MAX) {
        Some((end, _)) => format!("{}…", &written[..end]),
        None => written.to_owned(),
    }
}

const END: &str = "the end of the item";

/// How much it helps to be told of something expected.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    /// It must come, or something like it.
    Must,
    /// What stands before is whole without it.
    May,
    /// Part of something else that is said.
    Silent,
}

/// `a, b or c`.
fn expected(rules: &[Rule]) -> String {
    let mut said: Vec<(Weight, String)> = Vec::new();
    for rule in rules {
        let (weight, text) = describe(*rule);
        if weight != Weight::Silent && !said.iter().any(|(_, other)| *other == text) {
            said.push((weight, text));
        }
    }
    if said.len() > 1 {
        // An item may end in many places; what could go on there tells more.
        said.retain(|(_, text)| text != END);
    }
    let most = said.iter().map(|(weight, _)| *weight).min();
    let said: Vec<String> = said
        .into_iter()
        .filter(|(weight, _)| Some(*weight) == most)
        .map(|(_, text)| text)
        .collect();
    match said.as_slice() {
        [] => "something else".to_owned(),
        [one] => one.clone(),
        [some @ .., last] => format!("{} or {last}", some.join(", ")),
    }
}

fn describe(rule: Rule) -> (Weight, String) {
    use Rule as R;
    let (weight, text) = match rule {
        R::EOI => (Weight::Must, END),
        R::expr | R::operand | R::bound | R::parens => (Weight::Must, "an expression"),
        R::normalize_clause | R::relate_clause | R::test_clause => (Weight::Must, "a clause"),
        R::normalize_clauses | R::relate_clauses | R::test_clauses => (Weight::Must, "a clause"),
        R::step | R::view_pieces => (Weight::Must, "a step"),
        R::arms => (Weight::Must, "`from`"),
        R::from_step => (Weight::Must, "a step"),
        R::columns | R::column | R::column_path | R::column_name | R::keep_column => {
            (Weight::Must, "a column")
        }
        R::named_expr => (Weight::Must, "a column"),
        R::type_expr | R::type_name => (Weight::Must, "a type"),
        R::type_arg => (Weight::Must, "a type or a number"),
        R::any_name | R::item_name | R::use_name | R::dotted_name | R::row_source => {
            (Weight::Must, "a name")
        }
        R::variable | R::call_name => (Weight::Must, "a name"),
        R::relation_list => (Weight::Must, "a name"),
        R::emitted | R::emitted_what => (Weight::May, "`nodes`, `edges` or `props`"),
        R::parameter => (Weight::Must, "a parameter"),
        R::setting | R::settings => (Weight::Must, "a setting"),
        R::policy_target => (Weight::Must, "an item, `tag:`, `kind:` or `*`"),
        R::quantity => (Weight::Must, "a number"),
        R::argument => (Weight::Must, "an argument"),
        R::instance => (Weight::Must, "a template"),
        R::slot => (Weight::Silent, ""),
        R::unique_check => (Weight::Must, "`unique`"),
        R::not_null_check => (Weight::Must, "`not_null`"),
        R::references_check => (Weight::Must, "`references`"),
        R::accepted_check => (Weight::Must, "`accepted`"),
        R::expect_check => (Weight::Must, "`expect`"),
        R::empty_check => (Weight::Must, "`empty`"),
        R::coverage_check => (Weight::Must, "`coverage`"),
        R::checked_columns | R::covering => (Weight::Must, "a name"),
        R::given_clause => (Weight::Must, "`given`"),
        R::expect_clause => (Weight::Must, "`expect`"),
        R::test_rows | R::test_list | R::open_bracket => (Weight::Must, "`[`"),
        R::close_bracket => (Weight::Must, "`]`"),
        R::test_row => (Weight::Must, "a row in braces"),
        R::test_cell => (Weight::Must, "a column"),
        R::test_entry => (Weight::Must, "a key"),
        R::test_value => (Weight::Must, "a value"),
        R::ellipsis => (Weight::May, "`...`"),
        R::severity => (Weight::May, "`severity`"),
        R::at_least => (Weight::Must, "`>=`"),
        R::at_most => (Weight::Must, "`<=`"),
        R::depth_limit => (Weight::Must, "`depth`"),
        R::percent => (Weight::Must, "`%`"),
        R::file_format => (Weight::Must, "a format of files"),
        R::file_source => (Weight::Must, "a format of files"),
        R::attribute_arg => (Weight::Must, "a name or a string"),
        R::use_group => (Weight::Must, "`{`"),
        R::string => (Weight::Must, "a string"),
        R::text_block => (Weight::Must, "a text in `\"\"\"`"),
        R::sql_body => (Weight::May, "`sql`"),
        R::integer | R::number => (Weight::Must, "a number"),
        R::sort_key => (Weight::Must, "an expression"),
        R::key_span => (Weight::Must, "`at`"),
        R::key_values => (Weight::Must, "`of`"),
        R::case_arm => (Weight::Must, "a case"),
        R::case_else => (Weight::Must, "`else`"),
        R::named_block => (Weight::May, "`{`"),
        R::fuse_clause => (Weight::May, "`fuse`"),
        R::join_kind | R::join_step => (Weight::Must, "`join`"),
        R::text_function => (Weight::May, "a text function"),
        R::not_op | R::neg_op => (Weight::Silent, ""),
        R::logic_op | R::arith_op | R::compare_op => (Weight::May, "an operator"),
        R::is_null | R::in_list | R::between => (Weight::May, "an operator"),
        R::k_is | R::k_between | R::k_not => (Weight::May, "an operator"),
        R::attribute | R::at_sign => (Weight::May, "`@`"),
        R::dot => (Weight::May, "`.`"),
        R::question => (Weight::May, "`?`"),
        R::less => (Weight::May, "`<`"),
        R::k_as => (Weight::May, "`as`"),
        R::k_via => (Weight::May, "`via`"),
        R::k_unless => (Weight::May, "`unless`"),
        R::k_asc | R::k_desc => (Weight::May, "`asc` or `desc`"),
        R::test_map => (Weight::May, "`{`"),
        R::open_brace => (Weight::Must, "`{`"),
        R::close_brace => (Weight::Must, "`}`"),
        R::open_paren => (Weight::Must, "`(`"),
        R::close_paren => (Weight::Must, "`)`"),
        R::greater => (Weight::Must, "`>`"),
        R::colon => (Weight::May, "`:`"),
        R::comma => (Weight::Must, "`,`"),
        R::dot_dot => (Weight::Must, "`..`"),
        R::arrow => (Weight::Must, "`->`"),
        R::fat_arrow => (Weight::Must, "`=>`"),
        R::equals => (Weight::Must, "`=`"),
        R::pipe => (Weight::Must, "`|`"),
        R::star => (Weight::Must, "`*`"),
        keyword => {
            // Keywords are called by their word; other rules are not tried before one of their parts fails.
            let name = format!("{keyword:?}");
            return (Weight::Must, format!("`{}`", name.strip_prefix("k_").unwrap_or(&name)));
        }
    };
    (weight, text.to_owned())
}
