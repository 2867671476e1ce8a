import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isHxpError } from "@hxp/errors";
import type { GateTools, JsonObject } from "../../gate.ts";
import { runClosedNode } from "../../process/run-closed-node.ts";
import type { PackedPackage } from "../packed-package.ts";

/** What {@link readData} takes. */
export interface ReadDataOptions {
  /** Folder to unpack into, removed afterwards. */
  folder: string;
  /** `node_modules` of the package in the workspace, for what it imports. */
  modules: string;
  subpath: string;
  name: string;
  tools: GateTools;
  /** Absolute folder in which the home of the process is made. */
  scratch: string;
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

const timeoutMs = 30_000;

/** Reads an exported value of a packed package, in a process of its own. */
export async function readData(item: PackedPackage, options: ReadDataOptions): Promise<ReadDataResult> {
  const { folder, modules, subpath, name, ...closed } = options;
  const target = join(folder, "node_modules", item.name);
  const args = ["--input-type=module", "--eval", script, `${item.name}${subpath.slice(1)}`, name];
  const failed = (reason: string): ReadDataResult => ({
    problem: `${name} of ${item.name}@${item.version} cannot be imported: ${reason}`,
  });
  try {
    await unpack(item, target);
    await symlink(modules, join(target, "node_modules"));
    const { failure, stdout, output } = await runClosedNode(args, { ...closed, cwd: folder, timeoutMs });
    if (failure === undefined) return { value: parseLastLine(stdout).value };
    return failed(
      output
        .split("\n")
        .find((line) => /Error\b.*:/.test(line))
        ?.trim() ?? `it ${failure}`,
    );
  } catch (error) {
    options.signal?.throwIfAborted();
    if (isHxpError(error)) throw error;
    return failed(error instanceof Error ? error.message : String(error));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function parseLastLine(stdout: string): Partial<JsonObject> {
  const text = stdout.trimEnd();
  return JSON.parse(text.slice(text.lastIndexOf("\n") + 1)) as Partial<JsonObject>;
}

async function unpack({ files }: PackedPackage, target: string): Promise<void> {
  for (const [path, bytes] of files) {
    // oxlint-disable-next-line no-await-in-loop -- a folder before its files
    await mkdir(dirname(join(target, path)), { recursive: true });
    await writeFile(join(target, path), bytes);
  }
}
