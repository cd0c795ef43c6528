/** From what a client said over standard input to what it said of its document, a line each; the text at first. */

import { readFileSync } from "node:fs";

const bytes = readFileSync(process.argv[2]);
const KEPT = new Set(["completion", "definition", "didChange", "hover", "references"].map((name) => `textDocument/${name}`));

for (let at = 0; at < bytes.length; ) {
  const end = bytes.indexOf("\r\n\r\n", at);
  if (end < 0) break;
  const length = Number(/Content-Length: (\d+)/i.exec(bytes.subarray(at, end).toString())?.[1]);
  at = end + 4 + length;
  const { method, params } = JSON.parse(bytes.subarray(end + 4, at).toString());
  if (method === "textDocument/didOpen") {
    console.log(JSON.stringify({ text: params.textDocument.text }));
  } else if (KEPT.has(method)) {
    delete params.textDocument;
    console.log(JSON.stringify({ method, params }));
  }
}
