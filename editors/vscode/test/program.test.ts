import assert from "node:assert/strict";
import { test } from "node:test";
import { complaint, programPath } from "../src/program.js";
import { run } from "../src/run.js";

test("a name is left to the system, and paths are made whole", () => {
  assert.equal(programPath("cpglang", "/w", "/h"), "cpglang");
  assert.equal(programPath("", "/w", "/h"), "cpglang");
  assert.equal(programPath("~/bin/cpglang", "/w", "/h"), "/h/bin/cpglang");
  assert.equal(programPath("${workspaceFolder}/target/debug/cpglang", "/w", "/h"), "/w/target/debug/cpglang");
  assert.equal(programPath("target/debug/cpglang", "/w", "/h"), "/w/target/debug/cpglang");
  assert.equal(programPath("/usr/bin/cpglang", undefined, "/h"), "/usr/bin/cpglang");
});

test("a program's output and code are given back, and a missing program is an error", async () => {
  const never = new AbortController().signal;
  const script = "process.stdout.write('out'); process.stderr.write('a\\n\\nb\\n'); process.exitCode = 3";
  const finished = await run(process.execPath, ["-e", script], ".", never);
  assert.deepEqual(finished, { code: 3, stdout: "out", stderr: "a\n\nb\n" });
  assert.equal(complaint(finished), "a\nb");
  assert.equal(complaint({ ...finished, stderr: "" }), "it ended with code 3");
  await assert.rejects(run("no-such-program-anywhere", [], ".", never), /ENOENT/);
});

test("a program that runs on can be stopped", async () => {
  const stop = new AbortController();
  const running = run(process.execPath, ["-e", "setTimeout(() => {}, 60000)"], ".", stop.signal);
  stop.abort();
  await assert.rejects(running, { name: "AbortError" });
});
