import { chmod, mkdir, open, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { HxpError, toHxpError } from "@hxp/errors";
import { type ModelManifest, modelManifest } from "@hxp/schema-model";

/** Where a store keeps what. All functions of the store take the store's folder. */
export interface StorePaths {
  /** The model's file. */
  readonly blob: (sha256: string) => string;
  /** The file that is locked by whoever uses or removes a blob. */
  readonly use: (sha256: string) => string;
  readonly manifest: (name: string) => string;
  readonly manifests: string;
  /** Files that are being pulled, with their state. */
  readonly pulls: string;
  /** What was verified when. */
  readonly verified: string;
}

/** Tells where a store keeps what. */
export function storePaths(store: string): StorePaths {
  return {
    blob: (sha256) => join(store, "blobs", "sha256", sha256),
    use: (sha256) => join(store, "uses", sha256),
    manifest: (name) => join(store, "models", `${name}.json`),
    manifests: join(store, "models"),
    pulls: join(store, "pulls"),
    verified: join(store, "verified"),
  };
}

/** Lists the models of a store by name. A store that does not exist is empty. Throws MODEL_MANIFEST_INVALID. */
export async function listModels(store: string): Promise<readonly ModelManifest[]> {
  const files = await readdir(storePaths(store).manifests).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw toHxpError(error);
  });
  const names = files.filter((file) => file.endsWith(".json")).map((file) => file.slice(0, -".json".length));
  const found = await Promise.all(names.toSorted().map((name) => readManifest(store, name)));
  return found.filter((manifest) => manifest !== undefined);
}

/** Reads one model's manifest; undefined: there is none of that name. Throws MODEL_MANIFEST_INVALID. */
export async function readManifest(store: string, name: string): Promise<ModelManifest | undefined> {
  const path = storePaths(store).manifest(name);
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw toHxpError(error);
  });
  if (text === undefined) return undefined;
  const parsed = modelManifest.safeParse(parseJson(text));
  if (parsed.success && parsed.data.name === name) return parsed.data;
  const reason = parsed.success ? `its name is ${parsed.data.name}` : parsed.error.issues[0]?.message;
  throw new HxpError("MODEL_MANIFEST_INVALID", `${path} is not the manifest of a model: ${reason}.`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Writes a model's manifest, as a whole or not at all. */
export async function writeManifest(store: string, manifest: ModelManifest): Promise<void> {
  const path = storePaths(store).manifest(manifest.name);
  await mkdir(dirname(path), { recursive: true });
  await writeWhole(path, `${JSON.stringify(manifest, undefined, 2)}\n`);
}

/** Puts a pulled file into its place, on disk to stay, and read-only from now on. */
export async function keepBlob(store: string, file: string, sha256: string): Promise<void> {
  const { blob, use } = storePaths(store);
  await mkdir(dirname(blob(sha256)), { recursive: true });
  await mkdir(dirname(use(sha256)), { recursive: true });
  await writeFile(use(sha256), "", { flag: "a" });
  await chmod(file, 0o444);
  await sync(file);
  await rename(file, blob(sha256));
  await sync(dirname(blob(sha256)));
}

/** Replaces a file as a whole: written beside it, brought to disk, and renamed. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, text, { mode: 0o644 });
    await sync(temporary);
    await rename(temporary, path);
    await sync(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw toHxpError(error);
  }
}

async function sync(path: string): Promise<void> {
  await using handle = await open(path, "r");
  await handle.sync();
}
