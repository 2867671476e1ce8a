import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { HxpError } from "@hxp/errors";
import type { z } from "zod";
import type { EvidenceGap } from "../report-data.ts";

/** Files of an evidence folder, read when they are asked for; what is missing or does not read becomes a gap. */
export interface EvidenceFolder {
  readonly path: string;
  /** Paths of its files with forward slashes, sorted. */
  readonly files: readonly string[];
  readonly gaps: EvidenceGap[];
  /** The text of a file; undefined and a gap, saying what is unknown now, where it is missing or too large. */
  text(file: string, unknown: string): string | undefined;
  /** A JSON file of a shape; undefined and a gap where it is missing or of another. */
  json<Shape>(file: string, schema: z.ZodType<Shape>, unknown: string): Shape | undefined;
}

const maximumBytes = 256 * 1024 * 1024;

/** Opens an evidence folder for reading. Throws FILE_UNREADABLE where there is none. */
export function openEvidenceFolder(path: string): EvidenceFolder {
  if (!existsSync(path) || !statSync(path).isDirectory()) {
    throw new HxpError("FILE_UNREADABLE", `There is no evidence folder at ${path}`);
  }
  const gaps: EvidenceGap[] = [];
  const text = (file: string, unknown: string): string | undefined => {
    const full = join(path, file);
    const bytes = statSync(full, { throwIfNoEntry: false })?.size;
    if (bytes === undefined || bytes > maximumBytes) {
      const problem = bytes === undefined ? "is missing" : `is over ${maximumBytes} bytes`;
      gaps.push({ file, problem: `${problem}: ${unknown}` });
      return undefined;
    }
    return readFileSync(full, "utf8");
  };
  return {
    path,
    files: listFiles(path),
    gaps,
    text,
    json: (file, schema, unknown) => {
      const content = text(file, unknown);
      if (content === undefined) return undefined;
      const { value, problem } = parseShape(content, schema);
      if (problem !== undefined) gaps.push({ file, problem: `${problem}: ${unknown}` });
      return value;
    },
  };
}

/** Reads a JSON text of a shape: the value, or what is wrong with it. */
export function parseShape<Shape>(content: string, schema: z.ZodType<Shape>): { value?: Shape; problem?: string } {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    return { problem: "is not JSON" };
  }
  const result = schema.safeParse(value);
  if (result.success) return { value: result.data };
  const [issue] = result.error.issues;
  return { problem: `does not read at ${issue?.path.join(".") || "its top"} (${issue?.message ?? "unknown"})` };
}

function listFiles(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(path, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .toSorted();
}
