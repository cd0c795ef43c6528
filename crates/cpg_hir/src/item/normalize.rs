//! `normalize`: one row source becomes an entity.

use cpg_base::{Code, TextRange};
use cpg_ir::expr::{BinaryOp, Expr};
use cpg_ir::spec::{NodeSpec, NormalizeSpec, OutputColumn, Spec};
use cpg_ir::types::{SemanticType, TextUnit};
use cpg_syntax::ast::{self, KeepColumn, NormalizeClauseKind as Clause, NormalizeItem};

use super::Lowered;
use crate::checker::{Checker, Input};
use crate::expr::{Lines, Scope, Typed, facts_when_true};
use crate::problem::{Anchor, Problem};
use crate::row::Row;
use crate::signature::{Emission, Property};
use crate::ty::Ty;

/// The clauses that may stand once.
#[derive(Default)]
struct Once {
    id: Option<TextRange>,
    span: Option<TextRange>,
    node: Option<TextRange>,
}

/// An entity under construction.
struct Entity<'db> {
    /// Whose rows.
    input: Input<'db>,
    /// The source, narrowed by the `where` clauses so far.
    scope: Scope,
    filter: Option<Expr>,
    /// What the clauses give, in their order: name, place, value.
    columns: Vec<(String, TextRange, Typed)>,
    span: Option<(Typed, TextRange)>,
}

impl<'db> Checker<'db> {
    pub(super) fn normalize(&mut self, tree: &NormalizeItem) -> Lowered {
        let input = self.input(&tree.source.relation);
        let mut sources = Vec::new();
        self.add_source(&mut sources, &tree.source, input.row());
        let scope = Scope::new(sources);
        let mut entity = Entity { input, scope, filter: None, columns: Vec::new(), span: None };
        self.lines = Some(Lines::default());
        let mut once = Once::default();
        let mut id = None;
        let mut node = None;
        for clause in &tree.clauses {
            self.guard_at = Some(clause.range.start());
            match &clause.kind {
                Clause::Where(condition) => self.filter(&mut entity, condition),
                Clause::Id { name, namespace, over } => {
                    if self.once("id", &mut once.id, clause.range) {
                        let values: Vec<Typed> =
                            over.iter().map(|value| self.expr(&mut entity.scope, value)).collect();
                        self.guarded(&values.iter().collect::<Vec<_>>(), "the id");
                        self.identifiable(&values);
                        id = Some((name, namespace, values));
                    }
                }
                Clause::Span { start, end } => {
                    if self.once("span", &mut once.span, clause.range) {
                        let span = self.span_clause(&mut entity.scope, start, end, clause.range);
                        entity.span = Some((span, clause.range));
                    }
                }
                Clause::Node { kind, properties } => {
                    if self.once("node", &mut once.node, clause.range) {
                        node = Some((kind, properties));
                    }
                }
                Clause::Text { name, value, functions } => {
                    let value = self.text(&mut entity.scope, value, functions);
                    entity.columns.push((name.text.clone(), name.range, value));
                }
                Clause::Derive { name, value } => {
                    let value = self.expr(&mut entity.scope, value);
                    entity.columns.push((name.text.clone(), name.range, value));
                }
                Clause::Key { name, entity: of, target, unless } => {
                    let value =
                        self.key(&mut entity.scope, of, target, unless.as_ref(), clause.range);
                    entity.columns.push((name.text.clone(), name.range, value));
                }
                Clause::Keep(columns) => self.keep(&mut entity, columns),
            }
        }
        self.guard_at = None;
        let lines = self.lines.take();
        let Some((name, namespace, over)) = id else {
            self.missing_clause(
                tree.name.range,
                format!("the entity `{}` has no id", tree.name.text),
                "add `id NAME in \"namespace\"`, and `of VALUES` where it is not taken over the span",
            );
            return Lowered::new(Row::unknown(), None);
        };
        let id = self.entity_id(&entity, namespace, over, tree.name.range);
        self.entity(entity, lines, name, namespace, id, node)
    }

    /// Notes that a clause stands; `false` when it stood before, which is reported.
    fn once(&mut self, what: &str, seen: &mut Option<TextRange>, range: TextRange) -> bool {
        match *seen {
            Some(first) => {
                self.duplicate_clause(what, first, range);
                false
            }
            None => {
                *seen = Some(range);
                true
            }
        }
    }

    fn filter(&mut self, entity: &mut Entity<'db>, condition: &ast::Expr) {
        let condition = self.condition(&mut entity.scope, condition);
        self.varying(&entity.scope, "where", &condition);
        let condition = condition.expr;
        entity.scope.assume(facts_when_true(&condition));
        entity.filter = Some(match entity.filter.take() {
            None => condition,
            Some(before) => Expr::Binary {
                op: BinaryOp::And,
                left: Box::new(before),
                right: Box::new(condition),
            },
        });
    }

    /// Normalised text: the functions are applied in order.
    fn text(&mut self, scope: &mut Scope, value: &ast::Expr, functions: &[ast::Name]) -> Typed {
        let value = self.expr(scope, value);
        if value.ty == Ty::Unknown {
            return value;
        }
        let nullable = value.ty.is_nullable();
        let expr = self.expect(&value, &SemanticType::String, "text");
        let mut text = Typed::new(expr, Ty::new(SemanticType::String, nullable), value.range);
        for function in functions {
            text = self.apply(function, &[text], function.range);
        }
        if !text.ty.is(&SemanticType::String) {
            let message = format!("text functions give `string`, this gives `{}`", text.ty);
            self.error(Code::TypeMismatch, text.range, message);
            return Typed::unknown(value.range);
        }
        let ty = match &text.ty {
            Ty::Unknown => Ty::Unknown,
            Ty::Known(_) => Ty::new(SemanticType::Text, nullable),
        };
        Typed::new(text.expr, ty, value.range)
    }

    fn keep(&mut self, entity: &mut Entity<'db>, columns: &[KeepColumn]) {
        for KeepColumn { column, alias } in columns {
            let name = alias.as_ref().unwrap_or(column);
            let source = entity.scope.sources.first();
            let known = source.is_some_and(|source| source.row.column(&column.text).is_some());
            let value = if known {
                let kept = ast::Expr {
                    kind: ast::ExprKind::Name(column.text.clone()),
                    range: column.range,
                };
                self.expr(&mut entity.scope, &kept)
            } else {
                if let Some(source) = source.filter(|source| !source.row.open) {
                    let message = format!("the source has no column `{}`", column.text);
                    let problem = Problem::error(Code::UnknownColumn, column.range, message)
                        .nearest(&column.text, source.row.names());
                    let problem = match entity.input.item {
                        Some(item) => problem.label(Anchor::Name(item), "the source"),
                        None => problem,
                    };
                    self.report(problem);
                }
                self.note_scope(column.range, &entity.scope);
                Typed::unknown(column.range)
            };
            entity.columns.push((name.text.clone(), name.range, value));
        }
    }

    /// The entity's id: over the values it names, else over the file and the span.
    fn entity_id(
        &mut self,
        entity: &Entity<'db>,
        namespace: &ast::Text,
        over: Vec<Typed>,
        range: TextRange,
    ) -> Typed {
        let over = if over.is_empty() {
            match self.span_identity(entity, range) {
                Some(over) => over,
                None => return Typed::unknown(namespace.range),
            }
        } else {
            over
        };
        let ty = Ty::required(SemanticType::Id(Some(namespace.value.clone())));
        let over = over.into_iter().map(|value| value.expr).collect();
        Typed::new(Expr::StableId { namespace: namespace.value.clone(), over }, ty, namespace.range)
    }

    fn span_identity(&mut self, entity: &Entity<'db>, range: TextRange) -> Option<Vec<Typed>> {
        let Some((span, place)) = &entity.span else {
            self.missing_clause(
                range,
                "an id without `of` is taken over the span, and there is none",
                "add `span START .. END`, or say `of VALUES` after the namespace",
            );
            return None;
        };
        let file = self.file_column(entity, *place)?;
        let Expr::Span { start, end } = &span.expr else {
            return None;
        };
        let ty = Ty::required(SemanticType::Offset(TextUnit::Byte));
        Some(vec![
            file,
            Typed::new((**start).clone(), ty.clone(), *place),
            Typed::new((**end).clone(), ty, *place),
        ])
    }

    /// The source's column that says which file; reports when there is none.
    fn file_column(&mut self, entity: &Entity<'db>, range: TextRange) -> Option<Typed> {
        let row = &entity.scope.sources.first()?.row;
        match row.file() {
            Some(column) => {
                let value = Expr::column(0, &column.name);
                if column.ty.is_nullable() && !entity.scope.is_present(&value) {
                    let name = &column.name;
                    let message = format!("the span is in the file `{name}`, which may be null");
                    let help =
                        format!("keep only rows that have it, with `where {name} is not null`");
                    self.report(Problem::error(Code::UnguardedNull, range, message).help(help));
                }
                Some(Typed::new(value, column.ty.clone(), range))
            }
            None if row.open => None,
            None => {
                let message = "the source has no `FileId` column, so a span in it is in no file";
                let problem = Problem::error(Code::NoSpan, range, message);
                let problem = match entity.input.item {
                    Some(item) => problem.label(Anchor::Name(item), "the source"),
                    None => problem,
                };
                self.report(problem);
                None
            }
        }
    }

    /// Puts the columns together: the id, what says where, then what the clauses give.
    fn entity(
        &mut self,
        entity: Entity<'db>,
        lines: Option<Lines>,
        name: &ast::Name,
        namespace: &ast::Text,
        id: Typed,
        node: Option<(&ast::Expr, &Vec<ast::NamedExpr>)>,
    ) -> Lowered {
        let source =
            entity.scope.sources.first().map(|source| source.row.clone()).unwrap_or_default();
        let mut row = Row { columns: Vec::new(), open: source.open };
        let mut columns = vec![(name.text.clone(), name.range, id)];
        for (fixed, found) in [("file_id", source.file()), ("path", source.path())] {
            if let Some(found) = found {
                let value = Expr::column(0, &found.name);
                let present = entity.scope.is_present(&value);
                let ty =
                    if present { found.ty.clone().with_nullable(false) } else { found.ty.clone() };
                columns.push((fixed.to_owned(), name.range, Typed::new(value, ty, name.range)));
            }
        }
        if let Some((span, range)) = entity.span {
            columns.push(("span".to_owned(), range, span));
        }
        columns.extend(entity.columns);

        let mut outputs = Vec::with_capacity(columns.len());
        for (name, range, value) in columns {
            if self.add_column(&mut row, &name, range, value.ty.clone()) {
                outputs.extend(output(name, value));
            }
        }
        let emission = match node {
            Some((kind, properties)) => self.node(row.clone(), kind, properties),
            None => Emission::None,
        };
        let file = source.file().map(|column| column.name.as_str());
        let lines = lines.and_then(|lines| lines.spec(file));
        let spec = entity.input.relation().map(|source| {
            Spec::Normalize(NormalizeSpec {
                source: source.id.clone(),
                filter: entity.filter,
                lines,
                namespace: namespace.value.clone(),
                id_column: name.text.clone(),
                columns: outputs,
                node: node_spec(&emission),
            })
        });
        Lowered { row, spec, emission }
    }

    /// What the entity looks like as a node: expressions over its own columns.
    fn node(&mut self, row: Row, kind: &ast::Expr, properties: &[ast::NamedExpr]) -> Emission {
        let mut scope = Scope::row(row);
        let kind = self.kind(&mut scope, kind);
        let mut emitted = Row::default();
        let mut lowered = Vec::with_capacity(properties.len());
        for property in properties {
            let value = self.named_value(&mut scope, property);
            let name = &property.name;
            if self.add_column(&mut emitted, &name.text, name.range, value.ty.clone()) {
                lowered.push(Property { name: name.text.clone(), value: value.expr, ty: value.ty });
            }
        }
        Emission::Node { kind, properties: lowered }
    }

    /// The kind of a node or an edge: a string that is always there.
    pub(super) fn kind(&mut self, scope: &mut Scope, kind: &ast::Expr) -> Expr {
        let kind = self.expr(scope, kind);
        self.guarded(&[&kind], "a kind");
        self.expect(&kind, &SemanticType::String, "a kind")
    }

    /// The value of `name: EXPR`, or of the column `name` when it says no more.
    pub(super) fn named_value(&mut self, scope: &mut Scope, named: &ast::NamedExpr) -> Typed {
        match &named.value {
            Some(value) => self.expr(scope, value),
            None => {
                let kind = ast::ExprKind::Name(named.name.text.clone());
                self.expr(scope, &ast::Expr { kind, range: named.name.range })
            }
        }
    }
}

/// A column of known type.
pub(super) fn output(name: String, value: Typed) -> Option<OutputColumn> {
    let Ty::Known(ty) = value.ty else { return None };
    Some(OutputColumn { name, value: value.expr, ty })
}

fn node_spec(emission: &Emission) -> Option<NodeSpec> {
    let Emission::Node { kind, properties } = emission else {
        return None;
    };
    let properties = properties
        .iter()
        .filter_map(|property| {
            Some(OutputColumn {
                name: property.name.clone(),
                value: property.value.clone(),
                ty: property.ty.known()?.clone(),
            })
        })
        .collect();
    Some(NodeSpec { kind: kind.clone(), properties })
}
