//! Aggregates.

use cpg_base::{Code, TextRange};
use cpg_ir::expr::{Aggregate, AggregateFunction};
use cpg_ir::types::{PhysicalType, SemanticType};
use cpg_syntax::ast::{self, ExprKind};

use super::{Scope, Typed};
use crate::checker::Checker;
use crate::problem::{Problem, listed};
use crate::ty::{SemanticRules, Ty};

const AGGREGATES: [(&str, AggregateFunction); 9] = [
    ("count", AggregateFunction::Count),
    ("count_distinct", AggregateFunction::CountDistinct),
    ("sum", AggregateFunction::Sum),
    ("min", AggregateFunction::Min),
    ("max", AggregateFunction::Max),
    ("avg", AggregateFunction::Avg),
    ("collect", AggregateFunction::Collect),
    ("map_of", AggregateFunction::MapOf),
    ("noisy_or", AggregateFunction::NoisyOr),
];

/// The aggregate of that name.
pub(super) fn aggregate_named(name: &str) -> Option<AggregateFunction> {
    AGGREGATES.iter().find(|(own, _)| *own == name).map(|(_, function)| *function)
}

/// A lowered aggregate with its type.
pub(crate) struct TypedAggregate {
    /// The aggregate.
    pub aggregate: Aggregate,
    /// The type of its value.
    pub ty: Ty,
}

impl<'db> Checker<'db> {
    /// Lowers an aggregate, whose argument sees `scope`; `None` when there is none, which is reported.
    pub fn aggregate(&mut self, scope: &mut Scope, expr: &ast::Expr) -> Option<TypedAggregate> {
        self.note_aggregate(expr.range, scope);
        let ExprKind::Call { function, args } = &expr.kind else {
            self.no_aggregate(expr);
            return None;
        };
        let Some(which) = aggregate_named(&function.text) else {
            let is_scalar = self.functions().functions.contains_key(&function.text)
                || self.function_named(&function.text, function.range).is_some();
            if is_scalar {
                self.no_aggregate(expr);
            } else {
                let message = format!("there is no aggregate `{}`", function.text);
                let names = AGGREGATES.map(|(name, _)| name);
                let problem = Problem::error(Code::UnknownFunction, function.range, message)
                    .help(format!("aggregates are {}", listed(names)))
                    .nearest(&function.text, names);
                self.report(problem);
            }
            return None;
        };
        let arg = match (which, args.as_slice()) {
            (AggregateFunction::Count, []) => {
                let aggregate = Aggregate { function: which, args: Vec::new() };
                return Some(TypedAggregate { aggregate, ty: Ty::required(SemanticType::Int) });
            }
            (AggregateFunction::MapOf, [key, value]) => {
                return self.map_of(scope, [key, value], expr.range);
            }
            (AggregateFunction::MapOf, _) => {
                let message = "`map_of` takes a key and a value";
                let problem = Problem::error(Code::WrongArguments, expr.range, message)
                    .help("write `map_of(key, value)`");
                self.report(problem);
                return None;
            }
            (_, [arg]) => self.expr(scope, arg),
            _ => {
                let message = format!("`{}` takes one value", function.text);
                self.error(Code::WrongArguments, expr.range, message);
                return None;
            }
        };
        let ty = self.aggregate_type(which, &function.text, &arg);
        self.note_type(expr.range, &ty);
        let arg = match which {
            AggregateFunction::NoisyOr | AggregateFunction::Avg => {
                arg.physical(&PhysicalType::Float64)
            }
            _ => arg.expr,
        };
        Some(TypedAggregate { aggregate: Aggregate { function: which, args: vec![arg] }, ty })
    }

    /// `map_of(key, value)`.
    fn map_of(
        &mut self,
        scope: &mut Scope,
        sides: [&ast::Expr; 2],
        range: TextRange,
    ) -> Option<TypedAggregate> {
        let [key, value] = sides.map(|side| self.expr(scope, side));
        let (Some(of), Some(to)) = (key.ty.semantic(), value.ty.semantic()) else {
            let aggregate = Aggregate { function: AggregateFunction::MapOf, args: Vec::new() };
            return Some(TypedAggregate { aggregate, ty: Ty::Unknown });
        };
        if !of.physical().may_be_key() || *of == SemanticType::Null {
            let message = format!("`{of}` values are no keys of a map");
            let problem = Problem::error(Code::WrongArguments, key.range, message)
                .help("keys are text, whole numbers or ids");
            self.report(problem);
            return None;
        }
        // The least of several values is kept, so one must be less than the other.
        if !to.is_ordered() {
            let message =
                format!("`map_of` does not take values of type `{}`: they have no order", value.ty);
            let problem = Problem::error(Code::WrongArguments, value.range, message)
                .help("of several values of one key the least is kept");
            self.report(problem);
            return None;
        }
        let map = SemanticType::Map(Box::new(of.clone()), Box::new(to.clone()));
        let ty = Ty::required(map);
        self.note_type(range, &ty);
        let args = vec![key.expr, value.expr];
        let aggregate = Aggregate { function: AggregateFunction::MapOf, args };
        Some(TypedAggregate { aggregate, ty })
    }

    fn no_aggregate(&mut self, expr: &ast::Expr) {
        let problem =
            Problem::error(Code::MisplacedAggregate, expr.range, "expected an aggregate")
                .found("this has a value for each row, not one for each group")
                .help("write one of count, count_distinct, sum, min, max, avg, collect, map_of and noisy_or around it; calculate with its result in a `derive` step");
        self.report(problem);
    }

    fn aggregate_type(&mut self, which: AggregateFunction, name: &str, arg: &Typed) -> Ty {
        use AggregateFunction as F;
        let Some(semantic) = arg.ty.semantic() else {
            return match which {
                F::Count | F::CountDistinct => Ty::required(SemanticType::Int),
                _ => Ty::Unknown,
            };
        };
        let plain = !semantic.is_nested();
        let (fits, result) = match which {
            F::Count => return Ty::required(SemanticType::Int),
            F::CountDistinct => (plain, SemanticType::Int),
            F::Sum if *semantic == SemanticType::Int => (true, SemanticType::Int),
            F::Sum | F::Avg => (semantic.is_number(), SemanticType::Float),
            F::Min | F::Max => (plain, semantic.clone()),
            F::Collect => (plain, SemanticType::List(Box::new(semantic.clone()))),
            F::NoisyOr => (semantic.is_number(), SemanticType::Confidence),
            F::MapOf => return Ty::Unknown,
        };
        if !fits {
            let message = format!("`{name}` does not take `{semantic}`");
            self.error(Code::WrongArguments, arg.range, message);
            return Ty::Unknown;
        }
        Ty::new(result, arg.ty.is_nullable() && which != F::CountDistinct)
    }
}
