//! How an item is written: what its keyword does not tell, its first tokens do.

use crate::grammar::Rule;
use crate::keywords::ItemKeyword;
use crate::lexer::TokenKind;
use crate::lexical::Lexical;

/// The form of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// With a body of its own, if such items have one.
    Plain(ItemKeyword),
    /// `relate x = TEMPLATE(…)`.
    Instance(ItemKeyword),
    /// A template with a body like that of such an item.
    Template(ItemKeyword),
    /// `template relate x(…) = TEMPLATE(…)`, or a template of no known kind.
    Alias,
}

/// The rules for the header and for pieces of the body of an item.
pub(crate) struct Parts {
    pub(crate) opening: Rule,
    pub(crate) part: Rule,
}

impl Form {
    /// The form of the item that `keyword` begins.
    pub(crate) fn of(keyword: ItemKeyword, lexical: &Lexical<'_>) -> Self {
        let mut tokens = Tokens { lexical, at: 0 };
        tokens.attributes();
        let word = tokens.next();
        if keyword == ItemKeyword::Template {
            let Some(kind) =
                ItemKeyword::from_word(tokens.next()).filter(|kind| kind.is_template())
            else {
                return Self::Alias;
            };
            tokens.next();
            tokens.parentheses();
            return if tokens.is_instance(kind) { Self::Alias } else { Self::Template(kind) };
        }
        tokens.next();
        if word == keyword.as_str() && keyword.is_template() && tokens.is_instance(keyword) {
            return Self::Instance(keyword);
        }
        Self::Plain(keyword)
    }

    /// The kind of item that it has the body of.
    pub(crate) fn body(self) -> Option<ItemKeyword> {
        match self {
            Self::Plain(keyword) | Self::Template(keyword) => Some(keyword),
            Self::Instance(_) | Self::Alias => None,
        }
    }

    /// The rule for the whole item.
    pub(crate) fn chunk(self) -> Rule {
        use ItemKeyword as Item;
        match self {
            Self::Instance(_) => Rule::instance_chunk,
            Self::Template(Item::Normalize) => Rule::template_normalize_chunk,
            Self::Template(Item::Relate) => Rule::template_relate_chunk,
            Self::Template(Item::View) => Rule::template_view_chunk,
            Self::Alias | Self::Template(_) | Self::Plain(Item::Template) => Rule::template_chunk,
            Self::Plain(Item::Use) => Rule::use_chunk,
            Self::Plain(Item::Const) => Rule::const_chunk,
            Self::Plain(Item::Fn) => Rule::fn_chunk,
            Self::Plain(Item::Schema) => Rule::schema_chunk,
            Self::Plain(Item::Evidence) => Rule::evidence_chunk,
            Self::Plain(Item::Normalize) => Rule::normalize_chunk,
            Self::Plain(Item::Relate) => Rule::relate_chunk,
            Self::Plain(Item::Union) => Rule::union_chunk,
            Self::Plain(Item::View) => Rule::view_chunk,
            Self::Plain(Item::Fixpoint) => Rule::fixpoint_opening,
            Self::Plain(Item::Closure) => Rule::closure_chunk,
            Self::Plain(Item::Test) => Rule::test_chunk,
            Self::Plain(Item::Export) => Rule::export_chunk,
            Self::Plain(Item::Check) => Rule::check_chunk,
            Self::Plain(Item::Policy) => Rule::policy_chunk,
        }
    }

    /// The rules for its parts; `None` for items without a body of clauses, columns or steps.
    pub(crate) fn parts(self) -> Option<Parts> {
        use ItemKeyword as Item;
        let (opening, part) = match self {
            Self::Plain(Item::Schema) => (Rule::schema_opening, Rule::columns_part),
            Self::Plain(Item::Evidence) => (Rule::evidence_opening, Rule::columns_part),
            Self::Plain(Item::Normalize) => (Rule::normalize_opening, Rule::normalize_part),
            Self::Plain(Item::Relate) => (Rule::relate_opening, Rule::relate_part),
            Self::Plain(Item::View) => (Rule::view_opening, Rule::view_part),
            Self::Plain(Item::Policy) => (Rule::policy_opening, Rule::policy_part),
            Self::Plain(Item::Test) => (Rule::test_opening, Rule::test_part),
            Self::Template(Item::Normalize) => {
                (Rule::template_normalize_opening, Rule::normalize_part)
            }
            Self::Template(Item::Relate) => (Rule::template_relate_opening, Rule::relate_part),
            Self::Template(Item::View) => (Rule::template_view_opening, Rule::view_part),
            Self::Plain(_) | Self::Template(_) | Self::Instance(_) | Self::Alias => return None,
        };
        Some(Parts { opening, part })
    }
}

/// A walk over an item's tokens.
struct Tokens<'a> {
    lexical: &'a Lexical<'a>,
    at: usize,
}

impl<'a> Tokens<'a> {
    /// The text of the token that many places ahead; empty behind the last one.
    fn peek(&self, ahead: usize) -> &'a str {
        let token = self.lexical.tokens.get(self.at + ahead);
        token.map_or("", |token| token.text(self.lexical.text))
    }

    fn next(&mut self) -> &'a str {
        let text = self.peek(0);
        self.at += 1;
        text
    }

    fn attributes(&mut self) {
        while self.peek(0) == "@" {
            self.at += 2;
            self.parentheses();
        }
    }

    /// Runs over what stands in parentheses, if any open here.
    fn parentheses(&mut self) {
        let mut depth = 0_usize;
        loop {
            match self.peek(0) {
                "(" => depth += 1,
                ")" if depth > 0 => depth -= 1,
                _ if depth == 0 || self.at >= self.lexical.tokens.len() => return,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return;
            }
        }
    }

    /// Whether `= TEMPLATE(` follows a header of that kind.
    fn is_instance(&self, kind: ItemKeyword) -> bool {
        if self.peek(0) != "=" {
            return false;
        }
        let name = self.lexical.tokens.get(self.at + 1);
        let named = name.is_some_and(|name| {
            matches!(name.kind, TokenKind::Word | TokenKind::QuotedName { .. })
        });
        kind != ItemKeyword::View || (named && self.peek(1) != "from" && self.peek(2) == "(")
    }
}

impl ItemKeyword {
    /// Whether there are templates of such items.
    pub(crate) fn is_template(self) -> bool {
        matches!(self, Self::Normalize | Self::Relate | Self::View)
    }
}
