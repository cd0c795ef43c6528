//! Clients are told what is wrong with files, or told to ask.

use cpg_base::{Diagnostic, SourceId};
use lsp_types as lsp;
use lsp_types::notification::PublishDiagnostics;

use crate::convert::address;
use crate::diagnose::Found;
use crate::session::Session;

impl Session {
    /// Tells what is wrong with files, as far as it was not told already; with `all` files of a program that have
    /// something wrong, or with the one that was edited.
    pub fn found(&mut self, workspace: usize, generation: u64, mut files: Found, all: bool) {
        let Some(own) = self.workspaces.get(workspace) else { return };
        if own.generation != generation {
            return;
        }
        let beside = own.beside();
        if all {
            // Of what is open, its own check may have been cancelled by the next edit, of whatever document.
            let open = self.documents.of(workspace);
            for id in own.published.keys().chain(beside.sources()).chain(open) {
                files.entry(id.clone()).or_default();
            }
        }
        let mut to_ask = false;
        for (id, mut found) in files {
            beside.add_to(&id, &mut found);
            to_ask |= self.publish(workspace, id, found, !all);
        }
        if to_ask {
            self.client.refresh_diagnostics();
        }
    }

    /// Tells what is wrong with a file; of one that was `edited` even if that is as before, since its version is not.
    /// Whether the client has to ask, since it is not told of what it asks for itself.
    fn publish(
        &mut self,
        workspace: usize,
        id: SourceId,
        found: Vec<Diagnostic>,
        edited: bool,
    ) -> bool {
        let Some(own) = self.workspaces.get_mut(workspace) else { return false };
        let told = own.published.get(&id);
        let open = self.documents.get(&id);
        let version = open.map(|document| document.version);
        let asks = self.client.asks_about(open.is_some());
        let same = match told {
            // Of another version the same offsets may be other lines.
            Some((of, told)) => *told == found && (asks || *of == version),
            // An editor that opens a document waits to be told that nothing is wrong.
            None => found.is_empty() && (open.is_none() || asks),
        };
        if same && (!edited || asks) {
            return false;
        }
        if found.is_empty() && open.is_none() {
            own.published.remove(&id);
        } else {
            own.published.insert(id.clone(), (version, found.clone()));
        }
        if asks {
            // Of what it edits it asks by itself.
            return !edited;
        }
        self.tell(workspace, &id, &found, version);
        false
    }

    /// Sends what is wrong with a file.
    fn tell(
        &mut self,
        workspace: usize,
        id: &SourceId,
        found: &[Diagnostic],
        version: Option<i32>,
    ) {
        let Some(snapshot) = self.snapshot(workspace) else { return };
        let told = snapshot.with(|_, converter| {
            let file = snapshot.db.file(id);
            let diagnostics =
                found.iter().filter_map(|one| Some(converter.diagnostic(file?, one))).collect();
            let uri = match file {
                Some(file) => converter.uri(file),
                None => address(id, &snapshot.library),
            };
            Some(lsp::PublishDiagnosticsParams { uri: uri?, diagnostics, version })
        });
        if let Some(told) = told {
            self.client.notify::<PublishDiagnostics>(told);
        }
    }

    /// Takes back what was told of files for which the client asks from now on: the one that it opens, or all.
    pub fn take_back(&mut self, workspace: usize, only: Option<&SourceId>) {
        let Some(own) = self.workspaces.get_mut(workspace) else { return };
        let told: Vec<SourceId> = match only {
            Some(id) => own.published.contains_key(id).then(|| id.clone()).into_iter().collect(),
            None => own.published.keys().cloned().collect(),
        };
        for id in told {
            if self.documents.get(&id).is_none() {
                self.tell(workspace, &id, &[], None);
            }
        }
    }
}
