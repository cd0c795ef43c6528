/** What `cpglang lineage` tells, as a graph of columns. */

/** A column; the rows of the relation as a whole when there is no column. */
export interface End {
  readonly relation: string;
  readonly column?: string;
}

export interface Relation {
  /** With its module, as in `std.python.calls.call`. */
  readonly name: string;
  readonly columns: readonly string[];
}

/** A relation's name by itself, and its module. */
export function split(name: string): [simple: string, module: string] {
  const dot = name.lastIndexOf(".");
  return [name.slice(dot + 1), name.slice(0, Math.max(dot, 0))];
}

/** Values, or rows, of `to` are computed from `from`. */
export interface Edge {
  readonly from: End;
  readonly to: End;
}

export interface Graph {
  /** What was asked for. */
  readonly focus: End;
  readonly relations: readonly Relation[];
  readonly edges: readonly Edge[];
}

/** Between relation and column: the one character that no name has. */
export const BETWEEN = "`";

/** One text for an end, by which it is found again. */
export function key(end: End): string {
  return end.column === undefined ? end.relation : `${end.relation}${BETWEEN}${end.column}`;
}

/** Everything that ends are computed from and that is computed from them, edges included. */
export function connected(edges: readonly Edge[], start: string): { ends: Set<string>; edges: Set<number> } {
  const found = { ends: new Set([start]), edges: new Set<number>() };
  for (const [here, there] of [["to", "from"], ["from", "to"]] as const) {
    const seen = new Set([start]);
    for (const end of seen) {
      edges.forEach((edge, index) => {
        if (key(edge[here]) !== end) return;
        found.edges.add(index);
        seen.add(key(edge[there]));
      });
    }
    for (const end of seen) found.ends.add(end);
  }
  return found;
}
