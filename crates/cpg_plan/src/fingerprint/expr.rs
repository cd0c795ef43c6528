//! Expressions in their canonical encoding.

use arrow::datatypes::DataType;
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::logical_expr::expr::{NullTreatment, Sort};
use datafusion::logical_expr::{
    Expr, Operator, WindowFrame, WindowFrameBound, WindowFrameUnits, WindowFunctionDefinition,
};
use serde_json::{Value, json};

use crate::error::Problem;
use crate::{aggregates, functions};

/// Encodes expressions over the columns of one schema. A column stands under its place there: names within a plan
/// are of no consequence, and some of them are made by DataFusion from how it displays an expression.
#[derive(Clone, Copy)]
pub(super) struct Exprs<'a>(pub(super) &'a DFSchema);

impl Exprs<'_> {
    pub(super) fn all<'e>(
        self,
        exprs: impl IntoIterator<Item = &'e Expr>,
    ) -> Result<Vec<Value>, Problem> {
        exprs.into_iter().map(|expr| self.one(expr)).collect()
    }

    pub(super) fn sorts(self, sorts: &[Sort]) -> Result<Vec<Value>, Problem> {
        let encode = |sort: &Sort| Ok(json!([self.one(&sort.expr)?, sort.asc, sort.nulls_first]));
        sorts.iter().map(encode).collect()
    }

    pub(super) fn one(self, expr: &Expr) -> Result<Value, Problem> {
        let unary = |name: &str, operand| Ok::<_, Problem>(json!([name, self.one(operand)?]));
        Ok(match expr {
            Expr::Column(column) => json!(["column", self.0.index_of_column(column)?]),
            Expr::Alias(alias) => self.one(&alias.expr)?,
            Expr::Literal(value, _) => literal(value)?,
            Expr::BinaryExpr(binary) => {
                json!([operator(binary.op)?, self.one(&binary.left)?, self.one(&binary.right)?])
            }
            Expr::Not(operand) => unary("not", operand)?,
            Expr::Negative(operand) => unary("negative", operand)?,
            Expr::IsNull(operand) => unary("is null", operand)?,
            Expr::IsNotNull(operand) => unary("is not null", operand)?,
            Expr::IsTrue(operand) => unary("is true", operand)?,
            Expr::IsFalse(operand) => unary("is false", operand)?,
            Expr::IsNotTrue(operand) => unary("is not true", operand)?,
            Expr::IsNotFalse(operand) => unary("is not false", operand)?,
            Expr::Between(between) => json!([
                "between",
                between.negated,
                self.all([&*between.expr, &*between.low, &*between.high])?,
            ]),
            Expr::Like(like) => json!([
                "like",
                like.negated,
                like.case_insensitive,
                like.escape_char,
                self.all([&*like.expr, &*like.pattern])?,
            ]),
            Expr::InList(list) => {
                json!(["in", list.negated, self.one(&list.expr)?, self.all(&list.list)?])
            }
            Expr::Case(case) => {
                let branches =
                    case.when_then_expr.iter().flat_map(|(when, then)| [&**when, &**then]);
                json!([
                    "case",
                    self.all(case.expr.as_deref())?,
                    self.all(branches)?,
                    self.all(case.else_expr.as_deref())?,
                ])
            }
            Expr::Cast(cast) => {
                json!(["cast", encode_type(cast.field.data_type())?, self.one(&cast.expr)?])
            }
            Expr::ScalarFunction(call) => {
                json!(["call", call.func.name(), versioned(expr)?, self.all(&call.args)?])
            }
            Expr::AggregateFunction(call) => {
                let params = &call.params;
                no_null_treatment(params.null_treatment)?;
                json!([
                    "aggregate",
                    call.func.name(),
                    versioned(expr)?,
                    params.distinct,
                    self.all(&params.args)?,
                    self.all(params.filter.as_deref())?,
                    self.sorts(&params.order_by)?,
                ])
            }
            Expr::WindowFunction(call) => {
                let params = &call.params;
                no_null_treatment(params.null_treatment)?;
                json!([
                    "window",
                    call.fun.name(),
                    versioned(expr)?,
                    params.distinct,
                    self.all(&params.args)?,
                    self.all(&params.partition_by)?,
                    self.sorts(&params.order_by)?,
                    frame(&params.window_frame)?,
                    self.all(params.filter.as_deref())?,
                ])
            }
            other => {
                let name = other.variant_name();
                return Err(Problem::Unsupported(format!("the expression `{name}`")));
            }
        })
    }
}

/// `ignore nulls` and `respect nulls` have no form in the language.
fn no_null_treatment(treatment: Option<NullTreatment>) -> Result<(), Problem> {
    match treatment {
        None => Ok(()),
        Some(_) => Err(Problem::Unsupported("a function that says what nulls do".to_owned())),
    }
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
        DataType::Int8 => json!("int8"),
        DataType::Int16 => json!("int16"),
        DataType::Int32 => json!("int32"),
        DataType::Float32 => json!("float32"),
        DataType::Int64 => json!("int64"),
        DataType::UInt64 => json!("uint64"),
        DataType::Float64 => json!("float64"),
        DataType::Utf8 => json!("utf8"),
        DataType::List(item) => json!(["list", encode_type(item.data_type())?]),
        DataType::Map(entries, _) => json!(["map", encode_type(entries.data_type())?]),
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
        Operator::StringConcat => "||",
        Operator::IsDistinctFrom => "is distinct from",
        Operator::IsNotDistinctFrom => "is not distinct from",
        other => return Err(Problem::Unsupported(format!("the operator `{other}`"))),
    })
}
