import { HxpError } from "@hxp/errors";

/** A JSON object as it came: any name, any value. */
export type Json = Readonly<Record<string, unknown>>;

/** A request with a value that is wrong, as OpenAI's API tells it: with the parameter's name. */
export function invalid(param: string, message: string): HxpError {
  return new HxpError("MODEL_REQUEST_INVALID", message, { details: { param } });
}

/** A request for what this server or its engine cannot do. */
export function unsupported(param: string, reason: string): HxpError {
  return new HxpError("MODEL_UNSUPPORTED", `'${param}' is not supported here: ${reason}`, { details: { param } });
}

/** A value by its name; null, as many clients write it, is the same as none. */
export function valueOf(body: Json, name: string): unknown {
  return Object.hasOwn(body, name) ? (body[name] ?? undefined) : undefined;
}

/** Bounds of a number. */
export interface NumberBounds {
  readonly least: number;
  readonly most: number;
  readonly whole?: boolean;
}

/** A number within bounds, or undefined where there is none. */
export function readNumber(body: Json, name: string, { least, most, whole = false }: NumberBounds): number | undefined {
  const value = valueOf(body, name);
  if (value === undefined) return undefined;
  const fits = typeof value === "number" && value >= least && value <= most && (!whole || Number.isInteger(value));
  if (fits) return value;
  const kind = whole ? "a whole number" : "a number";
  throw invalid(name, `Invalid value for '${name}': ${show(value)}, expected ${kind} from ${least} to ${most}.`);
}

export function readBoolean(body: Json, name: string): boolean | undefined {
  const value = valueOf(body, name);
  if (value === undefined || typeof value === "boolean") return value;
  throw invalid(name, `Invalid value for '${name}': ${show(value)}, expected true or false.`);
}

export function readText(body: Json, name: string, path = name): string | undefined {
  const value = valueOf(body, name);
  if (value === undefined || typeof value === "string") return value;
  throw invalid(path, `Invalid value for '${path}': ${show(value)}, expected a string.`);
}

export function requireText(body: Json, name: string, path = name): string {
  const text = readText(body, name, path);
  if (text === undefined) throw missing(path);
  return text;
}

export function readObject(body: Json, name: string, path = name): Json | undefined {
  const value = valueOf(body, name);
  return value === undefined ? undefined : toObject(value, path);
}

export function readList(body: Json, name: string, path = name): readonly unknown[] | undefined {
  const value = valueOf(body, name);
  if (value === undefined || Array.isArray(value)) return value;
  throw invalid(path, `Invalid value for '${path}': ${show(value)}, expected a list.`);
}

export function toObject(value: unknown, path: string): Json {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json;
  throw invalid(path, `Invalid value for '${path}': ${show(value)}, expected an object.`);
}

export function missing(path: string): HxpError {
  return invalid(path, `Missing required parameter: '${path}'.`);
}

/** A value in a message: short, and on one line. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
