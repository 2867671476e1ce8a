import { once } from "node:events";
import { openRegistry } from "../registry/open-registry.ts";
import type { ReleaseContext } from "../release-context.ts";

/**
 * `pnpm release serve`: serves the embedded registry on loopback until it is stopped. Releases that are made meanwhile
 * go to it.
 *
 * @param onReady called with the registry's URL when it answers
 */
export async function serve(
  context: ReleaseContext,
  { port, onReady }: { port: number; onReady: (url: string) => void },
): Promise<void> {
  const registry = await openRegistry({ ...context, options: { ...context.options, to: "local" } }, { port });
  onReady(registry.url);
  if (context.signal?.aborted !== true) await once(context.signal ?? new EventTarget(), "abort");
}
