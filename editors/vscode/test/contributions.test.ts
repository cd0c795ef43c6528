import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

const here = path.resolve(__dirname, "../..");
const read = (file: string) => JSON.parse(readFileSync(path.join(here, file), "utf8"));
const { contributes, version } = read("package.json");

test("every file that is contributed is there", () => {
  const files = [...contributes.languages.map((l: any) => l.configuration), ...contributes.grammars.map((g: any) => g.path)];
  for (const file of files) assert(existsSync(path.join(here, file)), file);
});

test("every command is registered, and every setting is read", () => {
  const source = ["extension", "settings", "client"].map((file) => readFileSync(path.join(here, `src/${file}.ts`), "utf8"));
  for (const { command } of contributes.commands) assert(source[0]?.includes(`"${command}"`), command);
  const settings = Object.keys(contributes.configuration.properties).map((name) => name.replace("cpglang.", ""));
  // The client library reads the first; the server asks for the others.
  const others = ["trace.server", "typeHints", "joinHints", "granularityHints", "lenses", "planOnSave"];
  for (const name of settings.filter((name) => !others.includes(name))) {
    assert(source.some((text) => text.includes(`"${name}"`)), name);
  }
});

test("the version is that of cpglang", () => {
  const manifest = readFileSync(path.join(here, "../../Cargo.toml"), "utf8");
  assert.equal(version, /^version = "(.*)"$/m.exec(manifest)?.[1]);
});

test("the problem matcher reads what `check` prints, in both drawings", () => {
  const [first, second] = contributes.problemMatchers[0].pattern;
  for (const corner of [",-", "╭─"]) {
    const said = new RegExp(first.regexp).exec("  error[unknown-column]: `test` has no column `def_idd`");
    const where = new RegExp(second.regexp).exec(`    ${corner}[models/shop.cpg:9:11]`);
    assert(said && where);
    const found = [said[first.severity], said[first.code], said[first.message]];
    assert.deepEqual(found, ["error", "unknown-column", "`test` has no column `def_idd`"]);
    assert.deepEqual([where[second.file], where[second.line], where[second.column]], ["models/shop.cpg", "9", "11"]);
  }
  assert.equal(new RegExp(first.regexp).exec("no errors in 1 file"), null);
});

test("words and indentation follow the language", () => {
  const { wordPattern, indentationRules } = read("language-configuration.json");
  assert.deepEqual("c.`a b` == d_1".match(new RegExp(wordPattern, "g")), ["c", "`a b`", "d_1"]);
  const indents = new RegExp(indentationRules.increaseIndentPattern);
  for (const line of ["schema A {", "view v =", "  select { // names", "  require in ("]) assert(indents.test(line), line);
  for (const line of ["}", "  where a = b", "const A = 1", "  select { a }"]) assert(!indents.test(line), line);
  const dedents = new RegExp(indentationRules.decreaseIndentPattern);
  assert(dedents.test("  }") && !dedents.test("  where a"));
});
