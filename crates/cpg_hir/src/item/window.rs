//! The steps `window` and `unnest` of a view.

use cpg_base::{Code, TextRange};
use cpg_ir::expr::{Aggregate, AggregateFunction, Expr, Literal};
use cpg_ir::types::SemanticType;
use cpg_ir::window::{Neighbour, Unnest, Window, WindowColumn, WindowFunction};
use cpg_syntax::ast::{self, ExprKind, NamedExpr, UnnestStep, WindowStep};

use crate::checker::Checker;
use crate::expr::{Scope, Typed, WINDOW_FUNCTIONS};
use crate::problem::Problem;
use crate::row::Row;
use crate::ty::Ty;

/// What a column of a window holds.
struct Value {
    function: WindowFunction,
    ty: Ty,
}

impl<'db> Checker<'db> {
    /// Lowers a window; its columns are added to the last row source.
    pub(super) fn window(&mut self, scope: &mut Scope, tree: &WindowStep) -> Option<Window> {
        let per = self.keys(scope, "window per", &tree.per);
        let by = self.sort_keys(scope, &tree.by);
        let mut row = scope.sources.last()?.row.clone();
        let mut columns = Vec::with_capacity(tree.columns.len());
        for column in &tree.columns {
            let name = &column.name;
            let value = self.windowed(scope, column, !tree.by.is_empty());
            let ty = value.as_ref().map_or(Ty::Unknown, |value| value.ty.clone());
            if self.add_column(&mut row, &name.text, name.range, ty)
                && let Some(Value { function, ty: Ty::Known(ty) }) = value
            {
                columns.push(WindowColumn { name: name.text.clone(), value: function, ty });
            }
        }
        set_last(scope, row);
        Some(Window { per, by, columns })
    }

    fn windowed(&mut self, scope: &mut Scope, column: &NamedExpr, ordered: bool) -> Option<Value> {
        let Some(value) = &column.value else {
            let message =
                format!("expected a function of rows, as in `{0}: min({0})`", column.name.text);
            self.error(Code::MisplacedAggregate, column.name.range, message);
            return None;
        };
        match &value.kind {
            ExprKind::Call { function, args }
                if WINDOW_FUNCTIONS.contains(&function.text.as_str()) =>
            {
                if !ordered {
                    let message = format!("`{}` needs an order", function.text);
                    let problem = Problem::error(Code::MissingClause, function.range, message)
                        .help("say it before the brace: `window per … by KEY { … }`");
                    self.report(problem);
                }
                self.ordered_function(scope, function, args, value.range)
            }
            _ => self.window_aggregate(scope, value, ordered),
        }
    }

    fn window_aggregate(
        &mut self,
        scope: &mut Scope,
        value: &ast::Expr,
        ordered: bool,
    ) -> Option<Value> {
        let found = self.aggregate(scope, value)?;
        let Aggregate { function, .. } = found.aggregate;
        if function == AggregateFunction::CountDistinct {
            let message = "`count_distinct` has no form in a window";
            let problem = Problem::error(Code::MisplacedAggregate, value.range, message)
                .help("count in a `group by` and join the result");
            self.report(problem);
        }
        // Their value is computed anew from all values for each row.
        let whole = matches!(
            function,
            AggregateFunction::Collect | AggregateFunction::MapOf | AggregateFunction::NoisyOr
        );
        if whole && ordered {
            let text = self.text_at(value.range);
            let message = format!("`{text}` looks at a whole partition, not at the rows up to one");
            let problem = Problem::error(Code::MisplacedAggregate, value.range, message)
                .help("put it into a `window` step without `by`");
            self.report(problem);
        }
        Some(Value { function: WindowFunction::Aggregate(found.aggregate), ty: found.ty })
    }

    fn ordered_function(
        &mut self,
        scope: &mut Scope,
        function: &ast::Name,
        args: &[ast::Expr],
        range: TextRange,
    ) -> Option<Value> {
        let name = function.text.as_str();
        let count = |function| Some(Value { function, ty: Ty::required(SemanticType::Int) });
        match (name, args) {
            ("row_number", []) => count(WindowFunction::RowNumber),
            ("rank", []) => count(WindowFunction::Rank),
            ("dense_rank", []) => count(WindowFunction::DenseRank),
            ("first_value", [value]) => {
                let value = self.expr(scope, value);
                Some(Value { function: WindowFunction::FirstValue(value.expr), ty: value.ty })
            }
            ("last_value", [value]) => {
                let value = self.expr(scope, value);
                Some(Value { function: WindowFunction::LastValue(value.expr), ty: value.ty })
            }
            ("lag", [value, rest @ ..]) if rest.len() <= 2 => {
                let (neighbour, ty) = self.neighbour(scope, value, rest)?;
                Some(Value { function: WindowFunction::Lag(neighbour), ty })
            }
            ("lead", [value, rest @ ..]) if rest.len() <= 2 => {
                let (neighbour, ty) = self.neighbour(scope, value, rest)?;
                Some(Value { function: WindowFunction::Lead(neighbour), ty })
            }
            _ => {
                let form = match name {
                    "lag" | "lead" => format!(
                        "`{name}(value)`, `{name}(value, distance)` or `{name}(value, distance, otherwise)`"
                    ),
                    "first_value" | "last_value" => format!("`{name}(value)`"),
                    _ => format!("`{name}()`"),
                };
                let message = format!("`{name}` does not take these arguments");
                let problem = Problem::error(Code::WrongArguments, range, message)
                    .help(format!("write {form}"));
                self.report(problem);
                None
            }
        }
    }

    /// `value [, distance [, otherwise]]`.
    fn neighbour(
        &mut self,
        scope: &mut Scope,
        value: &ast::Expr,
        rest: &[ast::Expr],
    ) -> Option<(Neighbour, Ty)> {
        let value = self.expr(scope, value);
        let distance = match rest.first() {
            Some(distance) => self.distance(scope, distance)?,
            None => 1,
        };
        let Some(otherwise) = rest.get(1) else {
            let ty = value.ty.with_nullable(true);
            return Some((Neighbour { value: value.expr, distance, otherwise: None }, ty));
        };
        let otherwise = self.expr(scope, otherwise);
        if otherwise.ty != Ty::Unknown && otherwise.literal().is_none() {
            let message = "what stands for a missing row must be a constant";
            let problem = Problem::error(Code::NotConstant, otherwise.range, message)
                .help("leave it out and write `?? VALUE` in a `derive` step");
            self.report(problem);
        }
        let sides = [value, otherwise];
        let semantic = self.unify(&sides)?;
        let nullable = sides.iter().any(|side| side.ty.is_nullable());
        let [value, otherwise] = sides.map(|side| side.physical(&semantic.physical()));
        let Expr::Literal(otherwise) = otherwise else { return None };
        let neighbour = Neighbour { value, distance, otherwise: Some(otherwise) };
        Some((neighbour, Ty::new(semantic, nullable)))
    }

    fn distance(&mut self, scope: &mut Scope, distance: &ast::Expr) -> Option<u32> {
        let distance = self.expr(scope, distance);
        match distance.literal() {
            Some(Literal::Int(value)) => {
                let found = u32::try_from(*value).ok().filter(|value| *value > 0);
                if found.is_none() {
                    let message = format!("expected a distance of 1 or more rows, found {value}");
                    self.error(Code::OutOfRange, distance.range, message);
                }
                found
            }
            _ => {
                if distance.ty != Ty::Unknown {
                    let message = "a distance must be a constant number of rows";
                    self.error(Code::NotConstant, distance.range, message);
                }
                None
            }
        }
    }

    /// Lowers an unnesting; the element is added to the last row source.
    pub(super) fn unnest(&mut self, scope: &mut Scope, tree: &UnnestStep) -> Option<Unnest> {
        let list: Typed = self.expr(scope, &tree.list);
        let element = match list.ty.semantic() {
            None => Ty::Unknown,
            // A list says nothing of nulls in it.
            Some(SemanticType::List(item)) => Ty::new((**item).clone(), true),
            Some(_) => {
                let message = format!("expected a list, found `{}`", list.ty);
                let problem = Problem::error(Code::TypeMismatch, list.range, message);
                self.report(match list.ty.semantic() {
                    Some(SemanticType::Map(..)) => {
                        let text = self.text_at(list.range);
                        problem.help(format!("unnest its keys: `map_keys({text})`"))
                    }
                    _ => problem.help("make one, as with `string_to_array(text, \",\")`"),
                });
                Ty::Unknown
            }
        };
        let mut row = scope.sources.last()?.row.clone();
        let name = &tree.element;
        self.add_column(&mut row, &name.text, name.range, element.clone());
        if let Some(place) = &tree.place {
            let ty = Ty::required(SemanticType::Int);
            self.add_column(&mut row, &place.text, place.range, ty);
        }
        set_last(scope, row);
        Some(Unnest {
            list: list.expr,
            element: name.text.clone(),
            ty: element.known()?.clone(),
            place: tree.place.as_ref().map(|place| place.text.clone()),
        })
    }
}

/// The last row source has these columns now.
fn set_last(scope: &mut Scope, row: Row) {
    if let Some(source) = scope.sources.last_mut() {
        source.row = row;
    }
}
