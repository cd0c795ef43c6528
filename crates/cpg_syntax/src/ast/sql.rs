//! Views in SQL.

use super::{Name, Text};

/// `view NAME [: SCHEMA] = sql """…"""`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlViewItem {
    /// Its name.
    pub name: Name,
    /// The schema it promises, if any.
    pub schema: Option<Name>,
    /// The query, as it is written between the quotes, which its range covers, too.
    pub query: Text,
}

impl SqlViewItem {
    /// How long the quotes on either side of the query are.
    pub const QUOTES: u32 = 3;
}
