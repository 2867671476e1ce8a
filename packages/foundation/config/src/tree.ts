import type { Origin } from "./origin.ts";
import type { Path } from "./path.ts";

/** A stretch of a file's text, as offsets; `end` is exclusive. */
export interface Span {
  start: number;
  end: number;
}

/** A place in a layer: where it came from, and its stretch of text when it came from a file. */
export interface Place {
  origin: Origin;
  span?: Span;
}

/** One key of a map: the place of the key itself, and the value. */
export interface MapEntry {
  key: Place;
  value: ConfigNode;
}

/**
 * A map. `replaces` marks one that was merged onto something that is no map: whatever lies below it is gone.
 * Without that mark, layering would not be associative.
 */
export interface MapNode extends Place {
  kind: "map";
  entries: ReadonlyMap<string, MapEntry>;
  replaces?: boolean;
}

/** A list. */
interface ListNode extends Place {
  kind: "list";
  items: readonly ConfigNode[];
}

/** A text, number, truth value, or null, which means "not set". */
export interface ScalarNode extends Place {
  kind: "scalar";
  value: string | number | boolean | null;
  /** A number as it was written, `1.10` or `0123`, for messages. */
  source?: string;
}

/** A value as somebody wrote it, before any schema has looked at it, with its place. Keys live in maps, so none is special. */
export type ConfigNode = MapNode | ListNode | ScalarNode;

/** The node at a path, or undefined. */
export function nodeAt(tree: ConfigNode | undefined, path: Path): ConfigNode | undefined {
  return path.reduce<ConfigNode | undefined>((node, segment) => {
    if (node?.kind === "map" && typeof segment === "string") return node.entries.get(segment)?.value;
    if (node?.kind === "list" && typeof segment === "number") return node.items[segment];
    return undefined;
  }, tree);
}

/** The place to point at for a path: its node, else the nearest node above it. */
export function placeOf(tree: ConfigNode | undefined, path: Path): Place | undefined {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = nodeAt(tree, path.slice(0, length));
    if (node !== undefined) return node;
  }
  return undefined;
}

/** The place of a key, for problems that are about the key and not its value. */
export function keyPlaceOf(tree: ConfigNode | undefined, path: Path): Place | undefined {
  const parent = nodeAt(tree, path.slice(0, -1));
  const key = path.at(-1);
  const entry = parent?.kind === "map" && typeof key === "string" ? parent.entries.get(key) : undefined;
  return entry?.key ?? placeOf(tree, path);
}

/** Turns plain data into a tree whose nodes all came from one origin. */
export function toNode(value: unknown, origin: Origin): ConfigNode {
  if (Array.isArray(value)) return { kind: "list", origin, items: value.map((item) => toNode(item, origin)) };
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(
      ([key, child]) => [key, { key: { origin }, value: toNode(child, origin) }] as const,
    );
    return { kind: "map", origin, entries: new Map(entries) };
  }
  return { kind: "scalar", origin, value: isScalar(value) ? value : null };
}

function isScalar(value: unknown): value is ScalarNode["value"] {
  return ["string", "number", "boolean"].includes(typeof value) || value === null;
}

/** Builds the tree in which only `path` is set; the path holds keys only. */
export function nestNode(path: readonly string[], leaf: ConfigNode): ConfigNode {
  const { origin } = leaf;
  return path.reduceRight<ConfigNode>(
    (value, key) => ({ kind: "map", origin, entries: new Map([[key, { key: { origin }, value }]]) }),
    leaf,
  );
}
