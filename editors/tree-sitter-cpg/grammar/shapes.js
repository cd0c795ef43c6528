/** Shapes that many rules have. */

/** One or more, with commas between them. */
const commaSep1 = (rule) => seq(rule, repeat(seq(",", rule)));

/** The same, and perhaps a comma behind the last. */
const commaList1 = (rule) => seq(commaSep1(rule), optional(","));

/** What the scanner calls the keyword of an item. */
const itemWord = (word) => `_${word}_word`;

/** Clauses in braces, each with a comma behind it or none. */
const clauses = (rule) => seq("{", repeat(seq(rule, optional(","))), "}");

module.exports = { clauses, commaList1, commaSep1, itemWord };
