//! What is found out about programs while nobody waits: mistakes, plans, what lies in files of evidence.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use cpg_hir::{Cancelled, FoundSchemas, Program, SourceFile, items, parse};
use cpg_ir::file::FileSource;
use cpg_ir::manifest::ProgramManifest;

use crate::diagnose;
use crate::host::PlanFacts;
use crate::main_loop::{ANSWERING, Event};
use crate::session::Session;

impl Session {
    /// Has all threads read the files of a program that was opened, so that the first check finds them read.
    pub fn read_ahead(&self, workspace: usize) {
        let Some(own) = self.workspaces.get(workspace) else { return };
        for part in 0..ANSWERING {
            let db = own.db.clone();
            self.answers.give(Box::new(move || {
                let _ = Cancelled::catch(AssertUnwindSafe(|| {
                    for file in Program::get(&db).files(&db).iter().skip(part).step_by(ANSWERING) {
                        for item in items(&db, *file) {
                            parse(&db, *item);
                        }
                    }
                }));
            }));
        }
    }

    /// Looks for what is wrong with a program, first with the file that was edited.
    pub fn check(&self, workspace: usize, edited: Option<SourceFile>) {
        let Some(own) = self.workspaces.get(workspace) else { return };
        let (db, generation, events) = (own.db.clone(), own.generation, self.events.clone());
        let stale = own.stale;
        let newest = Arc::clone(&own.newest_check);
        let number = newest.fetch_add(1, Ordering::Relaxed) + 1;
        self.checks.give(Box::new(move || {
            // Who edits starts the next check.
            let _ = Cancelled::catch(AssertUnwindSafe(|| {
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
                if stale {
                    let named = cpg_hir::file_sources(&db);
                    let _ = events.send(Event::Named { workspace, named });
                }
            }));
        }));
    }

    /// Has the files of a program's evidence looked at and the program planned, once it was checked.
    pub fn look(&mut self, workspace: usize) {
        if let Some(own) = self.workspaces.get_mut(workspace) {
            own.stale = true;
            self.check(workspace, None);
        }
    }

    /// Has the client watch all files on which it depends what is told of programs.
    pub fn watch(&mut self) {
        let patterns = self.workspaces.iter().flat_map(|own| own.watched(&*self.host));
        let patterns = patterns.collect();
        self.client.watch_files(patterns);
    }

    /// Looks at the files that a program names.
    pub fn named(&mut self, workspace: usize, named: BTreeSet<FileSource>) {
        let Some(own) = self.workspaces.get_mut(workspace).filter(|own| own.stale) else { return };
        own.stale = false;
        own.named.clone_from(&named);
        self.watch();
        let Some(own) = self.workspaces.get(workspace) else { return };
        let root = own.root.clone().filter(|_| !named.is_empty() || !own.schemas().is_empty());
        let Some(root) = root else { return self.plan(workspace) };
        let (host, events) = (Arc::clone(&self.host), self.events.clone());
        self.plans.give(Box::new(move || {
            let looked = AssertUnwindSafe(|| host.file_schemas(&root, named));
            let found = catch_unwind(looked)
                .unwrap_or_else(|_| Err("who reads files met a defect of its own".to_owned()));
            let _ = events.send(Event::Described { workspace, found });
        }));
    }

    /// Takes in what lies in files.
    pub fn described(&mut self, workspace: usize, found: Result<FoundSchemas, String>) {
        let Some(own) = self.workspaces.get_mut(workspace) else { return };
        match found {
            Ok(found) => {
                if *own.schemas() != found {
                    own.changed();
                    own.db.set_file_schemas(found);
                    self.check(workspace, None);
                }
                self.plan(workspace);
            }
            Err(why) => self.client.log(format!("files of evidence cannot be read: {why}")),
        }
    }

    /// Plans a program, for what only plans tell.
    fn plan(&mut self, workspace: usize) {
        let Some(own) = self.workspaces.get(workspace).filter(|_| self.config.plan_on_save) else {
            return;
        };
        let (db, generation, events) = (own.db.clone(), own.generation, self.events.clone());
        self.checks.give(Box::new(move || {
            let compiled = Cancelled::catch(AssertUnwindSafe(|| cpg_hir::compile(&db)));
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
        let root = self.workspaces.get(workspace).and_then(|own| own.root.clone());
        let token = format!("plan-{workspace}-{generation}");
        self.client.begin_progress(&token, "planning");
        self.plans.give(Box::new(move || {
            let planned = AssertUnwindSafe(|| host.plan(root.as_deref(), manifest));
            let facts = catch_unwind(planned)
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
                let found = facts.findings.iter().map(|one| cpg_hir::placed(&own.db, one));
                let before = std::mem::replace(&mut own.planned, found.collect());
                let differs = before != own.planned;
                if let Some(why) = &facts.untold {
                    self.client.log(format!("not all of the program could be looked at: {why}"));
                }
                own.plan = Some(Arc::new(facts));
                self.client.refresh();
                if differs {
                    self.check(workspace, None);
                }
            }
            Err(why) => self.client.log(format!("the program cannot be planned: {why}")),
        }
    }
}
