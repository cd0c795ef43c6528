/**
 * The tree-sitter grammar of the cpg language, for editors: highlighting, folding, indentation and scopes.
 *
 * It says the same as `grammar/cpg.pest`, and tests hold it to what `cpg_syntax` makes of the same programs.
 * The words that are keywords come from `keywords.json`, which is written from the compiler's own list.
 * A new kind of item is its rules, in a file of `grammar/`.
 */

/// <reference types="tree-sitter-cli/dsl" />

const keywords = require("./keywords.json");
const { itemWord } = require("./grammar/shapes");

const parts = [
  "declarations",
  "normalize",
  "relate",
  "union",
  "view",
  "recursion",
  "check",
  "test",
  "template",
  "policy",
].map((part) => require(`./grammar/${part}`));

/** The rules of each kind of item, by its keyword. */
const items = Object.assign({}, ...parts.map((part) => part.items));
const stray = [
  ...keywords.items.filter((word) => !(word in items)),
  ...Object.keys(items).filter((word) => !keywords.items.includes(word)),
];
if (stray.length > 0) {
  throw new Error(`keywords.json and the grammar disagree about these items: ${stray.join(", ")}`);
}

module.exports = grammar({
  name: "cpg",

  word: ($) => $._word,

  extras: ($) => [/[ \t\r\n]/, $.module_comment, $.doc_comment, $.line_comment, $.block_comment],

  // `src/scanner.c` finds them, and knows them by this order.
  externals: ($) => [
    $.block_comment,
    $._string_content,
    $.text_block_content,
    $._column_word,
    $._attribute_sign,
    // Allowed only behind an attribute, where an item may begin anywhere on a line; never found.
    $._behind_attribute,
    // A word at the beginning of a line that begins no item; allowed nowhere.
    $._stranger,
    ...keywords.items.map((word) => $[itemWord(word)]),
  ],

  conflicts: ($) => parts.flatMap((part) => (part.conflicts ? part.conflicts($) : [])),

  rules: {
    source_file: ($) => repeat($._item),
    _item: ($) => choice(...keywords.items.map((word) => $[`${word}_item`])),
    ...Object.fromEntries(
      Object.entries(items).map(([word, rest]) => [
        `${word}_item`,
        ($) => seq(optional($._attributes), alias($[itemWord(word)], word), rest($)),
      ]),
    ),
    ...Object.assign({}, ...parts.map((part) => part.rules)),
    ...require("./grammar/expressions"),
    ...require("./grammar/common"),
    ...require("./grammar/tokens"),
  },
});
