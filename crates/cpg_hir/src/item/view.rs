//! `view`: pipelines of relational steps.

use cpg_base::{Code, TextRange};
use cpg_ir::expr::{Expr, SortKey};
use cpg_ir::spec::{AggregateColumn, Arm, JoinKind, OutputColumn, Pipeline, Spec, Step, ViewSpec};
use cpg_ir::types::{ColumnType, RowSchema, SemanticType};
use cpg_syntax::ast::{self, NamedExpr, PipelineArm, PipelineStep, PipelineStepKind, ViewItem};

use super::Lowered;
use super::normalize::output;
use super::strategy::joins;
use crate::checker::Checker;
use crate::expr::{Misfit, Scope, Source, Typed, either, facts_when_true};
use crate::problem::{Anchor, Problem, listed};
use crate::row::{Row, RowColumn};
use crate::ty::Ty;

/// A lowered arm with the row it gives.
pub(super) struct TypedArm {
    /// `None` when its source is broken.
    arm: Option<Arm>,
    pub(super) row: Row,
    range: TextRange,
}

impl<'db> Checker<'db> {
    pub(super) fn view(&mut self, tree: &ViewItem) -> Lowered {
        let (row, pipeline) = self.pipeline(tree);
        let spec = pipeline.map(|pipeline| Spec::View(ViewSpec { pipeline }));
        Lowered::new(row, spec)
    }

    /// A view's row and its arms, which give exactly that row.
    pub(super) fn pipeline(&mut self, tree: &ViewItem) -> (Row, Option<Pipeline>) {
        let mut arms: Vec<TypedArm> = tree.arms.iter().map(|arm| self.arm(arm)).collect();
        let mut row = self.united(&arms);
        if let Some(schema) = &tree.schema
            && let Some((item, promised)) = self.schema(schema)
        {
            self.promise(schema, item, &promised, &row, tree.name.range);
            row = promised;
        }
        if let Some(schema) = row.schema() {
            for arm in &mut arms {
                arm.shape(&schema);
            }
        }
        let arms: Option<Vec<Arm>> = arms.into_iter().map(|arm| arm.arm).collect();
        (row, arms.map(|arms| Pipeline { arms }))
    }

    pub(super) fn arm(&mut self, tree: &PipelineArm) -> TypedArm {
        let input = self.input(&tree.from.relation);
        let mut sources = Vec::new();
        self.add_source(&mut sources, &tree.from, input.row());
        let mut scope = Scope::new(sources);
        let mut growth = self.growth_of(&tree.from.relation);
        let mut steps = Some(Vec::with_capacity(tree.steps.len()));
        let mut before = None;
        for step in &tree.steps {
            self.needless_distinct(before.replace(step), step);
            let lowered = self.step(&mut scope, &step.kind, step.range);
            self.grow(&mut growth, step, lowered.as_ref());
            steps = steps.zip(lowered).map(|(mut steps, step)| {
                steps.push(step);
                steps
            });
        }
        let row = match scope.sources.as_slice() {
            [only] => only.row.clone(),
            _ => {
                if !scope.is_open() && !self.incomplete {
                    let message = "joined rows have no columns of their own";
                    let problem = Problem::error(Code::MissingClause, tree.range, message)
                        .help("add `select { … }` with the columns that the view has");
                    self.report(problem);
                }
                Row::unknown()
            }
        };
        let arm =
            input.relation().zip(steps).map(|(from, steps)| Arm { from: from.id.clone(), steps });
        TypedArm { arm, row, range: tree.range }
    }

    /// Warns of `distinct` where no two rows are alike, as after `group by` and `distinct`.
    fn needless_distinct(&mut self, before: Option<&PipelineStep>, step: &PipelineStep) {
        let distinct = |step: &PipelineStep| {
            matches!(step.kind, PipelineStepKind::Distinct | PipelineStepKind::GroupBy { .. })
        };
        if matches!(step.kind, PipelineStepKind::Distinct)
            && let Some(before) = before.filter(|before| distinct(before))
        {
            let gap = TextRange::new(before.range.end(), step.range.end());
            let message = "the rows are distinct already";
            let problem = Problem::error(Code::UnusedClause, step.range, message)
                .label(Anchor::Here(before.range), "this step sees to it")
                .fix("remove the step", gap, "")
                .warning();
            self.report(problem);
        }
    }

    /// Lowers a step; `None` when what it reads is broken.
    fn step(
        &mut self,
        scope: &mut Scope,
        step: &PipelineStepKind,
        range: TextRange,
    ) -> Option<Step> {
        match step {
            PipelineStepKind::Join { kind, source, on } => self.join_step(scope, *kind, source, on),
            PipelineStepKind::Where(condition) => {
                let condition = self.condition(scope, condition);
                self.varying(scope, "where", &condition);
                let predicate = condition.expr;
                scope.assume(facts_when_true(&predicate));
                Some(Step::Where { predicate })
            }
            PipelineStepKind::Select(columns) => {
                let (row, columns) = self.columns(scope, columns, Row::default());
                scope.replace(vec![Source { alias: None, row }]);
                Some(Step::Select { columns })
            }
            PipelineStepKind::Derive(columns) => {
                let last = scope.sources.last().map(|source| source.row.clone())?;
                let (row, columns) = self.columns(scope, columns, last);
                if let Some(source) = scope.sources.last_mut() {
                    source.row = row;
                }
                Some(Step::Derive { columns })
            }
            PipelineStepKind::GroupBy { keys, aggregates } => {
                let ranges = keys.iter().map(|key| key.name.range);
                let ranges: Vec<TextRange> = ranges.collect();
                let (row, keys) = self.columns(scope, keys, Row::default());
                for (key, range) in row.columns.iter().zip(ranges) {
                    self.tells_apart("group by", &key.ty, range);
                }
                let (row, aggregates) = self.aggregates(scope, aggregates, row);
                scope.replace(vec![Source { alias: None, row }]);
                Some(Step::GroupBy { keys, aggregates })
            }
            PipelineStepKind::Window(tree) => self.window(scope, tree).map(Step::Window),
            PipelineStepKind::Unnest(tree) => self.unnest(scope, tree).map(Step::Unnest),
            PipelineStepKind::Distinct => {
                let rows = scope.sources.iter().flat_map(|source| &source.row.columns);
                let types: Vec<Ty> = rows.map(|column| column.ty.clone()).collect();
                for ty in &types {
                    self.tells_apart("distinct", ty, range);
                }
                Some(Step::Distinct)
            }
            PipelineStepKind::Dedupe { per, best } => {
                let keys = self.keys(scope, "dedupe per", per);
                let by = self.sort_keys(scope, best);
                Some(Step::Dedupe { keys, by })
            }
            PipelineStepKind::SortLimit { by, count } => {
                if *count == 0 {
                    self.error(Code::OutOfRange, range, "`limit 0` keeps nothing");
                }
                Some(Step::Limit { by: self.sort_keys(scope, by), count: *count })
            }
        }
    }

    fn join_step(
        &mut self,
        scope: &mut Scope,
        kind: ast::JoinKind,
        source: &ast::RowSource,
        on: &ast::Expr,
    ) -> Option<Step> {
        let input = self.input(&source.relation);
        let before = scope.clone();
        let index = before.sources.len();
        self.add_source(&mut scope.sources, source, input.row());
        let on = self.join(scope, on);
        if !scope.is_open()
            && !self.has_errors()
            && !joins(&on, u32::try_from(index).unwrap_or(u32::MAX))
        {
            let name = source.alias.as_ref().unwrap_or(&source.relation);
            let message = format!("no equality connects `{}` with the rows before it", name.text);
            let problem = Problem::error(Code::CrossJoin, name.range, message).help(
                "compare a column of each side with `==`: otherwise every row meets every row",
            );
            self.report(problem);
        }
        let join = match kind {
            ast::JoinKind::Inner => JoinKind::Inner,
            ast::JoinKind::Left => {
                // What the condition tells holds only for rows with a partner.
                let mut added = scope.sources.pop();
                *scope = before;
                if let Some(added) = &mut added {
                    for column in &mut added.row.columns {
                        column.ty = column.ty.clone().with_nullable(true);
                    }
                }
                scope.sources.extend(added);
                JoinKind::Left
            }
            ast::JoinKind::Semi => {
                scope.truncate(index);
                JoinKind::Semi
            }
            ast::JoinKind::Anti => {
                *scope = before;
                JoinKind::Anti
            }
        };
        Some(Step::Join { join, relation: input.relation()?.id.clone(), on })
    }

    /// Named columns, added to `row`.
    fn columns(
        &mut self,
        scope: &mut Scope,
        columns: &[NamedExpr],
        mut row: Row,
    ) -> (Row, Vec<OutputColumn>) {
        let mut outputs = Vec::with_capacity(columns.len());
        for column in columns {
            let value = self.named_value(scope, column);
            if self.add_column(&mut row, &column.name.text, column.name.range, value.ty.clone()) {
                outputs.extend(output(column.name.text.clone(), value));
            }
        }
        row.open |= scope.is_open() && row.columns.is_empty();
        (row, outputs)
    }

    fn aggregates(
        &mut self,
        scope: &mut Scope,
        columns: &[NamedExpr],
        mut row: Row,
    ) -> (Row, Vec<AggregateColumn>) {
        let mut aggregates = Vec::with_capacity(columns.len());
        for column in columns {
            let name = &column.name;
            let aggregate = match &column.value {
                Some(value) => self.aggregate(scope, value),
                None => {
                    let message =
                        format!("expected an aggregate, as in `{0}: min({0})`", name.text);
                    self.error(Code::MisplacedAggregate, name.range, message);
                    None
                }
            };
            let ty = aggregate.as_ref().map_or(Ty::Unknown, |aggregate| aggregate.ty.clone());
            if self.add_column(&mut row, &name.text, name.range, ty)
                && let Some(aggregate) = aggregate
                && let Ty::Known(ty) = aggregate.ty
            {
                let value = aggregate.aggregate;
                aggregates.push(AggregateColumn { name: name.text.clone(), value, ty });
            }
        }
        (row, aggregates)
    }

    pub(super) fn sort_keys(&mut self, scope: &mut Scope, keys: &[ast::SortKey]) -> Vec<SortKey> {
        keys.iter().map(|key| self.sort_key(scope, key)).collect()
    }

    /// The row of all arms together: they must have the same columns in the same order.
    fn united(&mut self, arms: &[TypedArm]) -> Row {
        let Some((first, rest)) = arms.split_first() else {
            return Row::unknown();
        };
        let mut row = first.row.clone();
        for arm in rest {
            if row.open || arm.row.open {
                row.open = true;
                continue;
            }
            if !row.names().eq(arm.row.names()) {
                let message = "the arms of a view must have the same columns in the same order";
                let problem = Problem::error(Code::SchemaMismatch, arm.range, message)
                    .found(listed(arm.row.names()))
                    .label(Anchor::Here(first.range), listed(row.names()));
                self.report(problem);
                row.open = true;
                continue;
            }
            for (column, other) in row.columns.iter_mut().zip(&arm.row.columns) {
                self.unite(column, other, arm.range);
            }
        }
        row
    }

    fn unite(&mut self, column: &mut RowColumn, other: &RowColumn, range: TextRange) {
        let (Ty::Known(own), Ty::Known(new)) = (&column.ty, &other.ty) else {
            column.ty = Ty::Unknown;
            return;
        };
        match either(&own.semantic, &new.semantic) {
            Ok(semantic) => column.ty = Ty::new(semantic, own.nullable || new.nullable),
            Err(_) => {
                let message = format!(
                    "the arms give `{}` as `{}` and as `{}`",
                    column.name, column.ty, other.ty
                );
                self.error(Code::SchemaMismatch, range, message);
                column.ty = Ty::Unknown;
            }
        }
    }

    /// Checks a view against the schema it promises.
    pub(super) fn promise(
        &mut self,
        schema: &ast::Name,
        item: crate::files::Item<'db>,
        promised: &Row,
        row: &Row,
        range: TextRange,
    ) {
        if row.open || promised.open {
            return;
        }
        let missing = promised.names().filter(|name| row.column(name).is_none());
        match missing.collect::<Vec<_>>().as_slice() {
            [] => {}
            [one] => {
                let message = format!(
                    "`{}` promises a column `{one}`, which the view does not have",
                    schema.text
                );
                let problem = Problem::error(Code::SchemaMismatch, range, message)
                    .label(Anchor::Column(item, (*one).to_owned()), "promised here");
                self.report(problem);
            }
            several => {
                let message = format!(
                    "`{}` promises columns that the view does not have: {}",
                    schema.text,
                    listed(several)
                );
                let problem = Problem::error(Code::SchemaMismatch, range, message)
                    .label(Anchor::Name(item), "promised here");
                self.report(problem);
            }
        }
        for column in &promised.columns {
            let (Some(found), Some(said)) = (row.column(&column.name), column.ty.known()) else {
                continue;
            };
            let value = Typed::new(Expr::column(0, &column.name), found.ty.clone(), range);
            if let Err(misfit) = value.fit(said) {
                let why = if misfit == Misfit::Null { ", which may be null" } else { "" };
                let message = format!(
                    "the view gives `{}` as `{}`{why}; `{}` says `{said}`",
                    column.name, found.ty, schema.text
                );
                let problem = Problem::error(Code::SchemaMismatch, range, message)
                    .label(Anchor::Column(item, column.name.clone()), "promised here");
                self.report(problem);
            }
        }
        for name in row.names().filter(|name| promised.column(name).is_none()) {
            let message =
                format!("the view has a column `{name}`, which `{}` does not promise", schema.text);
            let problem = Problem::error(Code::SchemaMismatch, range, message)
                .label(Anchor::Name(item), "the schema");
            self.report(problem);
        }
    }
}

impl TypedArm {
    /// Makes the arm give exactly these columns, where it does not already.
    fn shape(&mut self, schema: &RowSchema) {
        let same = self.row.columns.len() == schema.columns.len()
            && self.row.columns.iter().zip(&schema.columns).all(|(own, said)| {
                own.name == said.name
                    && own.ty.semantic().map(SemanticType::physical)
                        == Some(said.ty.semantic.physical())
            });
        if same {
            return;
        }
        let columns = schema
            .columns
            .iter()
            .filter_map(|said| {
                let own = self.row.column(&said.name)?;
                let value = Typed::new(Expr::column(0, &said.name), own.ty.clone(), self.range);
                let ty: ColumnType = said.ty.clone();
                Some(OutputColumn {
                    name: said.name.clone(),
                    value: value.physical(&ty.semantic.physical()),
                    ty,
                })
            })
            .collect();
        if let Some(arm) = &mut self.arm {
            arm.steps.push(Step::Select { columns });
        }
    }
}
