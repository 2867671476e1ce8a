import { readFile } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import type { Finding } from "../problem.ts";
import type { SourceFile } from "./read-file-text.ts";
import type { Variables } from "./read-variables.ts";

/** All that a config is made from, besides its schema. */
export interface ConfigSources {
  /** Lowest first: the file, then the environment's. Default none. */
  files?: readonly SourceFile[];
  /** The active environment, for rules. */
  environment?: string | undefined;
  /** Environment variables; those that begin with the prefix and `__` are read. Default none. */
  variables?: Variables;
  /** What the names of variables begin with. Default `HXP`. */
  prefix?: string;
  /** `path=value` pairs of the command line. Default none. */
  arguments?: readonly string[];
}

/** Which files to read. */
export interface FileSelection {
  /** Path of the file, such as `hxp.yaml`. Undefined reads no file. */
  file?: string | undefined;
  /** The active environment: `production` also reads `hxp.production.yaml` beside the file, when it is there. */
  environment?: string | undefined;
  signal?: AbortSignal | undefined;
}

/** The files that were found, and what is wrong with the others. */
export interface FoundFiles {
  files: readonly SourceFile[];
  findings: readonly Finding[];
}

/** Reads the bytes of the file, which must be there, and of the environment's, which may be. */
export async function readSources({ file, environment, signal }: FileSelection): Promise<FoundFiles> {
  if (file === undefined) return { files: [], findings: [] };
  const overlay = environment === undefined ? undefined : environmentFile(file, environment);
  if (environment !== undefined && overlay === undefined) return { files: [], findings: [unnamable(environment)] };
  const wanted = [{ layer: "file", file } as const, ...overlayOf(overlay)];
  const results = await Promise.all(wanted.map((each) => readSource(each, signal)));
  return { files: results.flatMap((each) => each.files), findings: results.flatMap((each) => each.findings) };
}

/** The file of an environment: `hxp.yaml` and `production` give `hxp.production.yaml`; undefined for a name that is no word. */
export function environmentFile(file: string, environment: string): string | undefined {
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(environment)) return undefined;
  const extension = extname(file);
  return join(dirname(file), `${basename(file, extension)}.${environment}${extension}`);
}

/** Read on without its file, a config would be another environment's. */
function unnamable(environment: string): Finding {
  const found = JSON.stringify(environment);
  const expected = "at most 64 letters, digits, - and _, the first a letter or digit";
  const message = `The environment ${found} names no file, so its settings cannot be read; expected ${expected}.`;
  return { code: "CONFIG_VALUE_INVALID", severity: "error", path: [], message, found, expected };
}

function overlayOf(file: string | undefined): Omit<SourceFile, "content">[] {
  return file === undefined ? [] : [{ layer: "environment-file", file }];
}

async function readSource(source: Omit<SourceFile, "content">, signal: AbortSignal | undefined): Promise<FoundFiles> {
  try {
    const content = await readFile(source.file, signal === undefined ? {} : { signal });
    return { files: [{ ...source, content }], findings: [] };
  } catch (error) {
    signal?.throwIfAborted();
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    if (code === "ENOENT" && source.layer === "environment-file") return { files: [], findings: [] };
    const reason = code === "ENOENT" ? "it does not exist" : `it cannot be read (${code})`;
    const message = `Expected a configuration file at ${source.file}, but ${reason}.`;
    return { files: [], findings: [{ code: "FILE_UNREADABLE", severity: "error", path: [], message }] };
  }
}
