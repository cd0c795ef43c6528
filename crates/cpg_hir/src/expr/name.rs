//! Names and fields.

use cpg_base::{Code, TextRange};
use cpg_ir::expr::{Expr, SpanField};
use cpg_ir::types::{SemanticType, TextUnit};
use cpg_syntax::ItemKeyword;
use cpg_syntax::ast::{self, ExprKind};

use super::{Scope, Source, Typed};
use crate::checker::Checker;
use crate::facts::Meaning;
use crate::names::Resolution;
use crate::problem::{Anchor, Problem};
use crate::signature::{Signature, signature};
use crate::ty::Ty;

impl<'db> Checker<'db> {
    /// A bare name: a column if exactly one row source has it, else a constant.
    pub(super) fn name(&mut self, scope: &Scope, name: &str, range: TextRange) -> Typed {
        let holders: Vec<(u32, &Source)> =
            scope.indexed().filter(|(_, source)| source.row.column(name).is_some()).collect();
        match holders.as_slice() {
            [(index, source)] => self.column(scope, *index, source, name, range, range),
            [] => self.constant(scope, name, range),
            _ => {
                let candidates: Vec<String> = holders
                    .iter()
                    .map(|(_, s)| format!("`{}.{name}`", s.alias.as_deref().unwrap_or_default()))
                    .collect();
                let message = format!("several row sources have a column `{name}`");
                let problem = Problem::error(Code::AmbiguousColumn, range, message)
                    .help(format!("write {}", candidates.join(" or ")));
                self.report(problem);
                Typed::unknown(range)
            }
        }
    }

    fn constant(&mut self, scope: &Scope, name: &str, range: TextRange) -> Typed {
        let found = self.lookup(name, range);
        if let Resolution::Item(item) = found {
            self.note_name(range, Meaning::Item(item));
        }
        match found {
            Resolution::Broken => return Typed::unknown(range),
            Resolution::Item(item) if item.keyword(self.db) == ItemKeyword::Const => {
                return match &**signature(self.db, item) {
                    Signature::Constant(constant) => {
                        let expr = Expr::Literal(constant.value.clone());
                        Typed::new(expr, Ty::Known(constant.ty.clone()), range)
                    }
                    _ => Typed::unknown(range),
                };
            }
            Resolution::Item(item) if item.keyword(self.db) == ItemKeyword::Fn => {
                let message = format!("expected a value, found {}", item.label(self.db));
                let problem = Problem::error(Code::TypeMismatch, range, message)
                    .label(Anchor::Name(item), "declared here")
                    .help(format!("call it, as in `{name}(…)`"));
                self.report(problem);
                return Typed::unknown(range);
            }
            Resolution::Item(_) | Resolution::Unknown => {}
        }
        if scope.is_open() {
            return Typed::unknown(range);
        }
        let problem = if scope.source(name).is_some() {
            let message = format!("expected a value, found the row source `{name}`");
            Problem::error(Code::TypeMismatch, range, message)
                .help(format!("write `{name}.` and a column"))
        } else if scope.parameters {
            let message = format!("no parameter or constant is called `{name}`");
            Problem::error(Code::UnknownName, range, message).nearest(name, scope.column_names())
        } else if scope.sources.is_empty() {
            Problem::error(Code::UnknownName, range, format!("no constant is called `{name}`"))
        } else {
            let message = format!("no column or constant is called `{name}`");
            Problem::error(Code::UnknownColumn, range, message).nearest(name, scope.column_names())
        };
        self.report(problem);
        Typed::unknown(range)
    }

    /// `base.field`: a column of a row source, or an end of a span.
    pub(super) fn field(
        &mut self,
        scope: &mut Scope,
        base: &ast::Expr,
        field: &ast::Name,
        range: TextRange,
    ) -> Typed {
        if let ExprKind::Name(alias) = &base.kind {
            if let Some((index, source)) = scope.source(alias) {
                self.note_name(base.range, Meaning::Source);
                if source.row.column(&field.text).is_some() {
                    return self.column(scope, index, source, &field.text, field.range, range);
                }
                if !source.row.open {
                    let message = format!("`{alias}` has no column `{}`", field.text);
                    let problem = Problem::error(Code::UnknownColumn, field.range, message)
                        .nearest(&field.text, source.row.names());
                    self.report(problem);
                }
                return Typed::unknown(range);
            }
            let is_column = scope.column_names().any(|column| column == alias);
            if !is_column && !scope.is_open() {
                let aliases = scope.sources.iter().filter_map(|source| source.alias.as_deref());
                let message = format!("no row source is called `{alias}` here");
                let problem =
                    Problem::error(Code::UnknownName, base.range, message).nearest(alias, aliases);
                self.report(problem);
                return Typed::unknown(range);
            }
        }
        let base = self.expr(scope, base);
        if base.ty.semantic() == Some(&SemanticType::Span) {
            self.note_name(field.range, Meaning::Field);
        }
        match (base.ty.semantic(), field.text.as_str()) {
            (None, _) => Typed::unknown(range),
            (Some(SemanticType::Span), "start" | "end") => {
                let end = if field.text == "start" { SpanField::Start } else { SpanField::End };
                span_end(base, end, range)
            }
            (Some(semantic), _) => {
                let message = format!("`{semantic}` has no field `{}`", field.text);
                let problem = Problem::error(Code::UnknownColumn, field.range, message);
                let problem = match semantic {
                    SemanticType::Span => problem.nearest(&field.text, ["start", "end"]),
                    _ => problem,
                };
                self.report(problem);
                Typed::unknown(range)
            }
        }
    }
}

impl Checker<'_> {
    /// A column of a row source; its name stands at `name_range`.
    fn column(
        &mut self,
        scope: &Scope,
        index: u32,
        source: &Source,
        name: &str,
        name_range: TextRange,
        range: TextRange,
    ) -> Typed {
        let expr = Expr::column(index, name);
        let column = source.row.column(name);
        let ty = column.map_or(Ty::Unknown, |column| column.ty.clone());
        let ty = if scope.is_present(&expr) { ty.with_nullable(false) } else { ty };
        self.note_column(name_range, column);
        Typed::new(expr, ty, range)
    }
}

fn span_end(span: Typed, field: SpanField, range: TextRange) -> Typed {
    let ty = Ty::new(SemanticType::Offset(TextUnit::Byte), span.ty.is_nullable());
    Typed::new(Expr::Field { base: Box::new(span.expr), field }, ty, range)
}
