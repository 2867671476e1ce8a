import { writeFile } from "node:fs/promises";
import { HxpError } from "@hxp/errors";
import type { ServedModelConfig } from "@hxp/schema-model";
import type { ModelFile } from "../load/load-model.ts";
import { readManifest, storePaths } from "./model-store.ts";
import { notFound } from "./remove-model.ts";

/** What {@link resolveModel} takes. */
export interface ResolveOptions {
  readonly config: Pick<ServedModelConfig, "source" | "sha256">;
  /** Folder of the store. */
  readonly store: string;
  /** Models that come with a package, by their names: `guide`. */
  readonly builtIn?: Readonly<Record<string, ModelFile>> | undefined;
}

/**
 * Finds the file that a `source` of `hxp.yaml` names, with the digest that it must have. Throws MODEL_NOT_FOUND, or
 * MODEL_DIGEST_MISMATCH where the store's file of that name has another digest than the config says.
 */
export async function resolveModel({ config, store, builtIn = {} }: ResolveOptions): Promise<ModelFile> {
  const { source, sha256 } = config;
  if (source.startsWith("/")) return { file: source, ...(sha256 === undefined ? {} : { sha256 }) };
  if (source.startsWith("sha256:")) return toStored(store, source.slice("sha256:".length));
  const known = Object.hasOwn(builtIn, source) ? builtIn[source] : undefined;
  if (known !== undefined) return { ...known, ...(sha256 === undefined ? {} : { sha256 }) };
  const manifest = await readManifest(store, source);
  if (manifest === undefined) throw notFound(store, source);
  if (sha256 === undefined || sha256 === manifest.sha256) return toStored(store, manifest.sha256);
  const message = `The model ${source} in the store has the SHA-256 ${manifest.sha256}, expected ${sha256}.`;
  throw new HxpError("MODEL_DIGEST_MISMATCH", message, { details: { expected: sha256, actual: manifest.sha256 } });
}

async function toStored(store: string, sha256: string): Promise<ModelFile> {
  const { blob, use } = storePaths(store);
  // A store that cannot be written to has the file already, or nobody can remove anything from it.
  await writeFile(use(sha256), "", { flag: "a" }).catch(() => undefined);
  return { file: blob(sha256), sha256, use: use(sha256) };
}
