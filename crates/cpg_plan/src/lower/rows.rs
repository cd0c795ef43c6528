//! Rows that a program writes down, as plans that give them.

use arrow::compute::can_cast_types;
use cpg_ir::test::Value;
use cpg_ir::types::{Column, PhysicalType};
use datafusion::common::{DFSchema, ScalarValue, ToDFSchema};
use datafusion::functions_nested::expr_fn::make_array;
use datafusion::functions_nested::map::map_udf;
use datafusion::logical_expr::{
    EmptyRelation, Expr, ExprSchemable, LogicalPlan, LogicalPlanBuilder, cast, ident, lit,
};

use super::expr::Scalars;
use crate::error::Problem;
use crate::schema::{arrow_schema, arrow_type};

/// A plan that reads nothing and gives `rows`, each of which has a value for each of `columns`.
pub(crate) fn rows(columns: &[Column], rows: &[Vec<Value>]) -> Result<LogicalPlan, Problem> {
    let schema = DFSchema::empty();
    let literals = Literals { scalars: Scalars::over(&schema), schema: &schema };
    let values = rows
        .iter()
        .map(|row| {
            let cells = columns.iter().zip(row);
            cells.map(|(column, value)| literals.typed(value, column)).collect()
        })
        .collect::<Result<Vec<Vec<Expr>>, Problem>>()?;
    if values.is_empty() {
        let row = cpg_ir::types::RowSchema { columns: columns.to_vec() };
        let schema = arrow_schema(&row).to_dfschema_ref()?;
        return Ok(LogicalPlan::EmptyRelation(EmptyRelation { produce_one_row: false, schema }));
    }
    let plan = LogicalPlanBuilder::values(values)?;
    let named = plan.schema().fields().iter().zip(columns);
    let named: Vec<Expr> =
        named.map(|(field, column)| ident(field.name()).alias(&column.name)).collect();
    Ok(plan.project(named)?.build()?)
}

struct Literals<'a> {
    scalars: Scalars<'a>,
    schema: &'a DFSchema,
}

impl Literals<'_> {
    /// The value in exactly the type of `column`.
    fn typed(&self, value: &Value, column: &Column) -> Result<Expr, Problem> {
        self.value(value, &column.ty.semantic.physical(), &column.name)
    }

    fn value(&self, value: &Value, ty: &PhysicalType, column: &str) -> Result<Expr, Problem> {
        let expected = arrow_type(ty);
        let null = || ScalarValue::try_new_null(&expected).map(lit);
        let expr = match (value, ty) {
            (Value::Scalar(expr), _) => match self.scalars.lower(expr)? {
                Expr::Literal(ScalarValue::Null, _) => return Ok(null()?),
                expr => expr,
            },
            (Value::List(values), PhysicalType::List(item)) => {
                let values = values.iter().map(|value| self.value(value, item, column));
                list(values.collect::<Result<_, _>>()?, item)
            }
            (Value::Map(entries), PhysicalType::Map(key, value)) => {
                let keys = entries.iter().map(|entry| self.value(&entry.0, key, column));
                let values = entries.iter().map(|entry| self.value(&entry.1, value, column));
                let keys = list(keys.collect::<Result<_, _>>()?, key);
                map_udf().call(vec![keys, list(values.collect::<Result<_, _>>()?, value)])
            }
            (Value::List(_) | Value::Map(_), _) => {
                return Err(Problem::MissingColumn(column.to_owned()));
            }
        };
        let found = expr.get_type(self.schema)?;
        if found == expected {
            Ok(expr)
        } else if can_cast_types(&found, &expected) {
            Ok(cast(expr, expected))
        } else {
            Err(Problem::OutputType {
                column: column.to_owned(),
                expected: expected.to_string(),
                found: found.to_string(),
            })
        }
    }
}

/// A list of values that are of type `item`.
fn list(values: Vec<Expr>, item: &PhysicalType) -> Expr {
    if values.is_empty() {
        return lit(ScalarValue::List(ScalarValue::new_list_nullable(&[], &arrow_type(item))));
    }
    make_array(values)
}
