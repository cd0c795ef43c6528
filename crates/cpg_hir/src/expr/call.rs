//! Calls of functions.

use cpg_base::{Code, TextRange};
use cpg_ir::catalog::Overload;
use cpg_ir::expr::{Expr, Literal};
use cpg_ir::types::{PhysicalType, SemanticType, TextUnit};
use cpg_syntax::{ItemKeyword, ast};

use super::aggregate::aggregate_named;
use super::{POSITION, Scope, Typed};
use crate::checker::Checker;
use crate::facts::Meaning;
use crate::files::Item;
use crate::names::{Resolution, visible_names};
use crate::problem::{Anchor, Problem};
use crate::template::located;
use crate::ty::{SemanticRules, Ty};

/// What is called like a function and is none of the catalogue's.
const FORMS: [&str; 8] =
    ["span", "stable_id", "cast", POSITION, "get", "len", "map_keys", "map_values"];

/// The functions of `window` that need an order.
pub(crate) const WINDOW_FUNCTIONS: [&str; 7] =
    ["row_number", "rank", "dense_rank", "lag", "lead", "first_value", "last_value"];

/// Whether the language itself says what a call of that name means.
pub(crate) fn is_reserved_function(name: &str) -> bool {
    FORMS.contains(&name) || WINDOW_FUNCTIONS.contains(&name) || aggregate_named(name).is_some()
}

/// How many overloads an error lists.
const LISTED: usize = 6;

impl<'db> Checker<'db> {
    pub(super) fn call(
        &mut self,
        scope: &mut Scope,
        function: &ast::Name,
        args: &[ast::Expr],
        range: TextRange,
    ) -> Typed {
        if aggregate_named(&function.text).is_some() {
            let message = format!("the aggregate `{}` may not stand here", function.text);
            let problem = Problem::error(Code::MisplacedAggregate, range, message)
                .help("aggregates stand alone in the braces of `group by`, `window` and `fuse`");
            self.report(problem);
            return Typed::unknown(range);
        }
        if WINDOW_FUNCTIONS.contains(&function.text.as_str()) {
            let message = format!("the window function `{}` may not stand here", function.text);
            let problem = Problem::error(Code::MisplacedAggregate, range, message)
                .help("it stands alone in the braces of `window … by KEY { … }`");
            self.report(problem);
            return Typed::unknown(range);
        }
        match (function.text.as_str(), args) {
            ("span", [start, end]) => self.span(scope, start, end, range),
            ("stable_id", [namespace, over @ ..]) if !over.is_empty() => {
                self.stable_id(scope, namespace, over, range)
            }
            (POSITION, _) => self.misplaced_position(range),
            ("get", [map, key]) => self.get(scope, map, key, range),
            ("len", [value]) => self.len(scope, value, range),
            ("map_keys", [map]) => self.map_keys(scope, map, range),
            ("map_values", [map]) => self.map_values(scope, map, range),
            _ => self.catalogue_call(scope, function, args, range),
        }
    }

    /// A span of two byte offsets, which must both be there.
    pub fn span(
        &mut self,
        scope: &mut Scope,
        start: &ast::Expr,
        end: &ast::Expr,
        range: TextRange,
    ) -> Typed {
        let ends = [start, end].map(|end| self.offset(scope, end));
        self.span_of(ends, range)
    }

    /// A span of its two ends.
    pub(super) fn span_of(&mut self, [start, end]: [Typed; 2], range: TextRange) -> Typed {
        let ends = [&start, &end];
        if ends.iter().any(|end| end.ty == Ty::Unknown) {
            return Typed::unknown(range);
        }
        self.guarded(&ends, "a span");
        let expr = Expr::Span { start: Box::new(start.expr), end: Box::new(end.expr) };
        Typed::new(expr, Ty::required(SemanticType::Span), range)
    }

    /// A byte offset.
    pub fn offset(&mut self, scope: &mut Scope, expr: &ast::Expr) -> Typed {
        let typed = self.expr(scope, expr);
        let byte = SemanticType::Offset(TextUnit::Byte);
        match typed.ty.semantic() {
            None => typed,
            Some(semantic) if *semantic == byte => typed,
            Some(SemanticType::Offset(unit)) => {
                let message = format!("expected a byte offset (`{byte}`), found `Offset<{unit}>`");
                let text = self.text_at(typed.range);
                let byte_there = format!("{POSITION}({text})");
                let problem = Problem::error(Code::UnitMismatch, typed.range, message).help(format!(
                    "spans count bytes; in the `span` clause of an entity, `{byte_there}` is the byte there"
                ));
                self.report(match self.lines.is_some() {
                    true => problem.fix(format!("write `{byte_there}`"), typed.range, byte_there),
                    false => problem,
                });
                Typed::unknown(typed.range)
            }
            Some(_) => {
                let message = format!("expected a byte offset (`{byte}`), found `{}`", typed.ty);
                self.error(Code::TypeMismatch, typed.range, message);
                Typed::unknown(typed.range)
            }
        }
    }

    /// Reports each value that may be null where `what` is made of it.
    pub fn guarded(&mut self, values: &[&Typed], what: &str) {
        for value in values {
            if value.ty.is_nullable() {
                let text = self.text_at(value.range);
                let message = format!("{what} is made of `{text}`, which may be null");
                let problem = Problem::error(Code::UnguardedNull, value.range, message)
                    .found(format!("this is `{}`", value.ty))
                    .help(format!(
                        "keep only rows that have it, with `where {text} is not null`, or give a default with `??`"
                    ));
                let problem = match self.guard_at {
                    Some(at) => problem.fix(
                        format!("add `where {text} is not null`"),
                        TextRange::empty(at),
                        format!("where {text} is not null\n  "),
                    ),
                    None => problem,
                };
                self.report(problem);
            }
        }
    }

    /// `stable_id("namespace", values)`.
    fn stable_id(
        &mut self,
        scope: &mut Scope,
        namespace: &ast::Expr,
        over: &[ast::Expr],
        range: TextRange,
    ) -> Typed {
        let namespace = self.expr(scope, namespace);
        let over: Vec<Typed> = over.iter().map(|value| self.expr(scope, value)).collect();
        self.guarded(&over.iter().collect::<Vec<_>>(), "an id");
        self.identifiable(&over);
        let Some(Literal::String(namespace)) = namespace.literal() else {
            if namespace.ty != Ty::Unknown {
                let message = "the namespace of an id must be a constant string";
                self.error(Code::NotConstant, namespace.range, message);
            }
            return Typed::unknown(range);
        };
        let ty = Ty::required(SemanticType::Id(Some(namespace.clone())));
        let expr = Expr::StableId {
            namespace: namespace.clone(),
            over: over.into_iter().map(|value| value.expr).collect(),
        };
        Typed::new(expr, ty, range)
    }

    /// Reports each value that an id cannot be taken over.
    pub fn identifiable(&mut self, values: &[Typed]) {
        for value in values {
            if value.ty.semantic().is_some_and(SemanticType::is_nested) {
                let message = format!("an id cannot be taken over `{}`", value.ty);
                let problem = Problem::error(Code::TypeMismatch, value.range, message).help(
                    "take it over numbers, strings and ids; of a span, over `.start` and `.end`",
                );
                self.report(problem);
            }
        }
    }

    fn catalogue_call(
        &mut self,
        scope: &mut Scope,
        function: &ast::Name,
        args: &[ast::Expr],
        range: TextRange,
    ) -> Typed {
        let args: Vec<Typed> = args.iter().map(|arg| self.expr(scope, arg)).collect();
        self.apply(function, &args, range)
    }

    /// The function of the catalogue called `function`, applied.
    pub fn apply(&mut self, function: &ast::Name, args: &[Typed], range: TextRange) -> Typed {
        let functions = &self.functions().functions;
        let name = function.text.as_str();
        if let Some(item) = self.function_named(name, function.range) {
            self.note_name(function.range, Meaning::Item(item));
            return self.inlined(item, args, range);
        }
        let Some(signature) = functions.get(name) else {
            self.no_function(function, range);
            return Typed::unknown(range);
        };
        let best = signature
            .overloads
            .iter()
            .filter_map(|overload| Some((conversions(overload, args)?, overload)))
            .min_by_key(|(conversions, _)| *conversions);
        let Some((_, overload)) = best else {
            self.wrong_arguments(name, &signature.overloads, args, range);
            return Typed::unknown(range);
        };
        if args.iter().any(|arg| arg.ty == Ty::Unknown) {
            return Typed::unknown(range);
        }
        self.check_pattern(name, args);
        let nullable = overload.may_be_null || args.iter().any(|arg| arg.ty.is_nullable());
        let args =
            args.iter().zip(parameters(overload)).map(|(arg, to)| arg.physical(to)).collect();
        let ty = Ty::new(plain_meaning(&overload.returns), nullable);
        Typed::new(Expr::Call { function: name.to_owned(), args }, ty, range)
    }

    /// The program's own function of that name.
    pub fn function_named(&self, name: &str, range: TextRange) -> Option<Item<'db>> {
        match self.lookup(name, range) {
            Resolution::Item(item) => {
                Some(item).filter(|item| item.keyword(self.db) == ItemKeyword::Fn)
            }
            Resolution::Broken | Resolution::Unknown => None,
        }
    }

    /// Reports a function that there is not.
    pub fn known_function(&mut self, function: &ast::Name) {
        let name = function.text.as_str();
        let known = is_reserved_function(name)
            || self.functions().functions.contains_key(name)
            || self.function_named(name, function.range).is_some();
        if !known {
            self.no_function(function, function.range);
        }
    }

    /// Reports a call of what is no function.
    fn no_function(&mut self, function: &ast::Name, range: TextRange) {
        let name = function.text.as_str();
        let problem = match (name, self.lookup(name, function.range)) {
            ("span", _) => Problem::error(Code::WrongArguments, range, not_these_arguments(name))
                .help("write `span(start, end)`"),
            ("stable_id", _) => {
                Problem::error(Code::WrongArguments, range, not_these_arguments(name))
                    .help("write `stable_id(\"namespace\", value, …)`")
            }
            ("get", _) => Problem::error(Code::WrongArguments, range, not_these_arguments(name))
                .help("write `get(map, key)`"),
            ("len" | "map_keys" | "map_values", _) => {
                Problem::error(Code::WrongArguments, range, not_these_arguments(name))
                    .help(format!("it takes one value: `{name}(value)`"))
            }
            (_, Resolution::Broken) => return,
            (_, Resolution::Item(found)) => {
                let message = format!("expected a function, found {}", found.label(self.db));
                Problem::error(Code::WrongItemKind, function.range, message)
                    .label(Anchor::Name(found), "declared here")
            }
            (_, Resolution::Unknown) => {
                let names = visible_names(self.db, self.home(function.range).file(self.db))
                    .filter(|name| self.function_named(name, function.range).is_some())
                    .chain(self.functions().functions.keys().map(String::as_str))
                    .chain(FORMS);
                let message = format!("there is no function `{name}`");
                let problem = Problem::error(Code::UnknownFunction, function.range, message)
                    .nearest(name, names);
                match self.declaring_module(name, &[ItemKeyword::Fn]) {
                    Some(module) => {
                        problem.help(format!("`{module}` declares it: add `use {module}.{name}`"))
                    }
                    None => problem,
                }
            }
        };
        self.report(problem);
    }

    fn wrong_arguments(
        &mut self,
        name: &str,
        overloads: &[Overload],
        args: &[Typed],
        range: TextRange,
    ) {
        let found: Vec<String> = args.iter().map(|arg| arg.ty.to_string()).collect();
        let message = format!("`{name}` does not take ({})", found.join(", "));
        let mut forms: Vec<String> =
            overloads.iter().take(LISTED).map(|overload| form(name, overload)).collect();
        if overloads.len() > LISTED {
            forms.push(format!("{} more", overloads.len() - LISTED));
        }
        let problem = Problem::error(Code::WrongArguments, range, message)
            .help(format!("it can be called as {}", forms.join(", ")));
        self.report(problem);
    }

    /// The text of the item at a place, on one line.
    pub fn text_at(&self, range: TextRange) -> String {
        let (item, range) = located(self.db, self.item, range);
        let text = range.slice(item.text(self.db)).unwrap_or_default();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// The types of an overload's parameters; without end where the last may be repeated.
fn parameters(overload: &Overload) -> impl Iterator<Item = &PhysicalType> {
    let last = overload.args.last().filter(|_| overload.variadic);
    overload.args.iter().chain(last.into_iter().flat_map(std::iter::repeat))
}

/// How many arguments must be converted for this overload; `None` when it does not take them.
fn conversions(overload: &Overload, args: &[Typed]) -> Option<usize> {
    let arity = overload.args.len();
    if args.len() < arity || (args.len() > arity && !overload.variadic) {
        return None;
    }
    let mut conversions = 0;
    for (arg, parameter) in args.iter().zip(parameters(overload)) {
        match arg.ty.semantic() {
            None | Some(SemanticType::Null) => {}
            Some(semantic) => match (semantic.physical(), parameter) {
                (own, parameter) if own == *parameter => {}
                (PhysicalType::Int64, PhysicalType::Float64) => conversions += 1,
                _ => return None,
            },
        }
    }
    Some(conversions)
}

fn not_these_arguments(name: &str) -> String {
    format!("`{name}` does not take these arguments")
}

fn form(name: &str, overload: &Overload) -> String {
    let args: Vec<String> =
        overload.args.iter().map(|arg| plain_meaning(arg).to_string()).collect();
    let more = if overload.variadic { ", …" } else { "" };
    format!("`{name}({}{more})`", args.join(", "))
}

/// The meaning of values of which no more is known than what carries them.
pub(crate) fn plain_meaning(physical: &PhysicalType) -> SemanticType {
    match physical {
        PhysicalType::Bool => SemanticType::Bool,
        PhysicalType::Int64 => SemanticType::Int,
        PhysicalType::Float64 => SemanticType::Float,
        PhysicalType::Utf8 => SemanticType::String,
        PhysicalType::Span => SemanticType::Span,
        PhysicalType::List(item) => SemanticType::List(Box::new(plain_meaning(item))),
        PhysicalType::Map(key, value) => {
            SemanticType::Map(Box::new(plain_meaning(key)), Box::new(plain_meaning(value)))
        }
    }
}
