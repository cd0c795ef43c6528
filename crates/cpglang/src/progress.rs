//! What a build tells while it runs: bars on a terminal, events in the stream for programs, else nothing.

use std::time::Duration;

use cpg_base::Code;
use cpg_engine::{BuildEvent, BuildObserver, Dataset};
use cpg_plan::policy::PolicyIssue;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use crate::console::{Console, Message};
use crate::size::{Human, counted};

/// Shows how far a build is.
pub(crate) struct Progress {
    console: Console,
    verbose: bool,
    bar: ProgressBar,
}

impl Progress {
    /// On the console, in its form; `verbose` also says why each table is written.
    pub fn new(console: Console, verbose: bool) -> Self {
        let bar = ProgressBar::no_length();
        // It draws nothing where standard error is no terminal.
        bar.set_draw_target(match console.is_chatty() {
            true => ProgressDrawTarget::stderr(),
            false => ProgressDrawTarget::hidden(),
        });
        bar.enable_steady_tick(Duration::from_millis(120));
        Self { console, verbose, bar }
    }

    /// Removes what is still drawn.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn stage(&self, length: Option<u64>, message: String) {
        let template = match length {
            Some(_) => "{spinner} {msg} [{wide_bar}] {pos}/{len}",
            None => "{spinner} {msg}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style.progress_chars("=> "));
        }
        match length {
            Some(length) => self.bar.set_length(length),
            None => self.bar.unset_length(),
        }
        self.bar.set_message(message);
    }

    fn say(&self, line: &str) {
        if self.verbose && self.console.is_chatty() {
            self.bar.suspend(|| self.console.say(line));
        }
    }

    fn show(&self, event: &BuildEvent<'_>) {
        match *event {
            BuildEvent::Scanned { files, bytes } => {
                self.say(&format!("found {}, {}", counted(files, "file"), Human(bytes)));
            }
            BuildEvent::PolicyIssue { issue } => {
                let text = format!("warning[{}]: {issue}", Code::UnfitPolicy);
                self.bar.suspend(|| self.console.say(&text));
            }
            BuildEvent::Planned { stale, fresh } => {
                self.say(&format!("{stale} tables to write, {fresh} as they should be"));
                self.stage(None, "computing".to_owned());
            }
            BuildEvent::Extracting { done, total } => {
                if self.bar.length() != Some(total) {
                    self.stage(Some(total), "extracting".to_owned());
                }
                self.bar.set_position(done);
            }
            BuildEvent::TaskStarted { dataset, reason } => {
                self.stage(None, format!("writing {dataset}"));
                self.say(&format!("writing {dataset}: {reason}"));
            }
            BuildEvent::TaskFinished { dataset, rows, bytes, seconds } => {
                let rows = counted(rows, "row");
                self.say(&format!("wrote {dataset}: {rows}, {}, {seconds:.2} s", Human(bytes)));
            }
            BuildEvent::BoundReached { dataset, fixpoint, rounds } => {
                let rounds = counted(u64::from(rounds), "round");
                self.say(&format!(
                    "{dataset}: `{fixpoint}` ended after {rounds}, with rows missing"
                ));
            }
            BuildEvent::Committed { dataset, version } => {
                self.stage(None, "publishing".to_owned());
                self.say(&format!("committed {dataset} version {version}"));
            }
            BuildEvent::Published { run } => self.say(&format!("published {run}")),
            _ => {}
        }
    }
}

impl BuildObserver for Progress {
    fn event(&self, event: BuildEvent<'_>) {
        if !self.console.is_json() {
            return self.show(&event);
        }
        if let Some(body) = EventBody::of(&event) {
            // A reader that went away does not stop a build that others wait for.
            let _ = self.console.emit(&Message::new("event", body));
        }
    }
}

/// An event of the stream for programs.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum EventBody<'a> {
    Scanned {
        files: u64,
        bytes: u64,
    },
    PolicyIssue {
        code: Code,
        issue: &'a PolicyIssue,
    },
    Planned {
        stale: usize,
        fresh: usize,
    },
    Extracting {
        done: u64,
        total: u64,
    },
    TaskStarted {
        table: String,
        reason: &'a str,
    },
    TaskFinished {
        table: String,
        rows: u64,
        bytes: u64,
        seconds: f64,
    },
    BoundReached {
        code: Code,
        table: String,
        fixpoint: &'a str,
        rounds: u32,
    },
    /// Not `version`, which every object of the stream has and which is the stream's own.
    Committed {
        table: String,
        table_version: u64,
    },
    Published {
        run: &'a str,
    },
}

impl<'a> EventBody<'a> {
    /// `None` for kinds of events that this version of the stream does not have.
    fn of(event: &BuildEvent<'a>) -> Option<Self> {
        let table = |dataset: &Dataset| dataset.to_string();
        Some(match *event {
            BuildEvent::Scanned { files, bytes } => Self::Scanned { files, bytes },
            BuildEvent::PolicyIssue { issue } => {
                Self::PolicyIssue { code: Code::UnfitPolicy, issue }
            }
            BuildEvent::Planned { stale, fresh } => Self::Planned { stale, fresh },
            BuildEvent::Extracting { done, total } => Self::Extracting { done, total },
            BuildEvent::TaskStarted { dataset, reason } => {
                Self::TaskStarted { table: table(dataset), reason }
            }
            BuildEvent::TaskFinished { dataset, rows, bytes, seconds } => {
                Self::TaskFinished { table: table(dataset), rows, bytes, seconds }
            }
            BuildEvent::BoundReached { dataset, fixpoint, rounds } => Self::BoundReached {
                code: Code::BoundReached,
                table: table(dataset),
                fixpoint,
                rounds,
            },
            BuildEvent::Committed { dataset, version } => {
                Self::Committed { table: table(dataset), table_version: version }
            }
            BuildEvent::Published { run } => Self::Published { run },
            _ => return None,
        })
    }
}
