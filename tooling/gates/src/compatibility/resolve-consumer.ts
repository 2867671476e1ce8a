import { mkdtemp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { digestJson } from "./catalogue.ts";
import { renderProject, writeProject } from "./consumer-project.ts";
import type { Consumer } from "./plan-consumer.ts";
import { runProgram } from "../process/run-program.ts";
import type { Workbench } from "./workbench.ts";

/** A package in a resolved tree. */
export type TreeEntry = {
  /** Where it stands: a path for npm, for pnpm its name with those of its peers. */
  at: string;
  /** `name@version`. */
  id: string;
  integrity: string;
};

/** What a manager wants to install: the whole plan, but for addresses. */
export type ResolvedTree = {
  entries: TreeEntry[];
  /** Versions of the direct dependencies of the package under test, by name. */
  direct: Record<string, string>;
  /** Of all of it: what there is, where it stands, and who has which of it. */
  digest: string;
};

/** A tree with the lockfile that gives it. */
export interface Resolved {
  tree: ResolvedTree;
  lockfile: { name: string; text: string };
}

/** Lets the manager of a consumer resolve its project on a Node. A failure is what the manager said. */
export async function resolveConsumer(
  bench: Workbench,
  consumer: Consumer,
  node: string,
): Promise<Resolved | { failure: string }> {
  const folder = await mkdtemp(join(bench.scratch, "cells/plan-"));
  await writeProject(folder, renderProject(consumer));
  const command = bench.command(consumer.manager, node, "resolve");
  const env = bench.environment(node, folder);
  const end = await bench.limit(() =>
    runProgram(command, { cwd: folder, env, timeoutMs: 300_000, signal: bench.signal }),
  );
  if (end.failure !== undefined) return { failure: `${consumer.manager} ${end.failure}\n${end.output}` };
  const name = consumer.manager === "npm" ? "package-lock.json" : "pnpm-lock.yaml";
  const text = await readFile(join(folder, name), "utf8");
  const tree = consumer.manager === "npm" ? readNpmTree(text, consumer) : readPnpmTree(text, consumer);
  return { tree, lockfile: { name, text } };
}

const npmLockSchema = z.object({
  packages: z.record(
    z.string(),
    z.looseObject({ name: z.string().optional(), version: z.string().optional(), integrity: z.string().optional() }),
  ),
});

function readNpmTree(text: string, { subject }: Consumer): ResolvedTree {
  const { packages } = npmLockSchema.parse(JSON.parse(text));
  const entries = Object.entries(packages)
    .filter(([at]) => at !== "")
    .map(([at, { name, version = "", integrity = "" }]) => ({
      at,
      id: `${name ?? at.slice(at.lastIndexOf("node_modules/") + "node_modules/".length)}@${version}`,
      integrity,
    }));
  const find = (name: string): string | undefined =>
    [`node_modules/${subject.name}/node_modules/${name}`, `node_modules/${name}`]
      .map((at) => packages[at]?.version)
      .find((version) => version !== undefined);
  // Where a package stands, and what it depends on by its bytes, says which others it gets.
  return finishTree(
    entries,
    subject.dependencies.map(({ name }) => [name, find(name)]),
    [],
  );
}

const references = z.record(z.string(), z.string()).default({});
const pnpmLockSchema = z.object({
  importers: z.record(
    z.string(),
    z.looseObject({
      dependencies: z.record(z.string(), z.looseObject({ version: z.string() })).default({}),
    }),
  ),
  packages: z
    .record(z.string(), z.looseObject({ resolution: z.looseObject({ integrity: z.string().optional() }) }))
    .default({}),
  snapshots: z
    .record(z.string(), z.looseObject({ dependencies: references, optionalDependencies: references }))
    .default({}),
});

function readPnpmTree(text: string, { subject }: Consumer): ResolvedTree {
  const { importers, packages, snapshots } = pnpmLockSchema.parse(parse(text));
  const beside = importers["."]?.dependencies ?? {};
  const entries = Object.keys(snapshots).map((at) => {
    const id = at.replace(/\(.*$/, "");
    return { at, id, integrity: packages[id]?.resolution.integrity ?? "" };
  });
  const snapshot = snapshots[`${subject.name}@${beside[subject.name]?.version ?? ""}`];
  const below = { ...snapshot?.optionalDependencies, ...snapshot?.dependencies };
  const find = (name: string): string | undefined => {
    const version = (below[name] ?? beside[name]?.version)?.replace(/\(.*$/, "");
    // Behind an alias stands the whole id.
    return version?.slice(version.lastIndexOf("@") + 1);
  };
  const links: Links[] = [
    ["", sortByName(Object.entries(beside).map(([name, { version }]): Link => [name, version]))],
    ...Object.entries(snapshots).map(([at, { optionalDependencies, dependencies }]): Links => [
      at,
      sortByName(Object.entries({ ...optionalDependencies, ...dependencies })),
    ]),
  ];
  return finishTree(
    entries,
    subject.dependencies.map(({ name }) => [name, find(name)]),
    links,
  );
}

/** A name, and what is found behind it. */
type Link = [string, string];

/** What a package finds beside itself; for the project, the package is "". */
type Links = [string, Link[]];

function sortByName<Rest>(entries: readonly [string, Rest][]): [string, Rest][] {
  return entries.toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function finishTree(
  entries: readonly TreeEntry[],
  direct: readonly [string, string | undefined][],
  links: readonly Links[],
): ResolvedTree {
  const sorted = entries.toSorted((a, b) => (a.at < b.at ? -1 : 1));
  const known = direct.filter((entry): entry is [string, string] => entry[1] !== undefined);
  const digest = digestJson([sorted, sortByName(known), sortByName(links)]);
  return { entries: sorted, direct: Object.fromEntries(known), digest };
}
