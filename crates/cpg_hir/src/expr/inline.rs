//! Calls of the program's own functions, which are written out where they stand.

use cpg_base::{Code, TextRange};
use cpg_ir::expr::Expr;
use cpg_ir::types::Column;
use cpg_syntax::MAX_NESTING;

use super::{Misfit, Typed};
use crate::checker::Checker;
use crate::files::Item;
use crate::problem::{Anchor, Problem};
use crate::signature::{FunctionSignature, Signature, signature};
use crate::ty::Ty;

/// The most parts that a call, and a function's body with the calls in it, may become. A chain of functions that use their parameter twice would
/// otherwise double with each one.
const MAX_SIZE: usize = 10_000;

/// How deep they may stand in one another. What is written by hand becomes at most twice as deep as it is.
const MAX_DEPTH: usize = 2 * MAX_NESTING;

impl<'db> Checker<'db> {
    /// The body of the function `item`, its parameters replaced by `args`.
    pub(super) fn inlined(&mut self, item: Item<'db>, args: &[Typed], range: TextRange) -> Typed {
        let Signature::Function(function) = &**signature(self.db, item) else {
            return Typed::unknown(range);
        };
        let Some(values) = self.arguments(item, function, args, range) else {
            return Typed::unknown(range);
        };
        if args.iter().any(|arg| arg.ty == Ty::Unknown) {
            return Typed::unknown(range);
        }
        let value = |name: &str| {
            let named = function.parameters.iter().zip(&values);
            named.filter(|(parameter, _)| parameter.name == name).map(|(_, value)| value).next()
        };
        let mut size = function.body.size();
        function.body.walk(&mut |part| {
            if let Expr::Column { name, .. } = part {
                size = size.saturating_add(value(name).map_or(0, Expr::size));
            }
        });
        let expr = (size <= MAX_SIZE).then(|| {
            function.body.replace_columns(&mut |source, name| {
                value(name).cloned().unwrap_or_else(|| Expr::column(source, name))
            })
        });
        match expr.filter(|expr| !is_too_large(expr)) {
            Some(expr) => Typed::new(expr, Ty::Known(function.result.clone()), range),
            None => {
                let message = "this call becomes too large when its function is written out";
                self.report(too_large(range, message).label(Anchor::Name(item), "the function"));
                Typed::unknown(range)
            }
        }
    }

    /// The arguments as the parameters' types carry them; `None` when they do not fit, which is reported.
    fn arguments(
        &mut self,
        item: Item<'db>,
        function: &FunctionSignature,
        args: &[Typed],
        range: TextRange,
    ) -> Option<Vec<Expr>> {
        let name = item.name(self.db).clone().unwrap_or_default();
        let parameters = &function.parameters;
        if args.len() != parameters.len() {
            let message = format!(
                "`{name}` takes {}, found {}",
                counted(parameters.len()),
                if args.is_empty() { "none".to_owned() } else { args.len().to_string() }
            );
            let problem = Problem::error(Code::WrongArguments, range, message)
                .label(Anchor::Name(item), "declared here")
                .help(format!("it can be called as {}", form(&name, parameters)));
            self.report(problem);
            return None;
        }
        let mut values = Vec::with_capacity(args.len());
        for (arg, parameter) in args.iter().zip(parameters) {
            match arg.fit(&parameter.ty) {
                Ok(value) => values.push(value),
                Err(Misfit::Null) => {
                    self.guarded(&[arg], &format!("the argument `{}` of `{name}`", parameter.name));
                }
                Err(Misfit::Meaning(code)) => {
                    let message = format!(
                        "the argument `{}` of `{name}` must be `{}`, found `{}`",
                        parameter.name, parameter.ty, arg.ty
                    );
                    let problem = Problem::error(code, arg.range, message)
                        .label(Anchor::Name(item), "declared here");
                    self.report(problem);
                }
            }
        }
        (values.len() == args.len()).then_some(values)
    }
}

/// Whether an expression in which calls were written out has grown beyond bounds.
pub(crate) fn is_too_large(expr: &Expr) -> bool {
    expr.size() > MAX_SIZE || expr.depth() > MAX_DEPTH
}

/// Reports that.
pub(crate) fn too_large<'db>(range: TextRange, message: impl Into<String>) -> Problem<'db> {
    Problem::error(Code::ExpressionTooLarge, range, message)
        .help("keep a value that is used several times in a column, with `derive`")
}

fn counted(parameters: usize) -> String {
    match parameters {
        0 => "no arguments".to_owned(),
        1 => "1 argument".to_owned(),
        several => format!("{several} arguments"),
    }
}

fn form(name: &str, parameters: &[Column]) -> String {
    let parameters: Vec<String> =
        parameters.iter().map(|column| format!("{}: {}", column.name, column.ty)).collect();
    format!("`{name}({})`", parameters.join(", "))
}
