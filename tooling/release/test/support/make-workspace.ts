import { defaultConfig } from "@changesets/config";
import type { Config, PreState } from "@changesets/types";
import type { Workspace, WorkspacePackage } from "../../src/workspace/read-workspace.ts";

/** A package of a test workspace; its folder is `packages/<name>`. */
export type TestPackage = { name: string; version: string; private?: boolean } & Pick<
  WorkspacePackage["manifest"],
  "dependencies" | "peerDependencies" | "optionalDependencies"
> &
  Record<string, unknown>;

/** What {@link makeWorkspace} takes; changesets are written `{ name: bump }`. */
export interface TestWorkspaceParts {
  packages: readonly TestPackage[];
  changesets?: readonly Readonly<Record<string, "patch" | "minor" | "major">>[];
  config?: Partial<Config>;
  preState?: PreState;
  /** Default: a folder that does not exist; planning reads no file. */
  folder?: string;
}

/** A workspace as {@link readWorkspace} would read it, without a disk. */
export function makeWorkspace(parts: TestWorkspaceParts): Workspace {
  const { packages, changesets = [], config = {}, preState, folder = "/nowhere" } = parts;
  const entries = packages.map((manifest): WorkspacePackage => ({
    name: manifest.name,
    version: manifest.version,
    folder: `packages/${manifest.name}`,
    private: manifest.private === true,
    access: undefined,
    manifest,
  }));
  const toEntry = (packageJson: TestPackage, relativeDir: string) => ({
    packageJson,
    dir: `${folder}/${relativeDir}`,
    relativeDir,
  });
  return {
    folder,
    packages: entries,
    changesets: changesets.map((bumps, index) => ({
      id: `change-${index}`,
      summary: `Change ${index}.\n\nAt length.`,
      releases: Object.entries(bumps).map(([name, type]) => ({ name, type })),
    })),
    changesetsConfig: { ...defaultConfig, access: "public", changelog: false, format: false, ...config },
    preState,
    manypkg: {
      tool: { type: "pnpm" },
      rootDir: folder,
      rootPackage: toEntry({ name: "root", version: "0.0.0", private: true }, "."),
      packages: packages.map((manifest) => toEntry(manifest, `packages/${manifest.name}`)),
    } as unknown as Workspace["manypkg"],
  };
}
