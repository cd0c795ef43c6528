/** Where the relations of a graph are drawn: what is computed stands to the right of what it is computed from. */

import type { Graph, Relation } from "./graph.js";

export interface Box {
  readonly relation: Relation;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Layout {
  readonly boxes: readonly Box[];
  readonly width: number;
  readonly height: number;
}

export const ROW = 20;
export const HEADER = 26;
const CHARACTER = 7.3;
const PADDING = 24;
const GAP = { x: 90, y: 26 };
const MARGIN = 24;
/** Orders settle within a few sweeps; the result need not be the best. */
const SWEEPS = 4;

export function layout(graph: Graph): Layout {
  const layers = ordered(layered(graph), graph);
  const boxes: Box[] = [];
  let x = MARGIN;
  const heights = layers.map((layer) => total(layer.map((relation) => size(relation).height)));
  const height = Math.max(0, ...heights) + 2 * MARGIN;
  layers.forEach((layer, index) => {
    const width = Math.max(0, ...layer.map((relation) => size(relation).width));
    let y = (height - (heights[index] ?? 0)) / 2;
    for (const relation of layer) {
      const { height } = size(relation);
      boxes.push({ relation, x, y, width, height });
      y += height + GAP.y;
    }
    x += width + GAP.x;
  });
  return { boxes, width: x - GAP.x + MARGIN, height };
}

function size(relation: Relation): { width: number; height: number } {
  const header = relation.name.length + 2;
  const longest = Math.max(header, ...relation.columns.map((column) => column.length));
  return { width: longest * CHARACTER + PADDING, height: HEADER + relation.columns.length * ROW + 6 };
}

function total(heights: readonly number[]): number {
  return heights.reduce((sum, height) => sum + height, 0) + GAP.y * Math.max(0, heights.length - 1);
}

/** Relations by the length of the longest way to them. An edge that closes a circle, as in a fixpoint, is left out. */
function layered(graph: Graph): Relation[][] {
  const sources = new Map<string, Set<string>>(graph.relations.map(({ name }) => [name, new Set()]));
  for (const { from, to } of graph.edges) {
    if (from.relation !== to.relation) sources.get(to.relation)?.add(from.relation);
  }
  const depths = new Map<string, number>();
  const open = new Set<string>();
  const depth = (name: string): number => {
    const known = depths.get(name);
    if (known !== undefined) return known;
    open.add(name);
    const above = [...(sources.get(name) ?? [])].filter((source) => !open.has(source));
    const found = Math.max(-1, ...above.map(depth)) + 1;
    open.delete(name);
    depths.set(name, found);
    return found;
  };
  const layers: Relation[][] = [];
  for (const relation of graph.relations) (layers[depth(relation.name)] ??= []).push(relation);
  return Array.from(layers, (layer) => layer ?? []);
}

/** Each layer by the mean place of what it is connected with in the one beside it, to and fro. */
function ordered(layers: Relation[][], graph: Graph): Relation[][] {
  const neighbours = new Map<string, string[]>();
  for (const { from, to } of graph.edges) {
    for (const [a, b] of [[from, to], [to, from]] as const) {
      neighbours.set(a.relation, [...(neighbours.get(a.relation) ?? []), b.relation]);
    }
  }
  let current = layers;
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const forward = sweep % 2 === 0;
    const place = new Map<string, number>();
    const visited = forward ? current : [...current].reverse();
    const next = visited.map((layer) => {
      const mean = new Map(
        layer.map((relation, index) => {
          const near = (neighbours.get(relation.name) ?? []).flatMap((name) => place.get(name) ?? []);
          const own = index / layer.length;
          return [relation, near.length ? near.reduce((sum, p) => sum + p, 0) / near.length : own];
        }),
      );
      const sorted = [...layer].sort((a, b) => (mean.get(a) ?? 0) - (mean.get(b) ?? 0));
      sorted.forEach((relation, index) => place.set(relation.name, index / sorted.length));
      return sorted;
    });
    current = forward ? next : next.reverse();
  }
  return current;
}
