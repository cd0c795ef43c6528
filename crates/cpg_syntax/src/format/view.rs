//! Pipelines of `view`.

use super::document::Document;
use crate::ast::{
    JoinKind, Parameter, PipelineArm, PipelineStepKind, UnnestStep, ViewItem, WindowStep,
};

/// Steps behind `from` that stand on one line with it when they fit: a pipeline alone is read from top to
/// bottom, the arms of a union as the rows of a table.
const STEPS_ON_A_LINE: usize = 1;
const STEPS_ON_A_LINE_IN_A_UNION: usize = 2;

impl Document<'_> {
    pub(super) fn view(&mut self, item: &ViewItem, parameters: &[Parameter]) {
        self.words(&["view"]);
        self.any();
        self.parameters(parameters);
        if item.schema.is_some() {
            self.word(":");
            self.space();
            self.any();
        }
        self.space();
        self.word("=");
        self.indent();
        if let [arm] = item.arms.as_slice() {
            self.open_line_broken(arm.steps.len() > STEPS_ON_A_LINE);
            self.arm(arm);
            self.close();
        } else {
            for (index, arm) in item.arms.iter().enumerate() {
                // `from` stands below `from`, behind `| `.
                if index == 0 {
                    self.indent();
                    self.line();
                } else {
                    self.element_line();
                    self.words(&["|"]);
                    self.indent();
                }
                self.open_broken(arm.steps.len() > STEPS_ON_A_LINE_IN_A_UNION);
                self.arm(arm);
                self.close();
                self.dedent();
            }
        }
        self.dedent();
    }

    fn arm(&mut self, arm: &PipelineArm) {
        self.words(&["from"]);
        self.row_source(&arm.from);
        for step in &arm.steps {
            self.element_line();
            self.step(&step.kind);
        }
    }

    fn step(&mut self, step: &PipelineStepKind) {
        use PipelineStepKind as Kind;
        match step {
            Kind::Join { kind, source, on } => {
                self.open();
                if *kind != JoinKind::Inner {
                    self.any();
                    self.space();
                }
                self.words(&["join"]);
                self.row_source(source);
                self.indent();
                self.line();
                self.words(&["on"]);
                self.expr(on);
                self.dedent();
                self.close();
            }
            Kind::Where(condition) => {
                self.words(&["where"]);
                self.value(condition);
            }
            Kind::Select(columns) | Kind::Derive(columns) => {
                self.any();
                self.space();
                self.named_block(columns);
            }
            Kind::GroupBy { keys, aggregates } => {
                self.words(&["group", "by"]);
                self.indent();
                self.filled(keys.len(), |document, index| document.named_expr(keys.get(index)));
                self.separator(super::document::Separator::None);
                self.dedent();
                self.space();
                self.named_block(aggregates);
            }
            Kind::Window(WindowStep { per, by, columns }) => {
                self.words(&["window"]);
                self.indent();
                if !per.is_empty() {
                    self.words(&["per"]);
                    self.exprs(per);
                    self.space();
                }
                if !by.is_empty() {
                    self.open_line_broken(false);
                    self.words(&["by"]);
                    self.sort_keys(by);
                    self.close();
                    self.space();
                }
                self.dedent();
                self.named_block(columns);
            }
            Kind::Unnest(UnnestStep { list, place, .. }) => {
                self.words(&["unnest"]);
                self.value(list);
                self.space();
                self.words(&["as"]);
                self.any();
                if place.is_some() {
                    self.space();
                    self.words(&["at"]);
                    self.any();
                }
            }
            Kind::Distinct => self.word("distinct"),
            Kind::Dedupe { per, best } => {
                self.words(&["dedupe", "per"]);
                self.indent();
                self.exprs(per);
                self.open_line();
                self.words(&["keep", "best"]);
                self.sort_keys(best);
                self.close();
                self.dedent();
            }
            Kind::SortLimit { by, .. } => {
                self.words(&["sort"]);
                self.indent();
                self.sort_keys(by);
                self.open_line();
                self.words(&["limit"]);
                self.any();
                self.close();
                self.dedent();
            }
        }
    }
}
