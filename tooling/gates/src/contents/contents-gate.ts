import { isHxpError } from "@hxp/errors";
import { chooseBase } from "../versions/choose-base.ts";
import { digestOfTarball, readBytes, readPlannedTarball } from "../archive/planned-tarball.ts";
import { type ArchiveProblem, type PackedFile, readPackageTarball } from "../archive/read-package-tarball.ts";
import { createGate, type Inspection, type Observation } from "../create-gate.ts";
import type { Gate, GateInput, GatePackage } from "../gate.ts";
import type { ContentsPolicy } from "../policy/contents-policy.ts";
import { compareText } from "../text/compare-text.ts";
import { checkFiles } from "./check-files.ts";
import { checkManifest } from "./check-manifest.ts";
import { checkRequired } from "./check-required.ts";
import { checkSize } from "./check-size.ts";
import { checkTypes } from "./check-types.ts";
import { checkWithPublint } from "./check-with-publint.ts";
import { installedWith } from "./compare-dependencies.ts";
import { type Comparison, compareReleases, type ReleasePair } from "./compare-releases.ts";
import type { ContentsDetails } from "./contents-details.ts";
import { findSecrets } from "./find-secrets.ts";
import { readPackedManifest } from "./packed-manifest.ts";
import { type FactCache, readRelease } from "./read-release.ts";
import { findUnusedDeclarations } from "./unused-declarations.ts";

/** Judges the bytes that would be published: each tarball, file by file. */
export const contentsGate: Gate = createGate({
  name: "contents",
  title: "Each package contains what it should and nothing else",
  inspect,
});

interface InspectedPackage {
  files: number;
  observations: Observation[];
  /** Absent when the tarball cannot be opened. */
  pair?: ReleasePair;
}

async function inspect(input: GateInput): Promise<Inspection> {
  const inspected: (InspectedPackage & { name: string })[] = [];
  const cache: FactCache = new Map();
  for (const item of input.packages) {
    input.signal?.throwIfAborted();
    input.onProgress?.(item.name);
    // oxlint-disable-next-line no-await-in-loop -- one package at a time bounds memory
    inspected.push({ name: item.name, ...(await inspectPackage(item, input, cache)) });
  }
  const compared = await compareAll(inspected, input);
  const details: ContentsDetails = { packages: compared.map(({ detail }) => detail) };
  return {
    checked: inspected.reduce((sum, { files }) => sum + files, 0),
    observations: [
      ...inspected.flatMap(({ name, observations }) => ofPackage(name, observations)),
      ...compared.flatMap(({ detail, observations }) => ofPackage(detail.name, observations)),
      ...findUnusedDeclarations(input.policy.contents, details),
    ],
    inputs: input.packages.map(digestOfTarball),
    details,
  };
}

function ofPackage(name: string, observations: readonly Observation[]): Observation[] {
  return observations.map((observation) => ({ package: name, ...observation }));
}

/** After all were read: a dependency is less of a surprise when another package of the workspace had it before. */
async function compareAll(inspected: readonly InspectedPackage[], input: GateInput): Promise<Comparison[]> {
  const pairs = inspected.flatMap(({ pair }) => (pair === undefined ? [] : [pair]));
  const known = new Set(
    pairs.flatMap(({ last }) => (last?.manifest === undefined ? [] : [...installedWith(last.manifest).keys()])),
  );
  const compared = await Promise.all(pairs.map((pair) => compareReleases(pair, input, known)));
  return compared.toSorted((a, b) => compareText(a.detail.name, b.detail.name));
}

async function inspectPackage(item: GatePackage, input: GateInput, cache: FactCache): Promise<InspectedPackage> {
  const opened = await openPackage(item, input);
  if ("rule" in opened) return { files: 0, observations: [opened] };
  const policy = input.policy.contents;
  const { bytes, files, problems, last } = opened;
  const size = { packed: bytes.length, unpacked: sumBytes(files), files: files.length };
  const previous = last === undefined ? undefined : { version: last.version, unpacked: sumBytes(last.files) };
  const observations = [
    ...problems.map(archiveFinding),
    ...(await findSecrets(files)),
    ...checkSize(size, previous, policy),
    ...(await inspectManifest(item, opened, policy)),
  ];
  const pair: ReleasePair = {
    name: item.name,
    release: readRelease(item.version, files, cache),
    last: last === undefined ? undefined : readRelease(last.version, last.files, cache),
    packedBytes: bytes.length,
  };
  return { files: files.length, observations, pair };
}

async function inspectManifest(
  item: GatePackage,
  { bytes, files, problems }: OpenedPackage,
  policy: ContentsPolicy,
): Promise<Observation[]> {
  const manifest = readPackedManifest(files);
  if (typeof manifest === "string") return [manifestFinding(manifest)];
  const observations = [
    ...checkFiles(files, manifest, policy),
    ...checkManifest(manifest, item, { files, policy }),
    ...checkRequired(files, manifest, policy),
  ];
  // publint and arethetypeswrong read the archive by themselves, and differently: only a sound one goes to them.
  if (problems.length > 0) return observations;
  return [
    ...observations,
    ...(await checkWithPublint(bytes, manifest)),
    ...(await checkTypes(bytes, manifest, policy)),
  ];
}

type OpenedPackage = { bytes: Uint8Array; last: LastRelease | undefined } & ReturnType<typeof readPackageTarball>;

interface LastRelease {
  version: string;
  files: PackedFile[];
}

/** A tarball that is no archive, or not the plan's or the registry's, is a finding: the other packages are still judged. */
async function openPackage(item: GatePackage, input: GateInput): Promise<OpenedPackage | Observation> {
  try {
    const bytes = await readPlannedTarball(item);
    return { bytes, last: await readLast(item, input), ...readPackageTarball(bytes) };
  } catch (error) {
    if (!isHxpError(error)) throw error;
    const why = "Bytes that cannot be read, or are not those that were named, can neither be judged nor compared with.";
    return {
      rule: "tarball-invalid",
      where: "tarball",
      message: error.message,
      why,
      fix: error.hint,
      severity: "error",
    };
  }
}

/** The release that the gate `api` compares with; where there were only prereleases, the last of these. */
async function readLast(item: GatePackage, input: GateInput): Promise<LastRelease | undefined> {
  const base = (await chooseBase(item, input)) ?? item.previous;
  if (base === undefined) return undefined;
  const { files } = readPackageTarball(await readBytes(base.tarball));
  return { version: base.version, files };
}

function sumBytes(files: readonly PackedFile[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

function archiveFinding({ rule, where, message }: ArchiveProblem): Observation {
  return {
    rule,
    where,
    message,
    why: "Clients unpack such an archive differently, or outside the package's folder.",
    fix: "Pack the package with pnpm pack, from regular files with plain names.",
    severity: "error",
  };
}

function manifestFinding(message: string): Observation {
  const why = "Without a manifest there is no package.";
  const fix = "Correct package.json and pack the package again.";
  return { rule: "manifest-invalid", where: "package.json", message, why, fix, severity: "error" };
}
