import { HxpError } from "@hxp/errors";
import type { PackageVersion } from "../released-package.ts";
import type { RegistryState } from "./read-registry-state.ts";

/** What staging does with a package. */
export interface PlannedUpload extends PackageVersion {
  /** `present`: the registry has this version with this digest already. */
  readonly action: "upload" | "present";
  /** The registry has no version of this package yet. */
  readonly isNew: boolean;
}

/**
 * Says for each package whether it is to be uploaded. A version that is there with another digest, or with none to
 * compare, stops all: REGISTRY_CONFLICT names every such version.
 */
export function planStaging(
  state: RegistryState,
  packages: readonly (PackageVersion & { readonly integrity: string })[],
): PlannedUpload[] {
  const conflicts: { name: string; version: string; expected: string; found: string | undefined }[] = [];
  const planned = packages.map(({ name, version, integrity }): PlannedUpload => {
    const versions = state[name]?.versions ?? {};
    const isNew = Object.keys(versions).length === 0;
    const found = Object.hasOwn(versions, version) ? versions[version] : undefined;
    if (found === undefined) return { name, version, action: "upload", isNew };
    if (found.integrity !== integrity) conflicts.push({ name, version, expected: integrity, found: found.integrity });
    return { name, version, action: "present", isNew };
  });
  if (conflicts.length === 0) return planned;
  const list = conflicts.map(({ name, version }) => `${name}@${version}`).join(", ");
  throw new HxpError("REGISTRY_CONFLICT", `The registry already has ${list} with other bytes; nothing was uploaded`, {
    details: { conflicts },
  });
}
