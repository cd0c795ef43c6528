//! `position(line, column)` and `position(offset)`: an end of a span that is given by its line and column, or by an offset in
//! another unit than bytes.
//!
//! It stands for the byte there, which the index of lines of the row's file tells: the entity reads that index, too.

use cpg_base::{Code, TextRange};
use cpg_ir::expr::{BinaryOp, Expr, Literal};
use cpg_ir::spec::{LineKey, LinesSpec, RelationId};
use cpg_ir::types::{SemanticType, TextUnit};
use cpg_syntax::ast::{self, ExprKind};

use super::{Scope, Typed};
use crate::checker::Checker;
use crate::db::Db;
use crate::files::Item;
use crate::names::{declared, modules};
use crate::problem::Problem;
use crate::ty::Ty;

/// What the form is called.
pub(crate) const POSITION: &str = "position";

/// The index of lines, as the standard library has it.
const INDEX: (&str, &str) = ("std.files", "file_line_index");

/// The index of lines.
pub(crate) fn line_index<'db>(db: &'db dyn Db) -> Option<Item<'db>> {
    let (module, name) = INDEX;
    let file = modules(db).get(module)?;
    declared(db, *file).get(name).copied()
}

/// Whether it is a position.
pub(crate) fn is_position(expr: &ast::Expr) -> bool {
    matches!(&expr.kind, ExprKind::Call { function, .. } if function.text == POSITION)
}

/// The lines that an entity's positions are on, as far as it was read.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    index: Option<RelationId>,
    lines: Vec<LineKey>,
    within: Vec<Expr>,
}

impl Lines {
    /// What an entity reads beside its source, whose files that column tells.
    pub fn spec(self, file: Option<&str>) -> Option<LinesSpec> {
        Some(LinesSpec {
            index: self.index?,
            file: file?.to_owned(),
            lines: self.lines,
            within: self.within,
        })
    }

    /// The row source of that line.
    fn source(&mut self, line: LineKey) -> Option<u32> {
        let known = self.lines.iter().position(|known| *known == line);
        let place = known.unwrap_or_else(|| {
            self.lines.push(line);
            self.lines.len() - 1
        });
        u32::try_from(place + 1).ok()
    }
}

impl<'db> Checker<'db> {
    /// The span of an entity's clause. Rows that a position places outside of their file are no entities.
    pub fn span_clause(
        &mut self,
        scope: &mut Scope,
        start: &ast::Expr,
        end: &ast::Expr,
        range: TextRange,
    ) -> Typed {
        let ends = [start, end].map(|end| self.place(scope, end));
        if let Some(lines) = &mut self.lines {
            let places = [start, end].into_iter().zip(&ends);
            let places = places.filter(|(tree, end)| is_position(tree) && end.ty != Ty::Unknown);
            lines.within.extend(places.map(|(_, end)| end.expr.clone()));
        }
        self.span_of(ends, range)
    }

    /// An end of a span: a byte offset, or a position.
    pub fn place(&mut self, scope: &mut Scope, expr: &ast::Expr) -> Typed {
        let ExprKind::Call { args, .. } = &expr.kind else {
            return self.offset(scope, expr);
        };
        if !is_position(expr) || self.lines.is_none() {
            return self.offset(scope, expr);
        }
        self.note_scope(expr.range, scope);
        let typed = self.position(scope, args, expr.range);
        let typed = typed.unwrap_or_else(|| Typed::unknown(expr.range));
        self.note_type(expr.range, &typed.ty);
        typed
    }

    /// Null only where the line or the column is: what is to become of places outside of the file, the clause says.
    fn position(
        &mut self,
        scope: &mut Scope,
        args: &[ast::Expr],
        range: TextRange,
    ) -> Option<Typed> {
        let (line, column) = match args {
            [line, column] => (self.expr(scope, line), self.expr(scope, column)),
            [offset] => return self.position_of_offset(scope, offset, range),
            _ => {
                let message = format!("`{POSITION}` takes a line and a column, or an offset");
                let problem = Problem::error(Code::WrongArguments, range, message)
                    .help("write `position(line, column)` or `position(offset)`");
                self.report(problem);
                return None;
            }
        };
        let number = self.line_number(&line);
        let column_and_unit = self.column_from_zero(&column);
        let index = self.line_index(None, range)?;
        let (number, (counted, unit)) = (number?, column_and_unit?);
        let lines = self.lines.as_mut()?;
        lines.index = Some(index);
        let source = lines.source(LineKey::Number(number))?;
        let nullable = line.ty.is_nullable() || column.ty.is_nullable();
        Some(byte_in_line(source, unit, counted, nullable, range))
    }

    /// `position(offset)`: the line that holds it is looked up, and what is left of it is a column there.
    fn position_of_offset(
        &mut self,
        scope: &mut Scope,
        offset: &ast::Expr,
        range: TextRange,
    ) -> Option<Typed> {
        let offset = self.expr(scope, offset);
        let unit = match offset.ty.semantic()? {
            SemanticType::Offset(TextUnit::Byte) => {
                let text = self.text_at(offset.range);
                let message = format!("`{text}` is a byte offset already");
                let problem = Problem::error(Code::UnitMismatch, range, message).fix(
                    format!("write `{text}`"),
                    range,
                    text,
                );
                self.report(problem);
                return None;
            }
            SemanticType::Offset(unit) => *unit,
            other => {
                let message = format!("expected an offset (`Offset<UNIT>`), found `{}`", offset.ty);
                let help = match other {
                    SemanticType::Line { .. } | SemanticType::Col { .. } => {
                        "write `position(line, column)`"
                    }
                    _ => "say in the contract what it counts, as in `Offset<utf16>`",
                };
                let problem = Problem::error(Code::TypeMismatch, offset.range, message).help(help);
                self.report(problem);
                return None;
            }
        };
        let index = self.line_index(Some(unit), range)?;
        let lines = self.lines.as_mut()?;
        lines.index = Some(index);
        let source = lines.source(LineKey::Holding { unit, place: offset.expr.clone() })?;
        let start = Expr::column(source, LinesSpec::start_column(unit));
        let counted =
            Expr::Binary { op: BinaryOp::Sub, left: Box::new(offset.expr), right: Box::new(start) };
        Some(byte_in_line(source, unit, counted, offset.ty.is_nullable(), range))
    }

    /// The line's number from 1.
    fn line_number(&mut self, line: &Typed) -> Option<Expr> {
        match line.ty.semantic()? {
            SemanticType::Line { base } => Some(plus(line.expr.clone(), 1 - i64::from(*base))),
            other => {
                let code = match other {
                    SemanticType::Col { .. } | SemanticType::Offset(_) => Code::UnitMismatch,
                    _ => Code::TypeMismatch,
                };
                let message =
                    format!("expected a line (`Line<0>` or `Line<1>`), found `{}`", line.ty);
                let problem = Problem::error(code, line.range, message)
                    .help("say in the contract from what its lines count: `Line<0>` or `Line<1>`");
                self.report(problem);
                None
            }
        }
    }

    /// The column's number from 0, and what it counts.
    fn column_from_zero(&mut self, column: &Typed) -> Option<(Expr, TextUnit)> {
        match column.ty.semantic()? {
            SemanticType::Col { unit, base } => {
                Some((plus(column.expr.clone(), -i64::from(*base)), *unit))
            }
            other => {
                let code = match other {
                    SemanticType::Line { .. } | SemanticType::Offset(_) => Code::UnitMismatch,
                    _ => Code::TypeMismatch,
                };
                let message =
                    format!("expected a column (`Col<UNIT, BASE>`), found `{}`", column.ty);
                let problem = Problem::error(code, column.range, message).help(
                    "say in the contract what its columns count and from what, as in `Col<utf16, 0>`",
                );
                self.report(problem);
                None
            }
        }
    }

    /// The index of lines, which the item reads; with where lines start in `unit`, if there is one.
    fn line_index(&mut self, unit: Option<TextUnit>, range: TextRange) -> Option<RelationId> {
        let found = line_index(self.db).and_then(|item| {
            let input = self.input_of(item);
            let row = input.row();
            let start = unit.map(LinesSpec::start_column);
            let mut needed = LinesSpec::COLUMNS.into_iter().chain(start);
            let has_all = needed.all(|name| row.column(name).is_some());
            input.relation().filter(|_| has_all).map(|relation| relation.id.clone())
        });
        if found.is_none() {
            let (module, name) = INDEX;
            let message = format!("positions need `{module}.{name}`, which is not in this program");
            self.error(Code::UnknownModule, range, message);
        }
        found
    }

    /// Reports a position where none may stand.
    pub(super) fn misplaced_position(&mut self, range: TextRange) -> Typed {
        let message = "a position may not stand here";
        let problem = Problem::error(Code::MisplacedPosition, range, message).help(
            "it is an end of a `span` clause or of a `key … at` of an entity; others read the entity's span",
        );
        self.report(problem);
        Typed::unknown(range)
    }
}

/// The byte at a column of the line that is row source `source`; null only where the column is not in the line.
fn byte_in_line(
    source: u32,
    unit: TextUnit,
    column: Expr,
    nullable: bool,
    range: TextRange,
) -> Typed {
    let args = ["start", "end", "ascii", "text"].map(|name| Expr::column(source, name));
    let unit = Expr::Literal(Literal::String(unit.to_string()));
    let args = args.into_iter().chain([unit, column]).collect();
    let expr = Expr::Call { function: "line_offset".to_owned(), args };
    Typed::new(expr, Ty::new(SemanticType::Offset(TextUnit::Byte), nullable), range)
}

fn plus(value: Expr, number: i64) -> Expr {
    if number == 0 {
        return value;
    }
    let number = Expr::Literal(Literal::Int(number));
    Expr::Binary { op: BinaryOp::Add, left: Box::new(value), right: Box::new(number) }
}
