import * as vscode from "vscode";
import { programPath } from "./program.js";

/** What is set for a folder of the workspace, or for all when there is none. */
export function settings(folder?: vscode.WorkspaceFolder) {
  const section = vscode.workspace.getConfiguration("cpglang", folder);
  return {
    program: programPath(section.get("path", "cpglang"), folder?.uri.fsPath),
    serverArguments: section.get<string[]>("server.arguments", []),
    source: section.get("build.source", "."),
    buildArguments: section.get<string[]>("build.arguments", []),
  };
}

/** The folder that commands are about: that of the active editor, else the first one. */
export function currentFolder(): vscode.WorkspaceFolder | undefined {
  const active = vscode.window.activeTextEditor?.document.uri;
  const folders = vscode.workspace.workspaceFolders ?? [];
  return (active && vscode.workspace.getWorkspaceFolder(active)) ?? folders[0];
}
