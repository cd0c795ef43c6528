/**
 * Writes the TextMate grammars. Their words are those of `keywords.json`, which is written from the compiler's list.
 *
 * Most words are keywords in some places and names in others. Without a parser a word is taken for a keyword by
 * what stands around it: nothing that only follows a name may follow, and no dot may stand before. With a language
 * server its tokens correct this.
 */

import { readFileSync, writeFileSync } from "node:fs";

const read = (path) => JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));
const keywords = read("../../tree-sitter-cpg/keywords.json");

const any = (words) => `(?:${[...words].sort().join("|")})`;
const name = "(?:[A-Za-z_][A-Za-z0-9_]*|`[^`\\r\\n]+`)";
/** Neither a column of something, nor what is declared, called, compared or listed. */
const asWord = (words, unless) => `(?<![.\\w\`])${any(words)}\\b(?!\\s*${unless})`;

const clauses = Object.values(keywords.clauses).flat();
/** These end what they stand in, so nothing need follow them. */
const closing = ["asc", "desc", "distinct", "error", "warn", "all"];
const relations = keywords.items.filter((item) => !["use", "const", "fn", "export", "check"].includes(item));

const pattern = (match, ...names) => ({
  match,
  ...(names.length === 1
    ? { name: `${names[0]}.cpg` }
    : {
        captures: Object.fromEntries(
          names.flatMap((name, index) => (name ? [[index + 1, { name: `${name}.cpg` }]] : [])),
        ),
      }),
});
const include = (...names) => names.map((name) => ({ include: `#${name}` }));

const grammar = {
  $schema: "https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json",
  name: "cpg",
  scopeName: "source.cpg",
  fileTypes: ["cpg"],
  patterns: include("comments", "columns", "items", "expressions"),
  repository: {
    comments: {
      patterns: [
        pattern("//!.*$", "comment.line.documentation"),
        pattern("///(?!/).*$", "comment.line.documentation"),
        pattern("//.*$", "comment.line.double-slash"),
        { include: "#block-comment" },
      ],
    },
    "block-comment": {
      name: "comment.block.cpg",
      begin: "/\\*",
      end: "\\*/",
      patterns: [{ include: "#block-comment" }],
    },
    // `schema` and `evidence`: columns and their types up to the brace.
    columns: {
      begin: `^(schema|evidence)\\s+(${name})`,
      beginCaptures: {
        1: { name: "keyword.declaration.cpg" },
        2: { name: "entity.name.type.cpg" },
      },
      end: `\\}|(?=^(?:${any(keywords.items)})\\b)`,
      endCaptures: { 0: { name: "punctuation.section.block.cpg" } },
      patterns: [
        ...include("comments"),
        pattern("\\b(from)\\s+(extractor)\\s+([\\w.]+)", "keyword.other", "keyword.other", "entity.name.namespace"),
        pattern(`(${name})\\s*(:)`, "variable.other.property", "punctuation.separator.colon"),
        ...include("types", "strings", "names"),
        pattern("\\{", "punctuation.section.block"),
      ],
    },
    types: {
      patterns: [
        pattern("\\b[A-Za-z_][A-Za-z0-9_]*\\b", "support.type"),
        pattern("\\d+", "constant.numeric.integer"),
        pattern("[<>?]", "keyword.operator.type"),
      ],
    },
    items: {
      patterns: [
        {
          begin: "^(use)\\b",
          beginCaptures: { 1: { name: "keyword.control.import.cpg" } },
          end: "(?=^[^\\s}])",
          patterns: [
            ...include("comments"),
            pattern("\\bas\\b", "keyword.other"),
            pattern(`${name}(?=\\s*\\.)`, "entity.name.namespace"),
            pattern("[.,{}]", "punctuation.separator"),
            pattern(name, "entity.name.type"),
          ],
        },
        pattern(`^(const)\\s+(${name})`, "keyword.declaration", "constant.other"),
        pattern(`^(fn)\\s+(${name})`, "keyword.declaration", "entity.name.function"),
        pattern(
          `^(${any(relations)})\\s+(${name})(?:\\s*(:)\\s*(${name}))?`,
          "keyword.declaration",
          "entity.name.type",
          "punctuation.separator.colon",
          "support.type",
        ),
        pattern("^(export)\\b", "keyword.control.export"),
        pattern(`^(check)\\b(?:\\s+(${any(keywords.clauses.check)})\\b)?`, "keyword.declaration", "keyword.other"),
        pattern(`(@)\\s*(${name})`, "punctuation.definition.annotation", "storage.type.annotation"),
        pattern(`^${any(keywords.items)}\\b`, "keyword.declaration"),
      ],
    },
    expressions: {
      patterns: include(
        "comments",
        "strings",
        "numbers",
        "sources",
        "words",
        "calls",
        "parameters",
        "fields",
        "operators",
        "names",
      ),
    },
    strings: {
      patterns: [
        {
          name: "string.quoted.double.cpg",
          begin: '"',
          end: '"|$',
          patterns: [
            pattern("\\\\(?:[nt\\\\\"]|u\\{[0-9a-fA-F]{1,6}\\})", "constant.character.escape"),
            pattern("\\\\.", "invalid.illegal.escape"),
          ],
        },
      ],
    },
    numbers: {
      patterns: [
        pattern("\\b\\d[\\d_]*(?:\\.\\d[\\d_]*(?:[eE][+-]?\\d+)?|[eE][+-]?\\d+)\\b", "constant.numeric.float"),
        pattern("\\b\\d[\\d_]*\\b", "constant.numeric.integer"),
      ],
    },
    // A row source: the relation, and what it is called.
    sources: {
      patterns: [
        pattern(
          `(?<![.\\w])(from|to|via|join|expect)\\s+(?!extractor\\b)(${name})(?:\\s+(as)\\s+(${name}))?`,
          "keyword.other",
          "entity.name.type",
          "keyword.other",
          "variable.parameter",
        ),
        pattern(`(->)\\s*(${name})`, "keyword.operator.arrow", "entity.name.type"),
      ],
    },
    words: {
      patterns: [
        pattern(asWord(["true", "false", "null"], "[:]"), "constant.language"),
        pattern(asWord(["if", "then", "else", "case"], ":"), "keyword.control.conditional"),
        pattern(asWord(["and", "or", "not", "in", "is", "between"], "[:,}]"), "keyword.operator.word"),
        pattern(asWord(keywords.operators, "(?:[:,})=]|$)"), "keyword.operator.word"),
        pattern(asWord(closing, "[:.(=]"), "keyword.other"),
        // A clause needs something behind it that is no operator.
        pattern(
          asWord(
            [...clauses, ...keywords.inner].filter((word) => !closing.includes(word)),
            "(?:[:.,)}=<>!+*/%?|-]|\\(?$|\\b(?:and|or|is|in|not|asc|desc)\\b)",
          ),
          "keyword.other",
        ),
      ],
    },
    calls: { patterns: [pattern("\\b[A-Za-z_]\\w*(?=\\()", "entity.name.function")] },
    parameters: {
      patterns: [
        pattern(
          `(${name})\\s*(:)\\s*((?:Offset|Line|Col|Id|List)<[^>]*>\\??)`,
          "variable.parameter",
          "punctuation.separator.colon",
          "support.type",
        ),
        pattern(`(${name})\\s*(:)`, "variable.other.property", "punctuation.separator.colon"),
      ],
    },
    fields: {
      patterns: [pattern(`(\\.)\\s*(${name})`, "punctuation.accessor", "variable.other.property")],
    },
    operators: {
      patterns: [
        pattern("==|!=|<=|>=|\\?\\?|->|=>|\\.\\.|[-+*/%<>=|?]", "keyword.operator"),
        pattern("[{}()]", "punctuation.section"),
        pattern("[,.:]", "punctuation.separator"),
      ],
    },
    names: { patterns: [pattern(name, "variable.other")] },
  },
};

/** Programs in Markdown. */
const markdown = {
  scopeName: "markdown.cpg.codeblock",
  injectionSelector: "L:text.html.markdown",
  patterns: [
    {
      begin: "(^|\\G)(\\s*)(`{3,}|~{3,})\\s*(?i:(cpg)(\\s[^`]*)?$)",
      end: "(^|\\G)(\\2|\\s{0,3})(\\3)\\s*$",
      name: "markup.fenced_code.block.markdown",
      beginCaptures: {
        3: { name: "punctuation.definition.markdown" },
        4: { name: "fenced_code.block.language" },
      },
      endCaptures: { 3: { name: "punctuation.definition.markdown" } },
      patterns: [
        {
          begin: "(^|\\G)(\\s*)(.*)",
          while: "(^|\\G)(?!\\s*([`~]{3,})\\s*$)",
          contentName: "meta.embedded.block.cpg",
          patterns: [{ include: "source.cpg" }],
        },
      ],
    },
  ],
};

const files = { "cpg.tmLanguage.json": grammar, "markdown.tmLanguage.json": markdown };
const folder = new URL("../syntaxes/", import.meta.url);
let stale = false;
for (const [file, content] of Object.entries(files)) {
  const text = `${JSON.stringify(content, null, 2)}\n`;
  const path = new URL(file, folder);
  if (process.argv.includes("--check")) {
    let found = "";
    try {
      found = readFileSync(path, "utf8");
    } catch {
      // It is not there, so it is not current.
    }
    if (found !== text) {
      stale = true;
      console.error(`syntaxes/${file} is not what scripts/textmate.mjs writes; \`npm run generate\` does`);
    }
  } else {
    writeFileSync(path, text);
  }
}
process.exitCode = stale ? 1 : 0;
