/**
 * Runs `suite.ts` inside VS Code: the server that code-server publishes on npm, and Chromium without a window.
 *
 * `HOST` is the folder where both are installed, `CPGLANG` the program that the extension runs, `PICTURES` a folder
 * for the pictures that the suite takes.
 */

import { spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const MINUTE = 60_000;
const here = path.dirname(fileURLToPath(import.meta.url));
const extension = path.dirname(here);
const host = path.resolve(process.env.HOST ?? path.join(here, "node_modules/.host"));
const pictures = path.resolve(process.env.PICTURES ?? path.join(host, "pictures"));

function npm(folder, ...args) {
  const done = spawnSync("npm", [...args, "--no-audit", "--no-fund", "--loglevel=error"], { cwd: folder, stdio: "inherit" });
  if (done.status !== 0) throw new Error(`npm ${args.join(" ")} failed in ${folder}`);
}

/** The folder of VS Code's server. Its native modules are not compiled: they serve logs and terminals only. */
function installed() {
  const server = path.join(host, "node_modules/code-server/lib/vscode");
  const stamp = path.join(host, "installed.json");
  const wanted = readFileSync(path.join(here, "package.json"), "utf8");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return server;
  mkdirSync(host, { recursive: true });
  for (const file of ["package.json", "package-lock.json"]) cpSync(path.join(here, file), path.join(host, file));
  npm(host, "ci", "--ignore-scripts");
  // Its own lock is not in step with its manifest, which `npm ci` would refuse.
  npm(server, "install", "--ignore-scripts", "--omit=dev");
  // What VS Code calls the folder of its modules when it is packed.
  const packed = path.join(server, "node_modules.asar");
  rmSync(packed, { force: true });
  symlinkSync("node_modules", packed);
  writeFileSync(stamp, wanted);
  return server;
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function until(what, condition, time) {
  for (const end = Date.now() + time; Date.now() < end; await sleep(100)) {
    const found = await condition();
    if (found) return found;
  }
  throw new Error(`${what}: not within ${time / 1000} s`);
}

const server = installed();
const port = await freePort();
const scratch = mkdtempSync(path.join(tmpdir(), "cpglang-host-"));
const project = path.join(scratch, "bookshop");
cpSync(path.join(extension, "../../examples/bookshop"), project, { recursive: true });
mkdirSync(path.join(project, ".vscode"));
writeFileSync(
  path.join(project, ".vscode/settings.json"),
  JSON.stringify({ "cpglang.path": process.env.CPGLANG ?? "cpglang", "telemetry.telemetryLevel": "off" }),
);
mkdirSync(pictures, { recursive: true });

const data = path.join(scratch, "data");
const flags = ["--host", "127.0.0.1", "--port", String(port), "--without-connection-token", "--disable-workspace-trust"];
const running = spawn(
  process.execPath,
  ["out/server-main.js", ...flags, "--accept-server-license-terms", "--server-data-dir", data],
  { cwd: server, stdio: "ignore", env: { ...process.env, SUITE: scratch } },
);
let browser;
try {
  const origin = `127.0.0.1:${port}`;
  await until("the server", () => fetch(`http://${origin}/`).then((r) => r.ok, () => false), MINUTE);
  const puppeteer = createRequire(path.join(host, "package.json"))("puppeteer-core");
  browser = await puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--force-device-scale-factor=1"],
    defaultViewport: { width: 1280, height: 800 },
    protocolTimeout: 3 * MINUTE,
  });
  const page = await browser.newPage();
  const remote = (file) => `vscode-remote://${origin}${file}`;
  const payload = [
    ["extensionDevelopmentPath", remote(extension)],
    ["extensionTestsPath", remote(path.join(extension, "dist/host/suite.js"))],
    ["skipWelcome", "true"],
  ];
  const query = new URLSearchParams({ folder: project, payload: JSON.stringify(payload) });
  await page.goto(`http://${origin}/?${query}`, { waitUntil: "domcontentloaded", timeout: 2 * MINUTE });

  const results = path.join(scratch, "results.json");
  const show = (file) => {
    const tests = JSON.parse(readFileSync(file, "utf8"));
    for (const { name, problem } of tests) console.log(problem ? `not ok ${name}\n  ${problem}` : `ok ${name}`);
    return tests.length > 0 && tests.every(({ problem }) => !problem);
  };
  const wanted = path.join(scratch, "picture");
  await until(
    "the suite",
    async () => {
      if (existsSync(wanted)) {
        await page.screenshot({ path: path.join(pictures, `${readFileSync(wanted, "utf8")}.png`) });
        rmSync(wanted);
      }
      return existsSync(results);
    },
    6 * MINUTE,
  ).catch(async (error) => {
    await page.screenshot({ path: path.join(pictures, "stuck.png") });
    const soFar = path.join(scratch, "so-far.json");
    if (existsSync(soFar)) show(soFar);
    cpSync(path.join(data, "data/logs"), path.join(pictures, "logs"), { recursive: true });
    throw error;
  });
  process.exitCode = show(results) ? 0 : 1;
} finally {
  await browser?.close();
  running.kill();
  rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
}
