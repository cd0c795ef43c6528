//! What a worker needs to answer: a program as it was when the question came.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use cpg_base::{SourceId, TextUnit};
use cpg_hir::{Db, RootDatabase, SourceFile};
use lsp_types as lsp;

use crate::config::Config;
use crate::convert::{Addresses, Converter, source_id};
use crate::diagnose::Beside;
use crate::host::{Host, PlanFacts};
use crate::library::Library;

/// The tokens that were sent last for a document, for the next difference.
pub(crate) type SentTokens = Arc<Mutex<BTreeMap<SourceId, (String, Vec<lsp::SemanticToken>)>>>;

/// A program as it was.
pub(crate) struct Snapshot {
    pub db: RootDatabase,
    /// The program's number.
    pub workspace: usize,
    /// As the program counts its changes.
    pub generation: u64,
    /// What is wrong with it beside what its texts tell.
    pub beside: Beside,
    /// The project's folder.
    pub root: Option<PathBuf>,
    pub unit: TextUnit,
    pub addresses: Arc<Addresses>,
    pub config: Config,
    pub plan: Option<Arc<PlanFacts>>,
    pub host: Arc<dyn Host>,
    pub library: Arc<Library>,
    pub tokens: SentTokens,
    /// Whether the client fills in the places of a snippet.
    pub snippets: bool,
}

impl Snapshot {
    /// Runs `answer` with what turns places into those of the protocol.
    pub fn with<T>(&self, answer: impl FnOnce(&dyn Db, &Converter<'_>) -> T) -> T {
        let converter = Converter::new(&self.db, self.unit, &self.addresses, &self.library);
        answer(&self.db, &converter)
    }

    /// The file at an address.
    pub fn file(&self, uri: &lsp::Uri) -> Option<SourceFile> {
        self.db.file(&source_id(uri, &self.library))
    }
}
