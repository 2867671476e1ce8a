import { isHxpError } from "@hxp/errors";
import { chooseBase } from "../versions/choose-base.ts";
import { digestOfTarball, readPlannedTarball } from "../archive/planned-tarball.ts";
import { createGate, type Inspection, type Observation } from "../create-gate.ts";
import type { Gate, GateInput, GatePackage, JsonValue } from "../gate.ts";
import { compareText } from "../text/compare-text.ts";
import type { ApiDetails, ApiPackage } from "./api-change.ts";
import { findSmallBumps } from "./bump-findings.ts";
import { comparePackage, type ReleasedPackage, startProcesses } from "./compare-package.ts";
import { readPackedFile, readPackedPackage } from "./packed-package.ts";
import { findUnknown } from "./unknown-findings.ts";

/** Compares each package with its last release, and the change with what the version says of it. */
export const apiGate: Gate = createGate({
  name: "api",
  title: "Each version bump is as large as the change",
  inspect,
});

async function inspect(input: GateInput): Promise<Inspection> {
  const opened = await Promise.all(input.packages.map((item) => openPackage(item, input)));
  const released = opened.flatMap((item) => ("rule" in item ? [] : [item]));
  const observations = opened.flatMap((item) => ("rule" in item ? [item] : []));
  const { createSourceCache } = await import("./declarations/create-program.ts");
  const context = { input, released, cache: createSourceCache() };
  // Programs of all packages run while the compiler works.
  const started = released.map((item) => ({ item, running: startProcesses(item, context) }));
  const packages: ApiPackage[] = [];
  for (const { item, running } of started) {
    input.signal?.throwIfAborted();
    input.onProgress?.(item.after.name);
    // oxlint-disable-next-line no-await-in-loop -- one compiler at a time bounds memory
    const { judged, problems } = await comparePackage(item, context, running);
    packages.push(judged);
    observations.push(...findSmallBumps(judged), ...findUnknown(judged, problems));
  }
  const details: ApiDetails = { packages: packages.toSorted((a, b) => compareText(a.name, b.name)) };
  const checked = packages.reduce((sum, { surface }) => sum + sumOf(surface), 0);
  return { checked, observations, inputs: input.packages.map(digestOfTarball), details: toJson(details) };
}

/** A package whose bytes, or whose last release's, cannot be read is a finding: the other packages are still judged. */
async function openPackage(item: GatePackage, input: GateInput): Promise<ReleasedPackage | Observation> {
  try {
    const after = readPackedPackage(await readPlannedTarball(item), item.name);
    const base = await chooseBase(item, input);
    if (base === undefined) return { item, after };
    return { item, after, base, before: await readPackedFile(base.tarball, `${item.name}@${base.version}`) };
  } catch (error) {
    if (!isHxpError(error)) throw error;
    return {
      rule: "tarball-invalid",
      package: item.name,
      where: "tarball",
      message: error.message,
      why: "What cannot be read cannot be compared.",
      fix: error.hint,
      severity: "error",
    };
  }
}

function sumOf(surface: Readonly<Record<string, number>>): number {
  return Object.values(surface).reduce((sum, count) => sum + count, 0);
}

/** Details are plain data; an interface has no index signature to show that. */
function toJson(details: ApiDetails): JsonValue {
  return details as unknown as JsonValue;
}
