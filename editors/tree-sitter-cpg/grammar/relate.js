/** `relate` and its clauses. */

const { clauses, commaSep1 } = require("./shapes");
const { instance } = require("./template");

module.exports.items = {
  relate: ($) => seq(field("name", $.identifier), choice($._relate, instance($))),
};

/** What stands before the braces. */
const sides = ($) =>
  seq(
    "from",
    field("from", $.row_source),
    "to",
    field("to", $.row_source),
    repeat(seq("via", field("via", $.row_source))),
  );

/** The clauses; `rank` and `provider` are what may say these. */
const body = ($, rank, provider) =>
  clauses(
    choice(
      $.on_clause,
      $.require_clause,
      $.score_clause,
      $.feature_clause,
      $.confidence_clause,
      rank,
      $.edge_clause,
      provider,
    ),
  );

/** A rank that keeps what `kept` says. */
const rank = ($, ...kept) =>
  seq(
    "rank",
    "per",
    commaSep1($._expression),
    "by",
    commaSep1($.sort_key),
    optional(seq("keep", choice($.integer, "all", ...kept))),
  );

module.exports.rules = {
  _relate: ($) => seq(sides($), alias($._relate_body, $.body)),
  _relate_body: ($) => body($, $.rank_clause, $.provider_clause),
  _template_relate: ($) => seq(sides($), alias($._template_relate_body, $.body)),
  _template_relate_body: ($) =>
    body(
      $,
      alias($._template_rank_clause, $.rank_clause),
      alias($._template_provider_clause, $.provider_clause),
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
  rank_clause: ($) => rank($),
  _template_rank_clause: ($) => rank($, $.identifier),
  edge_clause: ($) => seq("edge", field("kind", $._expression), optional($.named_block)),
  provider_clause: ($) => seq("provider", $.string),
  _template_provider_clause: ($) => seq("provider", choice($.string, $.identifier)),
};

module.exports.conflicts = ($) => [
  // What follows a comma: more of the list, or the next clause.
  [$.rank_clause],
  [$._template_rank_clause],
];
