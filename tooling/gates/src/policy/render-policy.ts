import { z } from "zod";
import { policySchema } from "./policy-schema.ts";

interface SchemaNode {
  type?: string;
  enum?: unknown[];
  description?: string;
  default?: unknown;
  properties?: Record<string, SchemaNode>;
  items?: SchemaNode;
}

/** The policy's JSON Schema, draft 2020-12, for editors. */
export function policyJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(policySchema, { io: "input" });
}

/** Renders the policy's keys with their defaults as the Markdown page `docs/policy.md` of this package. */
export function renderPolicy(): string {
  const lines = describeProperties(policyJsonSchema(), "");
  return [
    "# Release policy",
    "",
    "Generated from `policySchema` of `@hxp/release-gates`; `pnpm test -u gates` writes it anew. Every key is optional.",
    "",
    ...lines,
    "",
  ].join("\n");
}

function describeProperties(node: SchemaNode, prefix: string): string[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, child]) => {
    const path = `${prefix}${key}`;
    const nested = [...describeProperties(child, `${path}.`), ...describeProperties(child.items ?? {}, `${path}[].`)];
    return [`- \`${path}\` (${typeOf(child)}${defaultOf(child)}): ${child.description ?? ""}`, ...nested];
  });
}

function typeOf(node: SchemaNode): string {
  if (node.enum !== undefined) return node.enum.map((value) => JSON.stringify(value)).join(" or ");
  if (node.type === "array") return `array of ${typeOf(node.items ?? {})}`;
  return node.type ?? "any";
}

function defaultOf(node: SchemaNode): string {
  if (node.default === undefined || node.properties !== undefined) return "";
  return `, default \`${JSON.stringify(node.default)}\``;
}
