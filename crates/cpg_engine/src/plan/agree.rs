//! Whether what a build would do is still what a plan says.

use std::collections::BTreeMap;

use cpg_ir::manifest::Area;

use super::{Action, BuildPlan, PlannedTable};
use crate::error::{EngineError, Result};

/// How many tables are named, outputs first.
const SHOWN: usize = 8;

impl Action {
    /// As plans say it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Reuse => "nothing is done",
            Self::New => "new",
            Self::ByFile => "the rows of files that change",
            Self::All => "all rows are computed",
        }
    }
}

impl BuildPlan {
    /// Whether `now` does the same to the same tables.
    ///
    /// # Errors
    /// [`EngineError::PlanOutdated`] with what differs.
    pub(crate) fn agrees(&self, now: &Self) -> Result<()> {
        let mut differences = Vec::new();
        if self.manifest != now.manifest {
            differences.push("the program is another one".to_owned());
        }
        if self.sources != now.sources || self.changed != now.changed {
            differences.push("the sources have other files".to_owned());
        }
        if self.selected != now.selected {
            let said = |plan: &Self| plan.selected.clone().unwrap_or_else(|| "all".to_owned());
            differences.push(format!("selected is {}, and was {}", said(now), said(self)));
        }
        if self.after != now.after {
            let said = |plan: &Self| plan.after.clone().unwrap_or_else(|| "no build".to_owned());
            differences.push(format!("it would follow {}, and not {}", said(now), said(self)));
        }
        let mut tables = tables(&self.tables, &now.tables);
        let more = tables.len().saturating_sub(SHOWN);
        tables.truncate(SHOWN);
        differences.extend(tables);
        if more > 0 {
            differences.push(format!("and {more} more tables"));
        }
        match differences.is_empty() {
            true => Ok(()),
            false => Err(EngineError::PlanOutdated { differences }),
        }
    }
}

fn tables(planned: &[PlannedTable], now: &[PlannedTable]) -> Vec<String> {
    let mut pairs: BTreeMap<&str, [Option<&PlannedTable>; 2]> = BTreeMap::new();
    for table in planned {
        pairs.entry(&table.table).or_default()[0] = Some(table);
    }
    for table in now {
        pairs.entry(&table.table).or_default()[1] = Some(table);
    }
    let differ = |(name, pair): (&str, [Option<&PlannedTable>; 2])| {
        let said = match pair {
            [Some(planned), Some(now)] if planned.action != now.action => {
                format!("{}, and was: {}", now.action.words(), planned.action.words())
            }
            [Some(planned), Some(now)] if planned.version != now.version => {
                "something wrote it".to_owned()
            }
            [Some(planned), Some(now)] if planned.task != now.task => {
                "it would be computed from something else".to_owned()
            }
            [Some(_), Some(_)] | [None, None] => return None,
            [None, Some(_)] => "it is not in the plan".to_owned(),
            [Some(_), None] => "only the plan has it".to_owned(),
        };
        Some(format!("{name}: {said}"))
    };
    let (outputs, others): (Vec<_>, Vec<_>) = pairs
        .into_iter()
        .partition(|(_, pair)| pair.iter().flatten().any(|table| table.area == Area::Graph));
    outputs.into_iter().chain(others).filter_map(differ).collect()
}
