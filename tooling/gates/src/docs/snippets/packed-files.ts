import { isHxpError } from "@hxp/errors";
import { readBytes } from "../../archive/planned-tarball.ts";
import { readPackageTarball } from "../../archive/read-package-tarball.ts";
import type { GatePackage } from "../../gate.ts";

/** The files of a packed package by their path inside; undefined where the tarball cannot be read. */
export type PackedFiles = ReadonlyMap<string, Buffer>;

/** Reads the tarball of each package by its name, when it is asked for, once. */
export type ReadPackedFiles = (name: string) => Promise<PackedFiles | undefined>;

/** Opens the tarballs of a release. What one contains is judged elsewhere. */
export function openPackedFiles(packages: readonly GatePackage[]): ReadPackedFiles {
  const known = new Map<string, Promise<PackedFiles | undefined>>();
  const byName = new Map(packages.map((item) => [item.name, item]));
  return (name) => {
    const item = byName.get(name);
    if (item === undefined) return Promise.resolve(undefined);
    const files = known.get(name) ?? readFiles(item);
    known.set(name, files);
    return files;
  };
}

async function readFiles({ tarball }: GatePackage): Promise<PackedFiles | undefined> {
  try {
    const { files } = readPackageTarball(await readBytes(tarball.path));
    return new Map(files.map(({ path, bytes }) => [path, bytes]));
  } catch (error) {
    if (isHxpError(error)) return undefined;
    throw error;
  }
}
