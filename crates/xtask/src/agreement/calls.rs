//! Where calls lead.

use std::fmt;

use crate::graph::Graph;
use crate::process::Outcome;

use super::percent;

const COVERAGE: &str = "select sum(calls) as calls, sum(resolved) as resolved, \
    sum(resolved_inside) as inside from coverage_report";

/// How many calls there are, and how many lead to a definition of the package, or only to code outside.
pub(super) struct Calls {
    pub(super) all: usize,
    inside: usize,
    outside: usize,
}

impl Calls {
    pub(super) fn count(graph: &Graph<'_>) -> Outcome<Self> {
        let rows = graph.rows(COVERAGE)?;
        let number = |column: &str| {
            let number = rows.first().and_then(|row| row[column].as_u64());
            Ok::<_, String>(number.ok_or_else(|| format!("no number of {column}"))? as usize)
        };
        let (resolved, inside) = (number("resolved")?, number("inside")?);
        Ok(Self { all: number("calls")?, inside, outside: resolved - inside })
    }
}

/// Cells of a table.
impl fmt::Display for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { all, inside, outside } = *self;
        let nothing = all - inside - outside;
        let [inside, outside, nothing] = [inside, outside, nothing].map(|part| percent(part, all));
        write!(f, "{inside} | {outside} | {nothing}")
    }
}
