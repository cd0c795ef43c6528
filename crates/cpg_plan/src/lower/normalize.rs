//! `normalize`: the rows of one source that pass a filter, as an entity's, beside the lines that they are on.

use cpg_ir::expr::Expr as IrExpr;
use cpg_ir::expr::SpanOp;
use cpg_ir::spec::{JoinKind, LineKey, LinesSpec, NormalizeSpec};
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, lit};

use super::Lowering;
use super::expr::{Scalars, all_of, call, column};
use super::join::{Conjunct, join};
use super::output::select;
use crate::error::Problem;

impl Lowering<'_> {
    pub(super) fn normalize(&self, spec: &NormalizeSpec) -> Result<LogicalPlan, Problem> {
        let source = self.input(&spec.source, 0)?;
        let rows = filtered(source, spec.filter.as_ref())?;
        let rows = match &spec.lines {
            Some(lines) => self.with_lines(rows, lines)?,
            None => rows,
        };
        select(rows, &spec.columns)
    }

    /// Each row beside its lines; of those whose places must be in their file, the ones that are.
    fn with_lines(&self, rows: LogicalPlan, lines: &LinesSpec) -> Result<LogicalPlan, Problem> {
        let mut rows = rows;
        for (source, key) in (1..).zip(&lines.lines) {
            let mut must_be = false;
            for place in &lines.within {
                place.walk(&mut |expr| {
                    must_be |= matches!(expr, IrExpr::Column { source: of, .. } if *of == source);
                });
            }
            let is_line = is_line(&Scalars::over(rows.schema()), key, source)?;
            let in_file = column(0, &lines.file).eq(column(source, "file_id"));
            let on = vec![Conjunct::Plain(in_file), is_line];
            let line = self.input(&lines.index, source)?;
            // A row without a line that it must be on is left out in any case.
            let kind = if must_be { JoinKind::Inner } else { JoinKind::Left };
            rows = join(rows, line, on, kind)?;
        }
        if lines.within.is_empty() {
            return Ok(rows);
        }
        let places = Scalars::over(rows.schema()).lower_all(&lines.within)?;
        let places = places.into_iter().map(|place| place.is_not_null()).collect();
        Ok(LogicalPlanBuilder::from(rows).filter(all_of(places))?.build()?)
    }
}

/// Whether row source `source` is the line that `key` tells.
fn is_line(rows: &Scalars<'_>, key: &LineKey, source: u32) -> Result<Conjunct, Problem> {
    Ok(match key {
        LineKey::Number(number) => Conjunct::Plain(rows.lower(number)?.eq(column(source, "line"))),
        LineKey::Holding { unit, place } => {
            let place = rows.lower(place)?;
            let start = column(source, LinesSpec::start_column(*unit));
            let line = ["start", "end", "ascii", "text"].map(|name| column(source, name));
            let line = line.into_iter().chain([lit(unit.to_string())]).collect();
            // One more than there is, for the place at the line's end: a line's terminator is as long at least.
            let end = start.clone() + call("line_width", line)? + lit(1_i64);
            let span = |start: Expr, end: Expr| call("span", vec![start, end]);
            Conjunct::Span {
                op: SpanOp::Within,
                left: span(place.clone(), place + lit(1_i64))?,
                right: span(start, end)?,
            }
        }
    })
}

/// The rows that satisfy `filter`.
pub(super) fn filtered(plan: LogicalPlan, filter: Option<&IrExpr>) -> Result<LogicalPlan, Problem> {
    let Some(filter) = filter else {
        return Ok(plan);
    };
    let predicate = Scalars::over(plan.schema()).lower(filter)?;
    Ok(LogicalPlanBuilder::from(plan).filter(predicate)?.build()?)
}
