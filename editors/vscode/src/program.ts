import * as os from "node:os";
import * as path from "node:path";

/** What `cpglang.path` means in a workspace: a file, or a name for the system to look up. */
export function programPath(setting: string, folder: string | undefined, home = os.homedir()): string {
  const written = setting.trim() || "cpglang";
  const inHome = written.startsWith("~/") ? path.join(home, written.slice(2)) : written;
  const inFolder = inHome.replaceAll("${workspaceFolder}", folder ?? ".");
  const isName = !inFolder.includes("/") && !inFolder.includes(path.sep);
  return isName || path.isAbsolute(inFolder) ? inFolder : path.resolve(folder ?? ".", inFolder);
}

/** What a command of `cpglang` printed, and how it ended. */
export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a failed command says, shortened to what fits a message. */
export function complaint(finished: Finished): string {
  const lines = finished.stderr.split(/\r?\n/).filter((line) => line.trim() !== "");
  return lines.slice(0, 3).join("\n").slice(0, 400) || `it ended with code ${finished.code}`;
}
