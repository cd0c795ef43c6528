/** Names, literals and comments; `src/scanner.c` finds the others. */

module.exports = {
  identifier: ($) => choice($._word, $._quoted_name),
  _word: () => /[A-Za-z_][A-Za-z0-9_]*/,
  _quoted_name: () => /`[^`\r\n]+`/,

  string: ($) =>
    seq('"', repeat(choice($._string_content, $.escape_sequence)), token.immediate('"')),
  escape_sequence: () => token.immediate(/\\([nt\\"]|u\{[0-9a-fA-F]{1,6}\})/),

  // Of several lines, without escapes.
  text_block: ($) => seq('"""', optional($.text_block_content), '"""'),

  _number: ($) => choice($.integer, $.decimal),
  integer: () => /[0-9][0-9_]*/,
  decimal: () => /[0-9][0-9_]*(\.[0-9][0-9_]*([eE][+-]?[0-9]+)?|[eE][+-]?[0-9]+)/,

  module_comment: () => token(prec(2, /\/\/![^\r\n]*/)),
  doc_comment: () => token(prec(2, /\/\/\/([^\/\r\n][^\r\n]*)?/)),
  line_comment: () => token(prec(1, /\/\/[^\r\n]*/)),
};
