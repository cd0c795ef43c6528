/** `view` and its steps. */

const { commaList1, commaSep1 } = require("./shapes");

module.exports.items = {
  view: ($) => seq(field("name", $.identifier), $._view),
};

module.exports.rules = {
  _view: ($) =>
    seq(
      optional(seq(":", field("schema", alias($.identifier, $.type_identifier)))),
      "=",
      choice($._arms, seq("sql", $.text_block)),
    ),
  _arms: ($) => seq($.arm, repeat(seq("|", $.arm))),
  arm: ($) => seq($.from_step, repeat($._step)),
  from_step: ($) => seq("from", $.row_source),
  _step: ($) =>
    choice(
      $.join_step,
      $.where_step,
      $.select_step,
      $.derive_step,
      $.group_step,
      $.window_step,
      $.unnest_step,
      "distinct",
      $.dedupe_step,
      $.sort_step,
    ),
  join_step: ($) =>
    seq(
      optional(choice("left", "semi", "anti")),
      "join",
      $.row_source,
      "on",
      field("on", $._expression),
    ),
  where_step: ($) => seq("where", $._expression),
  select_step: ($) => seq("select", $.named_block),
  derive_step: ($) => seq("derive", $.named_block),
  group_step: ($) => seq("group", "by", commaList1($._named), $.named_block),
  window_step: ($) =>
    seq(
      "window",
      optional(seq("per", commaSep1($._expression))),
      optional(seq("by", commaSep1($.sort_key))),
      $.named_block,
    ),
  unnest_step: ($) =>
    seq(
      "unnest",
      $._expression,
      "as",
      field("name", $.identifier),
      optional(seq("at", field("position", $.identifier))),
    ),
  dedupe_step: ($) =>
    seq("dedupe", "per", commaSep1($._expression), "keep", "best", commaSep1($.sort_key)),
  sort_step: ($) => seq("sort", commaSep1($.sort_key), "limit", $.integer),
};

