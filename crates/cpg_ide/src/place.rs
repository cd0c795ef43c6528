//! Places in files.

use cpg_base::TextRange;
use cpg_hir::semantics::name_range;
use cpg_hir::{Db, Item, SourceFile, items};

/// A place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: SourceFile,
    /// Where in it.
    pub range: TextRange,
}

/// A change of a file's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextEdit {
    /// What is replaced.
    pub place: Place,
    /// By what.
    pub text: String,
}

/// The item whose text holds that offset, or ends there.
pub fn item_at<'db>(db: &'db dyn Db, file: SourceFile, offset: u32) -> Option<Item<'db>> {
    let item = item_before(db, file, offset)?;
    whole(db, item).touches(offset).then_some(item)
}

/// The last item that starts at or before that offset.
pub(crate) fn item_before<'db>(
    db: &'db dyn Db,
    file: SourceFile,
    offset: u32,
) -> Option<Item<'db>> {
    let items = items(db, file);
    let after = items.partition_point(|item| item.start(db) <= offset);
    items.get(after.checked_sub(1)?).copied()
}

/// Where an item's text stands in its file.
pub(crate) fn whole<'db>(db: &'db dyn Db, item: Item<'db>) -> TextRange {
    TextRange::from_usize(0, item.text(db).len()).shifted(item.start(db))
}

/// A place in an item, in its file.
pub(crate) fn within<'db>(db: &'db dyn Db, item: Item<'db>, range: TextRange) -> Place {
    Place { file: item.file(db), range: range.shifted(item.start(db)) }
}

/// Where an item's name stands.
pub fn name_place<'db>(db: &'db dyn Db, item: Item<'db>) -> Place {
    within(db, item, name_range(db, item))
}

/// What is written there.
pub(crate) fn text_at<'db>(db: &'db dyn Db, item: Item<'db>, range: TextRange) -> &'db str {
    range.slice(item.text(db)).unwrap_or_default()
}

/// A name without its backquotes.
pub(crate) fn bare(name: &str) -> &str {
    name.trim_matches('`')
}
