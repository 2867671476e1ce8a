import { join } from "node:path";
import { execa } from "execa";
import type { GateInput, GatePackage, JsonObject } from "@hxp/release-gates";
import { onTestFinished } from "vitest";
import { writeFiles } from "./install-workspace.ts";
import { makeInput } from "./make-input.ts";
import { type PublishedManifest, serveRegistry } from "./serve-registry.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** What {@link resolveWorkspace} makes a workspace of. */
export interface ResolvedWorkspaceParts {
  /** What the registry has. */
  published: readonly PublishedManifest[];
  /** Manifests of the workspace's own packages, all released, in `packages/<n>`. */
  own: readonly PublishedManifest[];
  /** Lines of pnpm-workspace.yaml. */
  settings?: string;
  /** Over the packuments that the registry serves, by name: dates, maintainers. */
  packuments?: Record<string, JsonObject>;
  /** Also fetches and links what was resolved. */
  isInstalled?: boolean;
  input?: Parameters<typeof makeInput>[1];
}

/** Lets real pnpm resolve a workspace against a registry on loopback, and makes an input for gates of it. */
export async function resolveWorkspace(parts: ResolvedWorkspaceParts): Promise<GateInput> {
  const { published, own, settings = "", packuments = {}, isInstalled = false, input = {} } = parts;
  const registry = await serveRegistry(published);
  onTestFinished(() => registry[Symbol.asyncDispose]());
  const folder = await temporaryFolder();
  const folders = own.map((_manifest, index) => `packages/${index}`);
  await writeFiles(folder, {
    "pnpm-workspace.yaml": `packages: [packages/*]\nminimumReleaseAge: 0\npmOnFail: ignore\n${settings}`,
    "package.json": { name: "root", version: "0.0.0", private: true },
    ...Object.fromEntries(own.map((manifest, index) => [`${folders[index]}/package.json`, manifest])),
  });
  const stores = ["--store-dir", join(folder, ".store"), "--cache-dir", join(folder, ".cache")];
  const command = ["install", "--no-frozen-lockfile", "--ignore-scripts", "--registry", registry.url, ...stores];
  await execa("pnpm", [...command, ...(isInstalled ? [] : ["--lockfile-only"])], { cwd: folder });
  const packument = async (name: string): Promise<JsonObject | undefined> => {
    const answer = await fetch(`${registry.url}${name.replace("/", "%2f")}`);
    if (!answer.ok) return undefined;
    return { ...((await answer.json()) as JsonObject), ...packuments[name] };
  };
  return makeInput(folder, {
    packages: own.map((manifest, index) => toGatePackage(manifest, folders[index] ?? "")),
    upstream: { packument, keys: () => Promise.resolve([]), attestations: () => Promise.resolve(undefined) },
    ...input,
  });
}

function toGatePackage(manifest: PublishedManifest, folder: string): GatePackage {
  const { name, version } = manifest;
  return {
    name,
    version,
    folder,
    private: false,
    manifest: manifest as JsonObject,
    tarball: { path: "", integrity: "" },
  };
}
