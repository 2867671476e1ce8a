import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** A registry that another process serves now. */
export interface ServingRegistry {
  /** Ends with a slash. */
  readonly url: string;
  readonly token: string;
}

/**
 * Finds the process that serves a registry's folder, so that a release can go to it instead of starting its own.
 * Undefined where none answers.
 */
export async function findServingRegistry(
  folder: string,
  { fetch = globalThis.fetch, timeoutMs = 2_000 }: { fetch?: typeof globalThis.fetch; timeoutMs?: number } = {},
): Promise<ServingRegistry | undefined> {
  const serving = readServing(folder);
  if (serving === undefined) return undefined;
  const headers = { authorization: `Bearer ${serving.token}` };
  try {
    // Asking who we are tells this registry from another program that has since taken its port.
    const answer = await fetch(`${serving.url}-/whoami`, {
      headers,
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMs),
    });
    await answer.body?.cancel();
    return answer.ok ? serving : undefined;
  } catch {
    return undefined;
  }
}

function readServing(folder: string): ServingRegistry | undefined {
  try {
    const { url } = z.object({ url: z.url() }).parse(JSON.parse(readFileSync(join(folder, "serving.json"), "utf8")));
    return { url, token: readFileSync(join(folder, "token"), "utf8").trim() };
  } catch {
    return undefined;
  }
}
