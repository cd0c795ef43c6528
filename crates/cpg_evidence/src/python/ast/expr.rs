//! Expressions, arguments and parameters.

use ruff_python_ast::{
    Arguments, Comprehension, Expr, ExprCall, ExprContext, ExprDict, Keyword, Parameter,
    ParameterWithDefault, Parameters,
};
use ruff_text_size::{Ranged, TextRange, TextSize};

use super::value::Value;
use super::walk::{NodeId, Slot, Walk};

impl<'m> Walk<'_, 'm> {
    pub(super) fn exprs(
        &mut self,
        parent: NodeId,
        field: &'static str,
        exprs: impl IntoIterator<Item = &'m Expr>,
    ) {
        for (position, expr) in exprs.into_iter().enumerate() {
            self.expr(Slot::at(parent, field, position), expr);
        }
    }

    pub(super) fn optional(&mut self, slot: Slot, expr: Option<&'m Expr>) {
        if let Some(expr) = expr {
            self.expr(slot, expr);
        }
    }

    pub(super) fn expr(&mut self, slot: Slot, expr: &'m Expr) {
        let range = expr.range();
        match expr {
            Expr::Name(expr) => {
                self.node_with(slot, "Name", range, || Value::name(expr.id.as_str()));
                self.set_context(expr.ctx);
            }
            Expr::Attribute(expr) => {
                let name = || Value::name(expr.attr.as_str());
                let node = self.node_with(slot, "Attribute", range, name);
                self.set_context(expr.ctx);
                self.expr(Slot::one(node, "value"), &expr.value);
            }
            Expr::Subscript(expr) => {
                let node = self.node(slot, "Subscript", range);
                self.set_context(expr.ctx);
                self.expr(Slot::one(node, "value"), &expr.value);
                self.expr(Slot::one(node, "slice"), &expr.slice);
            }
            Expr::Call(call) => self.call(slot, call),
            Expr::BinOp(expr) => {
                let operator = Value::operator(expr.op);
                let node = self.node_with(slot, "BinOp", range, || Some(operator));
                self.expr(Slot::one(node, "left"), &expr.left);
                self.expr(Slot::one(node, "right"), &expr.right);
            }
            Expr::UnaryOp(expr) => {
                let operator = Value::unary(expr.op);
                let node = self.node_with(slot, "UnaryOp", range, || Some(operator));
                self.expr(Slot::one(node, "operand"), &expr.operand);
            }
            Expr::BoolOp(expr) => {
                let operator = Value::boolean(expr.op);
                let node = self.node_with(slot, "BoolOp", range, || Some(operator));
                self.exprs(node, "values", &expr.values);
            }
            Expr::Compare(expr) => {
                let operators = || Some(Value::comparisons(&expr.ops));
                let node = self.node_with(slot, "Compare", range, operators);
                self.expr(Slot::one(node, "left"), &expr.left);
                self.exprs(node, "comparators", &*expr.comparators);
            }
            Expr::Lambda(expr) => {
                let node = self.node(slot, "Lambda", range);
                match &expr.parameters {
                    Some(parameters) => self.arguments(Slot::one(node, "args"), parameters),
                    None => {
                        // Behind the keyword.
                        let empty = TextRange::empty(range.start() + TextSize::of("lambda"));
                        self.node(Slot::one(node, "args"), "arguments", empty);
                    }
                }
                self.expr(Slot::one(node, "body"), &expr.body);
            }
            Expr::If(expr) => {
                let node = self.node(slot, "IfExp", range);
                self.expr(Slot::one(node, "test"), &expr.test);
                self.expr(Slot::one(node, "body"), &expr.body);
                self.expr(Slot::one(node, "orelse"), &expr.orelse);
            }
            Expr::Named(expr) => {
                let node = self.node(slot, "NamedExpr", range);
                self.expr(Slot::one(node, "target"), &expr.target);
                self.expr(Slot::one(node, "value"), &expr.value);
            }
            _ => self.other(slot, expr),
        }
    }

    /// Displays, comprehensions and what is left.
    fn other(&mut self, slot: Slot, expr: &'m Expr) {
        let range = expr.range();
        match expr {
            Expr::Tuple(expr) => self.sequence(slot, "Tuple", range, expr.ctx, &expr.elts),
            Expr::List(expr) => self.sequence(slot, "List", range, expr.ctx, &expr.elts),
            Expr::Set(expr) => {
                let node = self.node(slot, "Set", range);
                self.exprs(node, "elts", &expr.elts);
            }
            Expr::Dict(expr) => self.dict(slot, expr),
            Expr::ListComp(expr) => {
                let node = self.node(slot, "ListComp", range);
                self.expr(Slot::one(node, "elt"), &expr.elt);
                self.generators(node, &expr.generators);
            }
            Expr::SetComp(expr) => {
                let node = self.node(slot, "SetComp", range);
                self.expr(Slot::one(node, "elt"), &expr.elt);
                self.generators(node, &expr.generators);
            }
            Expr::Generator(expr) => {
                let node = self.node(slot, "GeneratorExp", range);
                self.expr(Slot::one(node, "elt"), &expr.elt);
                self.generators(node, &expr.generators);
            }
            Expr::DictComp(expr) => {
                let node = self.node(slot, "DictComp", range);
                self.optional(Slot::one(node, "key"), expr.key.as_deref());
                self.expr(Slot::one(node, "value"), &expr.value);
                self.generators(node, &expr.generators);
            }
            Expr::Starred(expr) => {
                let node = self.node(slot, "Starred", range);
                self.set_context(expr.ctx);
                self.expr(Slot::one(node, "value"), &expr.value);
            }
            Expr::Slice(expr) => {
                let node = self.node(slot, "Slice", range);
                self.optional(Slot::one(node, "lower"), expr.lower.as_deref());
                self.optional(Slot::one(node, "upper"), expr.upper.as_deref());
                self.optional(Slot::one(node, "step"), expr.step.as_deref());
            }
            Expr::Await(expr) => {
                let node = self.node(slot, "Await", range);
                self.expr(Slot::one(node, "value"), &expr.value);
            }
            Expr::Yield(expr) => {
                let node = self.node(slot, "Yield", range);
                self.optional(Slot::one(node, "value"), expr.value.as_deref());
            }
            Expr::YieldFrom(expr) => {
                let node = self.node(slot, "YieldFrom", range);
                self.expr(Slot::one(node, "value"), &expr.value);
            }
            Expr::FString(expr) => self.joined(slot, expr),
            Expr::TString(expr) => self.template(slot, expr),
            _ => self.constant(slot, expr),
        }
    }

    fn sequence(
        &mut self,
        slot: Slot,
        kind: &'static str,
        range: TextRange,
        context: ExprContext,
        elements: &'m [Expr],
    ) {
        let node = self.node(slot, kind, range);
        self.set_context(context);
        self.exprs(node, "elts", elements);
    }

    fn dict(&mut self, slot: Slot, expr: &'m ExprDict) {
        let node = self.node(slot, "Dict", expr.range);
        for (position, item) in expr.items.iter().enumerate() {
            // Where a dictionary is unpacked, there is no key.
            self.optional(Slot::at(node, "keys", position), item.key.as_ref());
        }
        self.exprs(node, "values", expr.items.iter().map(|item| &item.value));
    }

    fn generators(&mut self, parent: NodeId, generators: &'m [Comprehension]) {
        for (position, generator) in generators.iter().enumerate() {
            let slot = Slot::at(parent, "generators", position);
            let is_async = || generator.is_async.then(|| Value::new("async", "async"));
            let node = self.node_with(slot, "comprehension", generator.range, is_async);
            self.expr(Slot::one(node, "target"), &generator.target);
            self.expr(Slot::one(node, "iter"), &generator.iter);
            self.exprs(node, "ifs", &generator.ifs);
        }
    }

    fn call(&mut self, slot: Slot, call: &'m ExprCall) {
        let node = self.node(slot, "Call", call.range());
        self.expr(Slot::one(node, "func"), &call.func);
        let Arguments { range, args, keywords, .. } = &call.arguments;
        for (position, argument) in args.iter().enumerate() {
            let first = self.rows.len();
            self.expr(Slot::at(node, "args", position), argument);
            if let (Expr::Generator(generator), Some(row)) = (argument, self.rows.get_mut(first))
                && !generator.parenthesized
            {
                (row.start, row.end) = self.context.span(*range);
            }
        }
        self.keywords(node, keywords);
    }

    pub(super) fn keywords(&mut self, parent: NodeId, keywords: &'m [Keyword]) {
        for (position, keyword) in keywords.iter().enumerate() {
            let slot = Slot::at(parent, "keywords", position);
            let name = || Value::identifier(keyword.arg.as_ref());
            let node = self.node_with(slot, "keyword", keyword.range, name);
            self.expr(Slot::one(node, "value"), &keyword.value);
        }
    }

    pub(super) fn arguments(&mut self, slot: Slot, parameters: &'m Parameters) {
        let node = self.node(slot, "arguments", parameters.range);
        let Parameters { posonlyargs, args, vararg, kwonlyargs, kwarg, .. } = parameters;
        let list = [("posonlyargs", posonlyargs), ("args", args)];
        for (field, parameters) in list {
            self.parameters(node, field, parameters);
        }
        if let Some(parameter) = vararg {
            self.parameter(Slot::one(node, "vararg"), parameter);
        }
        self.parameters(node, "kwonlyargs", kwonlyargs);
        for (position, parameter) in kwonlyargs.iter().enumerate() {
            self.optional(Slot::at(node, "kw_defaults", position), parameter.default.as_deref());
        }
        if let Some(parameter) = kwarg {
            self.parameter(Slot::one(node, "kwarg"), parameter);
        }
        let defaults = posonlyargs.iter().chain(args).filter_map(|one| one.default.as_deref());
        self.exprs(node, "defaults", defaults);
    }

    fn parameters(
        &mut self,
        parent: NodeId,
        field: &'static str,
        parameters: &'m [ParameterWithDefault],
    ) {
        for (position, parameter) in parameters.iter().enumerate() {
            self.parameter(Slot::at(parent, field, position), &parameter.parameter);
        }
    }

    fn parameter(&mut self, slot: Slot, parameter: &'m Parameter) {
        // Without the star in front.
        let range = TextRange::new(parameter.name.start(), parameter.range.end());
        let name = || Value::name(parameter.name.as_str());
        let node = self.node_with(slot, "arg", range, name);
        self.optional(Slot::one(node, "annotation"), parameter.annotation.as_deref());
    }
}
