//! Views in SQL: the query stays as it is.

use super::document::Document;
use crate::ast::SqlViewItem;

impl Document<'_> {
    pub(super) fn sql_view(&mut self, item: &SqlViewItem) {
        self.words(&["view"]);
        self.any();
        if item.schema.is_some() {
            self.word(":");
            self.space();
            self.any();
        }
        self.space();
        self.words(&["=", "sql"]);
        self.any();
    }
}
