import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { createOnigScanner, createOnigString, loadWASM } from "vscode-oniguruma";
import { INITIAL, parseRawGrammar, Registry, type IGrammar } from "vscode-textmate";

const here = path.resolve(__dirname, "../..");
const grammarFile = path.join(here, "syntaxes/cpg.tmLanguage.json");

async function grammar(): Promise<IGrammar> {
  const wasm = path.join(path.dirname(require.resolve("vscode-oniguruma")), "onig.wasm");
  await loadWASM(readFileSync(wasm).buffer as ArrayBuffer);
  const registry = new Registry({
    onigLib: Promise.resolve({ createOnigScanner, createOnigString }),
    loadGrammar: async () => parseRawGrammar(readFileSync(grammarFile, "utf8"), grammarFile),
  });
  const loaded = await registry.loadGrammar("source.cpg");
  assert(loaded);
  return loaded;
}
const loaded = grammar();

/** Every piece of a text with the innermost of its scopes, blank ones left out. */
async function scopes(text: string): Promise<[string, string][]> {
  const grammar = await loaded;
  let state = INITIAL;
  return text.split("\n").flatMap((line) => {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, state);
    state = ruleStack;
    return tokens.flatMap(({ startIndex, endIndex, scopes }) => {
      const piece = line.slice(startIndex, endIndex).trim();
      const scope = scopes.at(-1)?.replace(/\.cpg$/, "") ?? "";
      return piece ? [[piece, scope] as [string, string]] : [];
    });
  });
}

async function expects(text: string, expected: Record<string, string | string[]>): Promise<void> {
  const found = await scopes(text);
  for (const [piece, scope] of Object.entries(expected)) {
    const all = found.filter(([text]) => text === piece).map(([, scope]) => scope);
    assert.deepEqual(all, [scope].flat(), `\`${piece}\` in ${JSON.stringify(found)}`);
  }
}

test("clauses of an entity, and columns of the same names", () =>
  expects(
    `/// A call.
@tag(core)
normalize call from cst_calls as c {
  id call_id in "py_call"
  span c.start .. c.end
  keep name, text,
    key
  text clean = c.text nfc
  key def_id -> def at c.a .. c.b unless c.kind is null
  node "CALL" { name, text, key: c.key }
}`,
    {
      "/// A call.": "comment.line.documentation",
      tag: "storage.type.annotation",
      normalize: "keyword.declaration",
      call: "entity.name.type",
      id: "keyword.other",
      call_id: "variable.other",
      span: "keyword.other",
      keep: "keyword.other",
      text: ["variable.other", "keyword.other", "variable.other.property", "variable.other"],
      key: ["variable.other", "keyword.other", "variable.other.property", "variable.other.property"],
      def: "entity.name.type",
      at: "keyword.other",
      unless: "keyword.other",
      is: "keyword.operator.word",
      null: "constant.language",
      node: "keyword.other",
    },
  ));

test("clauses of a relation, and columns of the same names", () =>
  expects(
    `relate calls from call as c to def as d via other as o {
  on c.score == d.score and c.span overlaps o.span
  require score > 3 and not on
  score if d.kind == "class" then 1_000 else 2.5e3
  feature near = c.on == d.on weight 20
  rank per c.call_id by score desc, d.span.start asc keep all
  edge "CALLS" { score, overlaps: c.x }
}`,
    {
      relate: "keyword.declaration",
      calls: "entity.name.type",
      to: "keyword.other",
      via: "keyword.other",
      other: "entity.name.type",
      o: ["variable.parameter", "variable.other"],
      on: ["keyword.other", "variable.other", "variable.other.property", "variable.other.property"],
      score: [
        "variable.other.property",
        "variable.other.property",
        "variable.other",
        "keyword.other",
        "variable.other",
        "variable.other",
      ],
      overlaps: ["keyword.operator.word", "variable.other.property"],
      then: "keyword.control.conditional",
      "1_000": "constant.numeric.integer",
      "2.5e3": "constant.numeric.float",
      weight: "keyword.other",
      desc: "keyword.other",
      keep: "keyword.other",
      all: "keyword.other",
    },
  ));

test("schemas, functions and uses", () =>
  expects(
    `use std.graph.{Node, Edge as E}
use std.files.file
schema Part {
  /// Its id.
  view: Offset<byte>?
  from: string
}
fn size(a: int) -> int = a + 1
const MOST = 10
union all: Node of nodes in * by kind
export all, other
check unique all(node_id) severity warn`,
    {
      use: ["keyword.control.import", "keyword.control.import"],
      std: ["entity.name.namespace", "entity.name.namespace"],
      Edge: "entity.name.type",
      E: "entity.name.type",
      schema: "keyword.declaration",
      Part: "entity.name.type",
      view: "variable.other.property",
      from: "variable.other.property",
      Offset: "support.type",
      size: "entity.name.function",
      MOST: "constant.other",
      Node: ["entity.name.type", "support.type"],
      unique: "keyword.other",
      severity: "keyword.other",
      warn: "keyword.other",
    },
  ));

test("views, comments and strings", () =>
  expects(
    `view v =
    from a as b // first
    left join c on b.x == c.y
    where b.left in ("from \\n \\q", "/* no comment */")
    select { b.x, distinct: 1 }
    distinct
  | from a /* nested /* twice */ still */ sort x desc limit 10`,
    {
      view: "keyword.declaration",
      "// first": "comment.line.double-slash",
      left: ["keyword.other", "variable.other.property"],
      join: "keyword.other",
      c: ["entity.name.type", "variable.other"],
      "\\n": "constant.character.escape",
      "\\q": "invalid.illegal.escape",
      distinct: ["variable.other.property", "keyword.other"],
      still: "comment.block",
      limit: "keyword.other",
    },
  ));

test("every keyword of the compiler begins an item here", async () => {
  const file = path.join(here, "../tree-sitter-cpg/keywords.json");
  const keywords = JSON.parse(readFileSync(file, "utf8")) as { items: string[] };
  for (const item of keywords.items) {
    const [first] = await scopes(`${item} x`);
    assert.match(first?.[1] ?? "", /^keyword\./, item);
  }
});
