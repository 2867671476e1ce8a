import { readFile } from "node:fs/promises";
import { join, posix } from "node:path";
import { z } from "zod";
import { readLockfile } from "../closure/read-lockfile.ts";

const names = z.record(z.string(), z.string());

const manifestSchema = z.looseObject({
  name: z.string().default(""),
  private: z.boolean().default(false),
  bin: z.union([z.string(), names]).optional().catch(undefined),
  scripts: names.default({}).catch({}),
});

/** A program that a package of the workspace brings along. */
export interface WorkspaceProgram {
  name: string;
  /** Relative to the workspace. */
  file: string;
  /** Folder of its package, relative to the workspace. */
  folder: string;
}

/** What commands in documents can name. */
export interface WorkspacePrograms {
  /** Scripts of the root's package.json. */
  scripts: ReadonlyMap<string, string>;
  /** Names of scripts that any package has. */
  packageScripts: ReadonlySet<string>;
  /** Programs by their name. */
  programs: ReadonlyMap<string, WorkspaceProgram>;
  /** Packages that are published, with the program that `npx` runs for their name. */
  packages: ReadonlyMap<string, WorkspaceProgram | undefined>;
}

/** Reads scripts, bins and names of all packages of a workspace. Throws LOCKFILE_INVALID. */
export async function readWorkspacePrograms(workspace: string): Promise<WorkspacePrograms> {
  const { importers } = await readLockfile(workspace);
  const folders = [...new Set([".", ...importers.keys()])];
  const read = folders.map(async (folder) => ({ folder, manifest: await readManifest(join(workspace, folder)) }));
  const all = await Promise.all(read);
  const published = all.filter(({ manifest }) => !manifest.private && manifest.name !== "");
  const programs = published.flatMap(({ folder, manifest }) => programsOf(folder, manifest));
  const root = all.find(({ folder }) => folder === ".");
  return {
    scripts: new Map(Object.entries(root?.manifest.scripts ?? {})),
    packageScripts: new Set(all.flatMap(({ manifest }) => Object.keys(manifest.scripts))),
    programs: new Map(programs.map((program) => [program.name, program])),
    packages: new Map(published.map(({ folder, manifest }) => [manifest.name, defaultProgram(folder, manifest)])),
  };
}

type Manifest = z.output<typeof manifestSchema>;

async function readManifest(folder: string): Promise<Manifest> {
  return manifestSchema.parse(JSON.parse(await readFile(join(folder, "package.json"), "utf8")));
}

function programsOf(folder: string, { name, bin = {} }: Manifest): WorkspaceProgram[] {
  const entries = typeof bin === "string" ? { [unscoped(name)]: bin } : bin;
  return Object.entries(entries).map(([program, file]) => ({ name: program, file: posix.join(folder, file), folder }));
}

/** npx takes the only program of a package, or the one of its name. */
function defaultProgram(folder: string, manifest: Manifest): WorkspaceProgram | undefined {
  const programs = programsOf(folder, manifest);
  return programs.length === 1 ? programs[0] : programs.find(({ name }) => name === unscoped(manifest.name));
}

function unscoped(name: string): string {
  return name.replace(/^@[^/]*\//, "");
}
