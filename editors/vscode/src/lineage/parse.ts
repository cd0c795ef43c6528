/** Reads what `cpglang lineage … --format json` prints. */

import { key, type Edge, type End, type Graph } from "./graph.js";

/** The version of the form that is read here. */
const VERSION = 1;

interface Column {
  readonly relation: string;
  readonly column: string;
}

interface Message {
  readonly type: "lineage";
  readonly version: number;
  /** What was asked for: an item's columns in order, or one column. */
  readonly of: readonly Column[];
  readonly columns: readonly Column[];
  readonly edges: readonly { readonly from: Column; readonly to: Column }[];
  /** The columns that decide which rows the relation has. */
  readonly rows: readonly Column[];
}

/** One graph of what was printed for both directions. */
export function parse(printed: readonly string[]): Graph {
  const messages = printed.map((text) => JSON.parse(text) as Message);
  const wrong = messages.find(({ type, version }) => type !== "lineage" || version !== VERSION);
  if (wrong) throw new Error(`expected a lineage of version ${VERSION}, found ${wrong.type} ${wrong.version}`);

  const of = messages[0]?.of ?? [];
  const first = of[0];
  const focus: End = of.length === 1 && first ? first : { relation: first?.relation ?? "" };
  const edges = new Map<string, Edge>();
  const relations = new Map<string, Set<string>>();
  const know = ({ relation, column }: Column) => {
    const columns = relations.get(relation) ?? new Set();
    relations.set(relation, columns.add(column));
  };
  const connect = (from: Column, to: End) => edges.set(`${key(from)} ${key(to)}`, { from, to });
  of.forEach(know);
  for (const message of messages) {
    message.columns.forEach(know);
    for (const { from, to } of message.edges) connect(from, to);
    for (const column of message.rows) {
      know(column);
      connect(column, { relation: focus.relation });
    }
  }
  return {
    focus,
    relations: [...relations].map(([name, columns]) => ({ name, columns: [...columns] })),
    edges: [...edges.values()],
  };
}
