// What the grammar cannot say: block comments, which nest; the text of strings; columns that are called as operators
// are; and where items begin.
//
// As for the compiler, an item begins with its keyword at the beginning of a line, and nowhere else but behind its
// attributes. So a broken item ends where the next one begins.

#include "tree_sitter/parser.h"

#include <string.h>

#include "items.h"

// In the order of `externals` in grammar.js.
enum Token {
  BLOCK_COMMENT,
  STRING_CONTENT,
  TEXT_BLOCK_CONTENT,
  COLUMN_WORD,
  ATTRIBUTE_SIGN,
  BEHIND_ATTRIBUTE,
  STRANGER,
  FIRST_ITEM,
};

void *tree_sitter_cpg_external_scanner_create(void) { return NULL; }
void tree_sitter_cpg_external_scanner_destroy(void *payload) { (void)payload; }
unsigned tree_sitter_cpg_external_scanner_serialize(void *payload, char *buffer) {
  (void)payload;
  (void)buffer;
  return 0;
}
void tree_sitter_cpg_external_scanner_deserialize(void *payload, const char *buffer, unsigned length) {
  (void)payload;
  (void)buffer;
  (void)length;
}

static bool is_letter(int32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_word(int32_t c) { return is_letter(c) || (c >= '0' && c <= '9'); }

static bool found(TSLexer *lexer, unsigned symbol) {
  lexer->result_symbol = (TSSymbol)symbol;
  return true;
}

// Behind `/`. A comment without its end is none.
static bool block_comment(TSLexer *lexer) {
  if (lexer->lookahead != '*') return false;
  lexer->advance(lexer, false);
  for (unsigned depth = 1; depth > 0;) {
    int32_t c = lexer->lookahead;
    if (lexer->eof(lexer)) return false;
    lexer->advance(lexer, false);
    if (c == '*' && lexer->lookahead == '/') {
      lexer->advance(lexer, false);
      depth--;
    } else if (c == '/' && lexer->lookahead == '*') {
      lexer->advance(lexer, false);
      depth++;
    }
  }
  lexer->mark_end(lexer);
  return found(lexer, BLOCK_COMMENT);
}

static bool string_content(TSLexer *lexer) {
  bool some = false;
  for (;; some = true) {
    int32_t c = lexer->lookahead;
    if (c == '"' || c == '\\' || c == '\n' || c == '\r' || lexer->eof(lexer)) break;
    lexer->advance(lexer, false);
  }
  lexer->mark_end(lexer);
  return some && found(lexer, STRING_CONTENT);
}

// Up to the three quotes that end it.
static bool text_block_content(TSLexer *lexer) {
  bool some = false;
  for (unsigned quotes = 0; !lexer->eof(lexer);) {
    bool quote = lexer->lookahead == '"';
    if (quote && quotes == 0) lexer->mark_end(lexer);
    quotes = quote ? quotes + 1 : 0;
    if (quotes == 3) return some && found(lexer, TEXT_BLOCK_CONTENT);
    if (!quote) some = true;
    lexer->advance(lexer, false);
  }
  return false;
}

static bool is_blank(int32_t c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Reads a word. Gives the number of the item that it begins, or -1.
static int item_word(TSLexer *lexer) {
  char word[LONGEST_ITEM_WORD + 1];
  unsigned length = 0;
  for (; is_word(lexer->lookahead); lexer->advance(lexer, false)) {
    if (length <= LONGEST_ITEM_WORD) word[length++] = (char)lexer->lookahead;
  }
  lexer->mark_end(lexer);
  for (unsigned i = 0; i < sizeof ITEM_WORDS / sizeof *ITEM_WORDS; i++) {
    if (strlen(ITEM_WORDS[i]) == length && memcmp(ITEM_WORDS[i], word, length) == 0) return (int)i;
  }
  return -1;
}

// Whether what follows a word makes it the name of a column.
static bool names_column(TSLexer *lexer) {
  while (is_blank(lexer->lookahead)) lexer->advance(lexer, false);
  int32_t c = lexer->lookahead;
  return c == ':' || c == ',' || c == '}';
}

bool tree_sitter_cpg_external_scanner_scan(void *payload, TSLexer *lexer, const bool *valid_symbols) {
  (void)payload;
  bool recovering = valid_symbols[STRANGER];
  if (valid_symbols[STRING_CONTENT] && !recovering) return string_content(lexer);

  if (valid_symbols[TEXT_BLOCK_CONTENT] && !recovering) return text_block_content(lexer);

  bool skipped = false, starts_line = false;
  for (; is_blank(lexer->lookahead); skipped = true) {
    starts_line = lexer->lookahead == '\n' || lexer->lookahead == '\r';
    lexer->advance(lexer, true);
  }
  int32_t c = lexer->lookahead;
  if (c == '/') {
    lexer->advance(lexer, false);
    return block_comment(lexer);
  }
  if (c != '@' && !is_letter(c)) return false;
  if (!skipped) starts_line = lexer->get_column(lexer) == 0;
  bool may_begin = starts_line || (valid_symbols[BEHIND_ATTRIBUTE] && !recovering);
  if (c == '@') {
    if (!may_begin) return false;
    lexer->advance(lexer, false);
    lexer->mark_end(lexer);
    return found(lexer, ATTRIBUTE_SIGN);
  }
  bool may_name = valid_symbols[COLUMN_WORD] && !recovering;
  if (!may_begin && !may_name) return false;
  int item = item_word(lexer);
  if (may_begin && item >= 0) return found(lexer, FIRST_ITEM + (unsigned)item);
  if (starts_line) return found(lexer, STRANGER);
  return may_name && names_column(lexer) && found(lexer, COLUMN_WORD);
}
