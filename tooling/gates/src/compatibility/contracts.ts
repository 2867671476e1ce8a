import { createHash } from "node:crypto";
import { glob, readFile } from "node:fs/promises";
import { join, posix, relative, sep } from "node:path";
import type { GateInput, GatePackage } from "../gate.ts";

/** A contract test of a package. */
export interface ContractFile {
  /** Inside the consumer's project, with slashes. */
  path: string;
  /** Where it comes from, relative to the workspace. */
  source: string;
  bytes: Buffer;
  /** Whether Node runs it; other files are what tests read. */
  isTest: boolean;
  /** `sha256:<hex>` */
  digest: string;
}

/** The contract tests of a package, and what they need beside it. */
export interface Contract {
  files: ContractFile[];
  extra: Readonly<Record<string, string>>;
  /** Patterns of the policy that match no file inside the workspace. */
  missing: string[];
}

const folderPattern = "contract/**/*.{js,mjs,ts,mts}";

/** Reads the contract tests that the policy names for a package, or else those of its `contract` folder. */
export async function readContract(
  { workspace, policy }: GateInput,
  entry: Pick<GatePackage, "name" | "folder">,
): Promise<Contract> {
  const { contracts } = policy.compatibility;
  const named = Object.hasOwn(contracts, entry.name) ? contracts[entry.name] : undefined;
  const folder = named === undefined ? entry.folder : ".";
  const patterns = named?.files ?? [folderPattern];
  const found = await Promise.all(patterns.map((pattern) => findFiles(join(workspace, folder), pattern)));
  const paths = [...new Set(found.flat())].toSorted();
  return {
    files: await Promise.all(
      paths.map((path) => readContractFile(workspace, { source: posix.join(folder, path), path })),
    ),
    extra: named?.with ?? {},
    missing: named === undefined ? [] : patterns.filter((_pattern, index) => found[index]?.length === 0),
  };
}

/** Of a folder, nothing: a pattern has to name files. */
async function findFiles(base: string, pattern: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const entry of glob(pattern, { cwd: base, withFileTypes: true })) {
    if (entry.isFile()) paths.push(relative(base, join(entry.parentPath, entry.name)).split(sep).join("/"));
  }
  return paths.filter((path) => !path.startsWith("..") && !path.startsWith("/"));
}

async function readContractFile(
  workspace: string,
  { source, path }: Pick<ContractFile, "source" | "path">,
): Promise<ContractFile> {
  const bytes = await readFile(join(workspace, source));
  const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  return { path, source, bytes, digest, isTest: /\.m?[jt]s$/.test(path) && !/\.d\.m?ts$/.test(path) };
}
