//! Trees and errors as short text.

use std::fmt::Write;

use cpg_base::{LineIndex, TextRange, TextUnit};
use cpg_syntax::ast::{Expr, ExprKind, TypeArg, TypeExpr};
use cpg_syntax::{Chunk, SyntaxError, parse_item, split};

/// An expression with all its parentheses.
pub fn expr(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Null => "null".to_owned(),
        ExprKind::Bool(value) => value.to_string(),
        ExprKind::Int(value) => value.to_string(),
        ExprKind::Float(digits) => digits.clone(),
        ExprKind::Text(value) => format!("{value:?}"),
        ExprKind::Name(name) => name.clone(),
        ExprKind::Field { base, field } => format!("{}.{}", self::expr(base), field.text),
        ExprKind::Call { function, args } => format!("{}({})", function.text, list(args)),
        ExprKind::Unary { op, operand, .. } => format!("({op:?} {})", self::expr(operand)),
        ExprKind::Binary { op, left, right, .. } => {
            format!("({op:?} {} {})", self::expr(left), self::expr(right))
        }
        ExprKind::Between { value, low, high, negated } => {
            let not = if *negated { "Not" } else { "" };
            let [value, low, high] = [value, low, high].map(|part| self::expr(part));
            format!("({not}Between {value} {low} {high})")
        }
        ExprKind::In { value, list, negated } => {
            let not = if *negated { "Not" } else { "" };
            format!("({not}In {} [{}])", self::expr(value), self::list(list))
        }
        ExprKind::Case { branches, otherwise } => {
            let mut text = String::from("(Case");
            for (condition, value) in branches {
                write!(text, " {} => {};", self::expr(condition), self::expr(value)).expect("text");
            }
            if let Some(otherwise) = otherwise {
                write!(text, " else {}", self::expr(otherwise)).expect("text");
            }
            text + ")"
        }
        ExprKind::Cast { value, ty } => format!("cast({}, {})", self::expr(value), self::ty(ty)),
    }
}

pub fn list(exprs: &[Expr]) -> String {
    exprs.iter().map(expr).collect::<Vec<_>>().join(", ")
}

pub fn ty(ty: &TypeExpr) -> String {
    let args: Vec<String> = ty
        .args
        .iter()
        .map(|arg| match arg {
            TypeArg::Type(ty) => self::ty(ty),
            TypeArg::Int(value, _) => value.to_string(),
        })
        .collect();
    let args = if args.is_empty() { String::new() } else { format!("<{}>", args.join(", ")) };
    format!("{}{args}{}", ty.name.text, if ty.nullable { "?" } else { "" })
}

/// Every error of a file, in it.
pub fn all_errors(text: &str) -> Vec<SyntaxError> {
    let split = split(text);
    let mut errors = split.errors;
    for chunk in split.chunks.iter().flat_map(with_members) {
        let parsed = parse_item(slice(text, chunk.range), chunk.keyword);
        errors.extend(parsed.errors.into_iter().map(|error| error.shifted(chunk.range.start())));
    }
    errors.sort_by_key(|error| error.range);
    errors
}

/// An item and, of a fixpoint, its views.
pub fn with_members(chunk: &Chunk) -> impl Iterator<Item = &Chunk> {
    std::iter::once(chunk).chain(&chunk.members)
}

/// An error with what it says and what its fix makes of the line.
pub fn error(text: &str, error: &SyntaxError) -> String {
    let index = LineIndex::new(text);
    let place = index.line_column(text, error.range.start(), TextUnit::Utf32);
    let mut said = format!(
        "{}:{} {} [{}]: {}\n",
        place.line + 1,
        place.column + 1,
        error.code,
        slice(text, error.range).escape_debug(),
        error.message
    );
    if !error.found.is_empty() {
        writeln!(said, "  found: {}", error.found).expect("text");
    }
    if let Some(help) = &error.help {
        writeln!(said, "  help: {help}").expect("text");
    }
    if let Some(fix) = &error.fix {
        let mended = apply(text, fix);
        let line =
            LineIndex::new(&mended).line_column(&mended, fix.range.start(), TextUnit::Utf8).line;
        let line = mended.lines().nth(line as usize).unwrap_or_default();
        writeln!(said, "  fix: {}: {}", fix.title, line.trim()).expect("text");
    }
    said
}

/// The text with the fix.
pub fn apply(text: &str, fix: &cpg_syntax::SyntaxFix) -> String {
    let (start, end) = (fix.range.start() as usize, fix.range.end() as usize);
    format!("{}{}{}", &text[..start], fix.replacement, &text[end..])
}

pub fn slice(text: &str, range: TextRange) -> &str {
    range.slice(text).expect("ranges lie in the text")
}

/// Compares a text with the one that was accepted under that name.
pub fn snapshot(name: &str, text: &str) {
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => "../snapshots" }, {
        insta::assert_snapshot!(name, text);
    });
}
