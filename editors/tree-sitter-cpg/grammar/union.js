/** `union`. */

const { commaList1, commaSep1 } = require("./shapes");

module.exports.items = {
  union: ($) =>
    seq(
      field("name", $.identifier),
      ":",
      field("schema", alias($.identifier, $.type_identifier)),
      "of",
      choice($.emitted, $.relations),
      optional(seq("by", field("by", $.identifier))),
      optional($.fuse_clause),
    ),
};

module.exports.rules = {
  emitted: ($) =>
    seq(choice("nodes", "edges", "props"), "in", choice("*", commaSep1($.dotted_name))),
  relations: ($) => commaList1(choice($.identifier, alias($._emitted_name, $.identifier))),
  _emitted_name: () => choice("nodes", "edges", "props"),
  fuse_clause: ($) => seq("fuse", "per", commaList1(field("per", $.identifier)), $.named_block),
};
