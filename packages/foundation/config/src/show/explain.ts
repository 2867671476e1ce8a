import type { LayerName, Origin } from "../origin.ts";
import { valueAt } from "../parse/value-at.ts";
import { formatPath, parsePath, type Path } from "../path.ts";
import type { ConfigResult, Trace } from "../read-config.ts";
import { type Fields, fieldsAt, firstOf, typesOf } from "../schema/field.ts";
import { type ConfigNode, nodeAt } from "../tree.ts";
import { encodeConfig } from "./print-config.ts";
import { showNode, showValue } from "./show-value.ts";

/** A value that one layer gave for a path, as it was written there; secrets are masked. */
export interface LayerValue {
  layer: LayerName;
  origin: Origin;
  value: unknown;
}

/** Where a value came from, and what the schema says about it. */
export interface Explanation extends LayerValue {
  path: string;
  /** The value that counts, as it would be written: `2m`, not 120000. A secret shows its reference. */
  value: unknown;
  /** What lost: values of other layers, highest layer first, the default last. A value of null unset what lies below it. */
  overrode: readonly LayerValue[];
  description?: string;
  default?: unknown;
  unit?: string;
}

/** Explains a path such as `models[0].engine`; undefined when no layer and no default sets it. */
export function explain(result: ConfigResult<unknown>, path: string): Explanation | undefined {
  const segments = parsePath(path);
  if (segments === undefined) return undefined;
  const { winner, overrode } = findWinner(result.trace(), segments);
  const current = result.config === undefined ? undefined : valueAt(writtenForm(result), segments);
  const value = current === undefined ? winner?.value : showValue(current);
  if (value === undefined) return undefined;
  const { layer, origin } = winner ?? fromSchema;
  return { path: formatPath(segments), value, layer, origin, overrode, ...schemaWords(result.trace(), segments) };
}

function writtenForm(result: ConfigResult<unknown>): unknown {
  try {
    return encodeConfig(result.trace().schema, result.config);
  } catch {
    return result.config;
  }
}

interface Contest {
  winner: LayerValue | undefined;
  overrode: readonly LayerValue[];
}

const fromSchema = { layer: "defaults", origin: { layer: "defaults" } } as const;

function findWinner({ schema, layers }: Trace, path: Path): Contest {
  const root = schema.field;
  const fields = fieldsAt(root, path);
  const overrode: LayerValue[] = [];
  let winner: LayerValue | undefined;
  let isHidden = false;
  for (const { name, tree } of layers.toReversed()) {
    const node = nodeAt(tree, path);
    if (node === undefined) {
      isHidden ||= endsAbove(tree, path);
      continue;
    }
    const given = { layer: name, origin: node.origin, value: showNode(node, root, fields) };
    if (winner === undefined && !isHidden && !isUnset(node, fields)) winner = given;
    else overrode.push(given);
    isHidden ||= isUnset(node, fields);
  }
  return { winner, overrode: endWithDefault(winner, overrode, firstOf(fields, "default")) };
}

function isUnset(node: ConfigNode, fields: Fields): boolean {
  return node.kind === "scalar" && node.value === null && !typesOf(fields).has("null");
}

/** Defaults in sections that need not be there are in no layer; the schema fills them in. */
function endWithDefault(winner: LayerValue | undefined, overrode: LayerValue[], fallback: unknown): LayerValue[] {
  if (winner === undefined || winner.layer === "defaults") return overrode.filter(({ layer }) => layer !== "defaults");
  if (fallback === undefined || overrode.some(({ layer }) => layer === "defaults")) return overrode;
  return [...overrode, { ...fromSchema, value: fallback }];
}

/** Whether a layer has something on the way to a path that is no map, and so hides all lower layers there. */
function endsAbove(tree: ConfigNode | undefined, path: Path): boolean {
  return path.some((_, length) => {
    const above = nodeAt(tree, path.slice(0, length));
    return above !== undefined && above.kind !== "map";
  });
}

function schemaWords({ schema }: Trace, path: Path): Pick<Explanation, "description" | "default" | "unit"> {
  const fields = fieldsAt(schema.field, path);
  const description = firstOf(fields, "description");
  const fallback = firstOf(fields, "default");
  const unit = firstOf(fields, "unit");
  return {
    ...(description === undefined ? {} : { description }),
    ...(fallback === undefined ? {} : { default: fallback }),
    ...(unit === undefined ? {} : { unit }),
  };
}
