//! Constants, and strings with expressions in them.

use std::borrow::Cow;

use ruff_python_ast::{
    ConversionFlag, Expr, ExprFString, ExprTString, FStringPart, InterpolatedElement,
    InterpolatedStringElement, InterpolatedStringFormatSpec,
};
use ruff_text_size::{Ranged, TextLen, TextRange, TextSize};

use super::value::Value;
use super::walk::{NodeId, Slot, Walk};

/// Whether the values of a string are joined or handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flavor {
    /// `f''`.
    Joined,
    /// `t''`.
    Template,
}

/// The values of a string so far.
struct Values<'m> {
    parent: NodeId,
    flavor: Flavor,
    /// How many there are.
    count: usize,
    /// Constant text that the next value may continue.
    text: Option<(Cow<'m, str>, TextRange)>,
}

impl<'m> Walk<'_, 'm> {
    pub(super) fn constant(&mut self, slot: Slot, expr: &'m Expr) {
        let range = expr.range();
        let value = || {
            Some(match expr {
                Expr::StringLiteral(expr) => Value::new("str", expr.value.to_str()),
                Expr::BytesLiteral(expr) => {
                    let bytes: Vec<u8> = expr.value.bytes().collect();
                    Value::new("bytes", bytes.escape_ascii().to_string())
                }
                Expr::NumberLiteral(expr) => Value::number(&expr.value),
                Expr::BooleanLiteral(expr) => {
                    Value::new("bool", if expr.value { "True" } else { "False" })
                }
                Expr::NoneLiteral(_) => Value::new("none", "None"),
                Expr::EllipsisLiteral(_) => Value::new("ellipsis", "Ellipsis"),
                _ => return None,
            })
        };
        self.node_with(slot, "Constant", range, value);
    }

    pub(super) fn joined(&mut self, slot: Slot, expr: &'m ExprFString) {
        let parent = self.node(slot, "JoinedStr", expr.range);
        let mut values = Values { parent, flavor: Flavor::Joined, count: 0, text: None };
        for part in &expr.value {
            match part {
                FStringPart::Literal(part) => {
                    self.text(&mut values, Cow::Borrowed(&part.value), part.range);
                }
                FStringPart::FString(part) => self.elements(&mut values, &part.elements),
            }
        }
        self.flush(&mut values);
    }

    pub(super) fn template(&mut self, slot: Slot, expr: &'m ExprTString) {
        let parent = self.node(slot, "TemplateStr", expr.range);
        let mut values = Values { parent, flavor: Flavor::Template, count: 0, text: None };
        for part in &expr.value {
            self.elements(&mut values, &part.elements);
        }
        self.flush(&mut values);
    }

    fn elements(&mut self, values: &mut Values<'m>, elements: &'m [InterpolatedStringElement]) {
        for element in elements {
            match element {
                InterpolatedStringElement::Literal(element) => {
                    self.text(values, Cow::Borrowed(&element.value), element.range);
                }
                InterpolatedStringElement::Interpolation(element) => {
                    self.interpolation(values, element);
                }
            }
        }
    }

    /// Constant text, which continues what stands in front of it.
    fn text(&mut self, values: &mut Values<'m>, text: Cow<'m, str>, range: TextRange) {
        if text.is_empty() {
            return;
        }
        values.text = Some(match values.text.take() {
            None => (text, range),
            Some((before, start)) => (before + text, start.cover(range)),
        });
    }

    /// The constant text so far becomes a value.
    fn flush(&mut self, values: &mut Values<'m>) {
        if let Some((text, range)) = values.text.take() {
            let slot = Slot::at(values.parent, "values", values.count);
            self.node_with(slot, "Constant", range, || Some(Value::new("str", text)));
            values.count += 1;
        }
    }

    fn interpolation(&mut self, values: &mut Values<'m>, element: &'m InterpolatedElement) {
        let mut conversion = element.conversion;
        if let Some(debug) = &element.debug_text {
            // From behind the brace on.
            let range =
                TextRange::at(element.start() + TextSize::of('{'), debug.as_str().text_len());
            self.text(values, Cow::Borrowed(debug.as_str()), range);
            if element.format_spec.is_none() && conversion == ConversionFlag::None {
                conversion = ConversionFlag::Repr;
            }
        }
        self.flush(values);
        let slot = Slot::at(values.parent, "values", values.count);
        values.count += 1;
        let kind = match values.flavor {
            Flavor::Joined => "FormattedValue",
            Flavor::Template => "Interpolation",
        };
        let conversion = || Value::conversion(conversion);
        let node = self.node_with(slot, kind, element.range, conversion);
        self.expr(Slot::one(node, "value"), &element.expression);
        if let Some(spec) = &element.format_spec {
            self.format_spec(Slot::one(node, "format_spec"), spec);
        }
    }

    /// From the colon on.
    fn format_spec(&mut self, slot: Slot, spec: &'m InterpolatedStringFormatSpec) {
        let colon = spec.start().checked_sub(TextSize::of(':')).unwrap_or(spec.start());
        let parent = self.node(slot, "JoinedStr", TextRange::new(colon, spec.end()));
        let mut values = Values { parent, flavor: Flavor::Joined, count: 0, text: None };
        self.elements(&mut values, &spec.elements);
        self.flush(&mut values);
    }
}
