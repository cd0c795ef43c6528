//! Maps: what looks into them, and what does not go with them.

use cpg_base::{Code, TextRange};
use cpg_ir::expr::Expr;
use cpg_ir::types::SemanticType;
use cpg_syntax::ast;

use super::{Scope, Typed};
use crate::checker::Checker;
use crate::problem::{Anchor, Problem};
use crate::ty::{SemanticRules, Ty};

/// A map with the types of its keys and values.
struct Map {
    map: Typed,
    key: SemanticType,
    value: SemanticType,
}

impl<'db> Checker<'db> {
    /// `get(map, key)`: null where the map does not have the key.
    pub(super) fn get(
        &mut self,
        scope: &mut Scope,
        map: &ast::Expr,
        key: &ast::Expr,
        range: TextRange,
    ) -> Typed {
        let map = self.map(scope, "get", map);
        let key = self.expr(scope, key);
        let Some(Map { map, key: of, value }) = map else {
            return Typed::unknown(range);
        };
        let looked_up = match key.refers_to(&of) {
            Err(code) => {
                let message = format!("the keys of this map are `{of}`, found `{}`", key.ty);
                Some(
                    Problem::error(code, key.range, message)
                        .label(Anchor::Here(map.range), format!("`{}`", map.ty)),
                )
            }
            Ok(()) if key.is_null() => {
                let message = "null is never a key of a map";
                Some(Problem::error(Code::NullComparison, key.range, message))
            }
            Ok(()) => None,
        };
        if let Some(problem) = looked_up {
            self.report(problem);
            return Typed::unknown(range);
        }
        if key.ty == Ty::Unknown {
            return Typed::unknown(range);
        }
        let key = key.physical(&of.physical());
        called("get", vec![map.expr, key], Ty::new(value, true), range)
    }

    /// `map_keys(map)`.
    pub(super) fn map_keys(
        &mut self,
        scope: &mut Scope,
        map: &ast::Expr,
        range: TextRange,
    ) -> Typed {
        let Some(Map { map, key, .. }) = self.map(scope, "map_keys", map) else {
            return Typed::unknown(range);
        };
        let ty = Ty::new(SemanticType::List(Box::new(key)), map.ty.is_nullable());
        called("map_keys", vec![map.expr], ty, range)
    }

    /// `map_values(map)`.
    pub(super) fn map_values(
        &mut self,
        scope: &mut Scope,
        map: &ast::Expr,
        range: TextRange,
    ) -> Typed {
        let Some(Map { map, value, .. }) = self.map(scope, "map_values", map) else {
            return Typed::unknown(range);
        };
        let ty = Ty::new(SemanticType::List(Box::new(value)), map.ty.is_nullable());
        called("map_values", vec![map.expr], ty, range)
    }

    /// `len(value)`: of a list or a map.
    pub(super) fn len(&mut self, scope: &mut Scope, value: &ast::Expr, range: TextRange) -> Typed {
        let value = self.expr(scope, value);
        let function = match value.ty.semantic() {
            None => return Typed::unknown(range),
            Some(SemanticType::List(_)) => "array_length",
            Some(SemanticType::Map(..)) => "cardinality",
            Some(other) => {
                let message = format!("`len` takes a list or a map, found `{}`", value.ty);
                let problem = Problem::error(Code::WrongArguments, value.range, message);
                self.report(match other {
                    SemanticType::Span => problem.help("`span_len(span)` is how many bytes it has"),
                    _ if other.is_string_like() => {
                        problem.help("`char_length(text)` is how many characters it has")
                    }
                    _ => problem,
                });
                return Typed::unknown(range);
            }
        };
        let ty = Ty::new(SemanticType::Int, value.ty.is_nullable());
        called(function, vec![value.expr], ty, range)
    }

    /// The map that `function` takes; `None` where it is none, which is reported, or unknown.
    fn map(&mut self, scope: &mut Scope, function: &str, map: &ast::Expr) -> Option<Map> {
        let map = self.expr(scope, map);
        match map.ty.semantic()? {
            SemanticType::Map(key, value) => {
                let (key, value) = (key.as_ref().clone(), value.as_ref().clone());
                Some(Map { map, key, value })
            }
            other => {
                let message = format!("`{function}` takes a map, found `{}`", map.ty);
                let problem = Problem::error(Code::WrongArguments, map.range, message);
                self.report(match other {
                    SemanticType::List(_) if function == "get" => problem.help(
                        "`array_element(list, place)` is the element of a list, counted from 1",
                    ),
                    _ => problem.help("a group makes one with `map_of(key, value)`"),
                });
                None
            }
        }
    }

    /// Whether values can be told apart; reports where they cannot.
    pub(super) fn has_equality(&mut self, value: &Typed) -> bool {
        let told_apart = value.ty.semantic().is_none_or(SemanticType::has_equality);
        if !told_apart {
            let message = format!("`{}` values are not compared", value.ty);
            self.report(uncompared(value.range, message));
        }
        told_apart
    }

    /// Reports a value that tells no rows apart where `clause` needs one that does.
    pub(crate) fn tells_apart(&mut self, clause: &str, ty: &Ty, range: TextRange) {
        if !ty.semantic().is_none_or(SemanticType::has_equality) {
            let message = format!("`{clause}` cannot tell rows apart by `{ty}`");
            self.report(uncompared(range, message));
        }
    }
}

fn uncompared(range: TextRange, message: String) -> Problem<'static> {
    Problem::error(Code::Incomparable, range, message).help(
        "maps may have their keys in any order: compare `get(map, key)`, or columns that they were made of",
    )
}

fn called(function: &str, args: Vec<Expr>, ty: Ty, range: TextRange) -> Typed {
    Typed::new(Expr::Call { function: function.to_owned(), args }, ty, range)
}
