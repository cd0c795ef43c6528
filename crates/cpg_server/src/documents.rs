//! The documents that a client has open.

use std::collections::BTreeMap;
use std::sync::Arc;

use cpg_base::SourceId;
use lsp_types::Uri;

use crate::convert::Addresses;

/// A document that is open.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    /// The program it belongs to, by its number.
    pub workspace: usize,
    /// As the client counts.
    pub version: i32,
}

/// All documents that are open.
#[derive(Debug, Default)]
pub(crate) struct Documents {
    open: BTreeMap<SourceId, Document>,
    /// The client's addresses of these.
    pub addresses: Arc<Addresses>,
}

impl Documents {
    pub fn open(&mut self, id: SourceId, uri: Uri, document: Document) {
        Arc::make_mut(&mut self.addresses).insert(id.clone(), uri);
        self.open.insert(id, document);
    }

    pub fn close(&mut self, id: &SourceId) -> Option<Document> {
        Arc::make_mut(&mut self.addresses).remove(id);
        self.open.remove(id)
    }

    /// Those that belong to a program.
    pub fn of(&self, workspace: usize) -> impl Iterator<Item = &SourceId> {
        let open = self.open.iter();
        open.filter(move |(_, document)| document.workspace == workspace).map(|(id, _)| id)
    }

    pub fn get(&self, id: &SourceId) -> Option<&Document> {
        self.open.get(id)
    }

    pub fn get_mut(&mut self, id: &SourceId) -> Option<&mut Document> {
        self.open.get_mut(id)
    }
}
