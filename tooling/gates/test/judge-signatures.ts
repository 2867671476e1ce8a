import {
  type GatePackage,
  type GateResult,
  type JsonObject,
  type ReleasePolicyInput,
  runGates,
  signaturesGate,
  type SignaturesDetails,
  type Upstream,
} from "@hxp/release-gates";
import { writeFiles } from "./install-workspace.ts";
import { makeInput } from "./make-input.ts";
import { integrityFor, makePackument, makeRegistryKey, makeUpstream, type VersionParts } from "./sign-packuments.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** The key that the registry of these tests signs with. */
export const key = makeRegistryKey();
const ada: JsonObject = { name: "ada", email: "ada@example.com" };

/** The version of `leaf` that the lockfile has, and the one before; nothing is wrong with them. */
export const locked: VersionParts = { version: "1.1.0", time: "2026-11-20T00:00:00.000Z", signedBy: key, user: ada };
export const before: VersionParts = { version: "1.0.0", time: "2026-01-01T00:00:00.000Z", signedBy: key, user: ada };
export const other = makePackument("other", [{ version: "1.0.0", signedBy: key, user: ada }]);

/** What may differ from a sound case. */
export interface SignaturesCase {
  /** Of `leaf`; default: {@link before} and {@link locked}. */
  versions?: readonly VersionParts[];
  upstream?: Partial<Upstream>;
  policy?: ReleasePolicyInput;
  /** What the lockfile says after `resolution:` of `leaf`. */
  resolution?: string;
  isRehearsal?: boolean;
  folder?: string;
}

const released: GatePackage = {
  name: "@acme/a",
  version: "3.0.0",
  folder: "a",
  private: false,
  manifest: {},
  tarball: { path: "", integrity: "" },
};

/** Judges a package that depends on `leaf` and `other`. */
export async function judgeSignatures(parts: SignaturesCase = {}): Promise<GateResult> {
  const { versions = [before, locked], upstream, policy = {}, isRehearsal = false } = parts;
  const folder = parts.folder ?? (await temporaryFolder());
  const resolution = parts.resolution ?? `{ integrity: ${integrityFor("leaf", "1.1.0")} }`;
  await writeFiles(folder, {
    "pnpm-lock.yaml": `lockfileVersion: '9.0'
importers:
  a:
    dependencies:
      leaf: { specifier: ^1.0.0, version: 1.1.0 }
      other: { specifier: ^1.0.0, version: 1.0.0 }
packages:
  leaf@1.1.0: { resolution: ${resolution} }
  other@1.0.0: { resolution: { integrity: ${integrityFor("other", "1.0.0")} } }
snapshots: { leaf@1.1.0: {}, other@1.0.0: {} }
`,
    "a/package.json": { name: released.name, version: released.version },
  });
  const keys = (): ReturnType<Upstream["keys"]> => Promise.resolve([key.served]);
  const served = makeUpstream([makePackument("leaf", versions), other], { keys, ...upstream });
  const [result] = await runGates(
    [signaturesGate],
    makeInput(folder, { packages: [released], policy, isRehearsal, upstream: served }),
  );
  return result!;
}

/** A sound case but for the locked version. */
export function changed(parts: Partial<VersionParts>): SignaturesCase {
  return { versions: [before, { ...locked, ...parts }] };
}

/** What a result says of `leaf`. */
export function leafOf({ details }: GateResult): SignaturesDetails["packages"][number] {
  return (details as unknown as SignaturesDetails).packages[0]!;
}
