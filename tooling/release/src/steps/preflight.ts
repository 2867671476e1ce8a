import { HxpError } from "@hxp/errors";
import { openSigning } from "../evidence/signing.ts";
import { openRegistry } from "../registry/open-registry.ts";
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
    if (found.dirty.length > 0) assertMayBeDirty(found.dirty, context.options);
    const hasMoved = found.dirty.length === 0 && (await finishAdvance(context)) === "moved";
    const source = hasMoved ? await readSource(context.repository) : found;
    report("asking the registry who we are");
    const registry = await openRegistry(context);
    await registry.client.ping();
    const tools = await readToolVersions(context);
    const signing = await openSigning(context);
    context.progress.note(
      `  ${registry.name} as ${registry.account ?? "nobody: there is no credential"} · ${renderTools(tools)}`,
    );
    return { source, registry, signing, tools };
  },
});

function assertMayBeDirty(dirty: string[], options: { allowDirty?: boolean | undefined }): void {
  if (options.allowDirty === true) return;
  const shown = dirty.slice(0, 10).join(", ");
  const more = dirty.length > 10 ? ` and ${dirty.length - 10} more` : "";
  throw new HxpError("WORKSPACE_DIRTY", `${dirty.length} paths differ from the commit: ${shown}${more}`, {
    details: { dirty },
  });
}

function renderTools(tools: Record<string, string>): string {
  return Object.entries(tools)
    .map(([name, version]) => `${name} ${version}`)
    .join(" · ");
}
