import type { ReleasePlan } from "@hxp/evidence";
import type { PlannedPackage } from "@hxp/evidence/release";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type Contact,
  type GateInput,
  policySchema,
  readContact,
  readLicenceFacts,
  readPackageTarball,
  readProductionClosure,
  type ReleasePolicy,
} from "@hxp/release-gates";
import { createSbom, type CycloneDx } from "./create-sbom.ts";

/** What {@link createPackageSbom} takes. */
export interface PackageSbomOptions {
  plan: ReleasePlan;
  planned: PlannedPackage;
  /** Absolute folder of the installed release tree. */
  workspace: string;
  /** Path of the packed tarball. */
  tarball: string;
  /** Manifests of packages that are not installed here; default: none, and such packages carry no licence. */
  registry?: GateInput["registry"];
  /** Licence clarifications are taken from here; default: none. */
  policy?: ReleasePolicy["licences"];
  signal?: AbortSignal | undefined;
}

/** Reads closure, licences and digests of a planned package and writes its bill of materials. Throws LOCKFILE_INVALID. */
export async function createPackageSbom(options: PackageSbomOptions): Promise<CycloneDx> {
  const { plan, planned, workspace, signal } = options;
  const { registry = async () => undefined, policy = policySchema.parse({}).licences } = options;
  const closure = await readProductionClosure(workspace, planned.folder);
  const bytes = await readFile(options.tarball);
  return createSbom({
    package: { name: planned.name, version: planned.version, ...readDescription(bytes) },
    closure,
    licences: await readLicenceFacts([closure], { workspace, registry, policy, signal }),
    tarballDigests: { sha512: digest("sha512", bytes), sha256: digest("sha256", bytes) },
    integrities: new Map(plan.packages.map(({ name, version, tarball }) => [`${name}@${version}`, tarball.integrity])),
    commitTime: new Date(plan.source.time * 1000),
    commit: plan.source.commit,
    repository: plan.source.repository ?? undefined,
    tools: plan.tools,
    creator: await readCreator(workspace, plan.source.repository),
  });
}

function digest(algorithm: string, bytes: Uint8Array): string {
  return createHash(algorithm).update(bytes).digest("hex");
}

function readDescription(tarball: Uint8Array): { description?: string } {
  const file = readPackageTarball(tarball).files.find(({ path }) => path === "package.json");
  const manifest = JSON.parse(file?.bytes.toString("utf8") ?? "{}") as Record<string, unknown>;
  const { description } = manifest;
  return typeof description === "string" ? { description } : {};
}

/** The author in the workspace's manifest, who is reached at the repository when no other address is given. */
async function readCreator(workspace: string, repository: string | null): Promise<Contact> {
  const manifest = JSON.parse(await readFile(join(workspace, "package.json"), "utf8")) as Record<string, unknown>;
  return readContact({ repository: repository ?? undefined, ...manifest });
}
