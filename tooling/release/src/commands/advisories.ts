import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { HxpError } from "@hxp/errors";
import { writeFileDurably } from "@hxp/evidence/durable";
import {
  createCsaf,
  csafFileName,
  type DatabaseManifest,
  importAdvisories,
  importCommand,
  type JsonObject,
  openAdvisoryDatabase,
  type OsvEntry,
  readAdvisoryFiles,
  readAge,
  type SnapshotAge,
} from "@hxp/release-gates";
import type { ReleaseContext } from "../release-context.ts";
import { readWorkspace } from "../workspace/read-workspace.ts";

/** The snapshot that the advisories gate looks into. */
export interface SnapshotStatus extends SnapshotAge {
  folder: string;
  snapshot: DatabaseManifest;
}

/** `pnpm release advisories import`: makes advisories in the OSV format the snapshot of the advisories gate. */
export async function importSnapshot(context: ReleaseContext, source: string): Promise<SnapshotStatus> {
  const { paths, progress, signal } = context;
  await progress.step(`Import ${source}`, (report) =>
    importAdvisories({
      source,
      databases: paths.databases,
      now: new Date(context.clock()),
      signal,
      onProgress: report,
    }),
  );
  return readSnapshotStatus(context);
}

/**
 * `pnpm release advisories status`: what was imported, how old it is by the policy, and whether every byte is as it was
 * written. Throws GATE_FAILED where there is none, ADVISORY_DATABASE_INVALID where it was changed.
 */
export async function readSnapshotStatus(context: ReleaseContext): Promise<SnapshotStatus> {
  const folder = context.paths.databases;
  await using database = await openAdvisoryDatabase(folder);
  if (database === undefined) {
    throw new HxpError("GATE_FAILED", `No advisory snapshot is imported at ${folder}.`, { hint: importCommand });
  }
  await database.verify();
  const { manifest } = database;
  return {
    folder,
    snapshot: manifest,
    ...readAge(manifest, context.config.policy.advisories, new Date(context.clock())),
  };
}

/** What {@link exportCsaf} takes. */
export interface CsafRequest {
  /** Id of the advisory, or one of its aliases. */
  id: string;
  /** Packages that the document is about; default: those of the workspace. */
  packages: readonly string[];
  /** Folder with the workspace's own advisories, in the OSV format. */
  from: string;
  /** Folder to write the document into, under the name that CSAF prescribes. */
  output?: string | undefined;
}

/** A CSAF document, and where it was written. */
export interface CsafOutcome {
  document: JsonObject;
  path?: string;
}

/** `pnpm release advisories csaf`: makes a CSAF 2.0 document of an advisory about packages of the workspace. */
export async function exportCsaf(context: ReleaseContext, request: CsafRequest): Promise<CsafOutcome> {
  const { publisher } = context.config;
  if (publisher === undefined) {
    throw new HxpError(
      "RELEASE_CONFIG_INVALID",
      "A CSAF advisory says who publishes it, and the configuration does not.",
      {
        hint: 'Set `publisher: { name: "…", namespace: "https://…" }` in release.config.ts.',
      },
    );
  }
  const folder = resolve(context.workspace, request.from);
  const entry = findEntry(await readAdvisoryFiles(folder), request.id, folder);
  const document = createCsaf(entry, {
    publisher,
    engine: { name: "@hxp/release", version: readOwnVersion() },
    now: new Date(context.clock()),
    packages: await choosePackages(context, request.packages),
  });
  if (request.output === undefined) return { document };
  const path = resolve(request.output, csafFileName(entry.id));
  writeFileDurably(path, `${JSON.stringify(document, null, 2)}\n`);
  return { document, path };
}

function findEntry(entries: readonly OsvEntry[], id: string, folder: string): OsvEntry {
  const found = entries.find((entry) => entry.id === id || entry.aliases?.includes(id));
  if (found !== undefined) return found;
  const known = entries.map((entry) => entry.id).join(", ");
  throw new HxpError("USAGE_INVALID", `There is no advisory ${id} in ${folder}; there are: ${known || "none"}.`);
}

/** One publishes advisories about one's own packages alone. */
async function choosePackages({ workspace }: ReleaseContext, asked: readonly string[]): Promise<string[]> {
  const { packages } = await readWorkspace(workspace);
  const own = packages.filter((entry) => !entry.private).map(({ name }) => name);
  const foreign = asked.find((name) => !own.includes(name));
  if (foreign !== undefined) {
    throw new HxpError(
      "USAGE_INVALID",
      `--package ${foreign} is not published by this workspace; it has ${own.join(", ")}.`,
    );
  }
  return asked.length === 0 ? own : [...asked];
}

/** The manifest lies beside `src`, and beside `dist`. */
function readOwnVersion(): string {
  const folder = import.meta.dirname;
  const root = folder.endsWith("commands") ? join(folder, "../..") : join(folder, "..");
  return (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string }).version;
}
