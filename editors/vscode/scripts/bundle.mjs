/** Bundles the extension and the script of its page; with `--tests`, its tests as well. */

import { readdirSync } from "node:fs";
import { build } from "esbuild";

const shared = {
  bundle: true,
  sourcemap: !process.argv.includes("--minify"),
  minify: process.argv.includes("--minify"),
  logLevel: "warning",
  target: "es2022",
};
const node = { ...shared, platform: "node", format: "cjs", external: ["vscode"] };

await build({ ...node, entryPoints: ["src/extension.ts"], outfile: "dist/extension.js" });
await build({ ...shared, platform: "browser", entryPoints: ["src/lineage/page.ts"], outfile: "dist/page.js" });
if (process.argv.includes("--tests")) {
  await build({ ...node, entryPoints: ["host/suite.ts"], outfile: "dist/host/suite.js" });
  const tests = readdirSync("test").filter((file) => file.endsWith(".test.ts"));
  await build({
    ...node,
    entryPoints: tests.map((file) => `test/${file}`),
    outdir: "dist/test",
    // It finds its WebAssembly beside itself.
    external: ["vscode", "vscode-oniguruma"],
  });
}
