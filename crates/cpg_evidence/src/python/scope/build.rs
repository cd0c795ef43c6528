//! Builds a [`Model`]: opens scopes, binds names, and says where each name belongs once all is seen.

use std::borrow::Cow;
use std::cell::OnceCell;

use ruff_python_ast::visitor::source_order::SourceOrderVisitor;
use ruff_python_ast::{Decorator, Expr, ModModule};
use ruff_text_size::{Ranged, TextLen, TextRange};
use rustc_hash::FxHashSet;

use super::mention::{Mention, postpones_annotations};
use super::names::{NameId, Names};
use super::table::Table;
use super::{
    Assignment, AttributeUse, Binding, BindingKind, Call, Def, DefId, DefNode, Import, Model,
    NameUse, Operation, Position, Return, Scope, ScopeId, ScopeKind, TypeExpr,
};
use crate::scan::ModuleName;

/// What a visit finds, in its order.
#[derive(Default)]
pub(in crate::python) struct Seen<'a> {
    pub(in crate::python) scopes: Vec<Scope<'a>>,
    pub(in crate::python) bindings: Vec<Binding<'a>>,
    pub(in crate::python) defs: Vec<Def<'a>>,
    pub(in crate::python) names: Vec<NameUse<'a>>,
    pub(in crate::python) calls: Vec<Call<'a>>,
    pub(in crate::python) imports: Vec<Import<'a>>,
    pub(in crate::python) attributes: Vec<AttributeUse<'a>>,
    pub(in crate::python) assignments: Vec<Assignment<'a>>,
    pub(in crate::python) returns: Vec<Return<'a>>,
    pub(in crate::python) type_exprs: Vec<TypeExpr<'a>>,
    pub(in crate::python) operations: Vec<Operation<'a>>,
    /// Displays, comprehensions, subscripts, and what has the value of one of its parts.
    pub(in crate::python) composed: Vec<(&'a Expr, ScopeId)>,
    pub(super) mentions: Vec<Mention>,
}

/// A visit of a module.
pub(super) struct Builder<'a> {
    pub(super) seen: Seen<'a>,
    /// The names that were met.
    pub(super) numbers: Names<'a>,
    /// The names that functions declared global so far.
    pub(super) globals: FxHashSet<(ScopeId, NameId)>,
    pub(super) module: &'a ModuleName,
    text: &'a str,
    /// The scope that the visited node is evaluated in.
    pub(super) scope: ScopeId,
    /// Where the next visited expression stands.
    pub(super) position: Position,
    /// Whether the visited expression is part of an annotation.
    pub(super) in_annotation: bool,
    /// How the next stored name is bound.
    pub(super) target: BindingKind,
    /// Whether the next visited call is awaited.
    pub(super) awaited: bool,
    /// How many conditional statements of the function or module are around the visited statement.
    pub(super) conditions: u32,
    /// Whether annotations are never evaluated.
    pub(super) postpones_annotations: bool,
    /// Whether the visited expression is never evaluated.
    pub(super) is_discarding: bool,
    /// The comprehensions whose targets are visited.
    pub(super) iteration_targets: Vec<ScopeId>,
}

impl<'a> Model<'a> {
    /// The model of a parsed module. Names and lambdas of the tree are given the numbers by which they are found.
    pub(in crate::python) fn new(
        syntax: &'a ModModule,
        text: &'a str,
        module: &'a ModuleName,
    ) -> Self {
        let mut builder = Builder {
            seen: Seen::default(),
            numbers: Names::default(),
            globals: FxHashSet::default(),
            module,
            text,
            scope: ScopeId::MODULE,
            position: Position::Other,
            in_annotation: false,
            target: BindingKind::Assignment,
            awaited: false,
            conditions: 0,
            postpones_annotations: postpones_annotations(&syntax.body),
            is_discarding: false,
            iteration_targets: Vec::new(),
        };
        let range = TextRange::up_to(text.text_len());
        builder.open(ScopeKind::Module, "top", range, None);
        builder.visit_body(&syntax.body);
        let Builder { mut seen, numbers, postpones_annotations, .. } = builder;
        let table = Table::new(&seen.scopes, &seen.mentions, &mut seen.bindings, numbers);
        let (variable_keys, scope_keys) = (OnceCell::new(), OnceCell::new());
        let body = &syntax.body;
        let mut model =
            Self { seen, table, body, postpones_annotations, variable_keys, scope_keys };
        model.name_definitions(&module.dotted);
        model
    }
}

impl<'a> Builder<'a> {
    fn open(
        &mut self,
        kind: ScopeKind,
        name: &'a str,
        range: TextRange,
        parent: Option<ScopeId>,
    ) -> ScopeId {
        let id = ScopeId::at(self.seen.scopes.len());
        let named = match parent {
            Some(parent) if !kind.is_named() => self.scope_at(parent).named,
            _ => id,
        };
        self.seen.scopes.push(Scope {
            kind,
            name,
            range,
            bracketed: range,
            parent,
            named,
            def: None,
            is_class_header: false,
            is_nested: parent
                .map(|parent| self.scope_at(parent))
                .is_some_and(|parent| parent.is_nested || parent.kind.is_function_like()),
            is_discarded: self.is_discarding,
            qualified_name: String::new(),
            key: None,
            ordinal: 0,
        });
        id
    }

    pub(super) fn scope_at(&self, id: ScopeId) -> &Scope<'a> {
        &self.seen.scopes[id.index()]
    }

    /// A scope that is no part of dotted names.
    pub(super) fn open_unnamed(
        &mut self,
        kind: ScopeKind,
        name: &'a str,
        range: TextRange,
    ) -> ScopeId {
        self.open(kind, name, range, Some(self.scope))
    }

    /// A definition whose body is in `header`.
    pub(super) fn open_def(&mut self, node: DefNode<'a>, outer: ScopeId, header: ScopeId) -> DefId {
        let (kind, range) = match node {
            DefNode::Function(function) => {
                (ScopeKind::Function, undecorated(self.text, node.decorators(), function.range))
            }
            DefNode::Class(class) => {
                (ScopeKind::Class, undecorated(self.text, node.decorators(), class.range))
            }
            DefNode::Lambda(lambda) => (ScopeKind::Lambda, lambda.range),
        };
        let body = self.open(kind, node.name(), range, Some(header));
        let number = index(self.seen.defs.len());
        self.seen.scopes[body.index()].def = Some(DefId(number));
        node.index().set(body.into());
        self.seen.defs.push(Def { node, range, outer, header, body });
        DefId(number)
    }

    /// `name` is bound at `range`. Gives the mention of it, if there is one.
    pub(super) fn bind(
        &mut self,
        name: &'a str,
        range: TextRange,
        kind: BindingKind,
    ) -> Option<usize> {
        self.bind_to(name, range, kind, None, None)
    }

    /// `name` is bound at `range`, to a definition or to what an import names.
    pub(super) fn bind_to(
        &mut self,
        name: &'a str,
        range: TextRange,
        kind: BindingKind,
        def: Option<DefId>,
        target: Option<String>,
    ) -> Option<usize> {
        // Where the syntax is broken, the parser makes up names without characters.
        if name.is_empty() {
            return None;
        }
        let mention = self.mention_binding(name, kind);
        let scope = self.scope;
        self.seen.bindings.push(Binding { name, range, scope, kind, mention, def, target });
        Some(mention)
    }

    /// A `global` or `nonlocal` statement names `name`.
    pub(super) fn declare(&mut self, name: &'a str, range: TextRange, kind: BindingKind) {
        // In the module itself, `global` says nothing.
        if kind == BindingKind::Global && self.scope != ScopeId::MODULE {
            let name = self.numbers.number(Cow::Borrowed(name));
            self.globals.insert((self.scope, name));
        }
        self.bind(name, range, kind);
    }
}

/// There are fewer of everything than a file has bytes.
pub(super) fn index(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// The range of a definition from its keyword on: what lies between the last decorator and it is blank or a comment.
pub(in crate::python) fn undecorated(
    text: &str,
    decorators: &[Decorator],
    range: TextRange,
) -> TextRange {
    let Some(last) = decorators.last() else {
        return range;
    };
    let mut rest = &text[last.end().to_usize()..range.end().to_usize()];
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\x0c', '\n', '\r', '\\']);
        match rest.strip_prefix('#') {
            Some(comment) => rest = comment.trim_start_matches(|c| c != '\n' && c != '\r'),
            None => break,
        }
    }
    TextRange::new(range.end() - rest.text_len(), range.end())
}
