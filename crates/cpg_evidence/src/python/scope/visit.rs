//! The visit of a syntax tree, in source order.

use ruff_python_ast::visitor::source_order::{self, SourceOrderVisitor};
use ruff_python_ast::{
    AtomicNodeIndex, Comprehension, ExceptHandler, Expr, ExprAttribute, ExprCall, ExprContext,
    ExprLambda, ExprName, NodeIndex, Parameters, Pattern, Stmt, StmtAnnAssign, StmtClassDef,
    StmtFunctionDef, StmtImport, StmtImportFrom, StmtTypeAlias, TypeParam, WithItem,
};
use ruff_text_size::{Ranged, TextLen, TextRange};

use super::build::{Builder, index};
use super::facts::{
    Assignment, AssignmentKind, AttributeUse, OperationKind, ReturnKind, Sync, TypeRole,
};
use super::table::class_seen_from;
use super::type_params::{TypeParamsOwner, alias_name};
use super::{
    BindingKind, Call, Def, DefNode, Flags, Import, NameUse, Position, ScopeId, ScopeKind, import,
};

impl<'a> SourceOrderVisitor<'a> for Builder<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(function) => self.function(function),
            Stmt::ClassDef(class) => self.class(class),
            Stmt::Import(statement) => self.import(statement),
            Stmt::ImportFrom(statement) => self.import_from(statement),
            Stmt::AnnAssign(assignment) => self.annotated_assignment(assignment),
            Stmt::Assign(statement) => {
                for target in &statement.targets {
                    let value = Some(&*statement.value);
                    self.assigned(AssignmentKind::Assign, statement.range, target, value);
                }
                source_order::walk_stmt(self, stmt);
            }
            Stmt::AugAssign(statement) => {
                let operator = statement.op.as_str();
                let (range, target) = (statement.range, &*statement.target);
                let value = Some(&*statement.value);
                self.assigned(AssignmentKind::Augmented(operator), range, target, value);
                self.operation(OperationKind::Augmented(operator), range, target, value);
                source_order::walk_stmt(self, stmt);
            }
            Stmt::Return(statement) => {
                self.given(ReturnKind::Return, statement, statement.value.as_deref());
                source_order::walk_stmt(self, stmt);
            }
            Stmt::Global(statement) => {
                for name in &statement.names {
                    self.declare(name.as_str(), name.range, BindingKind::Global);
                }
            }
            Stmt::Nonlocal(statement) => {
                for name in &statement.names {
                    self.declare(name.as_str(), name.range, BindingKind::Nonlocal);
                }
            }
            Stmt::For(statement) => {
                let sync = Sync::of(statement.is_async);
                self.iterated(sync, statement.range, &statement.target, &statement.iter);
                self.target(BindingKind::For, &statement.target);
                self.visit_expr(&statement.iter);
                self.conditions += 1;
                self.visit_body(&statement.body);
                self.visit_body(&statement.orelse);
                self.conditions -= 1;
            }
            Stmt::With(statement) => {
                for item in &statement.items {
                    self.entered(Sync::of(statement.is_async), item);
                }
                source_order::walk_stmt(self, stmt);
            }
            Stmt::Raise(statement) => {
                if let Some(raised) = statement.exc.as_deref() {
                    self.operation(OperationKind::Raise, statement.range, raised, None);
                }
                source_order::walk_stmt(self, stmt);
            }
            Stmt::TypeAlias(statement) => {
                self.target(BindingKind::TypeAlias, &statement.name);
                self.type_alias(statement);
            }
            Stmt::If(_) | Stmt::Try(_) | Stmt::While(_) | Stmt::Match(_) => {
                self.conditions += 1;
                source_order::walk_stmt(self, stmt);
                self.conditions -= 1;
            }
            _ => source_order::walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        let position = std::mem::take(&mut self.position);
        let awaited = std::mem::take(&mut self.awaited);
        match expr {
            Expr::Tuple(_)
            | Expr::List(_)
            | Expr::Set(_)
            | Expr::Dict(_)
            | Expr::ListComp(_)
            | Expr::SetComp(_)
            | Expr::DictComp(_)
            | Expr::Generator(_)
            | Expr::Subscript(_)
            | Expr::If(_)
            | Expr::BoolOp(_)
            | Expr::Await(_)
            | Expr::Named(_) => self.composed(expr),
            Expr::BinOp(node) => {
                let kind = OperationKind::Binary(node.op.as_str());
                self.operation(kind, node.range, &node.left, Some(&node.right));
            }
            Expr::UnaryOp(node) => {
                let kind = OperationKind::Unary(node.op.as_str());
                self.operation(kind, node.range, &node.operand, None);
            }
            Expr::Compare(node) => self.comparisons(node),
            _ => {}
        }
        match expr {
            Expr::Name(name) => self.name(name, position),
            Expr::Call(call) => self.call(call, awaited),
            Expr::Attribute(attribute) => self.attribute(expr, attribute, position),
            Expr::Starred(starred) => self.at(position, &starred.value),
            Expr::Await(expr) => {
                self.awaited = true;
                self.visit_expr(&expr.value);
            }
            Expr::Yield(node) => {
                self.given(ReturnKind::Yield, node, node.value.as_deref());
                source_order::walk_expr(self, expr);
            }
            Expr::YieldFrom(node) => {
                self.given(ReturnKind::YieldFrom, node, Some(&node.value));
                source_order::walk_expr(self, expr);
            }
            Expr::Named(named) => {
                let kind = AssignmentKind::Walrus;
                self.assigned(kind, named.range, &named.target, Some(&named.value));
                self.target(BindingKind::Walrus, &named.target);
                self.visit_expr(&named.value);
            }
            Expr::Lambda(lambda) => self.lambda(lambda),
            Expr::ListComp(comp) => {
                self.comprehension(
                    ("listcomp", comp.range, &comp.node_index),
                    &[&comp.elt],
                    &comp.generators,
                );
            }
            Expr::SetComp(comp) => {
                self.comprehension(
                    ("setcomp", comp.range, &comp.node_index),
                    &[&comp.elt],
                    &comp.generators,
                );
            }
            Expr::Generator(comp) => {
                self.comprehension(
                    ("genexpr", comp.range, &comp.node_index),
                    &[&comp.elt],
                    &comp.generators,
                );
            }
            Expr::DictComp(comp) => {
                let elements: [Option<&Expr>; 2] = [comp.key.as_deref(), Some(&comp.value)];
                let elements: Vec<&Expr> = elements.into_iter().flatten().collect();
                self.comprehension(
                    ("dictcomp", comp.range, &comp.node_index),
                    &elements,
                    &comp.generators,
                );
            }
            _ => source_order::walk_expr(self, expr),
        }
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(handler) = handler;
        if let Some(kind) = &handler.type_ {
            self.visit_expr(kind);
        }
        if let Some(name) = &handler.name {
            self.bind(name.as_str(), name.range, BindingKind::Except);
        }
        self.visit_body(&handler.body);
    }

    fn visit_with_item(&mut self, item: &'a WithItem) {
        self.visit_expr(&item.context_expr);
        if let Some(target) = &item.optional_vars {
            self.target(BindingKind::With, target);
        }
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        let name = match pattern {
            Pattern::MatchAs(pattern) => pattern.name.as_ref(),
            Pattern::MatchStar(pattern) => pattern.name.as_ref(),
            Pattern::MatchMapping(pattern) => pattern.rest.as_ref(),
            _ => None,
        };
        if let Some(name) = name {
            self.bind(name.as_str(), name.range, BindingKind::Match);
        }
        source_order::walk_pattern(self, pattern);
    }

    fn visit_type_param(&mut self, param: &'a TypeParam) {
        let name = param.name();
        self.bind(name.as_str(), name.range, BindingKind::TypeParameter);
        let bound = match param {
            TypeParam::TypeVar(var) => var.bound.as_deref(),
            TypeParam::ParamSpec(_) | TypeParam::TypeVarTuple(_) => None,
        };
        let parts = [(TypeRole::Bound, bound), (TypeRole::Default, param.default())];
        for (role, expr) in parts {
            let Some(expr) = expr else {
                continue;
            };
            let kind = ScopeKind::TypeVariable;
            let scope = self.open_deferred(kind, name.as_str(), expr.range());
            self.within(scope, |builder| {
                builder.typed(role, name.range, expr);
                builder.visit_expr(expr);
            });
        }
    }
}

impl<'a> Builder<'a> {
    pub(super) fn within(&mut self, scope: ScopeId, visit: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.scope, scope);
        visit(self);
        self.scope = outer;
    }

    fn at(&mut self, position: Position, expr: &'a Expr) {
        self.position = position;
        self.visit_expr(expr);
    }

    fn annotation(&mut self, role: TypeRole, owner: TextRange, expr: &'a Expr) {
        self.typed(role, owner, expr);
        let is_discarding = self.is_discarding || self.postpones_annotations;
        let outer = std::mem::replace(&mut self.is_discarding, is_discarding);
        self.type_expression(expr);
        self.is_discarding = outer;
    }

    fn type_expression(&mut self, expr: &'a Expr) {
        let outer = std::mem::replace(&mut self.in_annotation, true);
        self.visit_expr(expr);
        self.in_annotation = outer;
    }

    /// Names stored in `expr` are bound as `kind`.
    fn target(&mut self, kind: BindingKind, expr: &'a Expr) {
        let outer = std::mem::replace(&mut self.target, kind);
        self.visit_expr(expr);
        self.target = outer;
    }

    fn name(&mut self, node: &'a ExprName, position: Position) {
        let name = node.id.as_str();
        // Where the syntax is broken, the parser makes up names without characters.
        if name.is_empty() {
            return;
        }
        let (mention, position) = match node.ctx {
            ExprContext::Invalid => return,
            ExprContext::Store => (self.bind(name, node.range, self.target), Position::Target),
            ExprContext::Del => (Some(self.mention(name, Flags::ASSIGNED)), position),
            ExprContext::Load if self.in_annotation && position == Position::Other => {
                (Some(self.mention_use(name)), Position::Annotation)
            }
            ExprContext::Load => (Some(self.mention_use(name)), position),
        };
        if let Some(mention) = mention {
            self.used(node, mention, position);
        }
    }

    fn used(&mut self, node: &'a ExprName, mention: usize, position: Position) {
        node.node_index.set(NodeIndex::from(index(self.seen.names.len())));
        self.seen.names.push(NameUse { node, scope: self.scope, position, mention });
    }

    fn attribute(&mut self, expr: &'a Expr, node: &'a ExprAttribute, position: Position) {
        let position = match node.ctx {
            ExprContext::Store => Position::Target,
            ExprContext::Load if self.in_annotation && position == Position::Other => {
                Position::Annotation
            }
            _ => position,
        };
        self.seen.attributes.push(AttributeUse { expr, node, scope: self.scope, position });
        self.at(Position::AttributeBase, &node.value);
    }

    fn call(&mut self, node: &'a ExprCall, is_await: bool) {
        self.seen.calls.push(Call { node, scope: self.scope, is_await });
        self.at(Position::Callee, &node.func);
        for argument in node.arguments.iter_source_order() {
            let value = argument.value();
            let first = self.seen.scopes.len();
            self.at(Position::Argument, value);
            if let Expr::Generator(generator) = value
                && !generator.parenthesized
                && let Some(scope) = self.seen.scopes.get_mut(first)
            {
                scope.bracketed = node.arguments.range;
            }
        }
    }

    fn decorators(&mut self, node: DefNode<'a>) {
        for decorator in node.decorators() {
            self.at(Position::Decorator, &decorator.expression);
        }
    }

    /// Opens the scope of type parameters, if there are any, and visits them. Gives the scope for what follows.
    fn type_params(&mut self, owner: TypeParamsOwner<'a>) -> ScopeId {
        let Some(params) = owner.params() else {
            return self.scope;
        };
        let sees_class = self.scope_at(self.scope).kind == ScopeKind::Class;
        let scope = self.open_unnamed(ScopeKind::TypeParameters, owner.name(), params.range);
        self.seen.scopes[scope.index()].is_class_header =
            matches!(owner, TypeParamsOwner::Class(_));
        self.within(scope, |builder| {
            if sees_class {
                builder.mention("__classdict__", Flags::USED);
            }
            for (name, flags) in owner.implicit() {
                builder.mention(name, flags);
            }
            for param in &params.type_params {
                builder.visit_type_param(param);
            }
        });
        scope
    }

    /// Opens a scope for a type expression that is evaluated when it is asked for.
    fn open_deferred(&mut self, kind: ScopeKind, name: &'a str, range: TextRange) -> ScopeId {
        let scope = self.open_unnamed(kind, name, range);
        if class_seen_from(&self.seen.scopes, scope).is_some() {
            self.within(scope, |builder| {
                builder.mention("__classdict__", Flags::USED);
            });
        }
        scope
    }

    fn type_alias(&mut self, statement: &'a StmtTypeAlias) {
        let header = self.type_params(TypeParamsOwner::TypeAlias(statement));
        self.within(header, |builder| {
            let name = alias_name(statement);
            let scope = builder.open_deferred(ScopeKind::TypeAlias, name, statement.range);
            builder.within(scope, |builder| {
                builder.typed(TypeRole::Alias, statement.name.range(), &statement.value);
                builder.type_expression(&statement.value);
            });
        });
    }

    fn function(&mut self, function: &'a StmtFunctionDef) {
        let node = DefNode::Function(function);
        self.decorators(node);
        let header = self.type_params(TypeParamsOwner::Function(function));
        let def = self.open_def(node, self.scope, header);
        let name = &function.name;
        self.bind_to(name.as_str(), name.range, BindingKind::Function, Some(def), None);
        let Def { body, range, .. } = self.seen.defs[def.index()];
        self.parameters(&function.parameters, header, body);
        if let Some(returns) = &function.returns {
            self.within(header, |builder| builder.annotation(TypeRole::Return, range, returns));
        }
        let conditions = std::mem::take(&mut self.conditions);
        self.within(body, |builder| builder.visit_body(&function.body));
        self.conditions = conditions;
    }

    fn lambda(&mut self, lambda: &'a ExprLambda) {
        let def = self.open_def(DefNode::Lambda(lambda), self.scope, self.scope);
        let body = self.seen.defs[def.index()].body;
        if let Some(parameters) = &lambda.parameters {
            self.parameters(parameters, self.scope, body);
        }
        self.within(body, |builder| {
            builder.given(ReturnKind::Lambda, &*lambda.body, Some(&lambda.body));
            builder.visit_expr(&lambda.body);
        });
    }

    /// Defaults are evaluated where the definition stands, annotations in its header; names are bound in its body.
    fn parameters(&mut self, parameters: &'a Parameters, header: ScopeId, body: ScopeId) {
        for parameter in parameters.iter_source_order() {
            let name = parameter.name();
            self.within(body, |builder| {
                builder.bind(name.as_str(), name.range, BindingKind::Parameter);
            });
            if let Some(annotation) = parameter.annotation() {
                self.within(header, |builder| {
                    builder.annotation(TypeRole::Parameter, name.range, annotation);
                });
            }
            if let Some(default) = parameter.default() {
                self.visit_expr(default);
            }
        }
    }

    fn class(&mut self, class: &'a StmtClassDef) {
        let node = DefNode::Class(class);
        self.decorators(node);
        let header = self.type_params(TypeParamsOwner::Class(class));
        let def = self.open_def(node, self.scope, header);
        let name = &class.name;
        self.bind_to(name.as_str(), name.range, BindingKind::Class, Some(def), None);
        if let Some(arguments) = &class.arguments {
            self.within(header, |builder| {
                for argument in arguments.iter_source_order() {
                    builder.at(Position::Base, argument.value());
                }
            });
        }
        let body = self.seen.defs[def.index()].body;
        self.within(body, |builder| {
            if class.type_params.is_some() {
                builder.mention("__type_params__", Flags::ASSIGNED);
                builder.mention(".type_params", Flags::USED);
            }
            builder.visit_body(&class.body);
        });
    }

    /// The first iterable is evaluated outside, all else inside.
    fn comprehension(
        &mut self,
        (name, range, index): (&'static str, TextRange, &AtomicNodeIndex),
        elements: &[&'a Expr],
        generators: &'a [Comprehension],
    ) {
        let outer = self.scope;
        let scope = self.open_unnamed(ScopeKind::Comprehension, name, range);
        index.set(scope.into());
        self.within(scope, |builder| {
            // The first iterable is passed like an argument.
            builder.mention(".0", Flags::PARAMETER);
            for element in elements {
                builder.visit_expr(element);
            }
            for (position, generator) in generators.iter().enumerate() {
                builder.iteration_targets.push(scope);
                builder.target(BindingKind::For, &generator.target);
                builder.iteration_targets.pop();
                let iterable = if position == 0 { outer } else { scope };
                let range = TextRange::new(generator.target.start(), generator.iter.end());
                let sync = Sync::of(generator.is_async);
                builder.iterated(sync, range, &generator.target, &generator.iter);
                builder.within(iterable, |builder| builder.visit_expr(&generator.iter));
                for condition in &generator.ifs {
                    builder.visit_expr(condition);
                }
            }
        });
    }

    /// Without a value, only a plain name becomes local.
    fn annotated_assignment(&mut self, assignment: &'a StmtAnnAssign) {
        self.seen.assignments.push(Assignment {
            kind: AssignmentKind::Annotated,
            range: assignment.range,
            target: &assignment.target,
            annotation: Some(&assignment.annotation),
            value: assignment.value.as_deref(),
            scope: self.scope,
        });
        match (&*assignment.target, &assignment.value) {
            (target, Some(_)) => {
                if let (Expr::Name(name), true) = (target, assignment.simple) {
                    self.mention(name.id.as_str(), Flags::ANNOTATED);
                }
                self.target(BindingKind::Assignment, target);
            }
            (Expr::Name(name), None) if !assignment.simple && !name.id.is_empty() => {
                let mention = self.mention(name.id.as_str(), Flags::UNEVALUATED);
                self.used(name, mention, Position::Target);
            }
            (target, None) => self.target(BindingKind::Annotation, target),
        }
        let owner = assignment.target.range();
        self.annotation(TypeRole::Variable, owner, &assignment.annotation);
        if let Some(value) = &assignment.value {
            self.visit_expr(value);
        }
    }

    fn import(&mut self, statement: &'a StmtImport) {
        for alias in &statement.names {
            if alias.name.is_empty() {
                continue;
            }
            let target = import::plain(alias);
            let range = match &alias.asname {
                Some(name) => name.range,
                // Of `a.b`, the name `a`.
                None => {
                    let first = target.bound.as_ref().map_or("", |(name, _)| name);
                    TextRange::at(alias.name.start(), first.text_len())
                }
            };
            self.imported(alias, None, target, range);
        }
    }

    fn import_from(&mut self, statement: &'a StmtImportFrom) {
        for alias in &statement.names {
            if alias.name.is_empty() {
                continue;
            }
            let target = import::from(self.module, statement, alias);
            let range = alias.asname.as_ref().unwrap_or(&alias.name).range;
            self.imported(alias, Some(statement), target, range);
        }
    }

    fn imported(
        &mut self,
        alias: &'a ruff_python_ast::Alias,
        from: Option<&'a StmtImportFrom>,
        target: import::Target<'a>,
        range: TextRange,
    ) {
        self.seen.imports.push(Import {
            alias,
            from,
            scope: self.scope,
            is_conditional: self.conditions > 0,
            target: target.target,
            target_module: target.module,
            bound: target.bound.as_ref().map(|(name, _)| (*name, range)),
        });
        if let Some((name, path)) = target.bound {
            self.bind_to(name, range, BindingKind::Import, None, Some(path));
        }
    }
}
