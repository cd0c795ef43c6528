//! Builds a [`Model`]: opens scopes, binds names, and says where each name belongs once all is seen.

use ruff_python_ast::visitor::source_order::SourceOrderVisitor;
use ruff_python_ast::{Decorator, ModModule};
use ruff_text_size::{Ranged, TextLen, TextRange, TextSize};
use rustc_hash::FxHashMap;

use super::mention::{Flags, postpones_annotations};
use super::{
    Binding, BindingId, BindingKind, Declared, Def, DefId, DefNode, Model, Position, Scope,
    ScopeId, ScopeKind,
};
use crate::scan::ModuleName;

/// A visit of a module.
pub(super) struct Builder<'a> {
    pub(super) model: Model<'a>,
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
    /// Bindings of names that are declared `nonlocal`, with the scope that declares them.
    nonlocal: Vec<(BindingId, ScopeId)>,
    /// Whether mentions are asked for.
    pub(super) keeps_mentions: bool,
    /// Whether annotations are never evaluated.
    pub(super) postpones_annotations: bool,
    /// Whether the visited expression is never evaluated.
    pub(super) is_discarding: bool,
    /// The comprehensions whose targets are visited.
    pub(super) iteration_targets: Vec<ScopeId>,
}

impl<'a> Model<'a> {
    /// The model of a parsed module, with or without mentions.
    pub(in crate::python) fn new(
        syntax: &'a ModModule,
        text: &'a str,
        module: &'a ModuleName,
        keeps_mentions: bool,
    ) -> Self {
        let mut builder = Builder {
            model: Model {
                scopes: Vec::new(),
                bindings: Vec::new(),
                defs: Vec::new(),
                lambdas: FxHashMap::default(),
                names: Vec::new(),
                calls: Vec::new(),
                imports: Vec::new(),
                attributes: Vec::new(),
                assignments: Vec::new(),
                returns: Vec::new(),
                type_exprs: Vec::new(),
                mentions: Vec::new(),
                body: &syntax.body,
            },
            module,
            text,
            scope: ScopeId::MODULE,
            position: Position::Other,
            in_annotation: false,
            target: BindingKind::Assignment,
            awaited: false,
            conditions: 0,
            nonlocal: Vec::new(),
            keeps_mentions,
            postpones_annotations: postpones_annotations(&syntax.body),
            is_discarding: false,
            iteration_targets: Vec::new(),
        };
        let range = TextRange::up_to(text.text_len());
        builder.open(ScopeKind::Module, "top", range, None, module.dotted.clone());
        builder.visit_body(&syntax.body);
        builder.settle_nonlocal();
        builder.model
    }
}

impl<'a> Builder<'a> {
    fn open(
        &mut self,
        kind: ScopeKind,
        name: &'a str,
        range: TextRange,
        parent: Option<ScopeId>,
        qualified_name: String,
    ) -> ScopeId {
        let id = ScopeId(index(self.model.scopes.len()));
        let named = match parent {
            Some(parent) if !kind.is_named() => self.model.scope(parent).named,
            _ => id,
        };
        self.model.scopes.push(Scope {
            kind,
            name,
            range,
            bracketed: range,
            parent,
            named,
            def: None,
            is_class_header: false,
            is_nested: parent
                .map(|parent| self.model.scope(parent))
                .is_some_and(|parent| parent.is_nested || parent.kind.is_function_like()),
            is_discarded: self.is_discarding,
            qualified_name,
            symbols: FxHashMap::default(),
            lambdas: 0,
        });
        id
    }

    /// A scope that is no part of dotted names.
    pub(super) fn open_unnamed(
        &mut self,
        kind: ScopeKind,
        name: &'a str,
        range: TextRange,
    ) -> ScopeId {
        self.open(kind, name, range, Some(self.scope), String::new())
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
        let mut around = self.model.scope(outer).named;
        let name = match node {
            DefNode::Function(function) => function.name.to_string(),
            DefNode::Class(class) => class.name.to_string(),
            DefNode::Lambda(_) => {
                let scope = &mut self.model.scopes[around.0 as usize];
                scope.lambdas += 1;
                format!("<lambda{}>", scope.lambdas)
            }
        };
        // As for the interpreter, what is declared global is named as if it stood in the module.
        if self.declared(outer, &name) == Declared::Global {
            around = ScopeId::MODULE;
        }
        let qualified_name = format!("{}.{name}", self.model.qualified_name(around));
        let body = self.open(kind, node.name(), range, Some(header), qualified_name);
        let id = DefId(index(self.model.defs.len()));
        self.model.scopes[body.0 as usize].def = Some(id);
        if kind == ScopeKind::Lambda {
            self.model.lambdas.insert(range.start(), id);
        }
        self.model.defs.push(Def { node, range, outer, header, body });
        id
    }

    fn declared(&self, scope: ScopeId, name: &str) -> Declared {
        let symbol = self.model.scope(scope).symbols.get(name);
        symbol.map_or(Declared::Here, |symbol| symbol.declared)
    }

    /// Whether a `global` statement of the scope names `name`.
    pub(super) fn is_declared_global(&self, scope: ScopeId, name: &str) -> bool {
        self.declared(scope, name) == Declared::Global
    }

    /// `name` is bound at `range`.
    pub(super) fn bind(&mut self, name: &'a str, range: TextRange, kind: BindingKind) {
        self.bind_to(name, range, kind, None, None);
    }

    /// `name` is bound at `range`, to a definition or to what an import names.
    pub(super) fn bind_to(
        &mut self,
        name: &'a str,
        range: TextRange,
        kind: BindingKind,
        def: Option<DefId>,
        target: Option<String>,
    ) {
        // Where the syntax is broken, the parser makes up names without characters.
        if name.is_empty() {
            return;
        }
        self.mention_binding(name, kind);
        let mut scope = self.scope;
        if kind == BindingKind::Walrus {
            while let Some(parent) = self.model.scope(scope).parent {
                let kind = self.model.scope(scope).kind;
                if kind != ScopeKind::Comprehension && !kind.is_deferred() {
                    break;
                }
                scope = parent;
            }
        }
        let id = BindingId(index(self.model.bindings.len()));
        match self.declared(scope, name) {
            Declared::Here => {}
            Declared::Global => scope = ScopeId::MODULE,
            Declared::Nonlocal => self.nonlocal.push((id, scope)),
        }
        self.model.bindings.push(Binding { name, range, scope, kind, target });
        if self.declared(scope, name) != Declared::Nonlocal {
            self.register(scope, id, def);
        }
    }

    fn register(&mut self, scope: ScopeId, id: BindingId, def: Option<DefId>) {
        let binding = &self.model.bindings[id.0 as usize];
        let (name, start) = (binding.name, binding.range.start());
        let first_start =
            |first: BindingId| -> TextSize { self.model.bindings[first.0 as usize].range.start() };
        let symbol = self.model.scopes[scope.0 as usize].symbols.entry(name).or_default();
        if symbol.first.is_none_or(|first| start < first_start(first)) {
            symbol.first = Some(id);
        }
        symbol.bindings += 1;
        if def.is_some() {
            symbol.def = def;
            symbol.defs += 1;
        }
    }

    /// A `global` or `nonlocal` statement names `name`.
    pub(super) fn declare(&mut self, name: &'a str, range: TextRange, kind: BindingKind) {
        let declared =
            if kind == BindingKind::Global { Declared::Global } else { Declared::Nonlocal };
        self.mention_binding(name, kind);
        // In the module itself, `global` says nothing.
        if self.scope != ScopeId::MODULE {
            let symbols = &mut self.model.scopes[self.scope.0 as usize].symbols;
            symbols.entry(name).or_default().declared = declared;
        }
        self.model.bindings.push(Binding { name, range, scope: self.scope, kind, target: None });
    }

    /// `del name` makes the name belong to the scope.
    pub(super) fn delete(&mut self, name: &'a str) {
        self.mention(name, Flags::ASSIGNED);
        self.model.scopes[self.scope.0 as usize].symbols.entry(name).or_default();
    }

    /// Gives the bindings of names declared `nonlocal` to the scopes that own them.
    fn settle_nonlocal(&mut self) {
        for (id, declaring) in std::mem::take(&mut self.nonlocal) {
            let name = self.model.binding(id).name;
            if let Some(owner) = self.model.owner_of_nonlocal(name, declaring) {
                self.model.bindings[id.0 as usize].scope = owner;
                self.register(owner, id, None);
            }
        }
    }
}

/// There are fewer of everything than a file has bytes.
fn index(length: usize) -> u32 {
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
