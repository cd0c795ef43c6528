//! `relate`: two entities become scored, ranked relation rows.

use std::collections::BTreeMap;

use cpg_base::{Code, TextRange};
use cpg_ir::expr::{Expr, Finite, Literal, SortKey};
use cpg_ir::spec::{EdgeSpec, Feature, JoinStrategy, Rank, RankKey, RelateSpec, Spec};
use cpg_ir::types::{ColumnType, SemanticType};
use cpg_syntax::ast::{self, ExprKind, RelateClauseKind as Clause, RelateItem};

use super::Lowered;
use super::normalize::output;
use crate::checker::{Checker, Input};
use crate::expr::{Misfit, Scope, Source, Typed, conjuncts, facts_when_true, number};
use crate::facts::Meaning;
use crate::problem::{Anchor, Problem};
use crate::row::{Row, RowColumn};
use crate::signature::Emission;
use crate::ty::Ty;

/// Whose word a relation is that does not say.
const DEFAULT_PROVIDER: &str = "program";

/// The name under which ranks see the computed score.
const SCORE: &str = "score";

/// The clauses that may stand once, with their places.
#[derive(Default)]
struct Once<'a>(BTreeMap<&'static str, (TextRange, &'a Clause)>);

/// A side of a relation.
struct Side<'db> {
    input: Input<'db>,
    /// Its id column; `None` when it has none, which is reported.
    id: Option<RowColumn>,
    row: Row,
}

impl<'db> Checker<'db> {
    pub(super) fn relate(&mut self, tree: &RelateItem) -> Lowered {
        let from = self.side(&tree.from);
        let to = self.side(&tree.to);
        let via: Vec<Input<'db>> =
            tree.via.iter().map(|source| self.input(&source.relation)).collect();
        let mut sources = Vec::with_capacity(2 + via.len());
        let rows = [from.row.clone(), to.row.clone()].into_iter().chain(via.iter().map(Input::row));
        let written = [&tree.from, &tree.to].into_iter().chain(&tree.via);
        for (source, row) in written.zip(rows) {
            self.add_source(&mut sources, source, row);
        }
        let mut scope = Scope::new(sources);
        let once = self.clauses(tree);

        let (on, strategy) = match once.get("on") {
            Some(Clause::On(on)) => (self.join(&mut scope, on), JoinStrategy::Declared),
            _ => self.strategy(tree, &scope, [from.id.as_ref(), to.id.as_ref()]),
        };
        if once.get("on").is_some() {
            self.connected(tree, &scope, &on);
        }
        let require = self.require(&mut scope, tree, &on, &once);
        let score = self.score(&mut scope, &once);
        let features = self.features(&mut scope, tree);
        let confidence = self.confidence(&mut scope, &once);
        let rank = self.rank(&mut scope, &once);
        let edge = self.edge(&mut scope, &once);
        let provider = match once.get("provider") {
            Some(Clause::Provider(text)) => text.value.clone(),
            _ => DEFAULT_PROVIDER.to_owned(),
        };

        let row = self.relation_row(&from, &to, edge.as_ref());
        let emission = if edge.is_some() { Emission::Edge } else { Emission::None };
        let column = |row: &Row, of: fn(&Row) -> Option<&RowColumn>| {
            of(row).map(|column| column.name.clone())
        };
        let spec = || {
            Some(Spec::Relate(Box::new(RelateSpec {
                rule: tree.name.text.clone(),
                from: from.input.relation()?.id.clone(),
                from_id: from.id.as_ref()?.name.clone(),
                from_span: column(&from.row, Row::span),
                from_path: column(&from.row, Row::path),
                to: to.input.relation()?.id.clone(),
                to_id: to.id.as_ref()?.name.clone(),
                via: via
                    .iter()
                    .map(|via| Some(via.relation()?.id.clone()))
                    .collect::<Option<_>>()?,
                on,
                strategy,
                require,
                score,
                features,
                confidence,
                rank,
                edge: edge.map(|edge| edge.spec),
                provider,
            })))
        };
        Lowered { spec: spec(), row, emission }
    }

    fn side(&mut self, source: &ast::RowSource) -> Side<'db> {
        let input = self.input(&source.relation);
        let row = input.row();
        let id = row.columns.first().filter(|column| match column.ty.semantic() {
            Some(SemanticType::Id(_)) => !column.ty.is_nullable(),
            _ => false,
        });
        let unknown = row.columns.first().is_some_and(|column| column.ty == Ty::Unknown);
        if id.is_none() && !row.open && !unknown {
            let name = &source.relation;
            let message = format!("`{}` has no id: its first column is not an `Id`", name.text);
            let problem = Problem::error(Code::WrongItemKind, name.range, message)
                .help("relate entities, or views whose first column is an id that is always there");
            let problem = match input.item {
                Some(item) => problem.label(Anchor::Name(item), "declared here"),
                None => problem,
            };
            self.report(problem);
        }
        let id = id.cloned();
        Side { input, id, row }
    }

    /// Adds a row source under its alias; reports an alias that is taken.
    pub(super) fn add_source(
        &mut self,
        sources: &mut Vec<Source>,
        source: &ast::RowSource,
        row: Row,
    ) {
        let name = source.alias.as_ref().unwrap_or(&source.relation);
        if sources.iter().any(|other| other.alias.as_deref() == Some(name.text.as_str())) {
            let message = format!("two row sources are called `{}`", name.text);
            let problem = Problem::error(Code::DuplicateAlias, name.range, message)
                .help("give one of them another name with `as`");
            self.report(problem);
        }
        self.note_name(name.range, Meaning::SourceDeclared);
        sources.push(Source { alias: Some(name.text.clone()), row });
    }

    fn clauses<'a>(&mut self, tree: &'a RelateItem) -> Once<'a> {
        let mut once = Once::default();
        let mut features: BTreeMap<&str, TextRange> = BTreeMap::new();
        for clause in &tree.clauses {
            let what = match &clause.kind {
                Clause::On(_) => "on",
                Clause::Score(_) => "score",
                Clause::Confidence(_) => "confidence",
                Clause::Rank { .. } => "rank",
                Clause::Edge { .. } => "edge",
                Clause::Provider(_) => "provider",
                Clause::Require(_) => continue,
                Clause::Feature { name, .. } => {
                    match features.get(name.text.as_str()) {
                        Some(first) => {
                            let what = format!("feature {}", name.text);
                            self.duplicate_clause(&what, *first, name.range);
                        }
                        None => {
                            features.insert(&name.text, name.range);
                        }
                    }
                    continue;
                }
            };
            match once.0.get(what) {
                Some((first, _)) => self.duplicate_clause(what, *first, clause.range),
                None => {
                    once.0.insert(what, (clause.range, &clause.kind));
                }
            }
        }
        once
    }

    fn require(
        &mut self,
        scope: &mut Scope,
        tree: &RelateItem,
        on: &[Expr],
        once: &Once<'_>,
    ) -> Vec<Expr> {
        let mut required = Vec::new();
        // Conditions with their places; an inferred `on` has none.
        let said = once.0.get("on").map(|(range, _)| *range);
        let held = said.into_iter().flat_map(|range| on.iter().map(move |on| (on.clone(), range)));
        let mut held: Vec<(Expr, TextRange)> = held.collect();
        for clause in &tree.clauses {
            if let Clause::Require(condition) = &clause.kind {
                for conjunct in conjuncts(condition) {
                    let conjunct = self.condition(scope, conjunct);
                    self.varying(scope, "require", &conjunct);
                    self.consistent("require", &held, &conjunct);
                    held.push((conjunct.expr.clone(), conjunct.range));
                    let conjunct = conjunct.expr;
                    scope.assume(facts_when_true(&conjunct));
                    required.push(conjunct);
                }
            }
        }
        required
    }

    fn score(&mut self, scope: &mut Scope, once: &Once<'_>) -> Expr {
        match once.get("score") {
            Some(Clause::Score(score)) => {
                let score = self.expr(scope, score);
                self.always(&score, &SemanticType::Score, "a score")
            }
            _ => float(0.0),
        }
    }

    fn features(&mut self, scope: &mut Scope, tree: &RelateItem) -> Vec<Feature> {
        let mut features = Vec::new();
        for clause in &tree.clauses {
            let Clause::Feature { name, value, weight } = &clause.kind else {
                continue;
            };
            let value = self.expr(scope, value);
            let boolean = value.ty.semantic() == Some(&SemanticType::Bool);
            let value = if boolean {
                value.expr
            } else {
                self.expect(&value, &SemanticType::Float, "a feature that is no condition")
            };
            let weight = self.expr(scope, weight);
            if weight.literal().and_then(number) == Some(0.0) {
                let message = format!("the feature `{}` weighs nothing", name.text);
                let problem = Problem::error(Code::UnusedClause, clause.range, message)
                    .found("changes no score")
                    .help("give it a weight, or remove the clause")
                    .warning();
                self.report(problem);
            }
            let weight = self.always(&weight, &SemanticType::Float, "a weight");
            features.push(Feature { name: name.text.clone(), value, boolean, weight });
        }
        features
    }

    fn confidence(&mut self, scope: &mut Scope, once: &Once<'_>) -> Expr {
        let Some(Clause::Confidence(confidence)) = once.get("confidence") else {
            return float(1.0);
        };
        let confidence = self.expr(scope, confidence);
        if let Some(value) = confidence.literal().and_then(number)
            && !(0.0..=1.0).contains(&value)
        {
            let message = format!("a confidence lies between 0 and 1, found {value}");
            self.error(Code::OutOfRange, confidence.range, message);
        }
        self.always(&confidence, &SemanticType::Confidence, "a confidence")
    }

    /// The value as one that means `semantic` and is always there.
    fn always(&mut self, value: &Typed, semantic: &SemanticType, what: &str) -> Expr {
        if value.fit(&ColumnType::required(semantic.clone())) == Err(Misfit::Null) {
            let text = self.text_at(value.range);
            let message = format!("{what} must always be there, and `{text}` may be null");
            let problem = Problem::error(Code::UnguardedNull, value.range, message)
                .found(format!("this is `{}`", value.ty))
                .help("give a default with `??`");
            self.report(problem);
        }
        self.expect(value, semantic, what)
    }

    fn rank(&mut self, scope: &mut Scope, once: &Once<'_>) -> Option<Rank> {
        let Some(Clause::Rank { per, by, keep }) = once.get("rank") else {
            return None;
        };
        if *keep == Some(0) {
            let range = once.range("rank");
            self.error(Code::OutOfRange, range, "`keep 0` keeps nothing: keep at least 1");
        }
        let per = self.keys(scope, "rank per", per);
        let by = by
            .iter()
            .map(|key| match &key.expr.kind {
                ExprKind::Name(name) if name == SCORE => {
                    RankKey::Score { descending: key.descending }
                }
                _ => RankKey::Key(self.sort_key(scope, key)),
            })
            .collect();
        Some(Rank { per, by, keep: *keep })
    }

    /// Keys that put rows together.
    pub(super) fn keys(
        &mut self,
        scope: &mut Scope,
        clause: &str,
        keys: &[ast::Expr],
    ) -> Vec<Expr> {
        let mut lowered = Vec::with_capacity(keys.len());
        for key in keys {
            let key = self.expr(scope, key);
            self.varying_key(scope, clause, &key);
            self.tells_apart(clause, &key.ty, key.range);
            lowered.push(key.expr);
        }
        lowered
    }

    /// A key to sort by.
    pub(super) fn sort_key(&mut self, scope: &mut Scope, key: &ast::SortKey) -> SortKey {
        use crate::ty::SemanticRules;
        let expr = self.expr(scope, &key.expr);
        if expr.ty.semantic().is_some_and(|semantic| !semantic.is_ordered()) {
            let message = format!("`{}` has no order", expr.ty);
            let problem = Problem::error(Code::Incomparable, expr.range, message);
            let problem = match expr.ty.semantic() {
                Some(SemanticType::Span) => problem.help("sort by `.start` or `.end`"),
                _ => problem,
            };
            self.report(problem);
        }
        self.varying_key(scope, "by", &expr);
        SortKey { expr: expr.expr, descending: key.descending }
    }

    fn edge(&mut self, scope: &mut Scope, once: &Once<'_>) -> Option<Edge> {
        let Some(Clause::Edge { kind, properties }) = once.get("edge") else {
            return None;
        };
        let kind = self.kind(scope, kind);
        let mut row = Row::default();
        for fixed in RelateSpec::FIXED_COLUMNS {
            row.push(fixed, Ty::Unknown);
        }
        let mut lowered = Vec::with_capacity(properties.len());
        for property in properties {
            let value = self.named_value(scope, property);
            let name = &property.name;
            if self.add_column(&mut row, &name.text, name.range, value.ty.clone()) {
                lowered.extend(output(name.text.clone(), value));
            }
        }
        let properties = row.columns.split_off(RelateSpec::FIXED_COLUMNS.len());
        Some(Edge { spec: EdgeSpec { kind, properties: lowered }, row: properties })
    }

    /// The columns of every relation, then what the edge adds.
    fn relation_row(&mut self, from: &Side<'db>, to: &Side<'db>, edge: Option<&Edge>) -> Row {
        use SemanticType as S;
        let id = |side: &Side<'db>| side.id.as_ref().map_or(Ty::Unknown, |id| id.ty.clone());
        let types = [
            id(from),
            id(to),
            Ty::new(S::String, edge.is_none()),
            Ty::new(S::Path, true),
            Ty::new(S::Span, true),
            Ty::required(S::Score),
            Ty::required(S::Confidence),
            Ty::required(S::Id(Some("ambiguity".to_owned()))),
            Ty::required(S::Int),
            Ty::required(S::String),
            Ty::required(S::String),
        ];
        let fixed = RelateSpec::FIXED_COLUMNS.into_iter().zip(types);
        // Whatever is wrong with a side, the columns are what they always are.
        let mut row = Row::default();
        fixed.for_each(|(name, ty)| row.push(name, ty));
        row.columns.extend(edge.into_iter().flat_map(|edge| edge.row.clone()));
        row
    }
}

/// What an `edge` clause says.
struct Edge {
    spec: EdgeSpec,
    /// The columns it adds.
    row: Vec<RowColumn>,
}

impl<'a> Once<'a> {
    fn get(&self, what: &str) -> Option<&'a Clause> {
        self.0.get(what).map(|(_, clause)| *clause)
    }

    fn range(&self, what: &str) -> TextRange {
        self.0.get(what).map(|(range, _)| *range).unwrap_or_default()
    }
}

fn float(value: f64) -> Expr {
    let literal = Finite::new(value).map_or(Literal::Int(0), Literal::Float);
    Expr::Literal(literal)
}
