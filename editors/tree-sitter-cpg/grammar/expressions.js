/**
 * Expressions, in the levels that `cpg.pest` has: logic over comparisons over arithmetic over operands. Within a
 * level operators bind as the compiler's `Precedence` says.
 */

const { commaList1 } = require("./shapes");

const PREC = { or: 1, and: 2, not: 3, comparison: 4, coalesce: 5, sum: 6, product: 7, negation: 8 };

const { operators } = require("../keywords.json");

const binary = (level, left, operator, right) =>
  prec.left(
    PREC[level],
    seq(field("left", left), field("operator", operator), field("right", right)),
  );

module.exports = {
  _expression: ($) => choice($.if_expression, $._logic),

  _logic: ($) =>
    choice(
      alias($._logic_binary, $.binary_expression),
      alias($._negation, $.unary_expression),
      $._comparison,
    ),
  _logic_binary: ($) =>
    choice(binary("or", $._logic, "or", $._logic), binary("and", $._logic, "and", $._logic)),
  _negation: ($) => prec(PREC.not, seq("not", choice(alias($._negation, $.unary_expression), $._comparison))),

  _comparison: ($) =>
    choice(
      alias($._comparison_binary, $.binary_expression),
      $.null_test,
      $.in_expression,
      $.between_expression,
      $._arithmetic,
    ),
  _comparison_binary: ($) =>
    binary(
      "comparison",
      $._comparison,
      choice("==", "!=", "<=", ">=", "<", ">", ...operators),
      $._arithmetic,
    ),
  null_test: ($) =>
    prec.left(PREC.comparison, seq($._comparison, "is", optional("not"), "null")),
  in_expression: ($) =>
    prec.left(
      PREC.comparison,
      seq($._comparison, optional("not"), "in", "(", commaList1($._expression), ")"),
    ),
  between_expression: ($) =>
    prec.left(
      PREC.comparison,
      seq(
        $._comparison,
        optional("not"),
        "between",
        field("low", $._arithmetic),
        "and",
        field("high", $._arithmetic),
      ),
    ),

  _arithmetic: ($) => choice($.binary_expression, $.unary_expression, $._operand),
  binary_expression: ($) =>
    choice(
      binary("coalesce", $._arithmetic, "??", $._arithmetic),
      binary("sum", $._arithmetic, choice("+", "-"), $._arithmetic),
      binary("product", $._arithmetic, choice("*", "/", "%"), $._arithmetic),
    ),
  unary_expression: ($) => prec(PREC.negation, seq("-", choice($.unary_expression, $._operand))),

  _operand: ($) =>
    choice(
      $._number,
      $.string,
      $.null,
      $.boolean,
      $.case_expression,
      $.cast_expression,
      $.call_expression,
      $.parenthesized_expression,
      $.field_expression,
      $.identifier,
    ),
  parenthesized_expression: ($) => seq("(", $._expression, ")"),
  field_expression: ($) =>
    seq(field("value", $._operand), ".", field("field", $.identifier)),
  call_expression: ($) => seq(field("function", $.identifier), $.arguments),
  arguments: ($) => seq(token.immediate("("), optional(commaList1($._expression)), ")"),
  cast_expression: ($) =>
    seq("cast", token.immediate("("), $._expression, ",", field("type", $.type), ")"),

  if_expression: ($) =>
    seq(
      "if",
      field("condition", $._expression),
      "then",
      field("then", $._expression),
      "else",
      field("else", $._expression),
    ),
  case_expression: ($) =>
    seq(
      "case",
      "{",
      repeat1(seq($.case_arm, optional(","))),
      optional(seq($.case_else, optional(","))),
      "}",
    ),
  case_arm: ($) => seq(field("condition", $._expression), "=>", field("value", $._expression)),
  case_else: ($) => seq("else", "=>", field("value", $._expression)),

  null: () => "null",
  boolean: () => choice("true", "false"),
};
