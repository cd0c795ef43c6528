//! `template`, and the items that are made with one.

use cpg_base::TextRange;

use super::{Expr, ItemKind, Name, Parameter};
use crate::keywords::ItemKeyword;

/// `template relate NAME(parameters) from … { … }`: an item with parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateItem {
    /// Its name.
    pub name: Name,
    /// In order.
    pub parameters: Vec<Parameter>,
    /// What it says: `normalize`, `relate` or `view` under the template's name, or an instance of another
    /// template. A literal in whose place a parameter stands is empty there.
    pub body: ItemKind,
    /// The parameters that stand in the place of literals, in order; no clause has two.
    pub slots: Vec<Slot>,
}

/// A parameter in the place of a literal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// The parameter.
    pub parameter: Name,
    /// Whether a number must stand there, and not a string.
    pub number: bool,
}

/// `relate NAME = TEMPLATE(arguments)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceItem {
    /// `normalize`, `relate` or `view`.
    pub keyword: ItemKeyword,
    /// Its name.
    pub name: Name,
    /// The template.
    pub template: Name,
    /// In order.
    pub arguments: Vec<Argument>,
    /// From the template's name to the closing parenthesis.
    pub range: TextRange,
}

/// `EXPR` or `parameter: EXPR`. The name of an item or a column is an expression, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// The parameter, when it is named.
    pub parameter: Option<Name>,
    /// What stands for it.
    pub value: Expr,
}
