/** `check` and its rules. */

const { commaList1 } = require("./shapes");

module.exports.items = {
  check: ($) =>
    seq(
      choice(
        $.unique_rule,
        $.not_null_rule,
        $.references_rule,
        $.accepted_rule,
        $.expect_rule,
        $.empty_rule,
        $.coverage_rule,
      ),
      optional($.severity),
    ),
};

module.exports.rules = {
  unique_rule: ($) => seq("unique", $.checked_columns),
  not_null_rule: ($) => seq("not_null", $.checked_columns),
  references_rule: ($) => seq("references", $.checked_columns, "->", $.checked_columns),
  accepted_rule: ($) =>
    seq("accepted", $.checked_columns, "in", "(", commaList1($._expression), ")"),
  expect_rule: ($) => seq("expect", $.row_source, ":", $._expression),
  empty_rule: ($) => seq("empty", field("relation", $.identifier)),
  coverage_rule: ($) =>
    seq("coverage", field("relation", $.identifier), "in", commaList1($.covering), ">=", $._number, "%"),
  checked_columns: ($) =>
    seq(field("relation", $.identifier), "(", commaList1(field("column", $.identifier)), ")"),
  covering: ($) =>
    seq(
      field("relation", $.identifier),
      optional(seq("(", field("column", $.identifier), ")")),
    ),
  severity: () => seq("severity", choice("error", "warn")),
};
