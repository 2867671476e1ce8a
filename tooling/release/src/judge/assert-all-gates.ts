import { HxpError } from "@hxp/errors";
import { findNotJudged } from "@hxp/evidence/release";
import type { ReleaseConfig } from "../config/release-config.ts";
import type { OpenRegistry } from "../registry/open-registry.ts";

/**
 * Only a rehearsal on the local registry may leave something out: throws RELEASE_CONFIG_INVALID where the registry is
 * another, and `gates` lacks some or `managers` is empty, which leaves out the smoke test.
 */
export function assertAllGates(
  { gates, managers }: Pick<ReleaseConfig, "gates" | "managers">,
  { name, isLocal }: Pick<OpenRegistry, "name" | "isLocal">,
): void {
  if (isLocal) return;
  const absent = findNotJudged(gates);
  if (absent.length > 0) {
    refuse("gates", `leaves out ${absent.join(", ")}: a release to ${name} must be judged by every gate`);
  }
  if (managers.length === 0) refuse("managers", `is empty: a release to ${name} must be tried as a consumer`);
}

function refuse(key: string, problem: string): never {
  throw new HxpError("RELEASE_CONFIG_INVALID", `${key} in release.config ${problem}`, {
    hint: `Take \`${key}\` out of release.config, or add what it lacks; only the local registry takes a release without.`,
  });
}
