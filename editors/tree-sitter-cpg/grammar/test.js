/** `test` and its clauses. */

const { clauses, commaList1 } = require("./shapes");

module.exports.items = {
  test: ($) =>
    seq(field("title", $.string), "for", field("of", $.identifier), alias($._test_body, $.body)),
};

module.exports.rules = {
  _test_body: ($) => clauses(choice($.given_clause, $.expect_clause)),
  given_clause: ($) => seq("given", field("relation", $.identifier), $.rows),
  expect_clause: ($) => seq("expect", $.rows),
  rows: ($) => seq("[", repeat(seq($.row, optional(","))), "]"),
  row: ($) =>
    seq("{", repeat(seq($.cell, optional(","))), optional(seq("...", optional(","))), "}"),
  cell: ($) => seq(field("name", $._column_name), ":", field("value", $._test_value)),
  _test_value: ($) => choice($.list, $.map, $._expression, $.span_value),
  list: ($) => seq("[", optional(commaList1($._test_value)), "]"),
  map: ($) => seq("{", optional(commaList1($.map_entry)), "}"),
  map_entry: ($) => seq(field("key", $._expression), ":", field("value", $._test_value)),
  span_value: ($) => seq(field("start", $._expression), "..", field("end", $._expression)),
};
