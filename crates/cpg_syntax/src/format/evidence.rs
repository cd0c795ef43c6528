//! Evidence: with its columns in braces, or on a line by itself.

use super::document::Document;
use crate::ast::{EvidenceItem, EvidenceSource};

impl Document<'_> {
    pub(super) fn evidence(&mut self, item: &EvidenceItem) {
        if !item.is_inferred() {
            self.opening(&[], |document| document.evidence_source(&item.source));
            self.columns(&item.columns);
            return;
        }
        self.open();
        self.any();
        self.space();
        self.any();
        self.indent();
        self.line();
        self.evidence_source(&item.source);
        self.dedent();
        self.close();
    }

    /// `from extractor KEY` or `from FORMAT "LOCATION"`.
    fn evidence_source(&mut self, source: &EvidenceSource) {
        self.words(&["from"]);
        match source {
            EvidenceSource::Extractor(_) => {
                self.words(&["extractor"]);
                self.dotted_name();
            }
            EvidenceSource::Files(_) => {
                self.any();
                self.space();
                self.any();
            }
        }
    }
}
