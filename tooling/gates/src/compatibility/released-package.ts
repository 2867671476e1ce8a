import { createHash } from "node:crypto";
import { HxpError } from "@hxp/errors";
import { readBytes, readPlannedTarball } from "../archive/planned-tarball.ts";
import { readPackageTarball } from "../archive/read-package-tarball.ts";
import { type PackedManifest, readPackedManifest } from "../contents/packed-manifest.ts";
import type { GatePackage } from "../gate.ts";
import { type DirectDependency, readDirectDependencies } from "./direct-dependencies.ts";
import { type ConsumerSurface, readSurface } from "./read-surface.ts";

/** One version of a package of the workspace, from this release or an earlier one. */
export interface ReleasedPackage {
  name: string;
  version: string;
  /** Absolute path of the tarball. */
  tarball: string;
  integrity: string;
  manifest: PackedManifest;
  dependencies: DirectDependency[];
  surface: ConsumerSurface;
}

/** Reads a package of this release. Throws GATE_INPUT_CHANGED, FILE_UNREADABLE or TARBALL_INVALID. */
export async function readReleased(entry: GatePackage): Promise<ReleasedPackage> {
  return describe(entry.tarball.path, await readPlannedTarball(entry));
}

/** Reads a package of an earlier release. Throws FILE_UNREADABLE or TARBALL_INVALID. */
export async function readEarlier(tarball: string): Promise<ReleasedPackage> {
  return describe(tarball, await readBytes(tarball));
}

function describe(tarball: string, bytes: Uint8Array): ReleasedPackage {
  const { files } = readPackageTarball(bytes);
  const manifest = readPackedManifest(files);
  if (typeof manifest === "string") throw new HxpError("TARBALL_INVALID", `${tarball}: ${manifest}`);
  const { name, version } = manifest;
  return {
    name,
    version,
    tarball,
    integrity: `sha512-${createHash("sha512").update(bytes).digest("base64")}`,
    manifest,
    dependencies: readDirectDependencies(manifest),
    surface: readSurface(
      manifest,
      files.map(({ path }) => path),
    ),
  };
}
