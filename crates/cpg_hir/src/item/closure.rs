//! `closure`: transitive reach over a relation.

use cpg_base::{Code, TextRange};
use cpg_ir::expr::Expr;
use cpg_ir::spec::{ClosureSpec, Spec};
use cpg_ir::types::SemanticType;
use cpg_syntax::ast::{ClosureItem, Count, Name};

use super::Lowered;
use crate::checker::Checker;
use crate::expr::{Scope, Typed};
use crate::problem::{Anchor, Problem};
use crate::row::Row;
use crate::ty::{SemanticRules, Ty};

impl<'db> Checker<'db> {
    pub(super) fn closure(&mut self, tree: &ClosureItem) -> Lowered {
        let input = self.input(&tree.source.relation);
        let mut sources = Vec::new();
        self.add_source(&mut sources, &tree.source, input.row());
        let mut scope = Scope::new(sources);
        let filter = tree.filter.as_ref().map(|filter| self.condition(&mut scope, filter).expr);
        let relation = tree.source.relation.text.as_str();
        let from = self.end(&input.row(), relation, &tree.from);
        let to = self.end(&input.row(), relation, &tree.to);
        self.one_kind(&from, &to, &tree.from, &tree.to);
        let depth = tree.depth.and_then(|depth| self.at_least_one(depth, "steps"));

        let mut row = Row { columns: Vec::new(), open: false };
        self.add_column(&mut row, &tree.from.text, tree.from.range, from.ty);
        self.add_column(&mut row, &tree.to.text, tree.to.range, to.ty);
        if let Some(taken) =
            [&tree.from, &tree.to].into_iter().find(|n| n.text == ClosureSpec::DEPTH)
        {
            let message = format!(
                "a closure has a column `{}` of its own: the length of the shortest way",
                ClosureSpec::DEPTH
            );
            let problem = Problem::error(Code::DuplicateColumn, taken.range, message)
                .help("give the column another name in a view, and take the closure over that");
            self.report(problem);
        } else {
            row.push(ClosureSpec::DEPTH, Ty::required(SemanticType::Int));
        }
        let spec = input.relation().map(|source| {
            Spec::Closure(ClosureSpec {
                source: source.id.clone(),
                filter,
                from: tree.from.text.clone(),
                to: tree.to.text.clone(),
                depth,
            })
        });
        Lowered::new(row, spec)
    }

    /// A column that holds one end of each step. No way leads from or to null.
    fn end(&mut self, row: &Row, relation: &str, name: &Name) -> Typed {
        match row.column(&name.text) {
            Some(column) => {
                let ty = column.ty.clone().with_nullable(false);
                if !ty.semantic().is_none_or(SemanticType::has_equality) {
                    self.tells_apart("closure", &ty, name.range);
                    return Typed::unknown(name.range);
                }
                Typed::new(Expr::column(0, &name.text), ty, name.range)
            }
            None => {
                if !row.open {
                    let message = format!("`{relation}` has no column `{}`", name.text);
                    let problem = Problem::error(Code::UnknownColumn, name.range, message)
                        .nearest(&name.text, row.names());
                    self.report(problem);
                }
                Typed::unknown(name.range)
            }
        }
    }

    /// A step leads on from where another one ended only if both ends are of one kind.
    fn one_kind(&mut self, from: &Typed, to: &Typed, from_name: &Name, to_name: &Name) {
        let (Some(a), Some(b)) = (from.ty.semantic(), to.ty.semantic()) else { return };
        let code = match from.refers_to(b) {
            Ok(()) if a.physical() == b.physical() => return,
            Ok(()) => Code::TypeMismatch,
            Err(code) => code,
        };
        let message = format!(
            "no step leads on: `{}` is `{}` and `{}` is `{}`",
            from_name.text, from.ty, to_name.text, to.ty
        );
        let problem = Problem::error(code, to_name.range, message)
            .found(format!("`{}`", to.ty))
            .label(Anchor::Here(from_name.range), format!("`{}`", from.ty))
            .help("a closure needs two columns that hold the same kind of value");
        self.report(problem);
    }

    /// A number of `what`, which must be positive and have 32 bits.
    pub(super) fn at_least_one(&mut self, count: Count, what: &str) -> Option<u32> {
        match u32::try_from(count.value) {
            Ok(value @ 1..) => Some(value),
            _ => {
                let message = format!("expected a number of {what} from 1 to {}", u32::MAX);
                self.out_of_range(count.range, message);
                None
            }
        }
    }

    fn out_of_range(&mut self, range: TextRange, message: String) {
        self.error(Code::OutOfRange, range, message);
    }
}
