import * as vscode from "vscode";
import {
  LanguageClient,
  type LanguageClientOptions,
  type Location,
  type Position,
  type ServerOptions,
} from "vscode-languageclient/node";
import { run } from "./run.js";
import { currentFolder, settings } from "./settings.js";

/** Commands of lines above items: what the server answers with, and what it leaves to editors. */
const SHOW_PLAN = "cpglang.showPlan";
const RUN_TEST = "cpglang.runTest";
const SHOW_REFERENCES = "cpglang.showReferences";

/** Milliseconds in which a program says its version. */
const PATIENCE = 30_000;

/** The one language server of a window, which is started anew when its settings change. */
export class Server implements vscode.Disposable {
  private client: LanguageClient | undefined;
  private references: vscode.Disposable | undefined;
  /** Starts and stops wait for one another. */
  private last: Promise<void> = Promise.resolve();

  constructor(private readonly output: vscode.LogOutputChannel) {}

  /** Starts it; the one that runs is stopped first. */
  restart(): Promise<void> {
    this.last = this.last.then(() => this.stop()).then(() => this.start());
    return this.last;
  }

  /** Stops it, if it runs. */
  async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    await client?.dispose();
  }

  dispose(): void {
    this.references?.dispose();
    void this.last.then(() => this.stop());
  }

  private async start(): Promise<void> {
    const folder = currentFolder();
    const { program, serverArguments } = settings(folder);
    try {
      // The client's own message does not say what to do.
      const { stdout } = await run(program, ["--version"], folder?.uri.fsPath ?? ".", AbortSignal.timeout(PATIENCE));
      this.output.info(`${program}: ${stdout.trim()}`);
    } catch (error) {
      this.output.error(String(error));
      void this.explain(program);
      return;
    }
    const server: ServerOptions = { command: program, args: ["lsp", ...serverArguments] };
    const options: LanguageClientOptions = {
      documentSelector: [{ language: "cpg" }],
      outputChannel: this.output,
      synchronize: { configurationSection: "cpglang" },
      middleware: {
        executeCommand: async (command, args, next) => {
          const answer: unknown = await next(command, args);
          if (command === SHOW_PLAN && typeof answer === "string") await showText(answer);
          // That a test passed, the server says itself.
          if (command === RUN_TEST && isReport(answer)) await showText(answer.report);
          return answer;
        },
      },
    };
    const client = new LanguageClient("cpglang", "cpglang", server, options);
    this.references?.dispose();
    this.references = vscode.commands.registerCommand(SHOW_REFERENCES, (...args: ReferencesArguments) =>
      showReferences(client, args),
    );
    try {
      await client.start();
      this.client = client;
    } catch (error) {
      this.output.error(String(error));
      await client.dispose().catch(() => undefined);
    }
  }

  private async explain(program: string): Promise<void> {
    const open = "Open Settings";
    const message = `\`${program}\` does not start. Is cpglang installed, and does \`cpglang.path\` name it?`;
    if ((await vscode.window.showErrorMessage(message, open)) === open) {
      await vscode.commands.executeCommand("workbench.action.openSettings", "cpglang.path");
    }
  }
}

type ReferencesArguments = [uri: string, position: Position, places: Location[]];

async function showReferences(client: LanguageClient, [uri, position, places]: ReferencesArguments): Promise<void> {
  const { protocol2CodeConverter: convert } = client;
  await vscode.commands.executeCommand(
    "editor.action.showReferences",
    vscode.Uri.parse(uri),
    convert.asPosition(position),
    places.map((place) => convert.asLocation(place)),
  );
}

/** How the rows of a test that failed differ. */
function isReport(answer: unknown): answer is { report: string } {
  return typeof answer === "object" && answer !== null && "report" in answer && typeof answer.report === "string";
}

async function showText(content: string): Promise<void> {
  const document = await vscode.workspace.openTextDocument({ content });
  await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, preview: true });
}
