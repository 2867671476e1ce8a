import { rm, writeFile } from "node:fs/promises";
import { HxpError } from "@hxp/errors";
import { holdFile } from "./hold-file.ts";
import { listModels, readManifest, storePaths } from "./model-store.ts";

/** What {@link removeModel} did. */
export interface Removed {
  /** Bytes that are free again; 0 where another name still needs the file. */
  readonly freed: number;
}

/**
 * Removes a model from the store, and its file when no other name needs it.
 * Throws MODEL_NOT_FOUND, or MODEL_IN_USE while a process serves the file.
 */
export async function removeModel(store: string, name: string): Promise<Removed> {
  const manifest = await readManifest(store, name);
  if (manifest === undefined) throw notFound(store, name);
  const { blob, use, manifest: pathOf } = storePaths(store);
  const { sha256, size } = manifest;
  const others = (await listModels(store)).filter((other) => other.sha256 === sha256 && other.name !== name);
  if (others.length > 0) {
    await rm(pathOf(name), { force: true });
    return { freed: 0 };
  }
  await writeFile(use(sha256), "", { flag: "a" });
  using hold = holdFile(use(sha256), "exclusive");
  if (hold === undefined) throw new HxpError("MODEL_IN_USE", `A process serves the model ${name}; end it first.`);
  await rm(pathOf(name), { force: true });
  await rm(blob(sha256), { force: true });
  await rm(use(sha256), { force: true });
  return { freed: size };
}

/** Makes the error of a name that the store does not have. */
export function notFound(store: string, name: string): HxpError {
  const hint = "List what the store has with hxp models list, or fetch the model with hxp models pull.";
  return new HxpError("MODEL_NOT_FOUND", `The store ${store} has no model called ${name}.`, { hint });
}
