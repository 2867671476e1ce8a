import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import type { FoundSecret } from "./parse/to-written.ts";
import { formatPath } from "./path.ts";
import { at, type Finding } from "./problem.ts";
import type { Variables } from "./read/read-variables.ts";
import type { SecretSource } from "./secret.ts";

/** Checks that what the references name is there, without reading it. Paths and names are reported, values never seen. */
export async function checkSecrets(secrets: readonly FoundSecret[], variables: Variables): Promise<Finding[]> {
  const checked = await Promise.all(secrets.map((found) => checkSecret(found, variables)));
  return checked.flat();
}

async function checkSecret({ path, secret, place }: FoundSecret, variables: Variables): Promise<Finding[]> {
  const fault = await faultOf(secret.source, variables);
  if (fault === undefined) return [];
  const found = secret.reference;
  const message = `${formatPath(path)} refers to ${found}, but ${fault}.`;
  const expected = secret.source.kind === "env" ? "a variable that is set" : "a readable file that is not empty";
  return [{ code: "CONFIG_REFERENCE_MISSING", severity: "error", path, ...at(place), message, found, expected }];
}

async function faultOf(source: SecretSource, variables: Variables): Promise<string | undefined> {
  if (source.kind === "env") {
    const value = Object.hasOwn(variables, source.name) ? variables[source.name] : undefined;
    if (value === undefined) return `the variable ${source.name} is not set`;
    return value === "" ? `the variable ${source.name} is empty` : undefined;
  }
  try {
    const { size, isFile } = await describeFile(source.path);
    if (!isFile) return `${source.path} is not a file`;
    return size === 0 ? `the file ${source.path} is empty` : undefined;
  } catch (error) {
    return `the file ${source.path} cannot be read (${codeOf(error)})`;
  }
}

async function describeFile(path: string): Promise<{ size: number; isFile: boolean }> {
  await access(path, constants.R_OK);
  const found = await stat(path);
  return { size: found.size, isFile: found.isFile() };
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}
