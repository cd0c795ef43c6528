//! `template`, instances, and the parameters that stand in the place of literals.

use cpg_base::{Code, TextRange};
use pest::iterators::Pair;

use super::cursor::Cursor;
use super::items::Opening;
use super::{Lower, Lowered};
use crate::ast::{Argument, InstanceItem, ItemKind, Slot, TemplateItem, Text};
use crate::error::SyntaxError;
use crate::grammar::Rule;
use crate::keywords::ItemKeyword;

impl Lower<'_> {
    /// A template up to its body.
    pub(super) fn template(&mut self, rule: Rule, mut children: Cursor<'_>) -> Lowered<ItemKind> {
        let keyword = self.range(&children.any()?);
        let name = self.name(&children.want(Rule::item_name)?);
        let parameters = self.parameters(&mut children)?;
        let body = match rule {
            Rule::template_normalize_opening => {
                ItemKind::Normalize(self.normalize_item(name.clone(), children)?)
            }
            Rule::template_relate_opening => {
                ItemKind::Relate(Box::new(self.relate_item(name.clone(), children)?))
            }
            Rule::template_view_opening => ItemKind::View(self.view_item(name.clone(), children)?),
            _ => ItemKind::Instance(self.instance(keyword, name.clone(), children)?),
        };
        let slots = Vec::new();
        Ok(ItemKind::Template(Box::new(TemplateItem { name, parameters, body, slots })))
    }

    /// `relate NAME = TEMPLATE(arguments)`; `keyword` is where `relate` stands.
    pub(super) fn instance_item(
        &mut self,
        keyword: TextRange,
        mut children: Cursor<'_>,
    ) -> Lowered<InstanceItem> {
        let name = self.name(&children.want(Rule::item_name)?);
        self.instance(keyword, name, children)
    }

    fn instance(
        &mut self,
        keyword: TextRange,
        name: crate::ast::Name,
        mut children: Cursor<'_>,
    ) -> Lowered<InstanceItem> {
        let keyword = ItemKeyword::from_word(self.text(keyword)).ok_or(children.defect())?;
        let instance = children.want(Rule::instance)?;
        children.end()?;
        let range = self.range(&instance);
        let mut children = self.children(instance);
        let template = self.name(&children.want(Rule::item_name)?);
        let mut arguments = Vec::new();
        for pair in children.rest_of(Rule::argument)? {
            let mut children = self.children(pair);
            let parameter = children.take_if(Rule::any_name).map(|pair| self.name(&pair));
            let value = self.expr(children.want(Rule::expr)?)?;
            children.end()?;
            arguments.push(Argument { parameter, value });
        }
        Ok(InstanceItem { keyword, name, template, arguments, range })
    }

    /// A string, or the parameter that stands for it.
    pub(super) fn string_or_slot(&mut self, children: &mut Cursor<'_>) -> Lowered<Text> {
        if let Some(string) = children.take_if(Rule::string) {
            return Ok(self.string(&string));
        }
        let slot = children.want(Rule::slot)?;
        let range = self.range(&slot);
        self.slot(&slot, false);
        Ok(Text { value: String::new(), range })
    }

    /// An integer if one stands there, or the parameter that stands for it.
    pub(super) fn integer_or_slot<T>(&mut self, children: &mut Cursor<'_>) -> Lowered<Option<T>>
    where
        T: Default + std::str::FromStr,
    {
        if let Some(slot) = children.take_if(Rule::slot) {
            self.slot(&slot, true);
            return Ok(Some(T::default()));
        }
        children.take_if(Rule::integer).map(|pair| self.integer(&pair)).transpose()
    }

    fn slot(&mut self, pair: &Pair<'_, Rule>, number: bool) {
        let parameter = self.name(pair);
        self.slots.push(Slot { parameter, number });
    }

    /// An item whose body is read: a template gets its slots, of which others have none.
    pub(crate) fn whole(&mut self, mut opening: Opening) -> Opening {
        let slots = std::mem::take(&mut self.slots);
        if let Some(template) = opening.template_mut() {
            template.slots = slots;
            return opening;
        }
        for Slot { parameter, number } in slots {
            let expected = if number { "a number" } else { "a string" };
            let message = format!("expected {expected}, found `{}`", parameter.text);
            let help = "only in a template may a parameter stand here";
            let error = SyntaxError::new(Code::Syntax, parameter.range, message);
            self.report(error.found("a name").help(help));
        }
        opening
    }
}
