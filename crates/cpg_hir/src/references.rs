//! The names an item mentions, as far as its tree alone tells.

use cpg_syntax::ast::{self, ItemKind};

use crate::db::Db;
use crate::files::{Item, parse};
use crate::sql::{place, sql_query};
use crate::template::tree;

/// What a name is used as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A relation that is read.
    Relation,
    /// A schema of rows.
    Schema,
    /// An entity whose id a column holds. Only the name of its namespace is needed.
    Entity,
    /// A relation that becomes an output.
    Output,
    /// A name in an expression: a column, a row source or a constant.
    Value,
    /// What is called: a function of the program or of the catalogue.
    Function,
    /// A template that an item is made with.
    Template,
}

/// A name and its role.
#[derive(Debug, Clone, Copy)]
pub struct Reference<'a> {
    /// The name as written.
    pub text: &'a str,
    /// Where it stands in the item.
    pub range: cpg_base::TextRange,
    /// What it is used as.
    pub role: Role,
}

/// The references that stand in an item's own text, in no particular order.
pub fn references<'db>(db: &'db dyn Db, item: Item<'db>) -> Vec<Reference<'db>> {
    let Some(tree) = &parse(db, item).item else { return Vec::new() };
    let mut found = references_in(tree);
    found.extend(read_by_sql(db, item, tree));
    found
}

/// The relations that the query of a view in SQL reads.
fn read_by_sql<'db>(
    db: &'db dyn Db,
    item: Item<'db>,
    tree: &'db ast::Item,
) -> impl Iterator<Item = Reference<'db>> {
    let query = match &tree.kind {
        ItemKind::SqlView(tree) => {
            sql_query(db, item).as_ref().and_then(|query| Some((tree, query.as_ref().ok()?)))
        }
        _ => None,
    };
    query.into_iter().flat_map(|(tree, query)| {
        query.relations.iter().map(|relation| Reference {
            text: &relation.name,
            range: place(&tree.query, Some(&relation.range)),
            role: Role::Relation,
        })
    })
}

/// The references without which an item has no meaning, in no particular order: of an instance also those of
/// what it stands for, of a template only the template that it is made with.
pub(crate) fn needed_references<'db>(db: &'db dyn Db, item: Item<'db>) -> Vec<Reference<'db>> {
    let mut collector = Collector { found: Vec::new() };
    match parse(db, item).item.as_ref().map(|tree| &tree.kind) {
        Some(ItemKind::Template(tree)) => collector.template_of(&tree.body),
        Some(kind) => {
            collector.template_of(kind);
            if let Some(tree) = tree(db, item) {
                collector.item(&tree.kind);
                collector.found.extend(read_by_sql(db, item, tree));
            }
        }
        None => {}
    }
    collector.found
}

/// The same as [`references`] for a tree that is no item of the program.
pub fn references_in(tree: &ast::Item) -> Vec<Reference<'_>> {
    let mut collector = Collector { found: Vec::new() };
    collector.item(&tree.kind);
    collector.found
}

struct Collector<'a> {
    found: Vec<Reference<'a>>,
}

impl<'a> Collector<'a> {
    fn name(&mut self, name: &'a ast::Name, role: Role) {
        self.found.push(Reference { text: &name.text, range: name.range, role });
    }

    fn item(&mut self, kind: &'a ItemKind) {
        match kind {
            ItemKind::Use(_) => {}
            ItemKind::Const(tree) => self.expr(&tree.value),
            ItemKind::Fn(tree) => self.function(tree),
            ItemKind::Schema(tree) => self.columns(&tree.columns),
            ItemKind::Evidence(tree) => self.columns(&tree.columns),
            ItemKind::Normalize(tree) => self.normalize(tree),
            ItemKind::Relate(tree) => self.relate(tree),
            ItemKind::Union(tree) => self.union(tree),
            ItemKind::View(tree) => self.view(tree),
            // Its views are items of their own.
            ItemKind::Fixpoint(_) => {}
            ItemKind::Closure(tree) => {
                self.name(&tree.source.relation, Role::Relation);
                self.exprs(&tree.filter);
            }
            ItemKind::SqlView(tree) => {
                tree.schema.iter().for_each(|schema| self.name(schema, Role::Schema));
            }
            ItemKind::Check(tree) => self.check(&tree.rule),
            ItemKind::Test(tree) => self.test(tree),
            ItemKind::Policy(tree) => {
                for target in &tree.targets {
                    if let ast::PolicyTarget::Item(name) = target {
                        self.name(name, Role::Relation);
                    }
                }
            }
            ItemKind::Template(tree) => self.template(tree),
            ItemKind::Instance(tree) => {
                self.template_of(kind);
                self.exprs(tree.arguments.iter().map(|argument| &argument.value));
            }
            ItemKind::Export(tree) => {
                tree.names.iter().for_each(|name| self.name(name, Role::Output));
            }
        }
    }

    fn function(&mut self, tree: &'a ast::FnItem) {
        tree.parameters.iter().for_each(|parameter| self.ty(&parameter.ty));
        tree.result.iter().for_each(|ty| self.ty(ty));
        let before = self.found.len();
        self.expr(&tree.body);
        // A parameter hides a constant of its name.
        let hides = |text: &str| tree.parameters.iter().any(|one| one.name.text == text);
        let body = self.found.split_off(before);
        let seen = body.into_iter().filter(|name| name.role != Role::Value || !hides(name.text));
        self.found.extend(seen);
    }

    fn template_of(&mut self, kind: &'a ItemKind) {
        if let ItemKind::Instance(tree) = kind {
            self.name(&tree.template, Role::Template);
        }
    }

    fn template(&mut self, tree: &'a ast::TemplateItem) {
        tree.parameters.iter().for_each(|parameter| self.ty(&parameter.ty));
        let before = self.found.len();
        self.item(&tree.body);
        let hides = |text: &str| tree.parameters.iter().any(|one| one.name.text == text);
        let body = self.found.split_off(before);
        self.found.extend(body.into_iter().filter(|name| !hides(name.text)));
    }

    fn columns(&mut self, columns: &'a [ast::ColumnDecl]) {
        columns.iter().for_each(|column| self.ty(&column.ty));
    }

    /// The arguments of a type may be entities; its own name never is.
    fn ty(&mut self, ty: &'a ast::TypeExpr) {
        for arg in &ty.args {
            if let ast::TypeArg::Type(arg) = arg {
                if ty.name.text == "Id" {
                    self.name(&arg.name, Role::Entity);
                }
                self.ty(arg);
            }
        }
    }

    fn normalize(&mut self, tree: &'a ast::NormalizeItem) {
        use ast::NormalizeClauseKind as Clause;
        self.name(&tree.source.relation, Role::Relation);
        for clause in &tree.clauses {
            match &clause.kind {
                Clause::Where(value) | Clause::Derive { value, .. } => self.expr(value),
                Clause::Text { value, functions, .. } => {
                    self.expr(value);
                    functions.iter().for_each(|function| self.name(function, Role::Function));
                }
                Clause::Id { over, .. } => self.exprs(over),
                Clause::Span { start, end } => {
                    self.expr(start);
                    self.expr(end);
                }
                Clause::Key { entity, target, unless, .. } => {
                    self.name(entity, Role::Entity);
                    match target {
                        ast::KeyTarget::Span { start, end } => {
                            self.expr(start);
                            self.expr(end);
                        }
                        ast::KeyTarget::Values(values) => self.exprs(values),
                    }
                    self.exprs(unless);
                }
                Clause::Keep(_) => {}
                Clause::Node { kind, properties } => {
                    self.expr(kind);
                    self.named(properties);
                }
            }
        }
    }

    fn relate(&mut self, tree: &'a ast::RelateItem) {
        use ast::RelateClauseKind as Clause;
        for source in [&tree.from, &tree.to].into_iter().chain(&tree.via) {
            self.name(&source.relation, Role::Relation);
        }
        for clause in &tree.clauses {
            match &clause.kind {
                Clause::On(value)
                | Clause::Require(value)
                | Clause::Score(value)
                | Clause::Confidence(value) => self.expr(value),
                Clause::Feature { value, weight, .. } => {
                    self.expr(value);
                    self.expr(weight);
                }
                Clause::Rank { per, by, .. } => {
                    self.exprs(per);
                    self.sort_keys(by);
                }
                Clause::Edge { kind, properties } => {
                    self.expr(kind);
                    self.named(properties);
                }
                Clause::Provider(_) => {}
            }
        }
    }

    fn union(&mut self, tree: &'a ast::UnionItem) {
        self.name(&tree.schema, Role::Schema);
        if let ast::UnionMembers::Relations(names) = &tree.members {
            names.iter().for_each(|name| self.name(name, Role::Relation));
        }
        if let Some(fuse) = &tree.fuse {
            self.named(&fuse.aggregates);
        }
    }

    fn view(&mut self, tree: &'a ast::ViewItem) {
        use ast::PipelineStepKind as Step;
        if let Some(schema) = &tree.schema {
            self.name(schema, Role::Schema);
        }
        for arm in &tree.arms {
            self.name(&arm.from.relation, Role::Relation);
            for step in &arm.steps {
                match &step.kind {
                    Step::Join { source, on, .. } => {
                        self.name(&source.relation, Role::Relation);
                        self.expr(on);
                    }
                    Step::Where(value) => self.expr(value),
                    Step::Select(columns) | Step::Derive(columns) => self.named(columns),
                    Step::GroupBy { keys, aggregates } => {
                        self.named(keys);
                        self.named(aggregates);
                    }
                    Step::Window(window) => {
                        self.exprs(&window.per);
                        self.sort_keys(&window.by);
                        self.named(&window.columns);
                    }
                    Step::Unnest(unnest) => self.expr(&unnest.list),
                    Step::Distinct => {}
                    Step::Dedupe { per, best } => {
                        self.exprs(per);
                        self.sort_keys(best);
                    }
                    Step::SortLimit { by, .. } => self.sort_keys(by),
                }
            }
        }
    }

    fn check(&mut self, rule: &'a ast::CheckRule) {
        use ast::CheckRule as Rule;
        match rule {
            Rule::Unique(columns) | Rule::NotNull(columns) => {
                self.name(&columns.relation, Role::Relation);
            }
            Rule::References { from, to } => {
                self.name(&from.relation, Role::Relation);
                self.name(&to.relation, Role::Relation);
            }
            Rule::Accepted { columns, values } => {
                self.name(&columns.relation, Role::Relation);
                self.exprs(values);
            }
            Rule::Expect { source, condition } => {
                self.name(&source.relation, Role::Relation);
                self.expr(condition);
            }
            Rule::Empty(name) => self.name(name, Role::Relation),
            Rule::Coverage { entity, sources, .. } => {
                self.name(entity, Role::Relation);
                sources.iter().for_each(|source| self.name(&source.relation, Role::Relation));
            }
        }
    }

    fn test(&mut self, tree: &'a ast::TestItem) {
        self.name(&tree.target, Role::Relation);
        for clause in &tree.clauses {
            let rows = match &clause.kind {
                ast::TestClauseKind::Given { relation, rows } => {
                    self.name(relation, Role::Relation);
                    rows
                }
                ast::TestClauseKind::Expect(rows) => rows,
            };
            let cells = rows.rows.iter().flat_map(|row| &row.cells);
            cells.for_each(|cell| self.test_value(&cell.value));
        }
    }

    fn test_value(&mut self, value: &'a ast::TestValue) {
        match &value.kind {
            ast::TestValueKind::Expr(value) => self.expr(value),
            ast::TestValueKind::Span { start, end } => self.exprs([start, end]),
            ast::TestValueKind::List(values) => {
                values.iter().for_each(|value| self.test_value(value));
            }
            ast::TestValueKind::Map(entries) => {
                for entry in entries {
                    self.expr(&entry.key);
                    self.test_value(&entry.value);
                }
            }
        }
    }

    fn named(&mut self, columns: &'a [ast::NamedExpr]) {
        for column in columns {
            match &column.value {
                Some(value) => self.expr(value),
                None => self.name(&column.name, Role::Value),
            }
        }
    }

    fn sort_keys(&mut self, keys: &'a [ast::SortKey]) {
        self.exprs(keys.iter().map(|key| &key.expr));
    }

    fn exprs(&mut self, exprs: impl IntoIterator<Item = &'a ast::Expr>) {
        exprs.into_iter().for_each(|expr| self.expr(expr));
    }

    fn expr(&mut self, expr: &'a ast::Expr) {
        use ast::ExprKind as Kind;
        match &expr.kind {
            Kind::Null | Kind::Bool(_) | Kind::Int(_) | Kind::Float(_) | Kind::Text(_) => {}
            Kind::Name(text) => {
                self.found.push(Reference { text, range: expr.range, role: Role::Value });
            }
            Kind::Field { base: one, .. } | Kind::Unary { operand: one, .. } => self.expr(one),
            Kind::Call { function, args } => {
                self.name(function, Role::Function);
                self.exprs(args);
            }
            Kind::Binary { left, right, .. } => {
                self.expr(left);
                self.expr(right);
            }
            Kind::Between { value, low, high, .. } => {
                self.exprs([&**value, &**low, &**high]);
            }
            Kind::In { value, list, .. } => {
                self.expr(value);
                self.exprs(list);
            }
            Kind::Case { branches, otherwise } => {
                for (condition, value) in branches {
                    self.expr(condition);
                    self.expr(value);
                }
                self.exprs(otherwise.as_deref());
            }
            Kind::Cast { value, ty } => {
                self.expr(value);
                self.ty(ty);
            }
        }
    }
}
