//! All that the main loop knows: the programs that are open, and what is under way.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use cpg_base::{SourceId, TextUnit};
use crossbeam_channel::Sender;
use lsp_server::{Request, RequestId};
use lsp_types as lsp;

use crate::client::Client;
use crate::config::Config;
use crate::convert::{path, source_id};
use crate::documents::Documents;
use crate::host::Host;
use crate::library::Library;
use crate::main_loop::Event;
use crate::pool::Pool;
use crate::snapshot::{SentTokens, Snapshot};
use crate::workspace::Workspace;

/// A request that is not answered yet.
pub(crate) struct Pending {
    pub request: Request,
    /// The document that it is about, with its version then.
    pub document: Option<(SourceId, Option<i32>)>,
    /// Set when nobody waits for it any more.
    pub cancelled: Arc<AtomicBool>,
}

/// The state of the server.
pub(crate) struct Session {
    pub client: Client,
    pub host: Arc<dyn Host>,
    pub library: Arc<Library>,
    pub unit: TextUnit,
    pub config: Config,
    pub workspaces: Vec<Workspace>,
    pub documents: Documents,
    pub pending: BTreeMap<RequestId, Pending>,
    pub tokens: SentTokens,
    /// Answers requests.
    pub answers: Pool,
    /// Looks for what is wrong.
    pub checks: Pool,
    /// Plans, runs tests and looks at files, which takes long and cannot be cancelled: no job of it may hold a database.
    pub plans: Pool,
    pub events: Sender<Event>,
}

impl Session {
    /// What we call a document.
    pub fn id(&self, uri: &lsp::Uri) -> SourceId {
        source_id(uri, &self.library)
    }

    /// Opens the program in a folder, unless it is open.
    pub fn add_root(&mut self, root: Option<PathBuf>) -> usize {
        if let Some(known) =
            self.workspaces.iter().position(|one| one.root == root && root.is_some())
        {
            if let Some(own) = self.workspaces.get_mut(known) {
                own.leaving = false;
            }
            return known;
        }
        let (workspace, failure) = Workspace::load(root.clone(), &*self.host);
        if let (Some(failure), Some(root)) = (failure, root) {
            self.client.log(format!("`{}`: {failure}", root.display()));
        }
        self.workspaces.push(workspace);
        let number = self.workspaces.len() - 1;
        self.read_ahead(number);
        number
    }

    /// Lets go of a program whose folder was closed, once none of its documents is open.
    pub fn leave(&mut self, number: usize) {
        let is_leaving = self.workspaces.get(number).is_some_and(|own| own.leaving);
        if !is_leaving || self.documents.of(number).next().is_some() {
            return;
        }
        self.take_back(number, None);
        // The others keep their numbers, and what is still found out about this one is not taken for another's.
        if let Some(own) = self.workspaces.get_mut(number) {
            let generation = own.generation + 1;
            *own = Workspace { generation, ..Workspace::load(None, &*self.host).0 };
        }
    }

    /// The program to which a document belongs, and its module there.
    pub fn place(&mut self, uri: &lsp::Uri) -> (usize, String) {
        let Some(path) = path(uri) else {
            return (self.add_root(None), "untitled".to_owned());
        };
        let id = self.id(uri);
        for (index, workspace) in self.workspaces.iter().enumerate() {
            if let Some(file) = workspace.file(&id) {
                return (index, file.module(&workspace.db).clone());
            }
        }
        let module = |root: &Path| self.host.module(root, &path);
        for (index, workspace) in self.workspaces.iter().enumerate() {
            if let Some(module) = workspace.root.as_deref().and_then(module) {
                return (index, module);
            }
        }
        // A project of its own: the nearest folder in which the file is a module.
        let root = path.ancestors().skip(1).find_map(|root| Some((root, module(root)?)));
        match root {
            Some((root, module)) => {
                let root = root.to_owned();
                (self.add_root(Some(root)), module)
            }
            None => (self.add_root(None), "untitled".to_owned()),
        }
    }

    /// The program that a request about a document is asked of.
    pub fn workspace_of(&self, id: &SourceId) -> Option<usize> {
        if let Some(document) = self.documents.get(id) {
            return Some(document.workspace);
        }
        self.workspaces.iter().position(|one| one.file(id).is_some())
    }

    /// A program as it is now.
    pub fn snapshot(&self, number: usize) -> Option<Snapshot> {
        let workspace = self.workspaces.get(number)?;
        let completion = self.client.capabilities().text_document.as_ref();
        let item = completion.and_then(|text| text.completion.as_ref()?.completion_item.as_ref());
        Some(Snapshot {
            db: workspace.db.clone(),
            workspace: number,
            generation: workspace.generation,
            beside: workspace.beside(),
            root: workspace.root.clone(),
            unit: self.unit,
            addresses: Arc::clone(&self.documents.addresses),
            config: self.config.clone(),
            plan: workspace.plan.clone(),
            host: Arc::clone(&self.host),
            library: Arc::clone(&self.library),
            tokens: Arc::clone(&self.tokens),
            snippets: item.and_then(|item| item.snippet_support).unwrap_or(false),
        })
    }
}
