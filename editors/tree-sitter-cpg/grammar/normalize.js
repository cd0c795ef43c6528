/** `normalize` and its clauses. */

const { clauses, commaSep1 } = require("./shapes");

module.exports.items = {
  normalize: ($) =>
    seq(field("name", $.identifier), "from", field("source", $.row_source), alias($._normalize_body, $.body)),
};

module.exports.rules = {
  _normalize_body: ($) =>
    clauses(
      choice(
        $.where_clause,
        $.id_clause,
        $.span_clause,
        $.text_clause,
        $.key_clause,
        $.keep_clause,
        $.derive_clause,
        $.node_clause,
      ),
    ),
  where_clause: ($) => seq("where", $._expression),
  id_clause: ($) =>
    seq(
      "id",
      field("name", $.identifier),
      "in",
      field("namespace", $.string),
      optional(seq("of", commaSep1($._expression))),
    ),
  span_clause: ($) => seq("span", $._span),
  _span: ($) => seq(field("start", $._expression), "..", field("end", $._expression)),
  text_clause: ($) =>
    seq(
      "text",
      field("name", $.identifier),
      "=",
      field("value", $._expression),
      repeat(field("function", $.identifier)),
    ),
  key_clause: ($) =>
    seq(
      "key",
      field("name", $.identifier),
      "->",
      field("entity", $.identifier),
      choice(seq("at", $._span), seq("of", commaSep1($._expression))),
      optional(seq("unless", $._expression)),
    ),
  keep_clause: ($) => seq("keep", commaSep1($.keep_column)),
  keep_column: ($) => seq(field("column", $.identifier), optional(seq("as", field("alias", $.identifier)))),
  derive_clause: ($) => seq("derive", field("name", $.identifier), "=", field("value", $._expression)),
  node_clause: ($) => seq("node", field("kind", $._expression), optional($.named_block)),
};

module.exports.conflicts = ($) => [
  // What follows a comma: more of the list, or the next clause.
  [$.id_clause],
  [$.key_clause],
  [$.keep_clause],
];
