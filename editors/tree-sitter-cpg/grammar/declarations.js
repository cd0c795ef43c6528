/** `use`, `const`, `fn`, `schema`, `evidence` and `export`. */

const { commaList1 } = require("./shapes");

module.exports.items = {
  use: ($) =>
    seq(
      field("module", $.identifier),
      repeat(seq(".", field("module", $.identifier))),
      optional(choice(seq(".", $.use_group), seq("as", field("alias", $.identifier)))),
    ),
  const: ($) => seq(field("name", $.identifier), "=", field("value", $._expression)),
  fn: ($) =>
    seq(
      field("name", $.identifier),
      $.parameters,
      optional(seq("->", field("result", $.type))),
      "=",
      field("body", $._expression),
    ),
  schema: ($) => seq(field("name", $.identifier), $.columns),
  evidence: ($) =>
    seq(
      field("name", $.identifier),
      "from",
      choice(
        seq("extractor", field("extractor", $.dotted_name), $.columns),
        seq($.file_source, optional($.columns)),
      ),
    ),
  export: ($) => commaList1(field("name", $.identifier)),
};

module.exports.rules = {
  file_source: ($) =>
    seq(choice("parquet", "delta", "csv", "ndjson", "arrow"), field("location", $.string)),
  use_group: ($) => seq("{", commaList1($.use_name), "}"),
  use_name: ($) => seq(field("name", $.identifier), optional(seq("as", field("alias", $.identifier)))),
  parameters: ($) => seq("(", optional(commaList1($.parameter)), ")"),
  parameter: ($) => seq(field("name", $.identifier), ":", field("type", $.type)),
};
