//! `fn`.

use std::collections::{BTreeMap, BTreeSet};

use cpg_base::{Code, TextRange};
use cpg_ir::expr::Expr;
use cpg_ir::types::{ColumnType, SemanticType};
use cpg_syntax::ast::{FnItem, Name, Parameter, TypeExpr};

use crate::checker::Checker;
use crate::expr::{Misfit, Scope, Typed, is_reserved_function, is_too_large, too_large};
use crate::facts::Meaning;
use crate::problem::{Anchor, Problem};
use crate::row::Row;
use crate::signature::{FunctionSignature, Signature};
use crate::ty::Ty;

impl<'db> Checker<'db> {
    /// A function: an expression over typed parameters, checked once, here.
    pub(super) fn function_item(&mut self, tree: &FnItem) -> Signature {
        let name = &tree.name.text;
        if is_reserved_function(name) {
            let message = format!("`{name}` is a function of the language");
            let problem = Problem::error(Code::DuplicateItem, tree.name.range, message)
                .found("a call would never mean this one")
                .help("give it another name");
            self.report(problem);
        }
        let row = self.parameters(&tree.parameters);
        let parameters = row.schema();
        let body = self.expr(&mut Scope::parameters(row), &tree.body);
        let body = match &tree.result {
            Some(result) => self.promised(result, &tree.name, body),
            None => self.inferred(&tree.name, body),
        };
        self.unused_parameters(&tree.parameters, &body);
        if is_too_large(&body.expr) {
            let message = format!("`{name}` becomes too large when what it calls is written out");
            self.report(too_large(tree.name.range, message));
            return Signature::Unknown;
        }
        match (parameters, body.ty) {
            (Some(parameters), Ty::Known(result)) => Signature::Function(FunctionSignature {
                parameters: parameters.columns,
                result,
                body: body.expr,
            }),
            _ => Signature::Unknown,
        }
    }

    fn unused_parameters(&mut self, parameters: &[Parameter], body: &Typed) {
        if body.ty == Ty::Unknown || self.incomplete {
            return;
        }
        let mut read = BTreeSet::new();
        body.expr.walk(&mut |part| {
            if let Expr::Column { name, .. } = part {
                read.insert(name.clone());
            }
        });
        for Parameter { name, .. } in parameters {
            if !read.contains(&name.text) && !name.text.starts_with('_') {
                let message = format!("the function does not read `{}`", name.text);
                let problem = Problem::error(Code::UnusedParameter, name.range, message)
                    .help("remove it, or let its name begin with `_`")
                    .warning();
                self.report(problem);
            }
        }
    }

    fn parameters(&mut self, parameters: &[Parameter]) -> Row {
        let mut row = Row { columns: Vec::new(), open: self.incomplete };
        let mut seen: BTreeMap<&str, TextRange> = BTreeMap::new();
        for Parameter { name, ty } in parameters {
            let ty = self.declared_type(ty);
            if let Some(first) = seen.insert(&name.text, name.range) {
                let message = format!("two parameters are called `{}`", name.text);
                let problem = Problem::error(Code::DuplicateParameter, name.range, message)
                    .label(Anchor::Here(first), "the first one")
                    .help("give one of them another name");
                self.report(problem);
                row.open = true;
                continue;
            }
            let meaning = Meaning::Declared { name: name.text.clone(), ty: ty.clone() };
            self.note_name(name.range, meaning);
            row.declare(name.text.clone(), ty, name.range);
        }
        row
    }

    /// The body as what the function says it gives.
    fn promised(&mut self, result: &TypeExpr, name: &Name, body: Typed) -> Typed {
        let ty = self.declared_type(result);
        let Some(to) = ty.known() else { return Typed::unknown(body.range) };
        if body.ty == Ty::Unknown {
            return body;
        }
        match body.fit(to) {
            Ok(expr) => Typed::new(expr, ty, body.range),
            Err(misfit) => {
                let message = format!("`{}` must give `{to}`, found `{}`", name.text, body.ty);
                let problem = Problem::error(misfit.code(), body.range, message)
                    .label(Anchor::Here(result.range), "as is said here");
                let problem = match misfit {
                    Misfit::Null => {
                        let optional = ColumnType::optional(to.semantic.clone());
                        problem
                            .help(format!("give a default with `??`, or say `-> {optional}`"))
                            .fix(
                                format!("say `-> {optional}`"),
                                TextRange::empty(result.range.end()),
                                "?",
                            )
                    }
                    Misfit::Meaning(_) => problem,
                };
                self.report(problem);
                Typed::unknown(body.range)
            }
        }
    }

    /// The body of a function that does not say what it gives.
    fn inferred(&mut self, name: &Name, body: Typed) -> Typed {
        if body.ty.semantic() != Some(&SemanticType::Null) {
            return body;
        }
        let message = format!("the type of `{}` is not known: it is only ever null", name.text);
        let problem = Problem::error(Code::TypeMismatch, body.range, message)
            .help("say what it gives, as in `-> string?`");
        self.report(problem);
        Typed::unknown(body.range)
    }
}
