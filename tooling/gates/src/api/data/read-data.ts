import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";
import type { JsonObject } from "../../gate.ts";
import type { PackedPackage } from "../packed-package.ts";

/** What {@link readData} takes. */
export interface ReadDataOptions {
  /** Folder to unpack into, removed afterwards. */
  folder: string;
  /** `node_modules` of the package in the workspace, for what it imports. */
  modules: string;
  subpath: string;
  name: string;
  /** Environment without credentials. */
  env: NodeJS.ProcessEnv;
  /** Path of the Node to run. */
  node: string;
  signal?: AbortSignal | undefined;
}

/** The value, which is undefined where there is no such export; or why it cannot be known. */
export type ReadDataResult = { value: JsonObject[string] | undefined } | { problem: string };

/** Imports a module and prints one of its exports as the last line of standard output. */
const script = `
const [specifier, name] = process.argv.slice(1);
const module = await import(specifier);
process.stdout.write("\\n" + JSON.stringify({ value: module[name] }) + "\\n");
`;

const timeout = 30_000;

/** Reads an exported value of a packed package, in a process of its own. */
export async function readData(item: PackedPackage, options: ReadDataOptions): Promise<ReadDataResult> {
  const { folder, modules, subpath, name, env, node, signal } = options;
  const target = join(folder, "node_modules", item.name);
  const command = ["--input-type=module", "--eval", script, `${item.name}${subpath.slice(1)}`, name];
  try {
    await unpack(item, target);
    await symlink(modules, join(target, "node_modules"));
    const { stdout } = await execa(node, command, {
      cwd: folder,
      env,
      extendEnv: false,
      timeout,
      ...(signal === undefined ? {} : { cancelSignal: signal }),
    });
    const { value } = JSON.parse(stdout.slice(stdout.lastIndexOf("\n") + 1)) as Partial<JsonObject>;
    return { value };
  } catch (error) {
    signal?.throwIfAborted();
    const lines = (error instanceof Error ? error.message : String(error)).split("\n");
    const reason = lines.find((line) => /Error\b.*:/.test(line)) ?? lines[0] ?? "";
    return { problem: `${name} of ${item.name}@${item.version} cannot be imported: ${reason.trim()}` };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function unpack({ files }: PackedPackage, target: string): Promise<void> {
  for (const [path, bytes] of files) {
    // oxlint-disable-next-line no-await-in-loop -- a folder before its files
    await mkdir(dirname(join(target, path)), { recursive: true });
    await writeFile(join(target, path), bytes);
  }
}
