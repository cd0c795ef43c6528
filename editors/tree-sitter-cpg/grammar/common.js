/** What items share. */

const { commaList1, commaSep1 } = require("./shapes");

module.exports = {
  _attributes: ($) => seq(repeat1($.attribute), optional($._behind_attribute)),
  attribute: ($) => seq(alias($._attribute_sign, "@"), $._attribute),
  _attribute: ($) =>
    seq(
      field("name", $.identifier),
      optional(seq("(", optional(commaList1(choice($.string, $.identifier))), ")")),
    ),

  dotted_name: ($) => seq($.identifier, repeat(seq(".", $.identifier))),
  row_source: ($) =>
    seq(field("relation", $.identifier), optional(seq("as", field("alias", $.identifier)))),

  columns: ($) => seq("{", repeat(seq($.column, optional(","))), "}"),
  column: ($) => seq(field("name", $.identifier), ":", field("type", $.type)),
  type: ($) =>
    seq(
      field("name", alias($.identifier, $.type_identifier)),
      optional(seq("<", commaSep1(choice($.integer, $.type)), ">")),
      optional("?"),
    ),

  named_block: ($) => seq("{", repeat(seq($._named, optional(","))), "}"),
  _named: ($) => choice($.named_expression, $.column_path),
  named_expression: ($) =>
    seq(field("name", $._column_name), ":", field("value", $._expression)),
  column_path: ($) => seq($._column_name, repeat(seq(".", $.identifier))),

  // A word that names a column for what follows it, even where it could continue an expression.
  _column_name: ($) => choice($.identifier, alias($._column_word, $.identifier)),

  sort_key: ($) => seq($._expression, optional(choice("asc", "desc"))),
};
