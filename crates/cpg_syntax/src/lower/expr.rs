//! Expressions: binds operators to operands by precedence, with a stack of its own instead of recursion.

use cpg_base::{Code, TextRange};
use pest::iterators::Pair;

use super::cursor::Cursor;
use super::{Lower, Lowered, Stop};
use crate::ast::{BinaryOp, Expr, ExprKind, Precedence, UnaryOp};
use crate::error::SyntaxError;
use crate::grammar::Rule;
use crate::lexical::{MAX_NESTING, too_deep};

mod atom;

/// An expression and how deep its tree is.
struct Tree {
    expr: Expr,
    depth: usize,
    /// A comparison without parentheses around it, which no other comparison may take as an operand.
    compares: bool,
}

/// Operators wait on the stack until one that binds no tighter, or the end, completes their operands.
struct Waiting {
    op: Op,
    range: TextRange,
}

#[derive(Clone, Copy)]
enum Op {
    Prefix(UnaryOp),
    Infix(BinaryOp),
}

impl Op {
    fn precedence(self) -> Precedence {
        match self {
            Self::Prefix(op) => op.precedence(),
            Self::Infix(op) => op.precedence(),
        }
    }
}

#[derive(Default)]
struct Stacks {
    operands: Vec<Tree>,
    operators: Vec<Waiting>,
}

impl Lower<'_> {
    /// An expression.
    pub(super) fn expr(&mut self, pair: Pair<'_, Rule>) -> Lowered<Expr> {
        self.tree(pair).map(|tree| tree.expr)
    }

    pub(super) fn exprs(&mut self, pairs: Vec<Pair<'_, Rule>>) -> Lowered<Vec<Expr>> {
        pairs.into_iter().map(|pair| self.expr(pair)).collect()
    }

    /// Refuses a tree of that depth when it is too deep.
    pub(super) fn nested(&mut self, depth: usize, range: TextRange) -> Lowered<()> {
        if depth <= MAX_NESTING {
            return Ok(());
        }
        self.report(too_deep(range));
        Err(Stop::Reported)
    }

    /// An `expr`, or a `bound` of `between`.
    fn tree(&mut self, pair: Pair<'_, Rule>) -> Lowered<Tree> {
        let mut children = self.children(pair);
        if let Some(conditional) = children.take_if(Rule::if_expr) {
            children.end()?;
            return self.if_expr(conditional);
        }
        self.operation(children)
    }

    fn operation(&mut self, children: Cursor<'_>) -> Lowered<Tree> {
        let defect = children.defect();
        let mut stacks = Stacks::default();
        for pair in children {
            let range = self.range(&pair);
            match pair.as_rule() {
                Rule::operand => {
                    let negated = matches!(
                        stacks.operators.last(),
                        Some(Waiting { op: Op::Prefix(UnaryOp::Neg), .. })
                    );
                    let mut tree = self.operand(pair, negated)?;
                    if negated && tree.expr.kind == ExprKind::Int(i64::MIN) {
                        let sign = stacks.operators.pop().ok_or(defect)?;
                        tree.expr.range = sign.range.cover(tree.expr.range);
                    }
                    stacks.operands.push(tree);
                }
                Rule::not_op | Rule::neg_op => {
                    let op =
                        if pair.as_rule() == Rule::not_op { UnaryOp::Not } else { UnaryOp::Neg };
                    self.foreign(range);
                    stacks.operators.push(Waiting { op: Op::Prefix(op), range });
                }
                Rule::logic_op | Rule::arith_op | Rule::compare_op => {
                    let op = Op::Infix(binary(self.text(range)).ok_or(defect)?);
                    self.foreign(range);
                    self.reduce(&mut stacks, Some(op.precedence()), defect)?;
                    if op.precedence() == Precedence::Comparison {
                        self.unchained(&stacks, range);
                    }
                    stacks.operators.push(Waiting { op, range });
                }
                Rule::is_null | Rule::in_list | Rule::between => {
                    self.reduce(&mut stacks, Some(Precedence::Comparison), defect)?;
                    self.unchained(&stacks, range);
                    let value = stacks.operands.pop().ok_or(defect)?;
                    let test = self.test(pair, value)?;
                    stacks.operands.push(test);
                }
                _ => return Err(defect),
            }
        }
        self.reduce(&mut stacks, None, defect)?;
        match (stacks.operands.pop(), stacks.operands.is_empty()) {
            (Some(tree), true) => Ok(tree),
            _ => Err(defect),
        }
    }

    /// Completes the operators that bind at least as tightly as what follows; all at the end.
    fn reduce(
        &mut self,
        stacks: &mut Stacks,
        next: Option<Precedence>,
        defect: Stop,
    ) -> Lowered<()> {
        while let Some(waiting) =
            stacks.operators.pop_if(|top| next.is_none_or(|next| top.op.precedence() >= next))
        {
            let Waiting { op, range: op_range } = waiting;
            let right = stacks.operands.pop().ok_or(defect)?;
            let tree = match op {
                Op::Prefix(op) => Tree {
                    depth: right.depth + 1,
                    compares: false,
                    expr: Expr {
                        range: op_range.cover(right.expr.range),
                        kind: ExprKind::Unary { op, op_range, operand: Box::new(right.expr) },
                    },
                },
                Op::Infix(op) => {
                    let left = stacks.operands.pop().ok_or(defect)?;
                    Tree {
                        depth: left.depth.max(right.depth) + 1,
                        compares: waiting.op.precedence() == Precedence::Comparison,
                        expr: Expr {
                            range: left.expr.range.cover(right.expr.range),
                            kind: ExprKind::Binary {
                                op,
                                op_range,
                                left: Box::new(left.expr),
                                right: Box::new(right.expr),
                            },
                        },
                    }
                }
            };
            self.nested(tree.depth, op_range)?;
            stacks.operands.push(tree);
        }
        Ok(())
    }

    /// Reports a comparison of a comparison.
    fn unchained(&mut self, stacks: &Stacks, range: TextRange) {
        if !stacks.operands.last().is_some_and(|left| left.compares) {
            return;
        }
        let found = self.text(range).split_whitespace().next().unwrap_or_default();
        self.report(
            SyntaxError::new(
                Code::Syntax,
                range,
                format!("comparisons cannot be chained, found `{found}` after another one"),
            )
            .found("the second comparison")
            .help("join them with `and`, as in `a < b and b < c`, or put one into parentheses"),
        );
    }

    /// Reports an operator of another language.
    fn foreign(&mut self, range: TextRange) {
        let found = self.text(range);
        let (ours, replacement) = match found {
            "=" => ("==", "=="),
            "<>" => ("!=", "!="),
            "&&" => ("and", "and"),
            "||" => ("or", "or"),
            "!" => ("not", "not "),
            _ => return,
        };
        self.report(
            SyntaxError::new(Code::Syntax, range, format!("expected `{ours}`, found `{found}`"))
                .found("no operator of this language")
                .help(format!("did you mean `{ours}`?"))
                .fix(format!("replace `{found}` by `{ours}`"), range, replacement),
        );
    }

    /// `is null`, `in` and `between`.
    fn test(&mut self, pair: Pair<'_, Rule>, value: Tree) -> Lowered<Tree> {
        let rule = pair.as_rule();
        let op_range = self.range(&pair);
        let range = value.expr.range.cover(op_range);
        let mut children = self.children(pair);
        let negated = children.take_if(Rule::k_not).is_some();
        let mut depth = value.depth;
        let value = Box::new(value.expr);
        let kind = match rule {
            Rule::is_null => {
                children.want(Rule::k_null)?;
                let op = if negated { UnaryOp::IsNotNull } else { UnaryOp::IsNull };
                ExprKind::Unary { op, op_range, operand: value }
            }
            Rule::in_list => {
                let mut list = Vec::new();
                for pair in children.all_of(Rule::expr) {
                    let tree = self.tree(pair)?;
                    depth = depth.max(tree.depth);
                    list.push(tree.expr);
                }
                ExprKind::In { value, list, negated }
            }
            _ => {
                let low = self.tree(children.want(Rule::bound)?)?;
                let high = self.tree(children.want(Rule::bound)?)?;
                depth = depth.max(low.depth).max(high.depth);
                let (low, high) = (Box::new(low.expr), Box::new(high.expr));
                ExprKind::Between { value, low, high, negated }
            }
        };
        children.end()?;
        self.nested(depth + 1, op_range)?;
        Ok(Tree { expr: Expr { kind, range }, depth: depth + 1, compares: true })
    }
}

/// The operator that is written so, or probably meant.
fn binary(written: &str) -> Option<BinaryOp> {
    Some(match written {
        "or" | "||" => BinaryOp::Or,
        "and" | "&&" => BinaryOp::And,
        "==" | "=" => BinaryOp::Eq,
        "!=" | "<>" => BinaryOp::NotEq,
        "<" => BinaryOp::Lt,
        "<=" => BinaryOp::LtEq,
        ">" => BinaryOp::Gt,
        ">=" => BinaryOp::GtEq,
        "??" => BinaryOp::Coalesce,
        "+" => BinaryOp::Add,
        "-" => BinaryOp::Sub,
        "*" => BinaryOp::Mul,
        "/" => BinaryOp::Div,
        "%" => BinaryOp::Rem,
        "overlaps" => BinaryOp::Overlaps,
        "contains" => BinaryOp::Contains,
        "within" => BinaryOp::Within,
        "before" => BinaryOp::Before,
        "after" => BinaryOp::After,
        "touches" => BinaryOp::Touches,
        _ => return None,
    })
}
