//! Precedence, forms and places of expressions.

use cpg_syntax::ast::{Expr, ExprKind, ItemKind};
use cpg_syntax::{ItemKeyword, parse_item};

use crate::render;

fn parse(text: &str) -> Expr {
    let parsed = parse_item(&format!("const C = {text}"), ItemKeyword::Const);
    assert_eq!(parsed.errors, [], "{text}");
    match parsed.item.expect("an item without errors").kind {
        ItemKind::Const(item) => item.value,
        other => panic!("not a constant: {other:?}"),
    }
}

#[track_caller]
fn reads_as(text: &str, expected: &str) {
    assert_eq!(render::expr(&parse(text)), expected, "{text}");
}

#[test]
fn operators_bind_by_precedence() {
    reads_as("a or b and c", "(Or a (And b c))");
    reads_as("a and b or c and d", "(Or (And a b) (And c d))");
    reads_as("not a and b", "(And (Not a) b)");
    reads_as("not a == b", "(Not (Eq a b))");
    reads_as("not not a", "(Not (Not a))");
    reads_as("a == b ?? c", "(Eq a (Coalesce b c))");
    reads_as("a ?? b + c", "(Coalesce a (Add b c))");
    reads_as("a + b * c - d", "(Sub (Add a (Mul b c)) d)");
    reads_as("a - b - c", "(Sub (Sub a b) c)");
    reads_as("a / b % c", "(Rem (Div a b) c)");
    reads_as("-a * b", "(Mul (Neg a) b)");
    reads_as("- -a.b", "(Neg (Neg a.b))");
    reads_as("(a or b) and c", "(And (Or a b) c)");
    reads_as("a ?? b ?? c", "(Coalesce (Coalesce a b) c)");
}

#[test]
fn tests_bind_like_comparisons() {
    reads_as("a is null or b is not null", "(Or (IsNull a) (IsNotNull b))");
    reads_as("a + 1 is null", "(IsNull (Add a 1))");
    reads_as("not a in (1, 2,)", "(Not (In a [1, 2]))");
    reads_as("a not in (1) and b", "(And (NotIn a [1]) b)");
    reads_as("a between 1 + 2 and b and c", "(And (Between a (Add 1 2) b) c)");
    reads_as("a not between -1 and 1", "(NotBetween a (Neg 1) 1)");
    reads_as("a.span overlaps b.span and c", "(And (Overlaps a.span b.span) c)");
    for operator in ["contains", "within", "before", "after", "touches"] {
        let name = format!("{}{}", operator[..1].to_uppercase(), &operator[1..]);
        reads_as(&format!("a {operator} b"), &format!("({name} a b)"));
    }
    reads_as("a != b or a <= b or a >= b", "(Or (Or (NotEq a b) (LtEq a b)) (GtEq a b))");
}

#[test]
fn conditionals_are_cases() {
    reads_as("if a then 1 else 2", "(Case a => 1; else 2)");
    reads_as("if a then 1 else if b then 2 else 3", "(Case a => 1; b => 2; else 3)");
    reads_as("if a then if b then 1 else 2 else 3", "(Case a => (Case b => 1; else 2); else 3)");
    reads_as("1 + (if a then 1 else 2 + 3)", "(Add 1 (Case a => 1; else (Add 2 3)))");
    reads_as("case { a == 1 => \"x\", else => \"y\" }", "(Case (Eq a 1) => \"x\"; else \"y\")");
    reads_as("case {\n a => 1\n b => 2\n}", "(Case a => 1; b => 2;)");
}

#[test]
fn calls_casts_and_fields() {
    reads_as("f()", "f()");
    reads_as("f(a, g(b),).start", "f(a, g(b)).start");
    reads_as("cast(a + 1, Offset<byte>?)", "cast((Add a 1), Offset<byte>?)");
    reads_as("(a).b.c", "a.b.c");
    reads_as("cast", "cast");
    reads_as("span(a, b)", "span(a, b)");
}

#[test]
fn literals() {
    reads_as("1_000", "1000");
    reads_as("9223372036854775807", "9223372036854775807");
    reads_as("-9223372036854775808", "-9223372036854775808");
    reads_as("- 9_223_372_036_854_775_808 - 1", "(Sub -9223372036854775808 1)");
    reads_as("1_0.5", "10.5");
    reads_as("1e3 + 2.5E-3", "(Add 1e3 2.5E-3)");
    reads_as("true or false or null", "(Or (Or true false) null)");
    reads_as(r#""a\n\t\\\"\u{e9}é//""#, r#""a\n\t\\\"éé//""#);
}

#[test]
fn words_are_names_where_they_can_be() {
    for word in [
        "kind", "path", "name", "text", "span", "start", "end", "score", "provider", "key", "node",
        "edge", "by", "from", "to", "on", "where", "keep", "id", "before", "contains", "limit",
        "all", "best", "asc",
    ] {
        reads_as(word, word);
        reads_as(&format!("{word} == 1"), &format!("(Eq {word} 1)"));
        reads_as(&format!("x.{word} + 1"), &format!("(Add x.{word} 1)"));
    }
    for word in ["and", "in", "is", "null", "case", "if"] {
        reads_as(&format!("x.{word}"), &format!("x.{word}"));
        reads_as(&format!("`{word}`"), word);
    }
    reads_as("`any thing`.`é`", "any thing.é");
}

#[test]
fn ranges_cover_what_they_say() {
    let text = "const C = (a + b) * f(c) /* x */ // y";
    let parsed = parse_item(text, ItemKeyword::Const);
    let item = parsed.item.expect("it parses");
    assert_eq!(render::slice(text, item.range), "const C = (a + b) * f(c)");
    let ItemKind::Const(constant) = item.kind else { panic!("not a constant") };
    assert_eq!(render::slice(text, constant.value.range), "(a + b) * f(c)");
    let ExprKind::Binary { op_range, left, right, .. } = constant.value.kind else {
        panic!("not an operation")
    };
    assert_eq!(render::slice(text, op_range), "*");
    assert_eq!(render::slice(text, left.range), "(a + b)");
    assert_eq!(render::slice(text, right.range), "f(c)");
}
