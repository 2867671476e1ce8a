import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import {
  createCredential,
  createRegistryClient,
  readRegistryState,
  type RegistryClient,
  type RegistryState,
} from "@hxp/release-registry";
import { type JournalRecord, readJournal } from "../../src/journal/journal.ts";
import type { TestWorkspace } from "./workspace.ts";
import { type InProcessServer, runInProcess } from "./in-process.ts";

/** Everything that a release leaves behind and that a person or a consumer can see. */
export interface Outcome {
  /** Tags, versions, digests, deprecations. */
  readonly registry: RegistryState;
  /** Where the registry differs from the journal. */
  readonly differences: readonly unknown[];
  readonly releases: readonly { id: string; state: string }[];
  /** `refs/tags/… <commit>` */
  readonly gitTags: readonly string[];
  /** Files of each evidence folder, by release. */
  readonly evidence: Readonly<Record<string, readonly string[]>>;
  /** What `verify` says of each evidence folder, by release. */
  readonly verified: Readonly<Record<string, readonly string[]>>;
}

/** Names of the packages of the `chain` fixture, dependencies first. */
export const chainNames = ["@acme/a", "@acme/b", "@acme/c"];

/** Reads with the release's own commands what is where; its registry is being served. */
export async function readOutcome(workspace: TestWorkspace, registry: InProcessServer): Promise<Outcome> {
  const status = await runJson(["status", "--cwd", workspace.folder]);
  const { releases, differences } = status as { releases: { id: string; state: string }[]; differences: unknown[] };
  const ended = releases.filter(({ state }) => state === "released" || state === "rolled-back").map(({ id }) => id);
  const folders = ended.map((id) => [id, join(workspace.folder, ".hxp/releases", id)] as const);
  const verified: [string, string[]][] = [];
  for (const [id, folder] of folders) verified.push([id, await verifyFolder(folder, workspace)]);
  return {
    registry: await readRegistryState(openClient(workspace, registry), chainNames),
    differences,
    releases: releases.map(({ id, state }) => ({ id, state })),
    gitTags: workspace.git("for-each-ref", "refs/tags", "--format=%(refname) %(objectname)").split("\n"),
    evidence: Object.fromEntries(folders.map(([id, folder]) => [id, listFiles(folder)])),
    verified: Object.fromEntries(verified),
  };
}

/** A client of a workspace's own registry. */
export function openClient(workspace: TestWorkspace, { url }: InProcessServer): RegistryClient {
  const secret = workspace.read(".hxp/registry/token").trim();
  return createRegistryClient({ url, credential: createCredential({ secret, source: "test" }) });
}

/** The journal, as an unbroken chain. */
export function readRecords(workspace: TestWorkspace): readonly JournalRecord[] {
  return readJournal(join(workspace.folder, ".hxp/journal.jsonl"));
}

/** Records of effects that began and neither ended nor failed. */
export function findUnended(records: readonly JournalRecord[]): JournalRecord[] {
  const begun = new Map<string, JournalRecord[]>();
  for (const record of records) {
    const key = `${record.release} ${record.kind} ${record.target}`;
    if (record.phase === "before") begun.set(key, [...(begun.get(key) ?? []), record]);
    // The last one that began is the one that ended: what was cut off before it never will.
    if (record.phase === "after" || record.phase === "failed") assert(begun.get(key)?.pop(), `${key} ended unbegun`);
  }
  return [...begun.values()].flat();
}

async function verifyFolder(folder: string, workspace: TestWorkspace): Promise<string[]> {
  const result = await runJson(["verify", folder, "--cwd", workspace.folder]);
  const { verified } = result as { verified: { what: string; says: string }[] };
  // A killed release leaves entries in the log that stay there.
  return verified.map(({ what, says }) => (what === "log" ? what : `${what}: ${says}`));
}

async function runJson(args: readonly string[]): Promise<unknown> {
  const run = await runInProcess([...args, "--json"]);
  assert.equal(run.exitCode, 0, `${args.join(" ")} failed:\n${run.text}`);
  return JSON.parse(run.stdout);
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .toSorted();
}
