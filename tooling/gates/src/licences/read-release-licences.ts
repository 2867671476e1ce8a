import type { ProductionClosure } from "../closure/component.ts";
import { type Lockfile, readLockfile } from "../closure/read-lockfile.ts";
import { resolveClosure } from "../closure/read-production-closure.ts";
import type { GateInput } from "../gate.ts";
import type { LicencesPolicy, PackageKind } from "../policy/licences-policy.ts";
import { judgeLicence, type LicenceVerdict } from "./judge-licence.ts";
import type { LicenceFact, LicenceFacts } from "./licence-fact.ts";
import { readLicenceFacts } from "./read-licence-facts.ts";

/** Everything that is known about the licences of a release. */
export interface ReleaseLicences {
  /** One for each package of the release, in its order. */
  closures: ProductionClosure[];
  facts: LicenceFacts;
  /** One for each distinct package of all closures, the released ones included; ordered by id. */
  verdicts: LicenceVerdict[];
  lockfileDigest: string;
}

/** Reads and judges the licences of a release. Throws LOCKFILE_INVALID or LICENCE_POLICY_INVALID. */
export async function readReleaseLicences(
  input: Pick<GateInput, "workspace" | "packages" | "policy" | "registry" | "signal">,
): Promise<ReleaseLicences> {
  const lockfile = await readLockfile(input.workspace);
  const closures = input.packages.map(({ folder }) => resolveClosure(lockfile, folder));
  const { workspace, registry, signal } = input;
  const policy = input.policy.licences;
  const facts = await readLicenceFacts(closures, { workspace, registry, policy, signal });
  const verdicts = [...facts.keys()].toSorted().flatMap((id) => {
    const fact = facts.get(id);
    return fact === undefined ? [] : [judgeLicence(fact, kindOf(fact, lockfile, policy), policy)];
  });
  return { closures, facts, verdicts, lockfileDigest: lockfile.digest };
}

/** The policy's word comes first; a package that is bound to a platform by the lockfile is a binary. */
function kindOf({ component, isData = false }: LicenceFact, lockfile: Lockfile, policy: LicencesPolicy): PackageKind {
  const stated = policy.kinds.find((entry) => entry.package === component.name);
  if (stated !== undefined) return stated.kind;
  if (component.folder !== undefined) return "code";
  const locked: Readonly<Record<string, unknown>> = lockfile.packages.get(component.id) ?? {};
  if (["os", "cpu", "libc"].some((key) => locked[key] !== undefined)) return "binary";
  return isData ? "data" : "code";
}
