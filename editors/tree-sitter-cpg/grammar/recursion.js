/** `fixpoint` and `closure`. */

const { instance } = require("./template");

module.exports.items = {
  fixpoint: ($) =>
    seq(
      field("name", $.identifier),
      "bound",
      field("bound", $.integer),
      "{",
      repeat(alias($._member, $.view_item)),
      "}",
    ),
  closure: ($) =>
    seq(
      field("name", $.identifier),
      "over",
      field("over", $.row_source),
      optional($.where_clause),
      "{",
      "from",
      field("from", $.identifier),
      "to",
      field("to", $.identifier),
      optional(","),
      optional($.depth_limit),
      "}",
    ),
};

module.exports.rules = {
  // A view in braces begins anywhere on its line but at its start, and so do its attributes.
  _member: ($) =>
    seq(
      repeat(alias($._member_attribute, $.attribute)),
      "view",
      field("name", $.identifier),
      choice($._view, instance($)),
    ),
  _member_attribute: ($) => seq("@", $._attribute),
  depth_limit: ($) => seq("depth", "<=", $.integer, optional(",")),
};
