import { isAlias, isMap, isPair, isScalar, isSeq, type Pair, type ParsedNode, type Scalar, type YAMLMap } from "yaml";
import { formatPath, type Path } from "../path.ts";
import { at, type Finding } from "../problem.ts";
import type { ConfigNode, MapEntry, Place } from "../tree.ts";
import { limits } from "./limits.ts";

/** What came of a parsed document. */
export interface ConvertedYaml {
  tree: ConfigNode | undefined;
  findings: readonly Finding[];
}

type PlaceAt = (start: number, end: number) => Place;

interface Visit {
  node: unknown;
  path: Path;
  /** The place to fall back to where the document has none. */
  near: Place;
}

/** Turns a parsed YAML document into a tree; tags, odd keys, duplicates and bad aliases become findings. */
export function convertYaml(contents: ParsedNode | null, placeAt: PlaceAt): ConvertedYaml {
  const converter = new YamlConverter(placeAt);
  const tree = contents === null ? undefined : converter.convert({ node: contents, path: [], near: placeAt(0, 0) });
  return { tree, findings: converter.findings };
}

const plainTags = new Set(
  ["map", "seq", "str", "int", "float", "bool", "null"].map((name) => `tag:yaml.org,2002:${name}`),
);

/** One pass over one document: remembers the anchors met so far, and how many values have been made. */
class YamlConverter {
  readonly findings: Finding[] = [];
  readonly #placeAt: PlaceAt;
  readonly #anchors = new Map<string, { tree: ConfigNode; size: number }>();
  #size = 0;

  constructor(placeAt: PlaceAt) {
    this.#placeAt = placeAt;
  }

  convert(visit: Visit): ConfigNode {
    const { node, path } = visit;
    const place = this.#placeOf(visit);
    const sizeBefore = this.#size;
    this.#size += 1;
    if (isAlias(node)) return this.#convertAlias(node.source, path, place);
    this.#refuseTag(node, path, place);
    const tree = this.#convertValue(node, path, place);
    if (hasAnchor(node)) this.#anchors.set(node.anchor, { tree, size: this.#size - sizeBefore });
    return tree;
  }

  #convertValue(node: unknown, path: Path, place: Place): ConfigNode {
    if (isMap(node)) return this.#convertMap(node, path, place);
    if (isSeq(node)) {
      const items = node.items.map((item, index) => this.convert({ node: item, path: [...path, index], near: place }));
      return { kind: "list", ...place, items };
    }
    const value = isScalar(node) ? toScalar(node.value) : null;
    const source = isScalar(node) && typeof value === "number" ? node.source : undefined;
    return { kind: "scalar", ...place, value, ...(source !== undefined && { source }) };
  }

  #convertMap(map: YAMLMap, path: Path, place: Place): ConfigNode {
    const entries = new Map<string, MapEntry>();
    for (const pair of map.items) {
      const key = this.#keyOf(pair, path, place);
      if (key === undefined) continue;
      const previous = entries.get(key.name);
      if (previous === undefined) {
        const value = this.convert({ node: pair.value, path: [...path, key.name], near: key.place });
        entries.set(key.name, { key: key.place, value });
      } else {
        this.#report([...path, key.name], key.place, {
          code: "CONFIG_KEY_DUPLICATE",
          message: `The key ${formatPath([...path, key.name])} stands twice${lineOf(previous.key)}; the first one counts.`,
        });
      }
    }
    return { kind: "map", ...place, entries };
  }

  #keyOf(pair: Pair, path: Path, near: Place): { name: string; place: Place } | undefined {
    const key = isPair(pair) ? pair.key : undefined;
    const place = this.#placeOf({ node: key, path, near });
    if (isScalar(key) && key.value !== null) {
      const name = typeof key.value === "string" ? key.value : (key.source ?? JSON.stringify(key.value));
      if (name !== "__proto__") return { name, place };
    }
    const found = isScalar(key) ? (key.value === null ? "an empty key" : '"__proto__"') : "a key that is no text";
    this.#report(path, place, {
      code: "CONFIG_KEY_INVALID",
      message: `Found ${found}${path.length === 0 ? "" : ` in ${formatPath(path)}`}, expected a text.`,
      found,
      expected: "a text",
    });
    return undefined;
  }

  #convertAlias(name: string, path: Path, place: Place): ConfigNode {
    const target = this.#anchors.get(name);
    const empty: ConfigNode = { kind: "scalar", ...place, value: null };
    if (target === undefined) {
      const message = `The alias *${name} names no anchor (&${name}) that ends before it.`;
      this.#report(path, place, { code: "CONFIG_SYNTAX", message });
      return empty;
    }
    this.#size += target.size;
    if (this.#size <= limits.values) return target.tree;
    const message = `Aliases make the text longer than ${limits.values} values; *${name} was left out.`;
    this.#report(path, place, { code: "CONFIG_LIMIT", message });
    this.#size -= target.size;
    return empty;
  }

  #refuseTag(node: unknown, path: Path, place: Place): void {
    const tag = hasTag(node) ? node.tag : undefined;
    if (tag === undefined || plainTags.has(tag)) return;
    const message = `Found a tag${path.length === 0 ? "" : ` at ${formatPath(path)}`}, expected a value without one.`;
    this.#report(path, place, { code: "CONFIG_TAG", message, expected: "a value without a tag" });
  }

  #placeOf({ node, near }: Visit): Place {
    const range = hasRange(node) ? node.range : undefined;
    return range === undefined ? near : this.#placeAt(range[0], range[1]);
  }

  #report(path: Path, place: Place, finding: Pick<Finding, "code" | "message" | "found" | "expected">): void {
    this.findings.push({ severity: "error", path, ...at(place), ...finding });
  }
}

function lineOf(place: Place): string {
  return "line" in place.origin ? ` (first on line ${place.origin.line})` : "";
}

function hasRange(node: unknown): node is { range: [number, number, number] } {
  return typeof node === "object" && node !== null && "range" in node && Array.isArray(node.range);
}

function hasAnchor(node: unknown): node is { anchor: string } {
  return typeof node === "object" && node !== null && "anchor" in node && typeof node.anchor === "string";
}

function hasTag(node: unknown): node is { tag: string } {
  return typeof node === "object" && node !== null && "tag" in node && typeof node.tag === "string";
}

function toScalar(value: Scalar["value"]): string | number | boolean | null {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  return typeof value === "bigint" ? Number(value) : null;
}
