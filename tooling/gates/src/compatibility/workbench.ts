import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { HxpError } from "@hxp/errors";
import { consumerEnvironment } from "../aged/consumer-environment.ts";
import type { GateInput } from "../gate.ts";
import type { Manager } from "./cell.ts";
import { createLimit, type Limit } from "../process/create-limit.ts";
import { quote } from "./quote.ts";
import { runProgram } from "../process/run-program.ts";

/** A Node of the matrix, installed. */
interface InstalledNode {
  version: string;
  /** Folder of its `node`. */
  bin: string;
  /** `sha256:<hex>` of the program. */
  digest: string;
}

/** Where cells install from; both end with a slash. */
export interface Registries {
  /** What package managers are told. */
  registry: string;
  /** Where it leads for the workspace's own packages. */
  origin: string;
}

/** What cells are made with: programs, a registry, folders, and a limit of how many processes run at once. */
export interface Workbench extends Registries {
  /** Absolute, for everything that is thrown away. */
  scratch: string;
  /** Absolute, for what the next release can use. */
  cache: string;
  nodes: ReadonlyMap<string, InstalledNode>;
  /** Exact versions of the managers. */
  managers: ReadonlyMap<Manager, string>;
  npmCli: string;
  limit: Limit;
  concurrency: number;
  signal?: AbortSignal | undefined;
  /** The environment for a cell: its Node and npm first, no credentials, its home and temporary files inside a folder. */
  environment(node: string, folder: string): NodeJS.ProcessEnv;
  /** The command with which a manager does something in a project. */
  command(manager: Manager, node: string, task: "resolve" | "install"): string[];
}

/** Gets programs and folders ready. */
export async function setUpWorkbench(input: GateInput, registries: Registries): Promise<Workbench> {
  const { registry } = registries;
  const { tools, scratch, cache, signal } = input;
  const nodes = await Promise.all(tools.nodes.map((version) => installNode(input, version)));
  const npmCli = tools.managers.includes("npm") ? await tools.npm() : "";
  const shims = join(scratch, "bin");
  const npmCache = join(cache, "compatibility/npm");
  await Promise.all([shims, npmCache, join(scratch, "cells")].map((folder) => mkdir(folder, { recursive: true })));
  // The packages in it are found by their digests. What npm noted about addresses is of another day's registry.
  await rm(join(npmCache, "_cacache/index-v5"), { recursive: true, force: true });
  if (npmCli !== "") await writeShim(join(shims, "npm"), npmCli);
  const bins = new Map(nodes.map((node) => [node.version, node]));
  const env = await consumerEnvironment(tools.env, { folder: join(scratch, "config"), registry });
  const concurrency = availableParallelism();
  const bench: Workbench = {
    ...registries,
    scratch,
    cache,
    nodes: bins,
    managers: new Map(),
    npmCli,
    limit: createLimit(concurrency),
    concurrency,
    signal,
    environment: (node, folder) => ({
      ...env,
      PATH: [bins.get(node)?.bin ?? "", shims, env["PATH"] ?? ""].join(delimiter),
      HOME: folder,
      TMPDIR: folder,
      XDG_CACHE_HOME: folder,
      XDG_DATA_HOME: folder,
      XDG_STATE_HOME: folder,
      CI: "true",
      NO_COLOR: "1",
      npm_config_registry: registry,
      npm_config_cache: npmCache,
      // Third parties' tarballs are at the upstream's address, not at this registry's: npm 12 refuses such by default.
      npm_config_allow_remote: "all",
    }),
    command: (manager, node, task) =>
      manager === "npm"
        ? [
            join(bins.get(node)?.bin ?? "", "node"),
            npmCli,
            ...npmArguments(task),
            `--registry=${registry}`,
            `--cache=${npmCache}`,
          ]
        : [
            "pnpm",
            ...pnpmArguments(task),
            `--registry=${registry}`,
            `--store-dir=${join(cache, "compatibility/pnpm")}`,
            `--cache-dir=${join(scratch, "pnpm-cache")}`,
          ],
  };
  return { ...bench, managers: new Map(await Promise.all(tools.managers.map((name) => readVersion(bench, name)))) };
}

/** What is asked for again within one release may come from the cache: the registry was asked once. */
const shared = ["--ignore-scripts", "--prefer-offline"];

function npmArguments(task: "resolve" | "install"): string[] {
  const quiet = [
    "--no-audit",
    "--no-fund",
    "--no-progress",
    "--no-update-notifier",
    "--omit-lockfile-registry-resolved=false",
  ];
  return task === "resolve" ? ["install", "--package-lock-only", ...shared, ...quiet] : ["ci", ...shared, ...quiet];
}

function pnpmArguments(task: "resolve" | "install"): string[] {
  const mode = task === "resolve" ? ["--lockfile-only", "--no-frozen-lockfile"] : ["--frozen-lockfile"];
  return ["install", ...mode, ...shared];
}

async function installNode({ tools }: GateInput, version: string): Promise<InstalledNode> {
  const bin = await tools.node(version);
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(join(bin, "node"))) hash.update(chunk as Buffer);
  return { version, bin, digest: `sha256:${hash.digest("hex")}` };
}

async function writeShim(path: string, npmCli: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\nexec node ${quote(npmCli)} "$@"\n`);
  await chmod(path, 0o755);
}

async function readVersion(bench: Workbench, manager: Manager): Promise<[Manager, string]> {
  if (manager === "npm") {
    const text = await readFile(join(dirname(dirname(bench.npmCli)), "package.json"), "utf8");
    return [manager, (JSON.parse(text) as { version: string }).version];
  }
  const [node = ""] = bench.nodes.keys();
  const env = bench.environment(node, bench.scratch);
  const end = await runProgram(["pnpm", "--version"], {
    cwd: bench.scratch,
    env,
    timeoutMs: 30_000,
    signal: bench.signal,
  });
  if (end.failure === undefined) return [manager, end.stdout.trim()];
  throw new HxpError("TOOL_MISSING", `pnpm --version ${end.failure}: ${end.output}`);
}
