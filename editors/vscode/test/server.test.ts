/** The language server, asked as the client of the extension asks it. `CPGLANG` names the program. */

import assert from "node:assert/strict";
import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import {
  CompletionRequest,
  ConfigurationRequest,
  createProtocolConnection,
  DefinitionRequest,
  DidChangeTextDocumentNotification,
  DidOpenTextDocumentNotification,
  DocumentFormattingRequest,
  ExitNotification,
  HoverRequest,
  InitializedNotification,
  InitializeRequest,
  PublishDiagnosticsNotification,
  RegistrationRequest,
  RenameRequest,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
  WorkDoneProgressCreateRequest,
  type CompletionItem,
  type Diagnostic,
  type Location,
  type ProtocolConnection,
} from "vscode-languageserver-protocol/node";

const program = process.env.CPGLANG ?? "cpglang";
const serves = spawnSync(program, ["lsp", "--help"]).status === 0;
const required = (process.env.CPGLANG_TEST_REQUIRE ?? "").includes("lsp");
const skip = !serves && !required && `\`${program} lsp\` is not there`;

const TEXT = `use std.python.definitions.def

/// Functions by name.
view named =
  from def as d
  where d.nmae == "main"
  select { d.name, d.path }

view again = from named as n select { n.name }
`;

let server: ChildProcessWithoutNullStreams;
let connection: ProtocolConnection;
let folder: string;
let uri: string;
let version = 1;
const published: { version: number | undefined; diagnostics: Diagnostic[] }[] = [];

/** Where a text stands in the program, so many characters behind its beginning. */
function place(text: string, behind = 0) {
  const at = TEXT.indexOf(text) + behind;
  const lines = TEXT.slice(0, at).split("\n");
  return { textDocument: { uri }, position: { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 } };
}

async function until<T>(what: string, find: () => T | undefined): Promise<T> {
  for (const end = Date.now() + 60_000; Date.now() < end; await new Promise((r) => setTimeout(r, 20))) {
    const found = find();
    if (found !== undefined) return found;
  }
  throw new Error(`${what}: not within a minute`);
}

before(async () => {
  if (skip) return;
  folder = mkdtempSync(path.join(tmpdir(), "cpglang-server-"));
  const file = path.join(folder, "shop.cpg");
  writeFileSync(file, TEXT);
  uri = pathToFileURL(file).toString();
  server = spawn(program, ["lsp"], { cwd: folder });
  server.stderr.resume();
  connection = createProtocolConnection(new StreamMessageReader(server.stdout), new StreamMessageWriter(server.stdin));
  connection.onNotification(PublishDiagnosticsNotification.type, (params) => {
    if (params.uri === uri) published.push({ version: params.version, diagnostics: params.diagnostics });
  });
  // What the server asks of an editor: settings, watchers, progress.
  connection.onRequest(ConfigurationRequest.type, ({ items }) => items.map(() => null));
  connection.onRequest(RegistrationRequest.type, () => undefined);
  connection.onRequest(WorkDoneProgressCreateRequest.type, () => undefined);
  connection.listen();
  const root = pathToFileURL(folder).toString();
  const { capabilities } = await connection.sendRequest(InitializeRequest.type, {
    processId: process.pid,
    rootUri: root,
    workspaceFolders: [{ uri: root, name: "shop" }],
    capabilities: {
      general: { positionEncodings: ["utf-16"] },
      textDocument: { publishDiagnostics: { versionSupport: true }, rename: {}, completion: {} },
      workspace: { workspaceFolders: true, configuration: true },
    },
  });
  assert(capabilities.hoverProvider && capabilities.renameProvider && capabilities.documentFormattingProvider);
  await connection.sendNotification(InitializedNotification.type, {});
  await connection.sendNotification(DidOpenTextDocumentNotification.type, {
    textDocument: { uri, languageId: "cpg", version, text: TEXT },
  });
});

after(async () => {
  if (skip) return;
  await connection.sendRequest(ShutdownRequest.type);
  const exited = new Promise((resolve) => server.on("exit", resolve));
  await connection.sendNotification(ExitNotification.type);
  assert.equal(await exited, 0);
  rmSync(folder, { recursive: true });
});

test("what is wrong is told where it stands, and is gone when it is mended", { skip }, async () => {
  const wrong = await until("an error", () => published.at(-1)?.diagnostics.find((d) => d.code === "unknown-column"));
  assert.deepEqual(wrong.range.start, place("nmae").position);
  const range = { start: place("nmae").position, end: place("nmae", 4).position };
  await connection.sendNotification(DidChangeTextDocumentNotification.type, {
    textDocument: { uri, version: ++version },
    contentChanges: [{ range, text: "name" }],
  });
  await until("no error", () => (published.at(-1)?.diagnostics.length === 0 ? true : undefined));
});

test("a name says what it is and where it is from", { skip }, async () => {
  const hover = await connection.sendRequest(HoverRequest.type, place("from named", 6));
  assert.match(JSON.stringify(hover?.contents), /Functions by name/);
  const found = await connection.sendRequest(DefinitionRequest.type, place("from named", 6));
  const [first] = [found].flat() as Location[];
  assert.equal(first?.uri, uri);
  assert.equal(first?.range.start.line, place("view named").position.line);
});

test("columns are completed", { skip }, async () => {
  const found = await connection.sendRequest(CompletionRequest.type, place("d.path", 2));
  const items: CompletionItem[] = Array.isArray(found) ? found : (found?.items ?? []);
  assert(items.some((item) => item.label === "qualified_name"), items.map((item) => item.label).join());
});

test("an item is renamed with everything that reads it", { skip }, async () => {
  const edit = await connection.sendRequest(RenameRequest.type, { ...place("view named", 6), newName: "called" });
  const edits = edit?.changes?.[uri] ?? edit?.documentChanges?.flatMap((change) => ("edits" in change ? change.edits : []));
  assert.equal(edits?.length, 2);
});

test("what is laid out already stays as it is", { skip }, async () => {
  const options = { tabSize: 2, insertSpaces: true };
  const edits = await connection.sendRequest(DocumentFormattingRequest.type, { textDocument: { uri }, options });
  assert.deepEqual(edits ?? [], []);
});
