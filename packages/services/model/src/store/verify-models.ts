import { type HxpError, isHxpError } from "@hxp/errors";
import { verifyFile } from "../load/verify-file.ts";
import { listModels, storePaths } from "./model-store.ts";
import { notFound } from "./remove-model.ts";

/** What is found when a model's file is read again. */
export interface VerifiedModel {
  readonly name: string;
  readonly sha256: string;
  readonly status: "intact" | "changed" | "missing";
  /** What is wrong, when something is. */
  readonly error?: HxpError;
}

/** What {@link verifyModels} takes. */
export interface VerifyModelsOptions {
  readonly store: string;
  /** Default: all. */
  readonly names?: readonly string[] | undefined;
  /** Called with the name and the share of its file that was read, from 0 to 1. */
  readonly onProgress?: ((name: string, share: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Reads the files of the store again and compares their digests. Throws MODEL_NOT_FOUND for a name that the store does not have. */
export async function verifyModels(options: VerifyModelsOptions): Promise<readonly VerifiedModel[]> {
  const { store, names, onProgress, signal } = options;
  const models = await listModels(store);
  const unknown = names?.find((name) => !models.some((model) => model.name === name));
  if (unknown !== undefined) throw notFound(store, unknown);
  const results: VerifiedModel[] = [];
  // One after the other: they share one disk.
  for (const { name, sha256 } of models.filter((model) => names?.includes(model.name) ?? true)) {
    const file = storePaths(store).blob(sha256);
    const report = (share: number): void => onProgress?.(name, share);
    results.push({ name, sha256, ...(await judge({ file, sha256, force: true, onProgress: report, signal })) });
  }
  return results;
}

async function judge(options: Parameters<typeof verifyFile>[0]): Promise<Pick<VerifiedModel, "status" | "error">> {
  try {
    await verifyFile(options);
    return { status: "intact" };
  } catch (error) {
    if (isHxpError(error, "MODEL_DIGEST_MISMATCH")) return { status: "changed", error };
    if (isHxpError(error, "MODEL_FILE_MISSING")) return { status: "missing", error };
    throw error;
  }
}
