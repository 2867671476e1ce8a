import { conflictsGate, type GateInput, type GateResult, runGates } from "@hxp/release-gates";
import { resolveWorkspace, type ResolvedWorkspaceParts } from "./resolve-workspace.ts";
import type { PublishedManifest } from "./serve-registry.ts";

/** What npm's registry says of a package that is looked after. */
const maintained = { created: "2019-01-01T00:00:00.000Z", "1.0.0": "2026-06-01T00:00:00.000Z" };

/** The result of the conflicts gate. */
export async function judgeConflicts(input: GateInput): Promise<GateResult> {
  const [result] = await runGates([conflictsGate], input);
  return result!;
}

/** The result for a workspace, whose dependencies are looked after unless `packuments` says else. */
export async function judgeWorkspace(parts: ResolvedWorkspaceParts): Promise<GateResult> {
  const times = Object.fromEntries(parts.published.map(({ name }) => [name, { time: { ...maintained } }]));
  return judgeConflicts(await resolveWorkspace({ ...parts, packuments: { ...times, ...parts.packuments } }));
}

/** A released package that depends on some others. */
export function releasing(dependencies: Record<string, string>, rest: object = {}): PublishedManifest {
  return { name: "@acme/app", version: "1.0.0", dependencies, ...rest };
}

/** A package that the registry has. */
export function published(name: string, rest: object = {}): PublishedManifest {
  return { name, version: "1.0.0", ...rest };
}
