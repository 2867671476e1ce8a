import { z } from "zod";
import { HxpError } from "@hxp/errors";

// Tolerant: what a registry adds is kept, because deprecating sends the whole document back.
const distSchema = z.looseObject({
  tarball: z.string(),
  integrity: z.string().optional(),
  shasum: z.string().optional(),
  signatures: z.array(z.looseObject({ keyid: z.string(), sig: z.string() })).optional(),
  attestations: z.looseObject({ url: z.string() }).optional(),
});

const versionSchema = z.looseObject({
  name: z.string(),
  version: z.string(),
  dist: distSchema,
  deprecated: z.union([z.string(), z.boolean()]).optional(),
});

const tagsSchema = z.record(z.string(), z.string());

const packumentSchema = z.looseObject({
  name: z.string(),
  "dist-tags": tagsSchema.default({}),
  versions: z.record(z.string(), versionSchema).default({}),
  time: z.record(z.string(), z.unknown()).optional(),
  _rev: z.string().optional(),
});

/** All that a registry says about a package: npm's packument. Unknown fields are kept. */
export type Packument = z.infer<typeof packumentSchema>;

/** One version in a {@link Packument}. */
export type PackumentVersion = z.infer<typeof versionSchema>;

/** Reads a packument of the given name; another shape or another package's document: REGISTRY_ANSWER_INVALID. */
export function parsePackument(name: string, answer: unknown): Packument {
  const packument = parseAnswer(packumentSchema, answer, `the packument of ${name}`);
  if (packument.name !== name) {
    throw new HxpError("REGISTRY_ANSWER_INVALID", `The registry answered ${packument.name} when asked for ${name}`);
  }
  return packument;
}

/** Reads the answer of a dist-tags endpoint; another shape: REGISTRY_ANSWER_INVALID. */
export function parseTags(name: string, answer: unknown): Record<string, string> {
  return parseAnswer(tagsSchema, answer, `the dist-tags of ${name}`);
}

/** The version's entry, or undefined; never what an object inherits. */
export function versionOf(packument: Packument | undefined, version: string): PackumentVersion | undefined {
  if (packument === undefined || !Object.hasOwn(packument.versions, version)) return undefined;
  return packument.versions[version];
}

/** The revision that a change of the packument has to name. */
export function revisionOf(packument: Packument | undefined): string {
  return packument?.["_rev"] ?? "";
}

/** The version's deprecation message, or undefined when it has none; npm takes an empty one off. */
export function deprecationOf(version: PackumentVersion): string | undefined {
  if (version.deprecated === true) return "deprecated";
  return version.deprecated === false || version.deprecated === "" ? undefined : version.deprecated;
}

/** Checks an answer against a schema; REGISTRY_ANSWER_INVALID names the first field that is off. */
export function parseAnswer<T>(schema: z.ZodType<T>, answer: unknown, what: string): T {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue === undefined ? "" : ` at ${issue.path.join(".") || "its root"}: ${issue.message}`;
  throw new HxpError("REGISTRY_ANSWER_INVALID", `The registry's answer for ${what} cannot be read${where}`);
}

/** Reads an answer's body as JSON; anything else: REGISTRY_ANSWER_INVALID. */
export function parseJson(answer: Buffer, action: string): unknown {
  try {
    return JSON.parse(answer.toString("utf8"));
  } catch (cause) {
    throw new HxpError("REGISTRY_ANSWER_INVALID", `Cannot ${action}: the registry did not answer with JSON`, { cause });
  }
}
