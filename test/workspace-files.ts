import { execFileSync } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Absolute path of this repository. */
export const root = join(import.meta.dirname, "..");

/** A `package.json`, as far as the guards look at it. */
export interface Manifest {
  name: string;
  version?: string;
  description?: string;
  license?: string;
  private?: boolean;
  type?: string;
  sideEffects?: boolean;
  files?: string[];
  repository?: { type: string; url: string; directory?: string };
  engines?: Record<string, string>;
  bin?: Record<string, string>;
  scripts?: Record<string, string>;
  exports?: Record<string, string | Record<string, string>>;
  publishConfig?: { access?: string; provenance?: boolean; exports?: Manifest["exports"] };
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

/** A package of a workspace. */
export interface WorkspacePackage {
  /** Relative to the workspace, with forward slashes. */
  folder: string;
  manifest: Manifest;
}

/** Every package that the globs of a `pnpm-workspace.yaml` find. */
export function readPackages(workspace: string = root): WorkspacePackage[] {
  const settings = readFileSync(join(workspace, "pnpm-workspace.yaml"), "utf8");
  const [, list = ""] = /^packages:\n((?: {2}- .*\n)+)/m.exec(settings) ?? [];
  const globs = [...list.matchAll(/- "?([^"\n]+)"?/g)].map(([, glob = ""]) => `${glob}/package.json`);
  return globSync(globs, { cwd: workspace })
    .map((path) => path.slice(0, -"/package.json".length))
    .toSorted()
    .map((folder) => ({ folder, manifest: readManifest(join(workspace, folder)) }));
}

/** The packages that are published. */
export function readPublishedPackages(): WorkspacePackage[] {
  return readPackages().filter(({ manifest }) => manifest.private !== true);
}

/** The `package.json` of a folder. */
export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}

/** Paths of all files that are, or would be, in git: nothing that is ignored, and nothing that is gone. */
export function listFiles(): string[] {
  const options = { cwd: root, encoding: "utf8", maxBuffer: 50_000_000 } as const;
  const output = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], options);
  return [...new Set(output.split("\0"))].filter((path) => path !== "" && existsSync(join(root, path))).toSorted();
}

/** The text of a file of this repository. */
export function readText(path: string): string {
  return readFileSync(join(root, path), "utf8");
}
