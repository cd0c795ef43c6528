/** `relate` and its clauses. */

const { clauses, commaSep1 } = require("./shapes");

module.exports.items = {
  relate: ($) =>
    seq(
      field("name", $.identifier),
      "from",
      field("from", $.row_source),
      "to",
      field("to", $.row_source),
      repeat(seq("via", field("via", $.row_source))),
      alias($._relate_body, $.body),
    ),
};

module.exports.rules = {
  _relate_body: ($) =>
    clauses(
      choice(
        $.on_clause,
        $.require_clause,
        $.score_clause,
        $.feature_clause,
        $.confidence_clause,
        $.rank_clause,
        $.edge_clause,
        $.provider_clause,
      ),
    ),
  on_clause: ($) => seq("on", $._expression),
  require_clause: ($) => seq("require", $._expression),
  score_clause: ($) => seq("score", $._expression),
  feature_clause: ($) =>
    seq(
      "feature",
      field("name", $.identifier),
      "=",
      field("value", $._expression),
      "weight",
      field("weight", $._expression),
    ),
  confidence_clause: ($) => seq("confidence", $._expression),
  rank_clause: ($) =>
    seq(
      "rank",
      "per",
      commaSep1($._expression),
      "by",
      commaSep1($.sort_key),
      optional(seq("keep", choice($.integer, "all"))),
    ),
  edge_clause: ($) => seq("edge", field("kind", $._expression), optional($.named_block)),
  provider_clause: ($) => seq("provider", $.string),
};

module.exports.conflicts = ($) => [
  // What follows a comma: more of the list, or the next clause.
  [$.rank_clause],
];
