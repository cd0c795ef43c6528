import { execFile } from "node:child_process";
import type { Finished } from "./program.js";

/** More than this is no answer to anything asked here. */
const MOST_BYTES = 64 * 1024 * 1024;

/** Runs a command to its end. Rejects only when it cannot be started or is stopped. */
export function run(
  program: string,
  args: readonly string[],
  cwd: string,
  signal: AbortSignal,
): Promise<Finished> {
  const options = { cwd, signal, maxBuffer: MOST_BYTES, encoding: "utf8" as const };
  return new Promise((resolve, reject) => {
    execFile(program, [...args], options, (error, stdout, stderr) => {
      const code = error ? error.code : 0;
      if (typeof code === "number") resolve({ code, stdout, stderr });
      else reject(error);
    });
  });
}
