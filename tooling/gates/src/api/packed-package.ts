import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readBytes } from "../archive/planned-tarball.ts";
import { readPackageTarball } from "../archive/read-package-tarball.ts";
import { HxpError } from "@hxp/errors";
import { type PackedManifest, readPackedManifest } from "../contents/packed-manifest.ts";
import { listSubpaths } from "./manifest/list-subpaths.ts";

/** A package as a tarball has it. */
export interface PackedPackage {
  name: string;
  version: string;
  /** `sha512:<hex>` of the tarball. */
  digest: string;
  manifest: PackedManifest;
  /** By path inside the package. */
  files: ReadonlyMap<string, Buffer>;
  /** What can be imported, `.` or `./…`; patterns are spelled out by the files that they reach. */
  subpaths: readonly string[];
}

/** Reads a package from bytes. Throws TARBALL_INVALID where there is no package in them. */
export function readPackedPackage(bytes: Uint8Array, what: string): PackedPackage {
  const { files } = readPackageTarball(bytes);
  const manifest = readPackedManifest(files);
  if (typeof manifest === "string") throw new HxpError("TARBALL_INVALID", `The tarball of ${what}: ${manifest}`);
  const byPath = new Map(files.map((file) => [file.path, file.bytes]));
  const { name, version } = manifest;
  const digest = `sha512:${createHash("sha512").update(bytes).digest("hex")}`;
  return { name, version, digest, manifest, files: byPath, subpaths: listSubpaths(manifest, [...byPath.keys()]) };
}

/** Reads a package from a file. Throws FILE_UNREADABLE and TARBALL_INVALID. */
export async function readPackedFile(path: string, what: string): Promise<PackedPackage> {
  return readPackedPackage(await readBytes(path), what);
}

/** A code file of a package that a folder has not, or not as it was packed. */
export async function findDifference({ files }: PackedPackage, folder: string): Promise<string | undefined> {
  const code = [...files].filter(([path]) => /\.[cm]?js$/.test(path));
  const isSame = await Promise.all(
    code.map(
      async ([path, bytes]) => (await readFile(join(folder, path)).catch(() => undefined))?.equals(bytes) === true,
    ),
  );
  return code[isSame.indexOf(false)]?.[0];
}
