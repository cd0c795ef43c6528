//! The values in a test's rows.

use cpg_base::{Code, TextRange};
use cpg_ir::expr::{Expr, Finite, Literal};
use cpg_ir::test::Value;
use cpg_ir::types::{ColumnType, PhysicalType, SemanticType};
use cpg_syntax::ast::{self, TestEntry, TestRow, TestValue, TestValueKind};

use crate::checker::Checker;
use crate::expr::{Misfit, Scope, Typed};
use crate::problem::Problem;
use crate::ty::{SemanticRules, Ty};

impl<'db> Checker<'db> {
    /// A value of the column called `column`, of that type if it is known; `None` when something is wrong.
    pub(super) fn test_value(
        &mut self,
        value: &TestValue,
        column: &str,
        ty: Option<&ColumnType>,
    ) -> Option<Value> {
        match &value.kind {
            TestValueKind::Expr(expr) => {
                let typed = self.expr(&mut Scope::default(), expr);
                self.fitting(&typed, column, ty?).map(Value::Scalar)
            }
            TestValueKind::Span { start, end } => {
                let ends = [start, end].map(|end| self.span_end(end));
                let [Some(start), Some(end)] = ends else { return None };
                let span = Expr::Span { start: Box::new(start), end: Box::new(end) };
                let typed = Typed::new(span, Ty::required(SemanticType::Span), value.range);
                self.fitting(&typed, column, ty?).map(Value::Scalar)
            }
            TestValueKind::List(values) => {
                let item = match ty.map(|ty| &ty.semantic) {
                    Some(SemanticType::List(item)) => {
                        Some(ColumnType::optional(item.as_ref().clone()))
                    }
                    Some(other) => {
                        let message = format!("`{column}` is `{other}`, found a list");
                        self.error(Code::TypeMismatch, value.range, message);
                        return None;
                    }
                    None => None,
                };
                let values: Vec<Option<Value>> = values
                    .iter()
                    .map(|value| self.test_value(value, column, item.as_ref()))
                    .collect();
                values.into_iter().collect::<Option<_>>().map(Value::List)
            }
            TestValueKind::Map(entries) => self.test_map(entries, column, ty, value.range),
        }
    }

    fn test_map(
        &mut self,
        entries: &[TestEntry],
        column: &str,
        ty: Option<&ColumnType>,
        range: TextRange,
    ) -> Option<Value> {
        let types = match ty.map(|ty| &ty.semantic) {
            Some(SemanticType::Map(key, value)) => Some((
                ColumnType::required(key.as_ref().clone()),
                ColumnType::optional(value.as_ref().clone()),
            )),
            Some(other) => {
                let message = format!("`{column}` is `{other}`, found a map");
                self.error(Code::TypeMismatch, range, message);
                return None;
            }
            None => None,
        };
        let (key_type, value_type) = types.unzip();
        let mut values: Vec<(Value, Value)> = Vec::with_capacity(entries.len());
        let mut complete = true;
        for entry in entries {
            let typed = self.expr(&mut Scope::default(), &entry.key);
            let key = key_type.as_ref().and_then(|ty| self.fitting(&typed, column, ty));
            let value = self.test_value(&entry.value, column, value_type.as_ref());
            let (Some(key), Some(value)) = (key.map(Value::Scalar), value) else {
                complete = false;
                continue;
            };
            if values.iter().any(|(known, _)| *known == key) {
                let message =
                    format!("the map has the key `{}` already", self.text_at(typed.range));
                let problem = Problem::error(Code::DuplicateColumn, typed.range, message)
                    .help("a map has each key once: remove one of them");
                self.report(problem);
                complete = false;
            }
            values.push((key, value));
        }
        complete.then_some(Value::Map(values))
    }

    fn span_end(&mut self, end: &ast::Expr) -> Option<Expr> {
        let typed = self.expr(&mut Scope::default(), end);
        if typed.ty == Ty::Unknown {
            return None;
        }
        match typed.fit(&ColumnType::required(SemanticType::Int)) {
            Ok(expr) => Some(expr),
            Err(misfit) => {
                let message = format!("a span's end is a number of bytes, found `{}`", typed.ty);
                self.error(misfit.code(), end.range, message);
                None
            }
        }
    }

    fn fitting(&mut self, value: &Typed, column: &str, ty: &ColumnType) -> Option<Expr> {
        if value.ty == Ty::Unknown {
            return None;
        }
        if ty.semantic.is_id() && matches!(value.literal(), Some(Literal::Int(_))) {
            // In a test, ids are whatever keeps rows apart.
            return Some(value.expr.clone());
        }
        match value.fit(ty) {
            Ok(expr) => Some(expr),
            Err(misfit) => {
                let message = match misfit {
                    Misfit::Null => format!("`{column}` is never null"),
                    Misfit::Meaning(_) => format!("`{column}` is `{ty}`, found `{}`", value.ty),
                };
                self.error(misfit.code(), value.range, message);
                None
            }
        }
    }
}

/// What `...` fills a column with: null where it may be, else nothing, zero or false.
pub(super) fn default_of(ty: &ColumnType) -> Value {
    let literal = |literal| Value::Scalar(Expr::Literal(literal));
    if ty.nullable {
        return literal(Literal::Null);
    }
    let zero = || Expr::Literal(Literal::Int(0));
    match ty.semantic.physical() {
        PhysicalType::Bool => literal(Literal::Bool(false)),
        PhysicalType::Int64 => Value::Scalar(zero()),
        PhysicalType::Float64 => literal(Finite::new(0.0).map_or(Literal::Null, Literal::Float)),
        PhysicalType::Utf8 => literal(Literal::String(String::new())),
        PhysicalType::Span => {
            Value::Scalar(Expr::Span { start: Box::new(zero()), end: Box::new(zero()) })
        }
        PhysicalType::List(_) => Value::List(Vec::new()),
        PhysicalType::Map(..) => Value::Map(Vec::new()),
    }
}

/// Where `...` stands, with what separates it from the cell before it.
pub(super) fn rest_with_comma(row: &TestRow, rest: TextRange) -> TextRange {
    let start = row.cells.last().map_or(rest.start(), |cell| cell.value.range.end());
    TextRange::new(start, rest.end())
}
