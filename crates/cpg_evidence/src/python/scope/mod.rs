//! Scopes, what they bind, and what uses it: everything the rows of `python.cst`, `python.symtable` and `python.flow`
//! are made from.
//!
//! ```text
//! syntax tree ──visit──► Seen: scopes, bindings, definitions, names, calls, …, and what each scope mentions
//!                          └─table, around──► Model: the same, and where every mentioned name belongs
//! ```
//!
//! Rules are those of the language reference: a name that a block binds anywhere belongs to that block; class
//! blocks are not seen from the functions in them; the first iterable of a comprehension is evaluated outside of
//! it; an assignment expression in a comprehension binds around it; type parameters have a scope of their own,
//! which does see the class around it.

mod around;
mod build;
mod facts;
mod import;
mod keys;
mod local;
mod mention;
mod names;
mod resolve;
mod table;
mod type_params;
mod visit;

use std::cell::OnceCell;
use std::ops::Deref;

use ruff_python_ast::{
    Alias, AtomicNodeIndex, Decorator, ExprCall, ExprLambda, ExprName, NodeIndex, Parameters, Stmt,
    StmtClassDef, StmtFunctionDef, StmtImportFrom,
};
use ruff_text_size::{Ranged, TextRange};

use build::Seen;
pub(super) use build::undecorated;
pub(super) use facts::{
    Assignment, AssignmentKind, AttributeUse, Operation, OperationKind, Return, ReturnKind, Sync,
    TypeExpr, TypeRole,
};
use keys::{ScopeKeys, VariableKeys};
pub(super) use mention::Flags;
pub(super) use resolve::{Lookup, Resolved, root};
pub(super) use table::{Resolution, Symbol, Symbols, Table};

/// Index of a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct ScopeId(u32);

/// Index of a definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct DefId(u32);

/// Index of a binding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct BindingId(u32);

impl ScopeId {
    /// The module.
    pub(super) const MODULE: Self = Self(0);

    /// The position among the model's scopes.
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }

    /// There are fewer scopes than a file has bytes.
    fn at(position: usize) -> Self {
        Self(build::index(position))
    }

    fn number(self) -> u32 {
        self.0
    }
}

impl From<ScopeId> for NodeIndex {
    fn from(scope: ScopeId) -> Self {
        Self::from(scope.0)
    }
}

impl DefId {
    /// The position among the model's definitions.
    fn index(self) -> usize {
        self.0 as usize
    }
}

impl BindingId {
    /// The position among the model's bindings.
    fn index(self) -> usize {
        self.0 as usize
    }
}

/// What opens a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ScopeKind {
    Module,
    Class,
    Function,
    Lambda,
    Comprehension,
    /// The type parameters of a function, class or type alias, around its header.
    TypeParameters,
    /// The value of a `type` statement.
    TypeAlias,
    /// The bound or the default of a type parameter.
    TypeVariable,
}

impl ScopeKind {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Module => "module",
            Self::Class => "class",
            Self::Function => "function",
            Self::Lambda => "lambda",
            Self::Comprehension => "comprehension",
            Self::TypeParameters => "type_parameters",
            Self::TypeAlias => "type_alias",
            Self::TypeVariable => "type_variable",
        }
    }

    /// Whether dotted names have the scope as a part.
    fn is_named(self) -> bool {
        matches!(self, Self::Module | Self::Class | Self::Function | Self::Lambda)
    }

    /// Whether scopes inside see the names it binds, as those of a function.
    pub(super) fn is_function_like(self) -> bool {
        !matches!(self, Self::Module | Self::Class)
    }

    /// Whether it evaluates a type expression when that is asked for, and sees the class around it. It binds nothing.
    pub(super) fn is_deferred(self) -> bool {
        matches!(self, Self::TypeAlias | Self::TypeVariable)
    }
}

/// A block with names of its own.
#[derive(Debug)]
pub(super) struct Scope<'a> {
    pub(super) kind: ScopeKind,
    /// The name of what opens it; for what has none, the name that the interpreter gives it.
    pub(super) name: &'a str,
    /// The node that opens it, without decorators.
    pub(super) range: TextRange,
    /// The same, but with the brackets that a generator expression shares with the call whose only argument it is.
    pub(super) bracketed: TextRange,
    pub(super) parent: Option<ScopeId>,
    /// The innermost module, class, function or lambda: this scope or one around it.
    pub(super) named: ScopeId,
    /// The definition whose body it is.
    pub(super) def: Option<DefId>,
    /// Whether it holds the type parameters of a class.
    pub(super) is_class_header: bool,
    /// Whether a function is somewhere around it.
    pub(super) is_nested: bool,
    /// Whether it stands in an annotation that is never evaluated.
    pub(super) is_discarded: bool,
    /// The dotted path; empty unless `named` is this scope.
    qualified_name: String,
    /// What tells the definition whose body it is from others in the file; none for other scopes.
    key: Option<String>,
    /// Among the definitions of one path, its number from 0; 0 for other scopes.
    ordinal: i64,
}

/// How a place binds a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BindingKind {
    Assignment,
    Parameter,
    Function,
    Class,
    Import,
    For,
    With,
    Except,
    Walrus,
    Match,
    Annotation,
    TypeParameter,
    TypeAlias,
    /// `global` says where a name belongs, and binds nothing.
    Global,
    /// `nonlocal` says where a name belongs, and binds nothing.
    Nonlocal,
}

impl BindingKind {
    /// Whether it says where a name belongs, and binds nothing.
    fn is_declaration(self) -> bool {
        matches!(self, Self::Global | Self::Nonlocal)
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Assignment => "assignment",
            Self::Parameter => "parameter",
            Self::Function => "function",
            Self::Class => "class",
            Self::Import => "import",
            Self::For => "for",
            Self::With => "with",
            Self::Except => "except",
            Self::Walrus => "walrus",
            Self::Match => "match",
            Self::Annotation => "annotation",
            Self::TypeParameter => "type_parameter",
            Self::TypeAlias => "type_alias",
            Self::Global => "global",
            Self::Nonlocal => "nonlocal",
        }
    }
}

/// A place that binds a name.
#[derive(Debug)]
pub(super) struct Binding<'a> {
    pub(super) name: &'a str,
    pub(super) range: TextRange,
    /// The scope the name belongs to.
    pub(super) scope: ScopeId,
    pub(super) kind: BindingKind,
    /// The number of the mention.
    mention: usize,
    def: Option<DefId>,
    /// What an import binds the name to, as an absolute dotted path.
    target: Option<String>,
}

/// The node of a definition.
#[derive(Debug, Clone, Copy)]
pub(super) enum DefNode<'a> {
    Function(&'a StmtFunctionDef),
    Class(&'a StmtClassDef),
    Lambda(&'a ExprLambda),
}

impl<'a> DefNode<'a> {
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::Function(_) => "function",
            Self::Class(_) => "class",
            Self::Lambda(_) => "lambda",
        }
    }

    /// The name, or the one that the interpreter gives it.
    fn name(self) -> &'a str {
        match self {
            Self::Function(function) => function.name.as_str(),
            Self::Class(class) => class.name.as_str(),
            Self::Lambda(_) => "lambda",
        }
    }

    /// Where the node keeps which scope it opens.
    fn index(self) -> &'a AtomicNodeIndex {
        match self {
            Self::Function(function) => &function.node_index,
            Self::Class(class) => &class.node_index,
            Self::Lambda(lambda) => &lambda.node_index,
        }
    }

    pub(super) fn decorators(self) -> &'a [Decorator] {
        match self {
            Self::Function(function) => &function.decorator_list,
            Self::Class(class) => &class.decorator_list,
            Self::Lambda(_) => &[],
        }
    }

    pub(super) fn parameters(self) -> Option<&'a Parameters> {
        match self {
            Self::Function(function) => Some(&function.parameters),
            Self::Class(_) => None,
            Self::Lambda(lambda) => lambda.parameters.as_deref(),
        }
    }

    pub(super) fn body(self) -> Option<&'a [Stmt]> {
        match self {
            Self::Function(function) => Some(&function.body),
            Self::Class(class) => Some(&class.body),
            Self::Lambda(_) => None,
        }
    }

    pub(super) fn name_range(self) -> Option<TextRange> {
        match self {
            Self::Function(function) => Some(function.name.range()),
            Self::Class(class) => Some(class.name.range()),
            Self::Lambda(_) => None,
        }
    }
}

/// A definition of a function, class or lambda.
#[derive(Debug)]
pub(super) struct Def<'a> {
    pub(super) node: DefNode<'a>,
    /// Without decorators.
    pub(super) range: TextRange,
    /// The scope that decorators and defaults are evaluated in.
    pub(super) outer: ScopeId,
    /// The scope that bases and annotations are evaluated in: that of the type parameters, if there are any.
    pub(super) header: ScopeId,
    /// The scope of the body.
    pub(super) body: ScopeId,
}

/// Where an expression stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Position {
    #[default]
    Other,
    Callee,
    Argument,
    AttributeBase,
    Decorator,
    Base,
    Annotation,
    Target,
}

impl Position {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Other => "other",
            Self::Callee => "call_callee",
            Self::Argument => "argument",
            Self::AttributeBase => "attribute_base",
            Self::Decorator => "decorator",
            Self::Base => "base",
            Self::Annotation => "annotation",
            Self::Target => "assignment_target",
        }
    }
}

/// A name that is loaded, stored or deleted.
#[derive(Debug)]
pub(super) struct NameUse<'a> {
    pub(super) node: &'a ExprName,
    pub(super) scope: ScopeId,
    pub(super) position: Position,
    /// The number of the mention.
    mention: usize,
}

/// A call.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) node: &'a ExprCall,
    pub(super) scope: ScopeId,
    pub(super) is_await: bool,
}

/// An imported name or star.
#[derive(Debug)]
pub(super) struct Import<'a> {
    pub(super) alias: &'a Alias,
    /// The statement, when it is `from … import …`.
    pub(super) from: Option<&'a StmtImportFrom>,
    pub(super) scope: ScopeId,
    pub(super) is_conditional: bool,
    /// What is imported, as an absolute dotted path.
    pub(super) target: String,
    /// The module it is imported from, likewise.
    pub(super) target_module: String,
    /// The name it binds, and where; none for a star.
    pub(super) bound: Option<(&'a str, TextRange)>,
}

/// One module's scopes and what is in them, each list in source order of the visit.
pub(super) struct Model<'a> {
    seen: Seen<'a>,
    /// What each scope does with each name.
    pub(super) table: Table<'a>,
    /// The module's body.
    pub(super) body: &'a [Stmt],
    /// Whether annotations are never evaluated.
    pub(super) postpones_annotations: bool,
    /// Made when something asks for one.
    variable_keys: OnceCell<VariableKeys>,
    /// Likewise.
    scope_keys: OnceCell<ScopeKeys>,
}

impl<'a> Deref for Model<'a> {
    type Target = Seen<'a>;

    fn deref(&self) -> &Seen<'a> {
        &self.seen
    }
}

impl<'a> Model<'a> {
    pub(super) fn scope(&self, id: ScopeId) -> &Scope<'a> {
        &self.scopes[id.0 as usize]
    }

    /// The ids of `scopes`, in their order.
    pub(super) fn scope_ids(&self) -> impl Iterator<Item = ScopeId> + use<'a> {
        let count = u32::try_from(self.scopes.len()).unwrap_or(u32::MAX);
        (0..count).map(ScopeId)
    }

    /// By scope, its number for programs; none for what is never evaluated.
    pub(super) fn numbers(&self) -> Vec<Option<i64>> {
        let mut next = 0;
        let number = |is_discarded: bool| {
            (!is_discarded).then(|| {
                next += 1;
                next - 1
            })
        };
        self.scopes.iter().map(|scope| scope.is_discarded).map(number).collect()
    }

    pub(super) fn def(&self, id: DefId) -> &Def<'a> {
        &self.defs[id.0 as usize]
    }

    pub(super) fn binding(&self, id: BindingId) -> &Binding<'a> {
        &self.bindings[id.0 as usize]
    }

    /// The dotted path of the innermost module, class, function or lambda at `scope`.
    pub(super) fn qualified_name(&self, scope: ScopeId) -> &str {
        &self.scope(self.scope(scope).named).qualified_name
    }

    /// The dotted path of a definition.
    pub(super) fn def_name(&self, def: DefId) -> &str {
        self.qualified_name(self.def(def).body)
    }

    /// The innermost definition whose body `scope` is part of.
    pub(super) fn container(&self, scope: ScopeId) -> Option<&Def<'a>> {
        self.scope(self.scope(scope).named).def.map(|def| self.def(def))
    }

    /// The class that a function's body is directly in.
    pub(super) fn class_of(&self, def: &Def<'a>) -> Option<DefId> {
        let outer = self.scope(self.scope(def.outer).named);
        outer.def.filter(|_| outer.kind == ScopeKind::Class)
    }

    /// Whether a definition is a function directly in a class.
    pub(super) fn is_method(&self, def: &Def<'a>) -> bool {
        matches!(def.node, DefNode::Function(_)) && self.class_of(def).is_some()
    }
}
