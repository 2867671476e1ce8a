import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { satisfies, validRange } from "semver";
import { isMap, isScalar, parseDocument } from "yaml";
import { runCommand } from "../workspace/run-command.ts";
import type { Update } from "./assess-update.ts";

/** What {@link applyUpdates} changed. */
export interface Applied {
  /** Folders of packages whose consumers get another range, relative to the workspace. */
  widened: string[];
}

const fields = ["dependencies", "optionalDependencies", "peerDependencies", "devDependencies"] as const;
const consumerFields: readonly string[] = ["dependencies", "optionalDependencies", "peerDependencies"];

/**
 * Writes updates into a workspace: a range that does not have the new version moves to it and keeps its operator, in the
 * manifest or in the catalog that it names; one that has it stays, and only the lockfile moves. Throws COMMAND_FAILED.
 */
export async function applyUpdates(
  workspace: string,
  updates: readonly Update[],
  { env, signal }: { env: NodeJS.ProcessEnv; signal?: AbortSignal | undefined },
): Promise<Applied> {
  const moved = moveCatalogs(workspace, updates);
  const folders = [...new Set(updates.flatMap(({ dependents }) => dependents))].toSorted();
  const widened = folders.filter((folder) => moveManifest(join(workspace, folder), { updates, moved }));
  const pnpm = (...args: string[]): Promise<string> =>
    runCommand(["pnpm", ...args], { cwd: workspace, env: { ...env, CI: "true" }, signal });
  const names = updates.map(({ name }) => name);
  await pnpm("update", "--recursive", "--no-save", "--lockfile-only", "--ignore-scripts", ...names);
  await pnpm("install", "--lockfile-only", "--no-frozen-lockfile", "--ignore-scripts");
  return { widened };
}

/** Moves entries of the catalogs; returns `catalog name` of those that moved. */
function moveCatalogs(workspace: string, updates: readonly Update[]): ReadonlySet<string> {
  const path = join(workspace, "pnpm-workspace.yaml");
  const document = parseDocument(readFileSync(path, "utf8"));
  const moved = new Set<string>();
  const named = document.get("catalogs");
  const catalogs: [string, string[]][] = [
    ["default", ["catalog"]],
    ...(isMap(named) ? named.items.map(({ key }): [string, string[]] => [String(key), ["catalogs", String(key)]]) : []),
  ];
  for (const [catalog, location] of catalogs) {
    for (const { name, latest } of updates) {
      const entry: unknown = document.getIn([...location, name], true);
      if (!isScalar(entry) || typeof entry.value !== "string") continue;
      const range = moveRange(entry.value, latest);
      if (range === entry.value) continue;
      entry.value = range;
      moved.add(`${catalog} ${name}`);
    }
  }
  if (moved.size > 0) writeFileSync(path, document.toString({ lineWidth: 0 }));
  return moved;
}

/** Moves a manifest's ranges; returns whether one moved that consumers get, in the manifest or in its catalog. */
function moveManifest(
  folder: string,
  { updates, moved }: { updates: readonly Update[]; moved: ReadonlySet<string> },
): boolean {
  const path = join(folder, "package.json");
  if (!existsSync(path)) return false;
  const before = readFileSync(path, "utf8");
  const moves = planMoves(JSON.parse(before) as Manifest, updates);
  const text = moves.reduce((written, move) => replaceEntry(written, move), before);
  if (text !== before) writeFileSync(path, text);
  const hasMoved = ({ name, from, range }: Move): boolean => {
    const [, catalog] = /^catalog:(.*)$/.exec(from) ?? [];
    return range !== from || (catalog !== undefined && moved.has(`${catalog || "default"} ${name}`));
  };
  return moves.some((move) => consumerFields.includes(move.field) && hasMoved(move));
}

type Manifest = Record<string, Record<string, string> | undefined>;

/** One entry of a manifest that names an updated dependency. */
interface Move {
  field: string;
  name: string;
  from: string;
  range: string;
}

function planMoves(manifest: Manifest, updates: readonly Update[]): Move[] {
  return fields.flatMap((field) =>
    updates.flatMap(({ name, latest }): Move[] => {
      const from = manifest[field]?.[name];
      if (from === undefined) return [];
      const move = field === "peerDependencies" ? widenRange : moveRange;
      return [{ field, name, from, range: move(from, latest) }];
    }),
  );
}

/** Changes one entry of a manifest's text and nothing else of how it is written. */
function replaceEntry(text: string, { field, name, range }: Move): string {
  const section = new RegExp(`"${field}"\\s*:\\s*\\{[^}]*\\}`);
  const entry = new RegExp(`("${escapePattern(name)}"\\s*:\\s*)"[^"]*"`);
  return text.replace(section, (block) =>
    block.replace(entry, (_whole, key: string) => `${key}${JSON.stringify(range)}`),
  );
}

/** RegExp.escape, which Node 22 has not. */
function escapePattern(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

/** A peer's range keeps what it promised: to narrow it breaks consumers. */
function widenRange(range: string, version: string): string {
  return validRange(range) === null || satisfies(version, range) ? range : `${range} || ^${version}`;
}

/** The range with its floor at the version, or as it was when it has the version; what is no range of versions stays. */
function moveRange(range: string, version: string): string {
  const [whole, operator = ""] = /^([\^~]|>=)?\s*\d[^\s|]*$/.exec(range) ?? [];
  if (whole === undefined) return widenRange(range, version);
  return validRange(range) === null || satisfies(version, range) ? range : `${operator}${version}`;
}
