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

export async function run(): Promise<void> {
  const results: { name: string; problem?: string }[] = [];
  for (const [name, check] of tests) {
    try {
      await check();
      results.push({ name });
    } catch (error) {
      results.push({ name, problem: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  }
  tell("results.json", JSON.stringify(results));
}
