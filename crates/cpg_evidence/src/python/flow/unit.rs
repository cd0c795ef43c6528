//! The scopes of a module, each walked by itself.

use ruff_python_ast::{Comprehension, Expr, ExprLambda, Stmt, StmtFunctionDef};
use ruff_text_size::{Ranged, TextRange};
use rustc_hash::FxHashMap;

use super::expr::Branches;
use super::graph::{Graph, Leave};
use super::walk::Walk;
use crate::python::scope::{Model, ScopeId};

/// A scope that is evaluated.
pub(super) struct Unit<'a> {
    pub(super) scope: ScopeId,
    pub(super) body: Body<'a>,
}

/// What is evaluated in a scope.
pub(super) enum Body<'a> {
    /// Of a module or class.
    Statements(&'a [Stmt]),
    Function(&'a StmtFunctionDef),
    Lambda(&'a ExprLambda),
    Comprehension {
        element: Element<'a>,
        generators: &'a [Comprehension],
    },
}

/// What a comprehension makes of an item.
#[derive(Clone, Copy)]
pub(super) enum Element<'a> {
    One(&'a Expr),
    /// A key, which is missing for what is unpacked, and a value.
    Pair(Option<&'a Expr>, &'a Expr),
}

/// What comprehensions assign to variables around them: by comprehension, the variables of the scope that it is
/// directly in, and where they are assigned.
pub(super) type AssignedAround = FxHashMap<ScopeId, Vec<(u32, TextRange)>>;

fn assigned_around(model: &Model<'_>) -> AssignedAround {
    let mut around = AssignedAround::default();
    for (scope, owner, variable, range) in model.assigned_around() {
        let mut comprehension = scope;
        while let Some(parent) = model.scope(comprehension).parent {
            if parent == owner {
                around.entry(comprehension).or_default().push((variable, range));
                break;
            }
            comprehension = parent;
        }
    }
    around
}

/// The control flow of every scope of a module that is evaluated.
pub(super) fn graphs(model: &Model<'_>) -> Vec<(ScopeId, Graph)> {
    let around = assigned_around(model);
    let mut graphs = Vec::new();
    let mut units = vec![Unit { scope: ScopeId::MODULE, body: Body::Statements(model.body) }];
    while let Some(unit) = units.pop() {
        let mut walk = Walk::new(model, &around, unit.scope, &mut units);
        match unit.body {
            Body::Statements(body) => {
                walk.enter();
                walk.body(body);
            }
            Body::Function(function) => {
                walk.parameters(&function.parameters);
                walk.enter();
                walk.body(&function.body);
            }
            Body::Lambda(lambda) => {
                lambda.parameters.iter().for_each(|parameters| walk.parameters(parameters));
                walk.enter();
                walk.expr(&lambda.body);
                walk.returns();
            }
            Body::Comprehension { element, generators } => {
                walk.enter();
                walk.generators(element, generators);
            }
        }
        let graph = walk.finish();
        graphs.push((unit.scope, graph));
    }
    graphs
}

impl<'a> Walk<'_, 'a> {
    fn generators(&mut self, element: Element<'a>, generators: &'a [Comprehension]) {
        let mut end = None;
        // Where it goes on when an item is done with.
        let mut head = None;
        for (position, generator) in generators.iter().enumerate() {
            // The first iterable was evaluated outside.
            if position > 0 {
                self.expr(&generator.iter);
            }
            let (yes, no) = self.next_item(generator.iter.range());
            match head {
                Some(around) => self.graph.connect([no], around),
                None => end = Some(no),
            }
            head = Some(yes.from);
            self.open = vec![yes];
            self.expr(&generator.target);
            for condition in &generator.ifs {
                let Branches { yes: fits, no } = self.condition(condition);
                self.graph.connect(no, yes.from);
                self.open = fits;
            }
        }
        match element {
            Element::One(element) => self.expr(element),
            Element::Pair(key, value) => {
                key.into_iter().for_each(|key| self.expr(key));
                self.expr(value);
            }
        }
        let done = self.take_open();
        if let Some(head) = head {
            self.graph.connect(done.into_iter().map(Leave::repeat), head);
        }
        self.open = end.into_iter().collect();
    }
}
