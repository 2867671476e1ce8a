import { toHxpError } from "@hxp/errors";
import type { Upstream } from "../gate.ts";
import { type PackageFacts, readPackageFacts } from "./package-facts.ts";

/** What the registry said about some packages. */
export interface RegistryAnswers {
  /** By name; undefined for a package that the registry does not know. */
  facts: ReadonlyMap<string, PackageFacts | undefined>;
  /** Why the registry could not be asked; then nothing is known. */
  unreachable?: string;
}

/** How many packuments are asked for at a time. */
const concurrency = 16;

/** Asks the registry about packages, each once. The first call that fails ends it, since an answer in part misleads. */
export async function askRegistry(
  names: readonly string[],
  {
    upstream,
    signal,
    onProgress,
  }: {
    upstream: Pick<Upstream, "packument">;
    signal?: AbortSignal | undefined;
    onProgress?: ((text: string) => void) | undefined;
  },
): Promise<RegistryAnswers> {
  const facts = new Map<string, PackageFacts | undefined>();
  const waiting = names.values();
  let failure: unknown;
  const work = async (): Promise<void> => {
    for (const name of waiting) {
      if (failure !== undefined) return;
      signal?.throwIfAborted();
      // oxlint-disable-next-line no-await-in-loop -- sixteen of these loops run side by side
      const packument = await upstream.packument(name);
      facts.set(name, packument === undefined ? undefined : readPackageFacts(name, packument));
      onProgress?.(`${facts.size} of ${names.length} packages asked for`);
    }
  };
  const loops = Array.from({ length: concurrency }, () => work().catch((error: unknown) => void (failure ??= error)));
  await Promise.all(loops);
  signal?.throwIfAborted();
  return failure === undefined ? { facts } : { facts: new Map(), unreachable: toHxpError(failure).message };
}
