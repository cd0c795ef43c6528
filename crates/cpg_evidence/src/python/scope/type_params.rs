//! Type parameters (PEP 695): who has them, and which class is seen from there.

use ruff_python_ast::{Expr, StmtClassDef, StmtFunctionDef, StmtTypeAlias, TypeParams};

use super::Flags;

/// A statement that may have type parameters.
#[derive(Clone, Copy)]
pub(super) enum TypeParamsOwner<'a> {
    Function(&'a StmtFunctionDef),
    Class(&'a StmtClassDef),
    TypeAlias(&'a StmtTypeAlias),
}

impl<'a> TypeParamsOwner<'a> {
    pub(super) fn params(self) -> Option<&'a TypeParams> {
        match self {
            Self::Function(function) => function.type_params.as_deref(),
            Self::Class(class) => class.type_params.as_deref(),
            Self::TypeAlias(alias) => alias.type_params.as_deref(),
        }
    }

    pub(super) fn name(self) -> &'a str {
        match self {
            Self::Function(function) => function.name.as_str(),
            Self::Class(class) => class.name.as_str(),
            Self::TypeAlias(alias) => alias_name(alias),
        }
    }

    /// The names that the compiler makes up in the scope of the type parameters, to pass values through it.
    pub(super) fn implicit(self) -> impl Iterator<Item = (&'static str, Flags)> {
        let names: [Option<(&str, Flags)>; 2] = match self {
            Self::Function(function) => {
                let parameters = &function.parameters;
                let has_defaults = parameters
                    .posonlyargs
                    .iter()
                    .chain(&parameters.args)
                    .any(|parameter| parameter.default.is_some());
                let has_keyword_defaults =
                    parameters.kwonlyargs.iter().any(|parameter| parameter.default.is_some());
                [
                    has_defaults.then_some((".defaults", Flags::PARAMETER)),
                    has_keyword_defaults.then_some((".kwdefaults", Flags::PARAMETER)),
                ]
            }
            Self::Class(_) => {
                [Some((".type_params", Flags::HELD)), Some((".generic_base", Flags::HELD))]
            }
            Self::TypeAlias(_) => [None, None],
        };
        names.into_iter().flatten()
    }
}

/// The name that a `type` statement binds.
pub(super) fn alias_name(alias: &StmtTypeAlias) -> &str {
    match &*alias.name {
        Expr::Name(name) => name.id.as_str(),
        _ => "",
    }
}
