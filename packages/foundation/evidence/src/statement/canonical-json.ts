import { HxpError } from "@hxp/errors";

/**
 * Writes a value as canonical JSON (RFC 8785): keys sorted by code unit, no white space, so that equal data has equal bytes.
 * Properties that are undefined are left out; what JSON cannot carry as it is (NaN, functions, bigints, objects with a
 * prototype of their own such as dates and maps, lists with holes) throws STATEMENT_INVALID.
 */
export function canonicalJson(value: unknown): string {
  // From, and not map: a hole must be read as undefined, which is refused, and not be skipped.
  if (Array.isArray(value)) return `[${Array.from(value, canonicalJson).join(",")}]`;
  if (typeof value === "object" && value !== null) return writeObject(value);
  return writeScalar(value);
}

function writeObject(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new HxpError(
      "STATEMENT_INVALID",
      `JSON cannot carry a ${Object.prototype.toString.call(value).slice(8, -1)} as it is`,
    );
  }
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
