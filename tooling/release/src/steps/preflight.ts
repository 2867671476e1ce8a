import { openSigning } from "../evidence/signing.ts";
import { openRegistry } from "../registry/open-registry.ts";
import { assertAllGates } from "../judge/assert-all-gates.ts";
import { assertClean } from "../workspace/assert-clean.ts";
import { readSource } from "../workspace/git.ts";
import { readToolVersions } from "../workspace/tool-versions.ts";
import { finishAdvance } from "./advance-branch.ts";
import { defineStep } from "./step.ts";

/** Checks, before anything is made, that the release can be made: source, tools, registry, account, keys. */
export const preflight = defineStep({
  name: "preflight",
  title: "Check source, tools, registry and keys",
  needs: [],
  gives: ["source", "registry", "signing", "tools"],
  run: async (context, _state, report) => {
    const found = await readSource(context.repository);
    if (context.options.allowDirty !== true) assertClean(found.dirty);
    const hasMoved = found.dirty.length === 0 && (await finishAdvance(context)) === "moved";
    const source = hasMoved ? await readSource(context.repository) : found;
    report("asking the registry who we are");
    const registry = await openRegistry(context);
    assertAllGates(context.config, registry);
    await registry.client.ping();
    const tools = await readToolVersions(context);
    const signing = await openSigning(context);
    context.progress.note(
      `  ${registry.name} as ${registry.account ?? "nobody: there is no credential"} · ${renderTools(tools)}`,
    );
    return { source, registry, signing, tools };
  },
});

function renderTools(tools: Record<string, string>): string {
  return Object.entries(tools)
    .map(([name, version]) => `${name} ${version}`)
    .join(" · ");
}
