import * as vscode from "vscode";
import { Server } from "./client.js";
import { showLineage } from "./lineage/panel.js";
import { currentFolder } from "./settings.js";
import { start, Tasks } from "./tasks.js";

/** Settings that the server must be started anew for. */
const OF_THE_SERVER = ["cpglang.path", "cpglang.server.arguments"];

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const output = vscode.window.createOutputChannel("cpglang", { log: true });
  const server = new Server(output);
  context.subscriptions.push(
    output,
    server,
    vscode.tasks.registerTaskProvider("cpglang", new Tasks()),
    vscode.commands.registerCommand("cpglang.restart", () => server.restart()),
    vscode.commands.registerCommand("cpglang.check", () => inFolder((folder) => start("check", folder))),
    vscode.commands.registerCommand("cpglang.build", () => inFolder((folder) => start("build", folder))),
    vscode.commands.registerCommand("cpglang.lineage", (item?: unknown) =>
      inFolder((folder) => showLineage(context, folder, typeof item === "string" ? item : undefined)),
    ),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (OF_THE_SERVER.some((setting) => change.affectsConfiguration(setting))) void server.restart();
    }),
  );
  await server.restart();
}

async function inFolder(act: (folder: vscode.WorkspaceFolder) => Promise<void>): Promise<void> {
  const folder = currentFolder();
  if (folder) await act(folder);
  else await vscode.window.showInformationMessage("cpglang works on a folder; none is open.");
}
