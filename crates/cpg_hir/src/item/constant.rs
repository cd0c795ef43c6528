//! `const`.

use cpg_base::Code;
use cpg_ir::types::ColumnType;
use cpg_syntax::ast::ConstItem;

use crate::checker::Checker;
use crate::expr::Scope;
use crate::problem::Problem;
use crate::signature::{ConstantSignature, Signature};
use crate::ty::Ty;

impl<'db> Checker<'db> {
    /// A constant is a literal, another constant, or arithmetic on them.
    pub(super) fn constant_item(&mut self, tree: &ConstItem) -> Signature {
        let value = self.expr(&mut Scope::default(), &tree.value);
        let Ty::Known(ColumnType { semantic, .. }) = &value.ty else {
            return Signature::Unknown;
        };
        match value.literal() {
            Some(literal) if !value.is_null() => Signature::Constant(ConstantSignature {
                value: literal.clone(),
                ty: ColumnType::required(semantic.clone()),
            }),
            Some(_) => {
                let message = "a constant may not be null";
                self.error(Code::NotConstant, value.range, message);
                Signature::Unknown
            }
            None => {
                let problem = Problem::error(Code::NotConstant, value.range, "expected a constant")
                    .help("write a literal, or arithmetic on literals and constants");
                self.report(problem);
                Signature::Unknown
            }
        }
    }
}
