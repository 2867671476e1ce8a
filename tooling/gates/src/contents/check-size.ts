import type { Observation } from "../create-gate.ts";
import type { ContentsPolicy } from "../policy/contents-policy.ts";

/** How large a package is. */
export interface PackageSize {
  /** Bytes of the tarball. */
  packed: number;
  /** Sum of the bytes of its files. */
  unpacked: number;
  files: number;
}

/** Compares a package's size with the policy's limits and with the last release. */
export function checkSize(
  size: PackageSize,
  previous: (Pick<PackageSize, "unpacked"> & { version: string }) | undefined,
  policy: ContentsPolicy,
): Observation[] {
  const limits = [
    ["tarball", "bytes packed", size.packed, policy.maxPackedBytes],
    ["tarball", "bytes unpacked", size.unpacked, policy.maxUnpackedBytes],
    ["tarball", "files", size.files, policy.maxFiles],
  ] as const;
  const exceeded = limits
    .filter(([, , value, limit]) => value > limit)
    .map(([where, unit, value, limit]) =>
      observation("size-limit", where, `The package has ${value} ${unit}; the policy allows ${limit}.`),
    );
  return previous === undefined ? exceeded : [...exceeded, ...checkGrowth(size.unpacked, previous, policy)];
}

/** Whether a size jumped: by more than the factor and more than what may always be added, or by more than ever may. */
export function isGrown(before: number, after: number, growth: ContentsPolicy["growth"]): boolean {
  const grown = after - before;
  return grown > growth.maxBytes || (grown > growth.ignoreBytes && after > before * growth.maxRatio);
}

function checkGrowth(
  unpacked: number,
  previous: { version: string; unpacked: number },
  { growth }: ContentsPolicy,
): Observation[] {
  if (!isGrown(previous.unpacked, unpacked, growth)) return [];
  const message = `The package grew from ${previous.unpacked} bytes in ${previous.version} to ${unpacked} bytes unpacked.`;
  return [observation("size-growth", "tarball", message)];
}

function observation(rule: string, where: string, message: string): Observation {
  return {
    rule,
    where,
    message,
    why: "A jump in size is how bundled dependencies, build leftovers and injected code show first.",
    fix: "Look at what is new (npm diff) and leave it out; if it belongs there, waive this release or change contents.",
    severity: "error",
  };
}
