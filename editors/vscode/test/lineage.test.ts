import assert from "node:assert/strict";
import { test } from "node:test";
import { page } from "../src/lineage/draw.js";
import { connected, key, type Graph } from "../src/lineage/graph.js";
import { parse } from "../src/lineage/parse.js";
import { layout } from "../src/lineage/layout.js";

const relation = (name: string, ...columns: string[]) => ({ name, columns });
const edge = (from: string, to: string) => {
  const [a, b] = [from.split("."), to.split(".")];
  const end = ([relation = "", column]: string[]) => (column ? { relation, column } : { relation });
  return { from: end(a), to: end(b) };
};

const diamond: Graph = {
  focus: { relation: "end", column: "x" },
  relations: [relation("end", "x", "y"), relation("left", "x"), relation("right", "y"), relation("start", "x", "y")],
  edges: [edge("start.x", "left.x"), edge("start.y", "right.y"), edge("left.x", "end.x"), edge("right.y", "end.y")],
};

test("what is computed stands to the right, and nothing overlaps", () => {
  const { boxes, width, height } = layout(diamond);
  const at = new Map(boxes.map((box) => [box.relation.name, box]));
  for (const { from, to } of diamond.edges) {
    const [a, b] = [at.get(from.relation), at.get(to.relation)];
    assert(a && b && a.x + a.width < b.x, `${from.relation} before ${to.relation}`);
  }
  for (const a of boxes) {
    assert(a.x >= 0 && a.y >= 0 && a.x + a.width <= width && a.y + a.height <= height);
    for (const b of boxes) {
      const apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
      assert(a === b || apart, `${a.relation.name} and ${b.relation.name}`);
    }
  }
});

test("a circle is drawn, and so is a graph of one relation", () => {
  const circle = { ...diamond, edges: [...diamond.edges, edge("end.x", "start.x"), edge("end.y", "end.y")] };
  assert.equal(layout(circle).boxes.length, 4);
  const alone = { focus: { relation: "a" }, relations: [relation("a")], edges: [] };
  assert.equal(layout(alone).boxes.length, 1);
  assert.equal(layout({ ...alone, relations: [] }).boxes.length, 0);
});

test("the same graph is drawn in the same way", () => {
  const options = { script: "page.js", nonce: "n", cspSource: "s" };
  assert.equal(page(diamond, options), page(structuredClone(diamond), options));
});

test("the way of a column is what it comes from and what comes from it", () => {
  const way = connected(diamond.edges, key({ relation: "left", column: "x" }));
  assert.deepEqual([...way.ends].sort(), ["end`x", "left`x", "start`x"]);
  assert.deepEqual([...way.edges].sort(), [0, 2]);
});

test("both directions become one graph", () => {
  const [a, b, c] = ["a.x", "b.x", "c.y"].map((name) => ({ relation: `m.${name[0]}`, column: name[2] }));
  const message = { type: "lineage", version: 1, of: [b] };
  const up = { ...message, direction: "up", columns: [a, b], edges: [{ from: a, to: b }], rows: [c] };
  const down = { ...message, direction: "down", columns: [b, c], edges: [{ from: b, to: c }], rows: [c] };
  const graph = parse([up, down].map((message) => JSON.stringify(message)));
  assert.deepEqual(graph.focus, b);
  assert.deepEqual(graph.relations.map(({ name }) => name), ["m.b", "m.a", "m.c"]);
  assert.deepEqual(graph.edges, [
    { from: a, to: b },
    { from: c, to: { relation: "m.b" } },
    { from: b, to: c },
  ]);
  assert.throws(() => parse([JSON.stringify({ ...up, version: 2 })]), /version 1/);
});

test("names cannot write into the page", () => {
  const name = '<img src=x onerror="alert(1)">&';
  const html = page(
    { focus: { relation: name, column: name }, relations: [relation(name, name)], edges: [edge(`${name}.a`, "b.c")] },
    { script: "page.js", nonce: "n", cspSource: "s" },
  );
  assert(!html.includes("<img"));
  assert(html.includes("&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&amp;"));
});
