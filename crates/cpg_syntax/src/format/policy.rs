//! `policy`.

use super::document::{Document, Separator};
use crate::ast::{PolicyItem, SettingKind};

impl Document<'_> {
    pub(super) fn policy(&mut self, item: &PolicyItem) {
        self.open();
        self.words(&["policy"]);
        self.any();
        self.indent();
        if !item.targets.is_empty() {
            self.line();
            self.words(&["for"]);
            self.filled(item.targets.len(), |document, _| {
                document.any();
                if document.word_if(":") {
                    document.any();
                }
            });
            self.separator(Separator::None);
        }
        self.inner();
        self.dedent();
        self.line();
        self.close();
        self.body(item.settings.len(), |document, index| {
            if let Some(setting) = item.settings.get(index) {
                document.setting(&setting.kind);
            }
        });
    }

    fn setting(&mut self, setting: &SettingKind) {
        use SettingKind as Kind;
        self.words(&[setting.word()]);
        self.indent();
        match setting {
            Kind::Partition(names) => {
                self.words(&["by"]);
                self.filled(names.len(), |document, _| document.any());
                self.separator(Separator::None);
            }
            Kind::Stats(names) => {
                self.words(&["on"]);
                self.filled(names.len(), |document, _| document.any());
                self.separator(Separator::None);
            }
            Kind::Sort(keys) => {
                self.words(&["by"]);
                self.sort_keys(keys);
            }
            Kind::Optimize(when) => {
                self.words(&["when"]);
                self.expr(when);
            }
            Kind::Vacuum { when, .. } => {
                self.words(&["when"]);
                self.expr(when);
                self.open_line();
                self.words(&["retain"]);
                self.any();
                self.close();
            }
            Kind::Checkpoint(_) => {
                self.words(&["every"]);
                self.any();
            }
            Kind::TargetFileSize(_)
            | Kind::Mode(_)
            | Kind::Keep(_)
            | Kind::Pruning(_)
            | Kind::Pushdown(_)
            | Kind::ChangeFeed(_) => self.any(),
        }
        self.dedent();
    }
}
