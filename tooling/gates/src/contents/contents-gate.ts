import { isHxpError } from "@hxp/errors";
import { digestOfTarball, readBytes, readPlannedTarball } from "../archive/planned-tarball.ts";
import { type ArchiveProblem, type PackedFile, readPackageTarball } from "../archive/read-package-tarball.ts";
import { createGate, type Inspection, type Observation } from "../create-gate.ts";
import type { Gate, GateInput, GatePackage } from "../gate.ts";
import type { ContentsPolicy } from "../policy/contents-policy.ts";
import { checkFiles } from "./check-files.ts";
import { checkManifest } from "./check-manifest.ts";
import { checkRequired } from "./check-required.ts";
import { checkSize } from "./check-size.ts";
import { checkTypes } from "./check-types.ts";
import { checkWithPublint } from "./check-with-publint.ts";
import { findSecrets } from "./find-secrets.ts";
import { readPackedManifest } from "./packed-manifest.ts";

/** Judges the bytes that would be published: each tarball, file by file. */
export const contentsGate: Gate = createGate({
  name: "contents",
  title: "Each package contains what it should and nothing else",
  inspect,
});

async function inspect(input: GateInput): Promise<Inspection> {
  const observations: Observation[] = [];
  let checked = 0;
  for (const item of input.packages) {
    input.signal?.throwIfAborted();
    input.onProgress?.(item.name);
    // oxlint-disable-next-line no-await-in-loop -- one package at a time bounds memory
    const result = await inspectPackage(item, input.policy.contents);
    checked += result.files;
    observations.push(...result.observations.map((observation) => ({ package: item.name, ...observation })));
  }
  return { checked, observations, inputs: input.packages.map(digestOfTarball) };
}

async function inspectPackage(
  item: GatePackage,
  policy: ContentsPolicy,
): Promise<{ files: number; observations: Observation[] }> {
  const opened = await openPackage(item);
  if ("rule" in opened) return { files: 0, observations: [opened] };
  const { bytes, files, problems } = opened;
  const previous = await readPrevious(item);
  const size = { packed: bytes.length, unpacked: sumBytes(files), files: files.length };
  const observations = [
    ...problems.map(archiveFinding),
    ...(await findSecrets(files)),
    ...checkSize(size, previous, policy),
  ];
  const manifest = readPackedManifest(files);
  if (typeof manifest === "string") {
    return { files: files.length, observations: [...observations, manifestFinding(manifest)] };
  }
  observations.push(
    ...checkFiles(files, manifest, policy),
    ...checkManifest(manifest, item, { files, policy }),
    ...checkRequired(files, manifest, policy),
  );
  // publint and arethetypeswrong read the archive by themselves, and differently: only a sound one goes to them.
  if (problems.length > 0) return { files: files.length, observations };
  observations.push(...(await checkWithPublint(bytes, manifest)), ...(await checkTypes(bytes, manifest, policy)));
  return { files: files.length, observations };
}

type OpenedPackage = { bytes: Uint8Array } & ReturnType<typeof readPackageTarball>;

/** A tarball that is no archive, or not the plan's, is a finding: the other packages are still judged. */
async function openPackage(item: GatePackage): Promise<OpenedPackage | Observation> {
  try {
    const bytes = await readPlannedTarball(item);
    return { bytes, ...readPackageTarball(bytes) };
  } catch (error) {
    if (!isHxpError(error)) throw error;
    const why = "Bytes that cannot be read, or are not those of the plan, cannot be judged.";
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

async function readPrevious({ previous }: GatePackage): Promise<{ version: string; unpacked: number } | undefined> {
  if (previous === undefined) return undefined;
  const { files } = readPackageTarball(await readBytes(previous.tarball));
  return { version: previous.version, unpacked: sumBytes(files) };
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
