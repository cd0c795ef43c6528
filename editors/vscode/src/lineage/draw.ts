/** The page that shows a graph. */

import { key, split, type End, type Graph } from "./graph.js";
import { HEADER, layout, ROW, type Box, type Layout } from "./layout.js";

/** What the page's script is given. */
export interface PageData {
  readonly edges: Graph["edges"];
  readonly focus: string;
}

export interface Page {
  /** The script's text or address, with the nonce that lets it run. */
  readonly script: string;
  readonly nonce: string;
  readonly cspSource: string;
}

/** The whole page. */
export function page(graph: Graph, { script, nonce, cspSource }: Page): string {
  const drawn = layout(graph);
  const data: PageData = { edges: graph.edges, focus: key(graph.focus) };
  const policy = `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}' ${cspSource}`;
  const title = graph.focus.column ? `${graph.focus.relation}.${graph.focus.column}` : graph.focus.relation;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>Lineage of ${escaped(title)}</title>
<style nonce="${nonce}">${STYLE}</style>
</head>
<body>
<header><strong>${escaped(title)}</strong>
<span>${count(graph.relations.length, "relation")}, ${count(graph.edges.length, "connection")}</span>
<span class="hint">a column shows its way; twice opens it; wheel and drag move the picture</span></header>
${svg(graph, drawn)}
<script nonce="${nonce}" type="application/json" id="data">${JSON.stringify(data).replaceAll("<", "\\u003c")}</script>
<script nonce="${nonce}" src="${script}"></script>
</body>
</html>
`;
}

function svg(graph: Graph, drawn: Layout): string {
  const boxes = new Map(drawn.boxes.map((box) => [box.relation.name, box]));
  const edges = graph.edges.map((edge, index) => {
    const from = side(boxes, edge.from, true);
    const to = side(boxes, edge.to, false);
    if (!from || !to) return "";
    const bend = Math.max(40, Math.abs(to.x - from.x) / 2);
    const d = `M${from.x} ${from.y} C${from.x + bend} ${from.y} ${to.x - bend} ${to.y} ${to.x} ${to.y}`;
    const rows = edge.to.column === undefined ? " rows" : "";
    return `<path class="edge${rows}" data-edge="${index}" d="${d}"/>`;
  });
  const view = `0 0 ${Math.ceil(drawn.width)} ${Math.ceil(drawn.height)}`;
  return `<svg id="graph" role="img" aria-label="lineage" viewBox="${view}" preserveAspectRatio="xMidYMid meet">
<g id="edges">${edges.join("")}</g>
${drawn.boxes.map((box) => relation(box, graph.focus)).join("\n")}
</svg>`;
}

function relation({ relation: { name, columns }, x, y, width, height }: Box, focus: End): string {
  const rows = columns.map((column, index) => {
    const top = HEADER + index * ROW;
    return `<g class="column" tabindex="0" role="button" data-end="${escaped(key({ relation: name, column }))}"
 transform="translate(0 ${top})"><rect width="${width}" height="${ROW}"/><text x="12" y="14">${escaped(column)}</text></g>`;
  });
  const [simple, module] = split(name);
  const focused = name === focus.relation ? " focus" : "";
  return `<g class="relation${focused}" transform="translate(${x} ${y})">
<rect class="frame" width="${width}" height="${height}" rx="4"/>
<g class="name" tabindex="0" role="button" data-end="${escaped(key({ relation: name }))}">
<rect width="${width}" height="${HEADER}" rx="4"/><text x="12" y="17">${escaped(simple)}</text>
<text class="module" x="${width - 12}" y="17" text-anchor="end">${escaped(module)}</text></g>
${rows.join("")}</g>`;
}

/** Where a line leaves or reaches an end. */
function side(boxes: Map<string, Box>, end: End, right: boolean): { x: number; y: number } | undefined {
  const box = boxes.get(end.relation);
  if (!box) return undefined;
  const index = end.column === undefined ? -1 : box.relation.columns.indexOf(end.column);
  const y = index < 0 ? HEADER / 2 : HEADER + (index + 0.5) * ROW;
  return { x: box.x + (right ? box.width : 0), y: box.y + y };
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

function escaped(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? "");
}

const STYLE = `
:root {
  --fg: var(--vscode-editor-foreground, #24292f);
  --bg: var(--vscode-editor-background, #ffffff);
  --soft: var(--vscode-descriptionForeground, #6e7781);
  --line: var(--vscode-editorIndentGuide-activeBackground1, #afb8c1);
  --box: var(--vscode-editorWidget-background, #f6f8fa);
  --accent: var(--vscode-focusBorder, #0969da);
  --hover: var(--vscode-list-hoverBackground, #eaeef2);
}
html, body { height: 100%; margin: 0; overflow: hidden; color: var(--fg); background: var(--bg);
  font: 13px var(--vscode-font-family, system-ui, sans-serif); }
body { display: flex; flex-direction: column; }
header { padding: 8px 16px; display: flex; gap: 16px; border-bottom: 1px solid var(--line); }
header span { color: var(--soft); }
.hint { margin-left: auto; }
svg { flex: 1; min-height: 0; width: 100%; cursor: grab; }
text { font: 12px var(--vscode-editor-font-family, monospace); fill: var(--fg); pointer-events: none; }
.frame { fill: var(--box); stroke: var(--line); }
.focus .frame { stroke: var(--accent); stroke-width: 2; }
.name text { font-weight: bold; }
.name .module { font-weight: normal; fill: var(--soft); }
.column rect, .name rect { fill: transparent; }
.column, .name { cursor: pointer; outline: none; }
.column:hover rect, .name:hover rect, :focus-visible > rect { fill: var(--hover); }
.edge { fill: none; stroke: var(--line); stroke-width: 1.3; }
.rows { stroke-dasharray: 4 3; }
.chosen .edge { opacity: 0.15; }
.chosen .edge.on { opacity: 1; stroke: var(--accent); stroke-width: 2; }
.chosen .column text, .chosen .name text { opacity: 0.4; }
.chosen .on text { opacity: 1; }
`;
