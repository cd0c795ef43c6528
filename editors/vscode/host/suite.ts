/** Runs inside VS Code's extension host, on a copy of the example. */

import assert from "node:assert/strict";
import { existsSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as vscode from "vscode";

/** Where the driver looks for results and wishes. */
const scratch = process.env.SUITE ?? ".";

const tests: [string, () => Promise<void>][] = [];
const test = (name: string, check: () => Promise<void>) => tests.push([name, check]);

/** Written whole, so that the driver never reads half of it. */
function tell(file: string, text: string): string {
  const to = path.join(scratch, file);
  writeFileSync(`${to}.partial`, text);
  renameSync(`${to}.partial`, to);
  return to;
}

/** Lets the driver take a picture of the window. */
async function picture(name: string): Promise<void> {
  await sleep(500);
  const wish = tell("picture", name);
  while (existsSync(wish)) await sleep(50);
}

async function until<T>(what: string, find: () => T | undefined | PromiseLike<T | undefined>): Promise<T> {
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(100)) {
    const found = await find();
    if (found) return found;
  }
  throw new Error(`${what}: not within a minute`);
}

const folder = vscode.workspace.workspaceFolders?.[0];
assert(folder);
const file = (name: string) => vscode.Uri.joinPath(folder.uri, name);

async function open(name: string): Promise<vscode.TextEditor> {
  return vscode.window.showTextDocument(await vscode.workspace.openTextDocument(file(name)));
}

test("a program has its language, and wakes the extension", async () => {
  const { document } = await open("shop.cpg");
  assert.equal(document.languageId, "cpg");
  const extension = vscode.extensions.getExtension("cpglang.cpglang");
  assert(extension);
  await until("activation", () => extension.isActive);
});

test("every command is there", async () => {
  const known = await vscode.commands.getCommands(true);
  for (const command of ["build", "check", "lineage", "restart"]) assert(known.includes(`cpglang.${command}`), command);
});

test("check and build are tasks", async () => {
  const found = await vscode.tasks.fetchTasks({ type: "cpglang" });
  assert.deepEqual(found.map((task) => task.name).sort(), ["build", "check"]);
  for (const task of found) assert.deepEqual(task.problemMatchers, ["$cpglang"]);
});

test("a program is highlighted", async () => {
  await open("shop.cpg");
  await vscode.commands.executeCommand("notifications.clearAll");
  await picture("editor");
});

/** Where a text stands in the document that is shown. */
function place(document: vscode.TextDocument, text: string, behind = 0): vscode.Position {
  const at = document.getText().indexOf(text);
  assert(at >= 0, text);
  return document.positionAt(at + behind);
}

test("a mistake is told once while it is typed, and gone when it is mended", async () => {
  const editor = await open("shop.cpg");
  const { uri } = editor.document;
  await editor.edit((edit) => edit.insert(place(editor.document, "test.def_id ==", 11), "d"));
  const found = await until("the mistake", () => {
    const told = vscode.languages.getDiagnostics(uri);
    return told.length > 0 ? told : undefined;
  });
  await sleep(1000);
  assert.equal(vscode.languages.getDiagnostics(uri).length, found.length, "told and asked for");
  assert.match(found[0]?.message ?? "", /no column `def_idd`/);
  await picture("mistake");
  await vscode.commands.executeCommand("undo");
  await until("no mistake", () => (vscode.languages.getDiagnostics(uri).length === 0 ? true : undefined));
});

test("names say what they are, and what may stand there is offered", async () => {
  const { document } = await open("shop.cpg");
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
    "vscode.executeHoverProvider",
    document.uri,
    place(document, "relate tests", 8),
  );
  const said = hovers.flatMap(({ contents }) => contents as vscode.MarkdownString[]).map(({ value }) => value);
  assert.match(said.join(), /exercises what it calls/);
  const offered = await vscode.commands.executeCommand<vscode.CompletionList>(
    "vscode.executeCompletionItemProvider",
    document.uri,
    place(document, "d.qualified_name", 2),
  );
  assert(offered.items.some(({ label }) => label === "start_line"));
});

test("the line above a test runs it", async () => {
  const { document } = await open("shop.cpg");
  const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
    "vscode.executeCodeLensProvider",
    document.uri,
    100,
  );
  const lens = lenses.find(({ command }) => command?.title === "run test");
  assert(lens?.command, JSON.stringify(lenses.map(({ command }) => command?.title)));
  const answer = await vscode.commands.executeCommand(lens.command.command, ...(lens.command.arguments ?? []));
  assert.deepEqual(answer, { passed: true });
});

test("lineage is drawn beside the program", async () => {
  await open("shop.cpg");
  await vscode.commands.executeCommand("cpglang.lineage", "unused_definition");
  const isShown = (tab: vscode.Tab) => tab.label === "Lineage: unused_definition";
  await until("the drawing", () => vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).find(isShown));
  await sleep(3000);
  await picture("lineage");
});

export async function run(): Promise<void> {
  const results: { name: string; problem?: string }[] = [];
  for (const [name, check] of tests) {
    try {
      await check();
      results.push({ name });
    } catch (error) {
      results.push({ name, problem: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
    tell("so-far.json", JSON.stringify(results));
  }
  tell("results.json", JSON.stringify(results));
}
