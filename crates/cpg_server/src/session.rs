//! All that the main loop knows: the programs that are open, and what is under way.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cpg_base::{Diagnostic, SourceId, TextUnit};
use cpg_hir::{Cancelled, SourceFile};
use cpg_ir::manifest::ProgramManifest;
use crossbeam_channel::Sender;
use lsp_server::{Request, RequestId};
use lsp_types as lsp;
use lsp_types::notification::PublishDiagnostics;

use crate::client::Client;
use crate::config::Config;
use crate::convert::{address, path, source_id};
use crate::diagnose;
use crate::documents::Documents;
use crate::host::{Host, PlanFacts};
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
    /// Plans, which takes long and cannot be cancelled: no job of it may hold a database.
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
            return known;
        }
        let (workspace, failure) = Workspace::load(root.clone(), &*self.host);
        if let (Some(failure), Some(root)) = (failure, root) {
            self.client.log(format!("`{}`: {failure}", root.display()));
        }
        self.workspaces.push(workspace);
        self.workspaces.len() - 1
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
    pub fn snapshot(&self, workspace: usize) -> Option<Snapshot> {
        let workspace = self.workspaces.get(workspace)?;
        let completion = self.client.capabilities().text_document.as_ref();
        let item = completion.and_then(|text| text.completion.as_ref()?.completion_item.as_ref());
        Some(Snapshot {
            db: workspace.db.clone(),
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

    /// Looks for what is wrong with a program, first with the file that was edited.
    pub fn check(&self, workspace: usize, edited: Option<SourceFile>) {
        let Some(own) = self.workspaces.get(workspace) else { return };
        let (db, generation, events) = (own.db.clone(), own.generation, self.events.clone());
        let newest = Arc::clone(&own.newest_check);
        let number = newest.fetch_add(1, Ordering::Relaxed) + 1;
        self.checks.give(Box::new(move || {
            // Who edits starts the next check.
            let _ = Cancelled::catch(std::panic::AssertUnwindSafe(|| {
                if let Some(file) = edited {
                    let source = file.source(&db).clone();
                    let found = diagnose::of_file(&db, file);
                    let files = BTreeMap::from([(source, found)]);
                    let _ = events.send(Event::Found { workspace, generation, files, all: false });
                }
                if newest.load(Ordering::Relaxed) != number {
                    return;
                }
                let files = diagnose::of_program(&db);
                let _ = events.send(Event::Found { workspace, generation, files, all: true });
            }));
        }));
    }

    /// Plans a program, for what only plans tell.
    pub fn plan(&mut self, workspace: usize) {
        let Some(own) = self.workspaces.get(workspace).filter(|_| self.config.plan_on_save) else {
            return;
        };
        let (db, generation, events) = (own.db.clone(), own.generation, self.events.clone());
        self.checks.give(Box::new(move || {
            let compiled = Cancelled::catch(std::panic::AssertUnwindSafe(|| cpg_hir::compile(&db)));
            // A program with errors has no plans.
            if let Ok(Ok(outcome)) = compiled {
                let manifest = Box::new(outcome.manifest);
                let _ = events.send(Event::Compiled { workspace, generation, manifest });
            }
        }));
    }

    /// Plans a program that was compiled.
    pub fn compiled(&mut self, workspace: usize, generation: u64, manifest: ProgramManifest) {
        let (host, events) = (Arc::clone(&self.host), self.events.clone());
        let token = format!("plan-{workspace}-{generation}");
        self.client.begin_progress(&token, "planning");
        self.plans.give(Box::new(move || {
            let planned = std::panic::AssertUnwindSafe(|| host.plan(manifest));
            let facts = std::panic::catch_unwind(planned)
                .unwrap_or_else(|_| Err("the planner met a defect of its own".to_owned()));
            let _ = events.send(Event::Planned { workspace, generation, facts, token });
        }));
    }

    /// Takes in what plans told.
    pub fn planned(&mut self, workspace: usize, generation: u64, facts: Result<PlanFacts, String>) {
        let Some(own) = self.workspaces.get_mut(workspace) else { return };
        if own.generation != generation {
            return;
        }
        match facts {
            Ok(facts) => {
                own.plan = Some(Arc::new(facts));
                self.client.refresh();
                self.check(workspace, None);
            }
            Err(why) => self.client.log(format!("the program cannot be planned: {why}")),
        }
    }

    /// Tells what is wrong with files, as far as it was not told already.
    pub fn found(
        &mut self,
        workspace: usize,
        generation: u64,
        files: BTreeMap<SourceId, Vec<Diagnostic>>,
        all: bool,
    ) {
        let Some(own) = self.workspaces.get(workspace) else { return };
        if own.generation != generation {
            return;
        }
        let mut files = files;
        if all {
            let told: Vec<SourceId> = own.published.keys().cloned().collect();
            for id in told.into_iter().chain(own.unreadable.keys().cloned()) {
                files.entry(id).or_default();
            }
            for one in own.plan.iter().flat_map(|plan| &plan.diagnostics) {
                if let Some(source) = diagnose::primary(one) {
                    files.entry(source.clone()).or_default().push(one.clone());
                }
            }
        }
        for (id, mut found) in files {
            if let Some(wrong) = self.workspaces.get(workspace).and_then(|w| w.unreadable.get(&id))
            {
                // Such a text is not what the file holds, so places in it mean nothing.
                found = vec![wrong.clone()];
            }
            self.publish(workspace, id, found, !all);
        }
    }

    /// Tells what is wrong with a file; of one that was `edited` even if that is as before, since its version is not.
    fn publish(&mut self, workspace: usize, id: SourceId, found: Vec<Diagnostic>, edited: bool) {
        let Some(own) = self.workspaces.get_mut(workspace) else { return };
        let told = own.published.get(&id);
        let open = self.documents.get(&id);
        // An editor that opens a document waits to be told that nothing is wrong.
        let same = told.map_or(found.is_empty() && open.is_none(), |told| *told == found);
        if same && !edited {
            return;
        }
        let version = open.map(|document| document.version);
        let empty = found.is_empty();
        if empty && open.is_none() {
            own.published.remove(&id);
        } else {
            own.published.insert(id.clone(), found.clone());
        }
        let Some(snapshot) = self.snapshot(workspace) else { return };
        let told = snapshot.with(|_, converter| {
            let file = snapshot.db.file(&id);
            let diagnostics =
                found.iter().filter_map(|one| Some(converter.diagnostic(file?, one))).collect();
            let uri = match file {
                Some(file) => converter.uri(file),
                None => address(&id, &snapshot.library),
            };
            Some(lsp::PublishDiagnosticsParams { uri: uri?, diagnostics, version })
        });
        if let Some(told) = told {
            self.client.notify::<PublishDiagnostics>(told);
        }
    }
}
