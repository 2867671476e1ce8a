import { readdirSync, readFileSync, rmSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Attestation } from "../released-package.ts";
import { storeFile } from "./store-file.ts";

/** Keeps attestations beside verdaccio, which has no place for them. */
export interface AttestationStore {
  /** Replaces a version's attestations; on disk when it resolves. */
  put(name: string, version: string, attestations: readonly Attestation[]): Promise<void>;
  get(name: string, version: string): readonly Attestation[] | undefined;
  /** Forgets a version's attestations, or with no version a package's. */
  remove(name: string, version?: string): void;
}

/** Opens the store in a folder: `<encoded name>/<version>.json`, each as npm's endpoint answers. */
export function openAttestationStore(folder: string): AttestationStore {
  // A packument names the attestations of all its versions, so a package is read as a whole, once.
  const known = new Map<string, Map<string, readonly Attestation[]>>();
  const pathOf = (name: string): string => join(folder, encodeURIComponent(name));
  const read = (name: string): Map<string, readonly Attestation[]> => {
    const versions = known.get(name) ?? readPackage(pathOf(name));
    known.set(name, versions);
    return versions;
  };
  return {
    put: async (name, version, attestations) => {
      await mkdir(pathOf(name), { recursive: true });
      await storeFile(join(pathOf(name), `${version}.json`), JSON.stringify({ attestations }));
      read(name).set(version, attestations);
    },
    get: (name, version) => read(name).get(version),
    remove: (name, version) => {
      rmSync(version === undefined ? pathOf(name) : join(pathOf(name), `${version}.json`), {
        recursive: true,
        force: true,
      });
      if (version === undefined) known.delete(name);
      else read(name).delete(version);
    },
  };
}

function readPackage(path: string): Map<string, readonly Attestation[]> {
  const versions = new Map<string, readonly Attestation[]>();
  for (const file of listIfThere(path)) {
    if (!file.endsWith(".json")) continue;
    const { attestations } = JSON.parse(readFileSync(join(path, file), "utf8")) as { attestations: Attestation[] };
    versions.set(file.slice(0, -".json".length), attestations);
  }
  return versions;
}

function listIfThere(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
