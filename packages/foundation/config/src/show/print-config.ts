import { HxpError } from "@hxp/errors";
import { stringify } from "yaml";
import * as z from "zod";
import { readDefaults } from "../read/read-defaults.ts";
import { escapeText } from "../reference.ts";
import type { ConfigOf, ConfigSchema } from "../schema/define-schema.ts";
import { isSecret } from "../secret.ts";
import type { ConfigNode } from "../tree.ts";

/** How {@link printConfig} writes. */
export interface PrintOptions {
  /** Default `yaml`. */
  format?: "yaml" | "json";
}

/**
 * Prints a config as a user would write it: every key, defaults too; secrets as their references; null for a key that is
 * there by default and that this config has not. Read again, it gives the same config. Throws CONFIG_SCHEMA_INVALID when the schema has a transform that cannot be turned back (use `z.codec`).
 */
export function printConfig<Schema extends ConfigSchema>(
  schema: Schema,
  config: ConfigOf<Schema>,
  { format = "yaml" }: PrintOptions = {},
): string {
  const written = unsetDefaults(toPrintable(encodeConfig(schema, config)), readDefaults(schema.field));
  if (format === "json") return `${JSON.stringify(written, undefined, 2)}\n`;
  return stringify(written, { version: "1.2", schema: "core", lineWidth: 0, aliasDuplicateObjects: false });
}

/** A config in the form that a user would write, but with secrets as they are. */
export function encodeConfig(schema: ConfigSchema, config: unknown): unknown {
  try {
    return z.encode(schema.schema, config as Record<string, unknown>);
  } catch (error) {
    const code = error instanceof z.core.$ZodEncodeError ? "CONFIG_SCHEMA_INVALID" : "CONFIG_INVALID";
    // Zod's messages name keys and types, never values.
    const reason =
      error instanceof z.core.$ZodEncodeError ? "a key's transform cannot be turned back" : "it is not valid";
    throw new HxpError(code, `The config of ${schema.id} cannot be printed: ${reason}.`);
  }
}

/** Sets to null what the lowest layer has and a config lacks: left out, it would come back. */
function unsetDefaults(written: unknown, defaults: ConfigNode): unknown {
  if (defaults.kind !== "map" || typeof written !== "object" || written === null || Array.isArray(written))
    return written;
  const missing = [...defaults.entries.keys()].filter((key) => !Object.hasOwn(written, key));
  const kept = Object.entries(written).map(([key, child]: [string, unknown]) => {
    const below = defaults.entries.get(key)?.value;
    return [key, below === undefined ? child : unsetDefaults(child, below)] as const;
  });
  return Object.fromEntries([...kept, ...missing.map((key) => [key, null] as const)]);
}

function toPrintable(value: unknown): unknown {
  if (isSecret(value)) return value.reference;
  if (typeof value === "string") return escapeText(value);
  if (Array.isArray(value)) return value.map(toPrintable);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, toPrintable(child)]));
}
