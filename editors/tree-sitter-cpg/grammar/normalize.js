/** `normalize` and its clauses. */

const { clauses, commaSep1 } = require("./shapes");
const { instance } = require("./template");

module.exports.items = {
  normalize: ($) =>
    seq(field("name", $.identifier), choice($._normalize, instance($))),
};

/** The clauses; `id` is what may say an id. */
const body = ($, id) =>
  clauses(
    choice(
      $.where_clause,
      id,
      $.span_clause,
      $.text_clause,
      $.key_clause,
      $.keep_clause,
      $.derive_clause,
      $.node_clause,
    ),
  );

/** An id in the namespace that `namespace` says. */
const id = ($, namespace) =>
  seq(
    "id",
    field("name", $.identifier),
    "in",
    field("namespace", namespace),
    optional(seq("of", commaSep1($._expression))),
  );

module.exports.rules = {
  _normalize: ($) => seq("from", field("source", $.row_source), alias($._normalize_body, $.body)),
  _normalize_body: ($) => body($, $.id_clause),
  _template_normalize: ($) =>
    seq("from", field("source", $.row_source), alias($._template_normalize_body, $.body)),
  _template_normalize_body: ($) => body($, alias($._template_id_clause, $.id_clause)),
  where_clause: ($) => seq("where", $._expression),
  id_clause: ($) => id($, $.string),
  _template_id_clause: ($) => id($, choice($.string, $.identifier)),
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
  [$._template_id_clause],
  [$.key_clause],
  [$.keep_clause],
];
