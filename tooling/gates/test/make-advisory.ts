import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type DatabaseManifest, importAdvisories } from "@hxp/release-gates";
import { makeZip } from "./make-zip.ts";

/** What of an entry in the OSV format a test cares about. */
export interface AdvisoryParts {
  id: string;
  name?: string;
  /** Events of one range, as `introduced` and `fixed`. */
  events?: readonly Record<string, string>[];
  versions?: readonly string[];
  modified?: string;
  [key: string]: unknown;
}

/** An entry in the OSV format, as OSV's `all.zip` has them; by default about every version of `leaf`. */
export function makeAdvisory(parts: AdvisoryParts): Record<string, unknown> {
  const { id, name = "leaf", events, versions, ...rest } = parts;
  const isOpen = events === undefined && versions === undefined;
  const range = { type: "SEMVER", events: events ?? [{ introduced: "0" }] };
  return {
    schema_version: "1.7.3",
    id,
    modified: "2026-11-20T10:00:00.123456Z",
    published: "2026-11-01T10:00:00Z",
    summary: `What ${id} is about`,
    affected: [
      {
        package: { ecosystem: "npm", name, purl: `pkg:npm/${name}` },
        ...(isOpen || events !== undefined ? { ranges: [range] } : {}),
        ...(versions === undefined ? {} : { versions }),
      },
    ],
    ...rest,
  };
}

/** Writes entries as a zip, imports it into the folder `databases`, and gives that folder. */
export async function importEntries(
  folder: string,
  entries: readonly object[],
  now = new Date("2026-11-22T12:00:00Z"),
): Promise<{ databases: string; manifest: DatabaseManifest }> {
  await mkdir(folder, { recursive: true });
  const source = join(folder, "all.zip");
  const files = entries.map((entry, index) => ({ path: `entry-${index}.json`, content: JSON.stringify(entry) }));
  await writeFile(source, makeZip(files));
  const databases = join(folder, "databases");
  return { databases, manifest: await importAdvisories({ source, databases, now }) };
}
