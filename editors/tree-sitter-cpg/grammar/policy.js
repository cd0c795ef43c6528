/** `policy` and its settings. */

const { clauses, commaList1, commaSep1 } = require("./shapes");

module.exports.items = {
  policy: ($) =>
    seq(
      field("policy", $.identifier),
      optional(seq("for", commaList1($._policy_target))),
      alias($._policy_body, $.body),
    ),
};

module.exports.rules = {
  _policy_target: ($) => choice("*", $.selector, field("target", $.identifier)),
  selector: ($) => seq(field("key", $.identifier), ":", field("value", $.identifier)),
  _policy_body: ($) =>
    clauses(
      choice(
        $.partition_setting,
        $.sort_setting,
        $.size_setting,
        $.stats_setting,
        $.optimize_setting,
        $.vacuum_setting,
        $.checkpoint_setting,
        $.word_setting,
      ),
    ),
  partition_setting: ($) => seq("partition", "by", commaSep1(field("column", $.identifier))),
  sort_setting: ($) => seq("sort", "by", commaSep1($.sort_key)),
  size_setting: ($) => seq("target_file_size", $.quantity),
  stats_setting: ($) => seq("stats", "on", commaSep1(field("column", $.identifier))),
  optimize_setting: ($) => seq("optimize", "when", $._expression),
  vacuum_setting: ($) => seq("vacuum", "when", $._expression, "retain", $.quantity),
  checkpoint_setting: ($) => seq("checkpoint", "every", $.quantity),
  word_setting: ($) =>
    seq(
      choice("mode", "keep", "pruning", "pushdown", "change_feed"),
      field("value", $.identifier),
    ),
  quantity: () => /[0-9][0-9_]*[A-Za-z]*/,
};

module.exports.conflicts = ($) => [
  // What follows a comma: more of the list, or the next setting.
  [$.partition_setting],
  [$.sort_setting],
  [$.stats_setting],
];
