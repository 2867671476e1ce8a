import { HxpError } from "@hxp/errors";
import { findNotJudged } from "@hxp/evidence/release";
import type { ReleaseConfig } from "../config/release-config.ts";
import type { OpenRegistry } from "../registry/open-registry.ts";

/** Only a rehearsal may leave gates out: throws RELEASE_CONFIG_INVALID where `gates` lacks some and the registry is not the local one. */
export function assertAllGates(
  { gates }: Pick<ReleaseConfig, "gates">,
  { name, isLocal }: Pick<OpenRegistry, "name" | "isLocal">,
): void {
  const absent = findNotJudged(gates);
  if (isLocal || absent.length === 0) return;
  throw new HxpError(
    "RELEASE_CONFIG_INVALID",
    `gates in release.config leaves out ${absent.join(", ")}: a release to ${name} must be judged by every gate`,
    {
      hint: "Take `gates` out of release.config, or add what it lacks; only the local registry takes a release without.",
    },
  );
}
