import { createHash } from "node:crypto";
import { join } from "node:path";
import { HxpError } from "@hxp/errors";
import { digestOfTarball, readBytes, readPlannedTarball } from "../archive/planned-tarball.ts";
import { createGate, type Inspection, type Observation } from "../create-gate.ts";
import type { Gate, GateInput, GatePackage, InputDigest } from "../gate.ts";
import { compareTarballs } from "./compare-tarballs.ts";

/** More files of one package than this are counted, not listed. */
const maximumFindings = 20;

/**
 * Builds the same commit again, in another folder, on another Node major, and compares each tarball byte by byte. Which
 * Node built is what the built trees show: a workspace may bring a Node of its own, which goes before any other.
 */
export const rebuildGate: Gate = createGate({
  name: "rebuild",
  title: "A second build elsewhere gives the same bytes",
  inspect,
});

async function inspect(input: GateInput): Promise<Inspection> {
  const { nodeMajor } = input.policy.rebuild;
  const builtOn = await input.builtOn();
  assertOtherMajor(builtOn, nodeMajor);
  input.onProgress?.(`building again on Node ${nodeMajor}`);
  const { tarballs, nodeVersions } = await input.rebuild({ folder: join(input.scratch, "tree"), nodeMajor });
  const rebuilt = new Map(tarballs.map(({ name, path }) => [name, path]));
  const compared = await Promise.all(input.packages.map((item) => comparePackage(item, rebuilt.get(item.name))));
  const names = new Set(input.packages.map(({ name }) => name));
  const extra = [...rebuilt.keys()].filter((name) => !names.has(name));
  return {
    checked: compared.filter(({ inputs }) => inputs.length === 2).length,
    observations: [
      ...observeNodes(nodeVersions, nodeMajor),
      ...compared.flatMap(({ observations }) => observations),
      ...extra.map(extraPackage),
    ],
    inputs: compared.flatMap(({ inputs }) => inputs),
    observed: { "first Node": builtOn.join(", "), "second Node": nodeVersions.join(", ") },
  };
}

function assertOtherMajor(builtOn: readonly string[], nodeMajor: number): void {
  if (builtOn.length === 0) throw new HxpError("GATES_INVALID", "Nobody knows which Node the first build ran on.");
  if (builtOn.every((version) => majorOf(version) !== nodeMajor)) return;
  const message = `The second build must run on another Node major than the first, and both are ${nodeMajor}.`;
  throw new HxpError("GATES_INVALID", message, { hint: "Set rebuild.nodeMajor to another major." });
}

/** A second build on the first one's Node compares a build with itself. */
function observeNodes(nodeVersions: readonly string[], nodeMajor: number): Observation[] {
  if (nodeVersions.length > 0 && nodeVersions.every((version) => majorOf(version) === nodeMajor)) return [];
  const message = `The second build ran on Node ${nodeVersions.join(", ") || "unknown"}, asked for was ${nodeMajor}.`;
  return [
    {
      rule: "node-not-other",
      where: "the second build",
      message,
      why: "Two builds on one Node cannot show what of the bytes comes from it.",
      fix: "Let the build take its `node` from PATH: no useNodeVersion, executionEnv, devEngines.runtime or fixed path.",
      severity: "error",
    },
  ];
}

function majorOf(version: string): number {
  return Number.parseInt(version, 10);
}

interface Comparison {
  observations: Observation[];
  inputs: InputDigest[];
}

async function comparePackage(item: GatePackage, rebuilt: string | undefined): Promise<Comparison> {
  const first = await readPlannedTarball(item);
  const inputs = [digestOfTarball(item)];
  if (rebuilt === undefined) {
    const message = `The second build made no tarball of ${item.name}.`;
    return { inputs, observations: [observation("package-missing", item.name, { where: "tarball", message })] };
  }
  const second = await readBytes(rebuilt);
  const digest = `sha512:${createHash("sha512").update(second).digest("hex")}`;
  inputs.push({ name: `${item.name}@${item.version} tarball, built again`, digest });
  const differences = compareTarballs(first, second);
  const observations = differences
    .slice(0, maximumFindings)
    .map((difference) => observation("bytes-differ", item.name, difference));
  if (differences.length > maximumFindings) {
    const message = `${differences.length - maximumFindings} more files differ.`;
    observations.push(observation("bytes-differ", item.name, { where: "tarball", message }));
  }
  return { inputs, observations };
}

function extraPackage(name: string): Observation {
  const message = `The second build made a tarball of ${name}, which the release does not have.`;
  return observation("package-extra", name, { where: "tarball", message });
}

function observation(rule: string, name: string, text: { where: string; message: string }): Observation {
  return {
    rule,
    package: name,
    ...text,
    why: "If the source does not determine the bytes, nobody can tell from the source what is in the release.",
    fix: "Find what varies (time, path, locale, order of files, tool version, Node version) and take it out of the build.",
    severity: "error",
  };
}
