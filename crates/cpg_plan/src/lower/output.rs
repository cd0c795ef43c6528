//! A plan's columns as a row's.

use arrow::compute::can_cast_types;
use cpg_ir::spec::OutputColumn;
use cpg_ir::types::{Column, RowSchema};
use datafusion::common::DFSchema;
use datafusion::logical_expr::{Expr, ExprSchemable, LogicalPlan, LogicalPlanBuilder, cast};

use super::expr::{Scalars, alias};
use crate::error::Problem;
use crate::schema::arrow_type;

/// Gives `plan` exactly the columns of `row`: each is the plan's column of that name, whatever its qualifier.
pub(super) fn shape(plan: LogicalPlan, row: &RowSchema) -> Result<LogicalPlan, Problem> {
    let columns = row
        .columns
        .iter()
        .map(|column| {
            let found = plan
                .schema()
                .iter()
                .find(|(_, field)| *field.name() == column.name)
                .ok_or_else(|| Problem::MissingColumn(column.name.clone()))?;
            let value = Expr::Column(found.into());
            Ok(typed(value, column, plan.schema())?.alias(&column.name))
        })
        .collect::<Result<Vec<_>, Problem>>()?;
    Ok(LogicalPlanBuilder::from(plan).project(columns)?.build()?)
}

/// The values of `columns` as row source 0.
pub(super) fn select(plan: LogicalPlan, columns: &[OutputColumn]) -> Result<LogicalPlan, Problem> {
    let scalars = Scalars::over(plan.schema());
    let values = columns
        .iter()
        .map(|column| value(column, &scalars, plan.schema()).map(|value| value.alias(&column.name)))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(LogicalPlanBuilder::from(plan).project(values)?.alias(alias(0))?.build()?)
}

/// The value of a computed column in its declared type.
pub(super) fn value(
    column: &OutputColumn,
    scalars: &Scalars<'_>,
    schema: &DFSchema,
) -> Result<Expr, Problem> {
    let as_column = Column { name: column.name.clone(), ty: column.ty.clone() };
    typed(scalars.lower(&column.value)?, &as_column, schema)
}

/// `value` in the type of `column`.
pub(super) fn typed(value: Expr, column: &Column, schema: &DFSchema) -> Result<Expr, Problem> {
    let expected = arrow_type(&column.ty.semantic.physical());
    let found = value.get_type(schema)?;
    if found == expected {
        Ok(value)
    } else if can_cast_types(&found, &expected) {
        Ok(cast(value, expected))
    } else {
        Err(Problem::OutputType {
            column: column.name.clone(),
            expected: expected.to_string(),
            found: found.to_string(),
        })
    }
}
