//! Expressions in their canonical encoding.

use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::expr::{Sort, WindowFunction};
use datafusion::logical_expr::{
    Expr, Operator, WindowFrame, WindowFrameBound, WindowFrameUnits, WindowFunctionDefinition,
};
use serde_json::{Value, json};

use crate::error::Problem;
use crate::{aggregates, functions};

pub(super) fn encode_all<'e>(
    exprs: impl IntoIterator<Item = &'e Expr>,
) -> Result<Vec<Value>, Problem> {
    exprs.into_iter().map(encode).collect()
}

pub(super) fn encode_sorts(sorts: &[Sort]) -> Result<Vec<Value>, Problem> {
    sorts.iter().map(|sort| Ok(json!([encode(&sort.expr)?, sort.asc, sort.nulls_first]))).collect()
}

pub(super) fn encode(expr: &Expr) -> Result<Value, Problem> {
    let one = |name: &str, operand: &Expr| Ok::<_, Problem>(json!([name, encode(operand)?]));
    Ok(match expr {
        // Only row sources qualify; a plan without them names columns alone.
        Expr::Column(column) => {
            json!(["column", column.relation.as_ref().map(|r| r.table()), column.name])
        }
        Expr::Alias(alias) => json!([
            "as",
            alias.relation.as_ref().map(|r| r.table()),
            alias.name,
            encode(&alias.expr)?
        ]),
        Expr::Literal(value, _) => literal(value)?,
        Expr::BinaryExpr(binary) => {
            json!([operator(binary.op)?, encode(&binary.left)?, encode(&binary.right)?])
        }
        Expr::Not(operand) => one("not", operand)?,
        Expr::Negative(operand) => one("negative", operand)?,
        Expr::IsNull(operand) => one("is null", operand)?,
        Expr::IsNotNull(operand) => one("is not null", operand)?,
        Expr::InList(list) => {
            json!(["in", list.negated, encode(&list.expr)?, encode_all(&list.list)?])
        }
        Expr::Case(case) => {
            let branches = case.when_then_expr.iter().flat_map(|(when, then)| [&**when, &**then]);
            json!([
                "case",
                encode_all(case.expr.as_deref())?,
                encode_all(branches)?,
                encode_all(case.else_expr.as_deref())?,
            ])
        }
        Expr::Cast(cast) => {
            json!(["cast", encode_type(cast.field.data_type())?, encode(&cast.expr)?])
        }
        Expr::ScalarFunction(call) => {
            json!(["call", call.func.name(), versioned(expr)?, encode_all(&call.args)?])
        }
        Expr::AggregateFunction(call) => {
            if call.params.null_treatment.is_some() {
                return Err(Problem::Unsupported(
                    "an aggregate that says what nulls do".to_owned(),
                ));
            }
            json!([
                "aggregate",
                call.func.name(),
                versioned(expr)?,
                call.params.distinct,
                encode_all(&call.params.args)?,
                encode_all(call.params.filter.as_deref())?,
                encode_sorts(&call.params.order_by)?,
            ])
        }
        Expr::WindowFunction(call) => window(call, &versioned(expr)?)?,
        other => {
            return Err(Problem::Unsupported(format!("the expression `{}`", other.variant_name())));
        }
    })
}

fn window(call: &WindowFunction, version: &str) -> Result<Value, Problem> {
    let params = &call.params;
    if params.null_treatment.is_some() {
        return Err(Problem::Unsupported("a window function that says what nulls do".to_owned()));
    }
    Ok(json!([
        "window",
        call.fun.name(),
        version,
        params.distinct,
        encode_all(&params.args)?,
        encode_all(&params.partition_by)?,
        encode_sorts(&params.order_by)?,
        frame(&params.window_frame)?,
        encode_all(params.filter.as_deref())?,
    ]))
}

fn frame(frame: &WindowFrame) -> Result<Value, Problem> {
    let units = match frame.units {
        WindowFrameUnits::Rows => "rows",
        WindowFrameUnits::Range => "range",
        WindowFrameUnits::Groups => "groups",
    };
    let bound = |bound: &WindowFrameBound| {
        Ok::<_, Problem>(match bound {
            WindowFrameBound::Preceding(by) => json!(["preceding", literal(by)?]),
            WindowFrameBound::CurrentRow => json!(["current"]),
            WindowFrameBound::Following(by) => json!(["following", literal(by)?]),
        })
    };
    Ok(json!([units, bound(&frame.start_bound)?, bound(&frame.end_bound)?]))
}

/// The name of the function that `expr` itself calls.
pub(super) fn called(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::ScalarFunction(call) => Some(call.func.name()),
        Expr::AggregateFunction(call) => Some(call.func.name()),
        Expr::WindowFunction(call) => Some(call.fun.name()),
        _ => None,
    }
}

/// The version of the function that `expr` itself calls.
pub(super) fn version(expr: &Expr) -> Option<String> {
    match expr {
        Expr::ScalarFunction(call) => functions::version(call.func.name()).map(str::to_owned),
        Expr::AggregateFunction(call) => aggregates::version(call.func.name()),
        Expr::WindowFunction(call) => match &call.fun {
            WindowFunctionDefinition::AggregateUDF(udaf) => aggregates::version(udaf.name()),
            // All window functions are DataFusion's.
            WindowFunctionDefinition::WindowUDF(_) => {
                Some(datafusion::DATAFUSION_VERSION.to_owned())
            }
        },
        _ => None,
    }
}

fn versioned(expr: &Expr) -> Result<String, Problem> {
    version(expr)
        .ok_or_else(|| Problem::UnknownFunction(called(expr).unwrap_or_default().to_owned()))
}

/// Floating-point numbers stand by their bits.
fn literal(value: &ScalarValue) -> Result<Value, Problem> {
    let ty = encode_type(&value.data_type())?;
    if value.is_null() {
        return Ok(json!(["null", ty]));
    }
    let value = match value {
        ScalarValue::Boolean(Some(value)) => json!(value),
        ScalarValue::Int64(Some(value)) => json!(value),
        ScalarValue::UInt64(Some(value)) => json!(value),
        ScalarValue::Float64(Some(value)) => json!(value.to_bits()),
        ScalarValue::Utf8(Some(value)) => json!(value),
        other => {
            return Err(Problem::Unsupported(format!("a constant of type {}", other.data_type())));
        }
    };
    Ok(json!(["literal", ty, value]))
}

pub(super) fn encode_type(ty: &DataType) -> Result<Value, Problem> {
    Ok(match ty {
        DataType::Null => json!("null"),
        DataType::Boolean => json!("boolean"),
        DataType::Int64 => json!("int64"),
        DataType::UInt64 => json!("uint64"),
        DataType::Float64 => json!("float64"),
        DataType::Utf8 => json!("utf8"),
        DataType::List(item) => json!(["list", encode_type(item.data_type())?]),
        DataType::Struct(fields) => {
            let fields = fields
                .iter()
                .map(|field| Ok(json!([field.name(), encode_type(field.data_type())?])))
                .collect::<Result<Vec<_>, Problem>>()?;
            json!(["struct", fields])
        }
        other => return Err(Problem::Unsupported(format!("a value of type {other}"))),
    })
}

fn operator(op: Operator) -> Result<&'static str, Problem> {
    Ok(match op {
        Operator::Or => "or",
        Operator::And => "and",
        Operator::Eq => "=",
        Operator::NotEq => "!=",
        Operator::Lt => "<",
        Operator::LtEq => "<=",
        Operator::Gt => ">",
        Operator::GtEq => ">=",
        Operator::Plus => "+",
        Operator::Minus => "-",
        Operator::Multiply => "*",
        Operator::Divide => "/",
        Operator::Modulo => "%",
        other => return Err(Problem::Unsupported(format!("the operator `{other}`"))),
    })
}
