/** `template`, and the items that are made with one. */

const { commaList1 } = require("./shapes");

/** What an item is made with. */
const instance = ($) =>
  seq("=", field("template", $.identifier), alias($._template_arguments, $.arguments));

module.exports.instance = instance;

module.exports.items = {
  template: ($) =>
    choice(
      seq("normalize", field("name", $.identifier), $.parameters, choice($._template_normalize, instance($))),
      seq("relate", field("name", $.identifier), $.parameters, choice($._template_relate, instance($))),
      seq("view", field("name", $.identifier), $.parameters, choice($._template_view, instance($))),
    ),
};

module.exports.rules = {
  _template_arguments: ($) => seq("(", optional(commaList1(choice($._expression, $.named_argument))), ")"),
  named_argument: ($) => seq(field("name", $.identifier), ":", field("value", $._expression)),
};
