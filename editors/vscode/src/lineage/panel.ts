import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { complaint } from "../program.js";
import { run } from "../run.js";
import { settings } from "../settings.js";
import { page } from "./draw.js";
import { parse } from "./parse.js";

/** Asks for an item when none is given, and shows where its columns come from and where they go. */
export async function showLineage(
  context: vscode.ExtensionContext,
  folder: vscode.WorkspaceFolder,
  given: string | undefined,
): Promise<void> {
  const item = given ?? (await ask());
  if (!item) return;
  await vscode.workspace.saveAll(false);
  const { program } = settings(folder);
  const finished = await progress(`Lineage of ${item}`, (signal) => {
    const ask = (direction: string) =>
      run(program, ["lineage", item, direction, "--format", "json"], folder.uri.fsPath, signal);
    return Promise.all([ask("--up"), ask("--down")]);
  });
  if (!finished) return;
  const failed = finished.find(({ code }) => code !== 0);
  if (failed) {
    await vscode.window.showErrorMessage(`cpglang lineage: ${complaint(failed)}`);
    return;
  }
  const graph = parse(finished.map(({ stdout }) => stdout));
  const scripts = vscode.Uri.joinPath(context.extensionUri, "dist");
  const panel = vscode.window.createWebviewPanel("cpglang.lineage", `Lineage: ${item}`, vscode.ViewColumn.Beside, {
    enableScripts: true,
    localResourceRoots: [scripts],
  });
  panel.webview.onDidReceiveMessage((message: { open?: string }) => message.open && openItem(message.open));
  panel.webview.html = page(graph, {
    script: panel.webview.asWebviewUri(vscode.Uri.joinPath(scripts, "page.js")).toString(),
    nonce: randomBytes(16).toString("base64url"),
    cspSource: panel.webview.cspSource,
  });
}

/** An item's name, or that of a column of it; what the cursor is on is proposed. */
async function ask(): Promise<string | undefined> {
  const editor = vscode.window.activeTextEditor;
  const word = editor?.document.getWordRangeAtPosition(editor.selection.active);
  const answer = await vscode.window.showInputBox({
    title: "Lineage",
    prompt: "An item, or a column of one: `call` or `call.callee_name`",
    value: editor && word ? editor.document.getText(word) : "",
  });
  return answer?.trim();
}

/** Shows that something runs. Nothing when it was cancelled. */
async function progress<T>(title: string, act: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return vscode.window.withProgress(options, async (_, token) => {
    const stop = new AbortController();
    token.onCancellationRequested(() => stop.abort());
    try {
      return await act(stop.signal);
    } catch (error) {
      if (!stop.signal.aborted) await vscode.window.showErrorMessage(`cpglang lineage: ${String(error)}`);
      return undefined;
    }
  });
}

/** Where the language server knows the item. */
async function openItem(name: string): Promise<void> {
  const symbols = await vscode.commands.executeCommand<vscode.SymbolInformation[]>(
    "vscode.executeWorkspaceSymbolProvider",
    name,
  );
  const simple = name.split(".").at(-1);
  const symbol = symbols.find((symbol) => symbol.name === name) ?? symbols.find((symbol) => symbol.name === simple);
  if (!symbol) return;
  const options = { selection: symbol.location.range, viewColumn: vscode.ViewColumn.One };
  await vscode.window.showTextDocument(symbol.location.uri, options);
}
