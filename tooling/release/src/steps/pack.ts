import type { ReleasePlan } from "@hxp/evidence";
import { join } from "node:path";
import { packPackages } from "../build/pack-packages.ts";
import { loadSealedRelease } from "../evidence/load-sealed-release.ts";
import { readRegistryState } from "@hxp/release-registry";
import { recordBaseline } from "../journal/expected-distribution.ts";
import type { OpenRegistry } from "../registry/open-registry.ts";
import type { ReleaseContext } from "../release-context.ts";
import { sealRelease } from "../evidence/seal-release.ts";
import { readFolderTrees } from "../workspace/git.ts";
import { defineStep } from "./step.ts";

/** Packs once; the tarballs' digests complete the plan, the plan is signed, and its digest is the release's id. */
export const pack = defineStep({
  name: "pack",
  title: "Pack and sign the plan",
  needs: ["built", "draft", "tools", "key", "signing", "registry", "resumed"],
  gives: ["sealed"],
  run: async (context, { built, draft, tools, key, signing, registry, resumed }, report) => {
    if (resumed !== undefined) return { sealed: await loadSealedRelease(context, { release: resumed, signing }) };
    report(`packing ${draft.packages.length} packages`);
    const folder = join(context.paths.work, key.slice(0, 16), "tarballs");
    const { childEnv: env, signal } = context;
    const packed = await packPackages(built.workspace, draft.packages, { folder, env, signal });
    const packages = draft.packages.map((entry, index) => ({ ...entry, tarball: describeTarball(packed[index]) }));
    const plan: ReleasePlan = { ...draft, packages, tools, releaseCommit: built.releaseCommit };
    const folders = packages.map((entry) => entry.folder);
    const trees = {
      source: await readFolderTrees(context.repository, plan.source.tree, folders),
      release: await readFolderTrees(context.repository, plan.releaseCommit, folders),
    };
    await noteBaseline(context, { registry, names: packages.map(({ name }) => name) });
    report("signing the plan");
    return { sealed: await sealRelease(context, { plan, tarballs: folder, key, trees, signing }) };
  },
});

/** Versions from before the journal's first release are no strangers to a later watch. */
async function noteBaseline(
  { journal }: ReleaseContext,
  { registry, names }: { registry: OpenRegistry; names: readonly string[] },
): Promise<void> {
  const state = await readRegistryState(registry.client, names);
  recordBaseline(journal, { identity: registry.identity, state, release: "baseline" });
}

function describeTarball(packed: { path: string; integrity: string; size: number } | undefined) {
  if (packed === undefined) throw new Error("a package was not packed");
  return { file: packed.path.slice(packed.path.lastIndexOf("/") + 1), integrity: packed.integrity, size: packed.size };
}
