import { HxpError } from "@hxp/errors";

/**
 * Writes a value as canonical JSON (RFC 8785): keys sorted by code unit, no white space, so that equal data has equal bytes.
 * Properties that are undefined are left out; what JSON cannot carry (NaN, functions, bigints) throws STATEMENT_INVALID.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value === "object" && value !== null) return writeObject(value);
  return writeScalar(value);
}

function writeObject(value: object): string {
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(",")}}`;
}

function writeScalar(value: unknown): string {
  const isJson = value === null || typeof value === "boolean" || typeof value === "string" || Number.isFinite(value);
  if (!isJson) throw new HxpError("STATEMENT_INVALID", `JSON cannot carry ${describe(value)}`);
  return JSON.stringify(value);
}

function describe(value: unknown): string {
  return typeof value === "number" ? String(value) : `a value of type ${typeof value}`;
}
