import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Attestation } from "../released-package.ts";

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
      await storeFile(pathOf(name), `${version}.json`, JSON.stringify({ attestations }));
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

/** Waiting for a disk must not stop the server, so this is not the synchronous writeFileDurably. */
async function storeFile(folder: string, file: string, text: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const temporary = join(folder, `${file}.${randomUUID()}.tmp`);
  try {
    await using handle = await open(temporary, "wx");
    await handle.writeFile(text);
    await handle.sync();
    await rename(temporary, join(folder, file));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await using handle = await open(folder, "r");
  await handle.sync();
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
