//! `template` and instances.

use super::document::{Document, List, Separator};
use super::expr::ARGUMENTS;
use crate::ast::{InstanceItem, ItemKind, Parameter, TemplateItem};

impl Document<'_> {
    pub(super) fn template(&mut self, item: &TemplateItem) {
        self.words(&["template"]);
        match &item.body {
            ItemKind::Normalize(body) => self.normalize(body, &item.parameters),
            ItemKind::Relate(body) => self.relate(body, &item.parameters),
            ItemKind::View(body) => self.view(body, &item.parameters),
            ItemKind::Instance(body) => self.instance(body, &item.parameters),
            _ => self.any(),
        }
    }

    /// `relate x = TEMPLATE(arguments)`, and the same with parameters behind the name.
    pub(super) fn instance(&mut self, item: &InstanceItem, parameters: &[Parameter]) {
        self.words(&[item.keyword.as_str()]);
        self.any();
        self.parameters(parameters);
        self.space();
        self.words(&["="]);
        self.any();
        let list = List { filled: false, last: Separator::Broken, ..ARGUMENTS };
        self.bracketed(["(", ")"], list, item.arguments.len(), |document, index| {
            let Some(argument) = item.arguments.get(index) else { return };
            if argument.parameter.is_none() {
                return document.expr(&argument.value);
            }
            document.any();
            document.word(":");
            document.space();
            document.value(&argument.value);
        });
    }

    /// The parameters of a function or a template, in parentheses; nothing where there are none.
    pub(super) fn parameters(&mut self, parameters: &[Parameter]) {
        if self.next() != "(" {
            return;
        }
        self.bracketed(["(", ")"], ARGUMENTS, parameters.len(), |document, index| {
            document.any();
            document.word(":");
            document.space();
            if let Some(parameter) = parameters.get(index) {
                document.type_expr(&parameter.ty);
            }
        });
    }
}
