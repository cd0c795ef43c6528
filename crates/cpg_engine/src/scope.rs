//! Which tables of a program a build is about: all, or those that a selection needs.

use std::collections::BTreeSet;

use cpg_ir::spec::RelationId;
use cpg_plan::TableKey;
use cpg_plan::program::{CheckPlan, ProgramPlans};

use crate::error::{EngineError, Result};
use crate::profile::Selection;

/// The tables that a build writes where they are not as they should be. It leaves all others as they are.
#[derive(Debug)]
pub(crate) struct Scope {
    /// All of the program where there are none.
    selected: Option<Selected>,
}

#[derive(Debug)]
struct Selected {
    said: String,
    tables: BTreeSet<TableKey>,
}

impl Scope {
    /// The tables of what is selected, and of what that is computed from.
    ///
    /// # Errors
    /// [`EngineError::NothingSelected`] when nothing that is selected has a table.
    pub(crate) fn new(plans: &ProgramPlans, selection: Option<&Selection>) -> Result<Self> {
        let Some(Selection { said, relations }) = selection else {
            return Ok(Self { selected: None });
        };
        let mut tables = BTreeSet::new();
        let mut pending: Vec<&RelationId> = relations.iter().collect();
        while let Some(id) = pending.pop() {
            let Some(table) = plans.table(id) else { continue };
            if tables.insert(table)
                && let Some(task) = plans.task(id)
            {
                pending.extend(task.evidence.iter().chain(&task.reads));
            }
        }
        if tables.is_empty() {
            return Err(EngineError::NothingSelected { said: said.clone() });
        }
        Ok(Self { selected: Some(Selected { said: said.clone(), tables }) })
    }

    /// What was selected, as it was said; nothing where the build is about all.
    pub(crate) fn said(&self) -> Option<&str> {
        self.selected.as_ref().map(|selected| selected.said.as_str())
    }

    /// Whether the build is about a table.
    pub(crate) fn holds(&self, table: &TableKey) -> bool {
        self.selected.as_ref().is_none_or(|selected| selected.tables.contains(table))
    }

    /// Whether the build is about all that a check looks at. One that looks at a table that is left as it is would compare
    /// rows of different sources.
    pub(crate) fn holds_all(&self, check: &CheckPlan, plans: &ProgramPlans) -> bool {
        check.reads().all(|id| plans.table(id).is_none_or(|table| self.holds(&table)))
    }
}
