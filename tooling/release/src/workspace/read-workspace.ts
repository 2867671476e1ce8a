import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { readConfig as readChangesetsConfig } from "@changesets/config";
import { readChangesets } from "@changesets/read";
import type { Config, NewChangeset, Packages, PreState } from "@changesets/types";
import { HxpError } from "@hxp/errors";
import { getPackages } from "@manypkg/get-packages";
import { z } from "zod";

const dependencies = z.record(z.string(), z.string()).optional();

const manifestSchema = z.looseObject({
  name: z.string(),
  version: z.string().optional(),
  private: z.boolean().optional(),
  dependencies,
  peerDependencies: dependencies,
  optionalDependencies: dependencies,
  publishConfig: z.looseObject({ access: z.enum(["public", "restricted"]).optional() }).optional(),
});

/** A package of the workspace as its manifest in the source tree says. */
export interface WorkspacePackage {
  name: string;
  version: string;
  /** Relative to the workspace, with forward slashes. */
  folder: string;
  private: boolean;
  access: "public" | "restricted" | undefined;
  manifest: z.infer<typeof manifestSchema>;
}

/** A pnpm workspace and what changesets says about its next versions. */
export interface Workspace {
  folder: string;
  packages: WorkspacePackage[];
  changesets: NewChangeset[];
  changesetsConfig: Config;
  preState: PreState | undefined;
  /** What changesets' own functions take for this workspace. */
  manypkg: Packages;
}

/** Reads packages, pending changesets and pre mode of a workspace. A workspace without `.changeset` has none pending. */
export async function readWorkspace(folder: string): Promise<Workspace> {
  const manypkg = await getPackages(folder).catch((error: unknown) => {
    throw new HxpError("WORKSPACE_INVALID", `${folder} is not a pnpm workspace`, { cause: error });
  });
  const { config, errors } = await readChangesetsConfigOrDefault(folder, manypkg);
  if (config === undefined) {
    throw new HxpError(
      "WORKSPACE_INVALID",
      `${join(folder, ".changeset/config.json")} is not valid: ${errors.join("; ")}`,
    );
  }
  const changesets = await readChangesets(folder).catch((error: unknown) => {
    if (error instanceof Error && error.message.includes("no .changeset directory")) return [];
    throw new HxpError("WORKSPACE_INVALID", `A changeset in ${folder} is not valid`, { cause: error });
  });
  return {
    folder,
    packages: manypkg.packages.map((entry) => toWorkspacePackage(folder, entry.dir)),
    changesets: changesets.toSorted((left, right) => left.id.localeCompare(right.id, "en")),
    changesetsConfig: config,
    preState: readPreState(folder),
    manypkg,
  };
}

async function readChangesetsConfigOrDefault(folder: string, manypkg: Packages) {
  try {
    const { config, errors } = await readChangesetsConfig(folder, manypkg);
    return { config, errors: errors ?? [] };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      const { defaultConfig } = await import("@changesets/config");
      return { config: defaultConfig, errors: [] };
    }
    throw new HxpError("WORKSPACE_INVALID", `${folder}/.changeset/config.json cannot be read`, { cause: error });
  }
}

const preStateSchema = z.looseObject({
  mode: z.enum(["pre", "exit"]),
  tag: z.string(),
  /** Of changesets 2; what is listed has been released. */
  changesets: z.array(z.string()).default([]),
});

/** Reads pre mode. changesets' own function moves files of its version 2 about while it reads, in the user's working tree. */
function readPreState(folder: string): PreState | undefined {
  const path = join(folder, ".changeset/pre.json");
  if (!existsSync(path)) return undefined;
  const parsed = preStateSchema.safeParse(parseJson(path));
  if (!parsed.success) throw new HxpError("WORKSPACE_INVALID", `${path}: ${z.prettifyError(parsed.error)}`);
  const { mode, tag, changesets } = parsed.data;
  if (changesets.length === 0) return { mode, tag };
  throw new HxpError("WORKSPACE_INVALID", `${path} is in the form of changesets 2`, {
    hint: "Run `changeset status` of changesets 3, which brings it into the present form, and commit what it writes.",
  });
}

function parseJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new HxpError("WORKSPACE_INVALID", `${path} is not JSON`, { cause: error });
  }
}

function toWorkspacePackage(workspace: string, folder: string): WorkspacePackage {
  const path = join(folder, "package.json");
  const parsed = manifestSchema.safeParse(parseJson(path));
  if (!parsed.success) throw new HxpError("WORKSPACE_INVALID", `${path}: ${z.prettifyError(parsed.error)}`);
  const manifest = parsed.data;
  return {
    name: manifest.name,
    version: manifest.version ?? "0.0.0",
    folder: relative(workspace, folder).replaceAll("\\", "/"),
    private: manifest.private === true || manifest.version === undefined,
    access: manifest.publishConfig?.access,
    manifest,
  };
}
