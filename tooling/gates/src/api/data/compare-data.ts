import type { JsonObject, JsonValue } from "../../gate.ts";
import type { ApiChange } from "../api-change.ts";

/** How a value is compared. */
export interface DataOptions {
  /** Name of the export, put before each place. */
  name: string;
  kind: "data" | "errors";
  /** Keys whose texts are for people. */
  prose: readonly string[];
}

/** Compares an exported value key by key: a key less or another value breaks whoever relies on it, a key more does not. */
export function compareData(before: JsonValue, after: JsonValue, { name, kind, prose }: DataOptions): ApiChange[] {
  return compareValues({ before, after }, name).map((change) => {
    const isProse = change.isText && prose.includes(change.key);
    const { where, change: sort, before: was, after: is } = change;
    const texts = { ...(was === undefined ? {} : { before: was }), ...(is === undefined ? {} : { after: is }) };
    if (isProse) return { kind, where, change: sort, ...texts, bump: "patch", reason: "Another wording, for people." };
    return { kind, where, change: sort, ...texts, ...meanings[sort] };
  });
}

const meanings = {
  removed: { bump: "major", reason: "Who looks the entry up finds nothing." },
  added: { bump: "minor", reason: "A new entry." },
  changed: { bump: "major", reason: "Who acts on the value does something else." },
} as const;

interface Difference {
  where: string;
  /** Last key on the way to it. */
  key: string;
  change: keyof typeof meanings;
  before?: string;
  after?: string;
  isText: boolean;
}

interface Pair {
  before: JsonValue;
  after: JsonValue;
}

function compareValues({ before, after }: Pair, where: string): Difference[] {
  if (!isTable(before) || !isTable(after)) {
    if (JSON.stringify(before) === JSON.stringify(after)) return [];
    const isText = typeof before === "string" && typeof after === "string";
    return [{ where, key: lastKey(where), change: "changed", before: print(before), after: print(after), isText }];
  }
  const removed = Object.keys(before).filter((key) => !Object.hasOwn(after, key));
  const added = Object.keys(after).filter((key) => !Object.hasOwn(before, key));
  const kept = Object.keys(before).filter((key) => Object.hasOwn(after, key));
  const at = (key: string): string => `${where}.${key}`;
  return [
    ...removed.map((key): Difference => ({
      where: at(key),
      key,
      change: "removed",
      before: print(before[key]),
      isText: false,
    })),
    ...added.map((key): Difference => ({
      where: at(key),
      key,
      change: "added",
      after: print(after[key]),
      isText: false,
    })),
    ...kept.flatMap((key) => compareValues({ before: before[key] ?? null, after: after[key] ?? null }, at(key))),
  ];
}

/** Objects are compared by key; a list is one value, because its order may mean something. */
function isTable(value: JsonValue): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function lastKey(where: string): string {
  return where.slice(where.lastIndexOf(".") + 1);
}

const longestText = 200;

function print(value: JsonValue | undefined): string {
  const text = JSON.stringify(value) ?? "undefined";
  return text.length > longestText ? `${text.slice(0, longestText - 1)}…` : text;
}
