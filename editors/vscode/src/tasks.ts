import * as vscode from "vscode";
import { settings } from "./settings.js";

const TYPE = "cpglang";
const COMMANDS = ["check", "build"] as const;
type Command = (typeof COMMANDS)[number];

interface Definition extends vscode.TaskDefinition {
  command: Command;
  arguments?: string[];
}

/** `check` and `build` for each folder of the workspace. */
export class Tasks implements vscode.TaskProvider {
  provideTasks(): vscode.Task[] {
    const folders = vscode.workspace.workspaceFolders ?? [];
    return folders.flatMap((folder) => COMMANDS.map((command) => task(folder, { type: TYPE, command })));
  }

  resolveTask(given: vscode.Task): vscode.Task | undefined {
    const definition = given.definition as Definition;
    const folder = isFolder(given.scope) ? given.scope : vscode.workspace.workspaceFolders?.[0];
    return folder && COMMANDS.includes(definition.command) ? task(folder, definition) : undefined;
  }
}

/** Runs one of them. */
export async function start(command: Command, folder: vscode.WorkspaceFolder): Promise<void> {
  await vscode.workspace.saveAll(false);
  await vscode.tasks.executeTask(task(folder, { type: TYPE, command }));
}

function task(folder: vscode.WorkspaceFolder, definition: Definition): vscode.Task {
  const { program, source, buildArguments } = settings(folder);
  const given = definition.arguments ?? [];
  const args = definition.command === "build" ? ["--source", source, ...buildArguments] : [];
  const execution = new vscode.ProcessExecution(program, [definition.command, ...args, ...given], {
    cwd: folder.uri.fsPath,
  });
  const made = new vscode.Task(definition, folder, definition.command, TYPE, execution, "$cpglang");
  made.group = vscode.TaskGroup.Build;
  made.presentationOptions = { reveal: vscode.TaskRevealKind.Always, clear: true };
  return made;
}

function isFolder(scope: vscode.Task["scope"]): scope is vscode.WorkspaceFolder {
  return typeof scope === "object";
}
