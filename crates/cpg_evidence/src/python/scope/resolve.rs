//! What names and dotted names stand for, by the rules of scopes alone.

use std::borrow::Cow;

use ruff_python_ast::{Decorator, Expr, ExprName};

use super::table::{Symbol, class_seen_from};
use super::{
    Binding, BindingId, BindingKind, Def, DefId, DefNode, Flags, Model, ScopeId, ScopeKind,
};
use crate::python::builtins;

/// What a name in a scope stands for.
#[derive(Debug, Clone, Copy)]
pub(in crate::python) enum Lookup {
    /// A name of the module or of a block in it.
    Bound(Bound),
    /// An attribute that every module has.
    ModuleAttribute,
    /// A name that every class body starts with.
    ClassName,
    /// `__class__`: the class around.
    OwnClass(DefId),
    /// A builtin.
    Builtin,
    /// Nothing that this file shows.
    Unresolved,
}

/// A name that the file binds.
#[derive(Debug, Clone, Copy)]
pub(in crate::python) struct Bound {
    /// The scope it belongs to.
    pub(in crate::python) scope: ScopeId,
    /// The first place that binds it there.
    pub(in crate::python) first: Option<BindingId>,
    /// The definition, when exactly one there has the name.
    pub(in crate::python) def: Option<DefId>,
    /// Some definition of the name.
    any_def: Option<DefId>,
    /// Whether one place alone binds it.
    is_bound_once: bool,
}

impl Bound {
    fn new(symbol: &Symbol) -> Self {
        Self {
            scope: symbol.scope,
            first: symbol.first,
            def: symbol.def.filter(|_| symbol.defs == 1),
            any_def: symbol.def,
            is_bound_once: symbol.bindings == 1,
        }
    }
}

impl Lookup {
    /// The one definition in the file that it is.
    pub(in crate::python) fn definition(self) -> Option<DefId> {
        match self {
            Self::Bound(bound) => bound.def,
            Self::OwnClass(class) => Some(class),
            _ => None,
        }
    }
}

/// What an expression stands for.
#[derive(Debug, Clone, Default)]
pub(in crate::python) struct Resolved<'m> {
    /// Its dotted path.
    pub(in crate::python) qualified_name: Option<Cow<'m, str>>,
    /// The one definition in this file that it is.
    pub(in crate::python) def: Option<DefId>,
}

/// What stands in front of the last dot of a callee.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::python) enum Receiver {
    /// The first parameter of the method around: an instance of its class.
    SelfInstance(DefId),
    /// The first parameter of the class method around: its class.
    SelfClass(DefId),
    /// `super()`.
    Super,
    /// A dotted name.
    Name,
    /// The result of a call.
    Call,
    /// A literal, with the builtin type it has.
    Literal(&'static str),
    /// Anything else.
    Other,
}

impl Receiver {
    pub(in crate::python) fn as_str(self) -> &'static str {
        match self {
            Self::SelfInstance(_) => "self",
            Self::SelfClass(_) => "cls",
            Self::Super => "super",
            Self::Name => "name",
            Self::Call => "call",
            Self::Literal(_) => "literal",
            Self::Other => "other",
        }
    }
}

impl<'a> Model<'a> {
    /// What a name of the tree stands for. In strings, which are no part of it, a name is looked up from `scope`.
    pub(in crate::python) fn lookup(&self, name: &ExprName, scope: ScopeId) -> Lookup {
        let symbol = match self.use_of(name) {
            Some(used) => Some(self.table.mentioned(used.mention)),
            None => self.table.find(&self.scopes, scope, name.id.as_str()),
        };
        match symbol {
            Some(symbol) => self.meaning(&symbol),
            None => self.unbound(name.id.as_str(), scope),
        }
    }

    /// What a binding's own name stands for.
    pub(in crate::python) fn lookup_binding(&self, binding: &Binding<'a>) -> Lookup {
        self.meaning(&self.table.mentioned(binding.mention))
    }

    fn meaning(&self, symbol: &Symbol) -> Lookup {
        let name = self.table.names.text(symbol.name);
        if let Some(class) = self.implicit_class(name, symbol) {
            return Lookup::OwnClass(class);
        }
        let is_own = symbol.owner == Some(symbol.scope);
        match self.table.bound(symbol).filter(|_| symbol.owner.is_some()) {
            // What a class body starts with hides what is around it.
            Some(bound) if is_own || !self.is_class_name(name, symbol.scope) => {
                Lookup::Bound(Bound::new(bound))
            }
            _ if symbol.flags.has(Flags::NONLOCAL) => Lookup::Unresolved,
            _ => self.unbound(name, symbol.scope),
        }
    }

    /// The class around that `__class__` is, whatever its body binds.
    fn implicit_class(&self, name: &str, symbol: &Symbol) -> Option<DefId> {
        let owner = self.scope(symbol.owner.filter(|owner| *owner != symbol.scope)?);
        owner.def.filter(|_| name == "__class__" && owner.kind == ScopeKind::Class)
    }

    fn is_class_name(&self, name: &str, scope: ScopeId) -> bool {
        let is_class = self.scope(scope).kind == ScopeKind::Class;
        (is_class || class_seen_from(&self.scopes, scope).is_some())
            && builtins::is_class_name(name)
    }

    /// What a name stands for that the file does not bind.
    fn unbound(&self, name: &str, scope: ScopeId) -> Lookup {
        if self.is_class_name(name, scope) {
            Lookup::ClassName
        } else if builtins::is_module_attribute(name) {
            Lookup::ModuleAttribute
        } else if builtins::is_builtin(name) {
            Lookup::Builtin
        } else {
            Lookup::Unresolved
        }
    }

    /// `local`, `parameter`, …: see the column `binding_kind`.
    pub(in crate::python) fn binding_kind(&self, lookup: Lookup) -> &'static str {
        let bound = match lookup {
            Lookup::Bound(bound) => bound,
            Lookup::ModuleAttribute => return "global",
            Lookup::ClassName => return "local",
            Lookup::OwnClass(_) => return "definition",
            Lookup::Builtin => return "builtin",
            Lookup::Unresolved => return "unresolved",
        };
        match bound.first.map(|first| self.binding(first).kind) {
            Some(BindingKind::Parameter) => "parameter",
            Some(BindingKind::Function | BindingKind::Class) => "definition",
            Some(BindingKind::Import) => "import",
            _ if bound.scope == ScopeId::MODULE => "global",
            _ => "local",
        }
    }

    /// The dotted path of what a name stands for: an import, a definition, a builtin.
    pub(in crate::python) fn name_path<'m>(
        &'m self,
        name: &str,
        lookup: Lookup,
    ) -> Option<Cow<'m, str>> {
        match lookup {
            Lookup::Bound(bound) => {
                let first = bound.first.map(|first| self.binding(first));
                let import = first.and_then(|first| first.target.as_deref());
                import.or_else(|| bound.any_def.map(|def| self.def_name(def))).map(Cow::Borrowed)
            }
            Lookup::ModuleAttribute => Some(dotted(self.qualified_name(ScopeId::MODULE), name)),
            Lookup::Builtin => Some(dotted("builtins", name)),
            Lookup::OwnClass(class) => Some(Cow::Borrowed(self.def_name(class))),
            Lookup::ClassName | Lookup::Unresolved => None,
        }
    }

    /// What the value of an expression is.
    pub(in crate::python) fn resolve(&self, expr: &Expr, scope: ScopeId) -> Resolved<'_> {
        match expr {
            Expr::Name(name) => {
                let lookup = self.lookup(name, scope);
                Resolved {
                    qualified_name: self.name_path(name.id.as_str(), lookup),
                    def: lookup.definition(),
                }
            }
            Expr::Attribute(_) => self.resolve_dotted(expr, scope),
            Expr::Lambda(lambda) => {
                let body = self.opened_by(&lambda.node_index);
                let def = body.and_then(|body| self.scope(body).def);
                Resolved { qualified_name: def.map(|def| Cow::Borrowed(self.def_name(def))), def }
            }
            _ => Resolved::default(),
        }
    }

    fn resolve_dotted(&self, expr: &Expr, scope: ScopeId) -> Resolved<'_> {
        let mut names = Vec::new();
        let mut base = expr;
        while let Expr::Attribute(attribute) = base {
            names.push(attribute.attr.as_str());
            base = &attribute.value;
        }
        // Of an instance and a literal only the members of the class are known, not what these hold.
        let is_path = self.receiver(base, scope) == Receiver::Name;
        if names.iter().any(|name| name.is_empty()) || (names.len() > 1 && !is_path) {
            return Resolved::default();
        }
        let Resolved { qualified_name, mut def } = self.resolve_receiver(base, scope);
        for name in names.iter().rev() {
            def = def.and_then(|class| self.member(class, name));
        }
        Resolved {
            qualified_name: qualified_name.map(|base| {
                let mut path = base.into_owned();
                for name in names.iter().rev() {
                    path.push('.');
                    path.push_str(name);
                }
                Cow::Owned(path)
            }),
            def,
        }
    }

    /// What stands in front of a dot, as a place to look up members in: for an instance, its class.
    pub(in crate::python) fn resolve_receiver(&self, expr: &Expr, scope: ScopeId) -> Resolved<'_> {
        match self.receiver(expr, scope) {
            Receiver::SelfInstance(class) | Receiver::SelfClass(class) => Resolved {
                qualified_name: Some(Cow::Borrowed(self.def_name(class))),
                def: Some(class),
            },
            Receiver::Literal(name) => {
                Resolved { qualified_name: Some(dotted("builtins", name)), def: None }
            }
            Receiver::Name => self.resolve(expr, scope),
            Receiver::Super | Receiver::Call | Receiver::Other => Resolved::default(),
        }
    }

    /// What kind of thing stands in front of a dot.
    pub(in crate::python) fn receiver(&self, expr: &Expr, scope: ScopeId) -> Receiver {
        match expr {
            Expr::Name(name) => self.own_class(name, scope).unwrap_or(Receiver::Name),
            Expr::Attribute(_) => match root(expr).map(|root| self.own_class(root, scope)) {
                // Of a dotted name that starts at an instance only the first step is known.
                Some(Some(_)) | None => Receiver::Other,
                Some(None) => Receiver::Name,
            },
            Expr::Call(call) => match &*call.func {
                Expr::Name(name) if name.id.as_str() == "super" => match self.lookup(name, scope) {
                    Lookup::Builtin => Receiver::Super,
                    _ => Receiver::Call,
                },
                _ => Receiver::Call,
            },
            _ => literal_type(expr).map_or(Receiver::Other, Receiver::Literal),
        }
    }

    /// Whether `name` is the first parameter of a method around `scope`, and of which class.
    fn own_class(&self, name: &ExprName, scope: ScopeId) -> Option<Receiver> {
        let Lookup::Bound(bound) = self.lookup(name, scope) else {
            return None;
        };
        let def = self.def(self.scope(bound.scope).def?);
        let DefNode::Function(function) = def.node else {
            return None;
        };
        let first = function.parameters.posonlyargs.first().or(function.parameters.args.first())?;
        if first.name().as_str() != name.id.as_str() || !bound.is_bound_once {
            return None;
        }
        let class = self.class_of(def)?;
        let is_decorated =
            |by: &str| function.decorator_list.iter().any(|one| self.is_builtin(one, def, by));
        if is_decorated("staticmethod") {
            None
        } else if is_decorated("classmethod")
            || matches!(
                function.name.as_str(),
                "__new__" | "__init_subclass__" | "__class_getitem__"
            )
        {
            Some(Receiver::SelfClass(class))
        } else {
            Some(Receiver::SelfInstance(class))
        }
    }

    fn is_builtin(&self, decorator: &Decorator, def: &Def<'a>, name: &str) -> bool {
        matches!(
            &decorator.expression,
            Expr::Name(used) if used.id.as_str() == name
                && matches!(self.lookup(used, def.outer), Lookup::Builtin)
        )
    }

    /// The one definition that the body of a class has under a name.
    fn member(&self, class: DefId, name: &str) -> Option<DefId> {
        let class = self.def(class);
        if !matches!(class.node, DefNode::Class(_)) {
            return None;
        }
        self.table.own(class.body, name).and_then(|symbol| Bound::new(symbol).def)
    }
}

/// The first name of a dotted name.
pub(in crate::python) fn root(expr: &Expr) -> Option<&ExprName> {
    let mut expr = expr;
    loop {
        match expr {
            Expr::Name(name) => return Some(name),
            Expr::Attribute(attribute) => expr = &attribute.value,
            _ => return None,
        }
    }
}

fn literal_type(expr: &Expr) -> Option<&'static str> {
    Some(match expr {
        Expr::StringLiteral(_) | Expr::FString(_) => "str",
        Expr::BytesLiteral(_) => "bytes",
        Expr::List(_) | Expr::ListComp(_) => "list",
        Expr::Dict(_) | Expr::DictComp(_) => "dict",
        Expr::Set(_) | Expr::SetComp(_) => "set",
        Expr::Tuple(_) => "tuple",
        Expr::BooleanLiteral(_) => "bool",
        Expr::NumberLiteral(number) => match number.value {
            ruff_python_ast::Number::Int(_) => "int",
            ruff_python_ast::Number::Float(_) => "float",
            ruff_python_ast::Number::Complex { .. } => "complex",
        },
        _ => return None,
    })
}

fn dotted(base: &str, name: &str) -> Cow<'static, str> {
    Cow::Owned(format!("{base}.{name}"))
}
