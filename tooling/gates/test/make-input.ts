import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type GateInput,
  type GatePackage,
  type GateResult,
  makeGateInput,
  policySchema,
  type ReleasePolicyInput,
} from "@hxp/release-gates";
import { lt, prerelease } from "semver";
import { integrityOf } from "./make-tarball.ts";

/** The moment at which tests judge. */
const now = new Date("2026-11-23T12:00:00Z");

/** An input for gates in a temporary folder; every part can be replaced. */
export function makeInput(
  folder: string,
  { policy = {}, ...parts }: Partial<Omit<GateInput, "policy">> & { policy?: ReleasePolicyInput } = {},
): GateInput {
  return makeGateInput({
    workspace: folder,
    scratch: join(folder, "scratch"),
    packages: [],
    policy: policySchema.parse(policy),
    now,
    ...parts,
  });
}

/** Writes a tarball into a folder and describes it as a package of the release. */
export async function writePackage(
  folder: string,
  tarball: Buffer,
  facts: Partial<GatePackage> = {},
): Promise<GatePackage> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${(facts.name ?? "sound").replaceAll(/[@/]/g, "-")}.tgz`);
  await writeFile(path, tarball);
  return {
    name: "@acme/sound",
    version: "1.0.0",
    folder: ".",
    private: false,
    manifest: {},
    tarball: { path, integrity: integrityOf(tarball) },
    ...facts,
  };
}

/** The history of a package that has these releases, newest first, each with its tarball. */
export function historyOf(releases: Awaited<ReturnType<GateInput["history"]>>): GateInput["history"] {
  const isBelow = (version: string, below: string | undefined): boolean => below === undefined || lt(version, below);
  return async (_name, limit, below) =>
    releases.filter(({ version }) => prerelease(version) === null && isBelow(version, below)).slice(0, limit);
}

/** The rules of a result's findings, sorted, each once. */
export function rulesOf({ findings }: Pick<GateResult, "findings">): string[] {
  return [...new Set(findings.map(({ rule }) => rule))].toSorted();
}
