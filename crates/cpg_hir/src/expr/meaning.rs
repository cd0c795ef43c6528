//! Which meanings go together.

use cpg_base::Code;
use cpg_ir::expr::{Expr, Literal};
use cpg_ir::types::SemanticType;

use super::Typed;
use crate::ty::{SemanticRules, Ty, namespace};

/// Why two values do not go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clash {
    /// The same kind of place, counted differently.
    Unit,
    /// Ids of different entities.
    Id,
    /// Different meanings.
    Meaning,
}

/// Whether two values may be compared.
pub(super) fn comparable(left: &Typed, right: &Typed) -> Result<(), Clash> {
    use SemanticType as S;
    let (Some(a), Some(b)) = (left.ty.semantic(), right.ty.semantic()) else {
        return Ok(());
    };
    if !a.has_equality() || !b.has_equality() {
        return Err(Clash::Meaning);
    }
    let adapts = |value: &Typed, to: &S| value.literal().is_some_and(|l| adapts(l, to));
    if a == b || adapts(left, b) || adapts(right, a) {
        return Ok(());
    }
    let plain_number = |s: &S| matches!(s, S::Int | S::Float);
    let fits = match (namespace(a), namespace(b)) {
        (Some(a), Some(b)) => return same_namespace(a, b),
        _ => {
            (a.is_number() && b.is_number() && (plain_number(a) || plain_number(b)))
                || (a.is_string_like()
                    && b.is_string_like()
                    && (*a == S::String || *b == S::String))
        }
    };
    if fits { Ok(()) } else { Err(clash(a, b)) }
}

fn same_namespace(a: Option<&str>, b: Option<&str>) -> Result<(), Clash> {
    match (a, b) {
        (Some(a), Some(b)) if a != b => Err(Clash::Id),
        _ => Ok(()),
    }
}

impl Typed {
    /// Whether it can be equal to a value of another column; the code that says why not.
    pub fn refers_to(&self, other: &SemanticType) -> Result<(), Code> {
        let other = Self::new(Expr::column(0, ""), Ty::required(other.clone()), self.range);
        comparable(self, &other).map_err(|clash| clash.code(Code::TypeMismatch))
    }

    /// Whether an id taken over this value can be one that was taken over a value of type `other`.
    pub fn may_stand_for(&self, other: &Ty) -> bool {
        let other = Self::new(Expr::column(0, ""), other.clone(), self.range);
        let carried = |value: &Self| value.ty.semantic().map(SemanticType::physical);
        match (carried(self), carried(&other)) {
            (Some(a), Some(b)) => a == b && comparable(self, &other).is_ok(),
            _ => true,
        }
    }
}

/// What a value means, and which constant it is if it is one.
#[derive(Debug, Clone)]
pub(super) struct Meaning {
    pub semantic: SemanticType,
    pub constant: Option<Literal>,
}

impl Meaning {
    /// The meaning of a value; `None` when unknown.
    pub fn of(value: &Typed) -> Option<Self> {
        Some(Self { semantic: value.ty.semantic()?.clone(), constant: value.literal().cloned() })
    }

    fn adapts(&self, to: &SemanticType) -> bool {
        self.constant.as_ref().is_some_and(|literal| adapts(literal, to))
    }

    /// The meaning of a value that is one of the two.
    pub fn unified(&self, other: &Self) -> Result<Self, Clash> {
        let (a, b) = (&self.semantic, &other.semantic);
        let semantic = if a == b || other.adapts(a) {
            a.clone()
        } else if self.adapts(b) {
            b.clone()
        } else {
            either(a, b)?
        };
        // Two constants together still take the meaning of what they meet.
        let constant = match (&self.constant, &other.constant) {
            (Some(Literal::Null), constant) => constant.clone(),
            (Some(_), Some(Literal::Null)) => self.constant.clone(),
            (Some(a), Some(b)) => Some(if adapts(a, &semantic) { b } else { a }.clone()),
            _ => None,
        };
        Ok(Self { semantic, constant })
    }
}

/// The narrowest meaning that holds values of both.
pub(crate) fn either(a: &SemanticType, b: &SemanticType) -> Result<SemanticType, Clash> {
    use SemanticType as S;
    if a == b || *b == S::Null {
        return Ok(a.clone());
    }
    if *a == S::Null {
        return Ok(b.clone());
    }
    if let (Some(x), Some(y)) = (namespace(a), namespace(b)) {
        return Ok(if x == y { S::FileId } else { S::Id(None) });
    }
    match (a, b) {
        (S::List(x), S::List(y)) if x.physical() == y.physical() => {
            Ok(S::List(Box::new(either(x, y)?)))
        }
        (S::Map(a, x), S::Map(b, y))
            if a.physical() == b.physical() && x.physical() == y.physical() =>
        {
            Ok(S::Map(Box::new(either(a, b)?), Box::new(either(x, y)?)))
        }
        _ if a.is_string_like() && b.is_string_like() => Ok(S::String),
        _ if a.is_number() && b.is_number() => Ok(S::Float),
        _ => Err(clash(a, b)),
    }
}

/// Whether every value that means `from` may stand where `to` is said.
pub(super) fn widens(from: &SemanticType, to: &SemanticType) -> bool {
    use SemanticType as S;
    if from == to || *from == S::Null {
        return true;
    }
    if let (Some(from), Some(to)) = (namespace(from), namespace(to)) {
        return to.is_none() || from == to;
    }
    match to {
        S::String => from.is_string_like(),
        S::Int => from.is_position(),
        S::Float | S::Score | S::Confidence => from.is_number(),
        S::List(to) => {
            matches!(from, S::List(from) if from.physical() == to.physical() && widens(from, to))
        }
        S::Map(key, value) => {
            let same = from.physical() == to.physical();
            matches!(from, S::Map(k, v) if same && widens(k, key) && widens(v, value))
        }
        _ => false,
    }
}

/// Whether a constant takes that meaning.
pub(super) fn adapts(literal: &Literal, to: &SemanticType) -> bool {
    match literal {
        Literal::Null => true,
        Literal::Bool(_) => *to == SemanticType::Bool,
        Literal::Int(_) => to.is_number() || to.is_position(),
        Literal::Float(_) => to.is_number() && *to != SemanticType::Int,
        Literal::String(_) => to.is_string_like(),
    }
}

pub(super) fn clash(a: &SemanticType, b: &SemanticType) -> Clash {
    use SemanticType as S;
    match (a, b) {
        (S::Offset(_), S::Offset(_))
        | (S::Line { .. }, S::Line { .. })
        | (S::Col { .. }, S::Col { .. }) => Clash::Unit,
        _ if a.is_id() && b.is_id() => Clash::Id,
        _ => Clash::Meaning,
    }
}
