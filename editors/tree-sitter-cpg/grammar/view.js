/** `view` and its steps. */

const { commaList1, commaSep1 } = require("./shapes");
const { instance } = require("./template");

module.exports.items = {
  view: ($) => seq(field("name", $.identifier), choice($._view, instance($))),
};

const schema = ($) => optional(seq(":", field("schema", alias($.identifier, $.type_identifier))));

/** Arms of such kind. */
const arms = (arm) => seq(arm, repeat(seq("|", arm)));

/** The steps of an arm; `sort` is what may sort. */
const steps = ($, sort) =>
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
    sort,
  );

const sort = ($, limit) => seq("sort", commaSep1($.sort_key), "limit", limit);

module.exports.rules = {
  _view: ($) => seq(schema($), "=", choice(arms($.arm), seq("sql", $.text_block))),
  _template_view: ($) => seq(schema($), "=", arms(alias($._template_arm, $.arm))),
  arm: ($) => seq($.from_step, repeat($._step)),
  _template_arm: ($) => seq($.from_step, repeat($._template_step)),
  from_step: ($) => seq("from", $.row_source),
  _step: ($) => steps($, $.sort_step),
  _template_step: ($) => steps($, alias($._template_sort_step, $.sort_step)),
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
  sort_step: ($) => sort($, $.integer),
  _template_sort_step: ($) => sort($, choice($.integer, $.identifier)),
};

