import { setTimeout as sleep } from "node:timers/promises";
import { HxpError } from "@hxp/errors";
import { mapConcurrently } from "../map-concurrently.ts";
import type { OnProgress, ReleasedPackage } from "../released-package.ts";
import { checkVersion, type CheckOptions } from "./check-version.ts";

/** What {@link readBackPackages} takes. */
export interface ReadBackOptions extends CheckOptions {
  readonly packages: readonly ReleasedPackage[];
  /** Longest wait until all versions are visible; default 30 minutes, because public registries scan uploads. */
  readonly timeoutMs?: number;
  /** Pause between two looks; default 5 seconds. */
  readonly pollMs?: number;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
  readonly clock?: () => number;
}

/**
 * Waits until every version can be read under the staging tag, downloads each tarball and compares it with the packed
 * file: bytes, digests, registry signatures, attestations. The first difference throws (exit code 15); versions that
 * do not show in time are REGISTRY_NOT_VISIBLE.
 */
export async function readBackPackages(options: ReadBackOptions): Promise<void> {
  const { client, packages, timeoutMs = 30 * 60_000, pollMs = 5_000, onProgress, signal, clock = Date.now } = options;
  const deadline = clock() + timeoutMs;
  let pending = packages;
  let done = 0;
  for (;;) {
    const seen = await mapConcurrently(pending, client.concurrency, async (pkg) => {
      signal?.throwIfAborted();
      if (!(await checkVersion(pkg, options))) return false;
      done += 1;
      onProgress?.({ step: "read-back", done, total: packages.length, note: `${pkg.name}@${pkg.version}` });
      return true;
    });
    pending = pending.filter((_, index) => seen[index] !== true);
    if (pending.length === 0) return;
    if (clock() + pollMs > deadline) throw notVisible(pending, { timeoutMs, url: client.url });
    const waiting = `waiting for ${pending.length}, ${Math.round((deadline - clock()) / 1000)} s left`;
    onProgress?.({ step: "read-back", done, total: packages.length, note: waiting });
    await sleep(pollMs, undefined, signal === undefined ? {} : { signal });
  }
}

function notVisible(
  pending: readonly ReleasedPackage[],
  { timeoutMs, url }: { timeoutMs: number; url: string },
): HxpError {
  const missing = pending.map(({ name, version }) => `${name}@${version}`);
  const seconds = Math.round(timeoutMs / 1000);
  return new HxpError("REGISTRY_NOT_VISIBLE", `Not visible on ${url} within ${seconds} s: ${missing.join(", ")}`, {
    details: { missing },
  });
}
