//! Scalar expressions.

use cpg_ir::expr::{BinaryOp, Expr as IrExpr, Literal, SortKey, SpanField, SpanOp, UnaryOp};
use datafusion::common::{Column, DFSchema, ScalarValue, TableReference};
use datafusion::functions::core::coalesce;
use datafusion::logical_expr::expr::{InList, Sort};
use datafusion::logical_expr::{Case, Expr, ExprSchemable, Operator, binary_expr, cast, lit, not};

use crate::error::Problem;
use crate::functions;
use crate::schema::{arrow_type, physical_type};

/// How deep an expression may be. Deeper ones could overflow the stack in some walk over a plan; the parser stops
/// earlier.
const MOST_LEVELS: usize = 256;

/// What the `index`-th row source of a clause is called in plans.
pub(super) fn alias(index: u32) -> TableReference {
    TableReference::bare(format!("s{index}"))
}

/// The column `name` of row source `index`.
pub(super) fn column(index: u32, name: &str) -> Expr {
    Expr::Column(Column::new(Some(alias(index)), name))
}

/// The operands of a chain of `and`, or the expression itself.
pub(super) fn conjuncts(expr: &IrExpr) -> Vec<&IrExpr> {
    let mut operands = Vec::new();
    chain(BinaryOp::And, expr, &mut operands);
    operands
}

/// Lowers expressions whose row sources are the relations of one schema, each qualified by its [`alias`].
pub(super) struct Scalars<'a> {
    schema: &'a DFSchema,
}

impl<'a> Scalars<'a> {
    pub(super) fn over(schema: &'a DFSchema) -> Self {
        Self { schema }
    }

    pub(super) fn lower(&self, expr: &IrExpr) -> Result<Expr, Problem> {
        self.at(expr, 0)
    }

    pub(super) fn lower_all(&self, exprs: &[IrExpr]) -> Result<Vec<Expr>, Problem> {
        exprs.iter().map(|expr| self.lower(expr)).collect()
    }

    /// What sorts as `keys` do: nulls last, a span by its start and then its end.
    pub(super) fn sort(&self, keys: &[SortKey]) -> Result<Vec<Sort>, Problem> {
        let mut sorts = Vec::new();
        for key in keys {
            sorts.extend(sort_by(self.lower(&key.expr)?, key.descending, self.schema)?);
        }
        Ok(sorts)
    }

    fn at(&self, expr: &IrExpr, level: usize) -> Result<Expr, Problem> {
        if level > MOST_LEVELS {
            return Err(Problem::TooDeep(MOST_LEVELS));
        }
        let lower = |expr: &IrExpr| self.at(expr, level + 1);
        let lower_all =
            |exprs: &[IrExpr]| -> Result<Vec<Expr>, Problem> { exprs.iter().map(lower).collect() };
        Ok(match expr {
            IrExpr::Column { source, name } => self.column(*source, name)?,
            IrExpr::Field { base, field } => {
                let name = match field {
                    SpanField::Start => "span_start",
                    SpanField::End => "span_end",
                };
                call(name, vec![lower(base)?])?
            }
            IrExpr::Literal(literal) => constant(literal),
            IrExpr::Unary { op, operand } => {
                let operand = lower(operand)?;
                match op {
                    UnaryOp::Not => not(operand),
                    UnaryOp::Neg => Expr::Negative(Box::new(operand)),
                    UnaryOp::IsNull => operand.is_null(),
                    UnaryOp::IsNotNull => operand.is_not_null(),
                }
            }
            IrExpr::Binary { op: op @ (BinaryOp::And | BinaryOp::Or), .. } => {
                let mut operands = Vec::new();
                chain(*op, expr, &mut operands);
                balanced(operator(*op), lower_operands(&operands, lower)?)
            }
            IrExpr::Binary { op, left, right } => {
                binary_expr(lower(left)?, operator(*op), lower(right)?)
            }
            IrExpr::SpanCompare { op, left, right } => {
                span_compare(*op, &lower(left)?, &lower(right)?)?
            }
            IrExpr::InList { value, list, negated } => {
                Expr::InList(InList::new(Box::new(lower(value)?), lower_all(list)?, *negated))
            }
            IrExpr::Coalesce(operands) => coalesce().call(lower_all(operands)?),
            IrExpr::Case { branches, otherwise } => {
                let branches = branches
                    .iter()
                    .map(|(when, then)| Ok((Box::new(lower(when)?), Box::new(lower(then)?))))
                    .collect::<Result<Vec<_>, Problem>>()?;
                let otherwise = otherwise.as_deref().map(lower).transpose()?.map(Box::new);
                Expr::Case(Case::new(None, branches, otherwise))
            }
            IrExpr::Cast { value, to } => cast(lower(value)?, arrow_type(to)),
            IrExpr::Call { function, args } => self.exact(call(function, lower_all(args)?)?)?,
            IrExpr::Span { start, end } => call("span", vec![lower(start)?, lower(end)?])?,
            IrExpr::StableId { namespace, over } => {
                call("stable_id", self.hashed(namespace, lower_all(over)?)?)?
            }
        })
    }

    fn column(&self, source: u32, name: &str) -> Result<Expr, Problem> {
        let column = column(source, name);
        match &column {
            Expr::Column(found) if self.schema.has_column(found) => Ok(column),
            _ => Err(Problem::UnknownColumn { row_source: source, name: name.to_owned() }),
        }
    }

    /// The arguments of an id function: the namespace, and values it can take, a span as its two ends.
    pub(super) fn hashed(&self, namespace: &str, over: Vec<Expr>) -> Result<Vec<Expr>, Problem> {
        let mut args = vec![lit(namespace)];
        for value in over {
            args.extend(parts(value, self.schema)?);
        }
        Ok(args)
    }

    /// Functions of DataFusion return integers and strings of several widths; the language has one of each.
    fn exact(&self, call: Expr) -> Result<Expr, Problem> {
        let ty = call.get_type(self.schema)?;
        Ok(match physical_type(&ty).map(|ty| arrow_type(&ty)) {
            Some(exact) if exact != ty => cast(call, exact),
            _ => call,
        })
    }
}

/// A constant.
pub(super) fn constant(literal: &Literal) -> Expr {
    lit(match literal {
        Literal::Null => ScalarValue::Null,
        Literal::Bool(value) => ScalarValue::Boolean(Some(*value)),
        Literal::Int(value) => ScalarValue::Int64(Some(*value)),
        Literal::Float(value) => ScalarValue::Float64(Some(value.get())),
        Literal::String(value) => ScalarValue::Utf8(Some(value.clone())),
    })
}

/// A call of a function by its name.
pub(super) fn call(name: &str, args: Vec<Expr>) -> Result<Expr, Problem> {
    let function =
        functions::function(name).ok_or_else(|| Problem::UnknownFunction(name.to_owned()))?;
    Ok(function.udf.call(args))
}

/// `expr` ascending or descending, nulls last.
pub(super) fn sort_by(
    expr: Expr,
    descending: bool,
    schema: &DFSchema,
) -> Result<Vec<Sort>, Problem> {
    let parts = parts(expr, schema)?;
    Ok(parts.into_iter().map(|part| part.sort(!descending, false)).collect())
}

/// A span as its two ends, anything else as it is.
pub(super) fn parts(expr: Expr, schema: &DFSchema) -> Result<Vec<Expr>, Problem> {
    Ok(if expr.get_type(schema)?.is_nested() && is_span(&expr, schema)? {
        vec![call("span_start", vec![expr.clone()])?, call("span_end", vec![expr])?]
    } else {
        vec![expr]
    })
}

fn is_span(expr: &Expr, schema: &DFSchema) -> Result<bool, Problem> {
    let ty = physical_type(&expr.get_type(schema)?);
    Ok(ty == Some(cpg_ir::types::PhysicalType::Span))
}

/// As [`SpanOp`] says. Null where a span is, since then both its ends are.
pub(super) fn span_compare(op: SpanOp, a: &Expr, b: &Expr) -> Result<Expr, Problem> {
    let start = |span: &Expr| call("span_start", vec![span.clone()]);
    let end = |span: &Expr| call("span_end", vec![span.clone()]);
    Ok(match op {
        SpanOp::Equals => start(a)?.eq(start(b)?).and(end(a)?.eq(end(b)?)),
        SpanOp::Overlaps => start(a)?.lt(end(b)?).and(start(b)?.lt(end(a)?)),
        SpanOp::Contains => start(a)?.lt_eq(start(b)?).and(end(b)?.lt_eq(end(a)?)),
        SpanOp::Within => span_compare(SpanOp::Contains, b, a)?,
        SpanOp::Before => end(a)?.lt_eq(start(b)?),
        SpanOp::After => end(b)?.lt_eq(start(a)?),
        SpanOp::Touches => end(a)?.eq(start(b)?).or(end(b)?.eq(start(a)?)),
    })
}

fn operator(op: BinaryOp) -> Operator {
    match op {
        BinaryOp::Or => Operator::Or,
        BinaryOp::And => Operator::And,
        BinaryOp::Eq => Operator::Eq,
        BinaryOp::NotEq => Operator::NotEq,
        BinaryOp::Lt => Operator::Lt,
        BinaryOp::LtEq => Operator::LtEq,
        BinaryOp::Gt => Operator::Gt,
        BinaryOp::GtEq => Operator::GtEq,
        BinaryOp::Add => Operator::Plus,
        BinaryOp::Sub => Operator::Minus,
        BinaryOp::Mul => Operator::Multiply,
        BinaryOp::Div => Operator::Divide,
        BinaryOp::Rem => Operator::Modulo,
    }
}

/// The operands of a chain of one associative operator. Walks the chain with a list of its own, since a chain may
/// be much longer than expressions may be deep.
fn chain<'a>(op: BinaryOp, expr: &'a IrExpr, operands: &mut Vec<&'a IrExpr>) {
    let mut pending = vec![expr];
    while let Some(expr) = pending.pop() {
        match expr {
            IrExpr::Binary { op: inner, left, right } if *inner == op => {
                pending.push(right);
                pending.push(left);
            }
            other => operands.push(other),
        }
    }
}

fn lower_operands(
    operands: &[&IrExpr],
    lower: impl Fn(&IrExpr) -> Result<Expr, Problem>,
) -> Result<Vec<Expr>, Problem> {
    operands.iter().map(|operand| lower(operand)).collect()
}

/// A tree of logarithmic depth over `operands`, of which there is at least one.
fn balanced(op: Operator, mut operands: Vec<Expr>) -> Expr {
    while operands.len() > 1 {
        let mut pairs = Vec::with_capacity(operands.len().div_ceil(2));
        let mut rest = operands.into_iter();
        while let Some(left) = rest.next() {
            pairs.push(match rest.next() {
                Some(right) => binary_expr(left, op, right),
                None => left,
            });
        }
        operands = pairs;
    }
    operands.pop().unwrap_or_else(|| lit(op == Operator::And))
}

/// All of `conjuncts`; true for none.
pub(super) fn all_of(conjuncts: Vec<Expr>) -> Expr {
    balanced(Operator::And, conjuncts)
}
