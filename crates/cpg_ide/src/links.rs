//! Names of modules that lead to their files.

use cpg_base::TextRange;
use cpg_hir::{Db, SourceFile, items};

use crate::mentions::{Symbol, mentions};

/// A link to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// What leads there.
    pub range: TextRange,
    /// Where it leads.
    pub target: SourceFile,
}

/// The modules that a file names.
pub fn links(db: &dyn Db, file: SourceFile) -> Vec<Link> {
    let mut links = Vec::new();
    for item in items(db, file) {
        use cpg_syntax::ItemKeyword::{Union, Use};
        if !matches!(item.keyword(db), Use | Union) {
            continue;
        }
        for mention in mentions(db, *item) {
            if let Symbol::Module(target) = mention.symbol {
                links.push(Link { range: mention.range.shifted(item.start(db)), target });
            }
        }
    }
    links
}
