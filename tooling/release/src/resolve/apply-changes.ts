import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isMap, parseDocument } from "yaml";
import { runCommand } from "../workspace/run-command.ts";
import { type Change, manifestOf } from "./change.ts";
import { editManifest } from "./edit-manifest.ts";

/** Writes changes into a workspace and lets pnpm resolve it. Throws COMMAND_FAILED. */
export async function applyChanges(
  workspace: string,
  changes: readonly Change[],
  { env, signal }: { env: NodeJS.ProcessEnv; signal?: AbortSignal | undefined },
): Promise<void> {
  for (const change of changes) applyChange(workspace, change);
  const pnpm = (...args: string[]): Promise<string> =>
    runCommand(["pnpm", ...args, "--lockfile-only", "--ignore-scripts"], {
      cwd: workspace,
      env: { ...env, CI: "true" },
      signal,
      timeoutMs: 300_000,
    });
  const refreshed = changes.flatMap((change) => (change.kind === "refresh" ? [change.name] : []));
  if (refreshed.length > 0) await pnpm("update", "--recursive", "--no-save", "--depth", "Infinity", ...refreshed);
  await pnpm("install", "--no-frozen-lockfile");
}

function applyChange(workspace: string, change: Change): void {
  if (change.kind === "refresh") return;
  if (change.kind === "range" || change.kind === "added") {
    const { folder, field, name, to } = change;
    edit(join(workspace, manifestOf(folder)), (text) => editManifest(text, { field, name, range: to }));
    return;
  }
  edit(join(workspace, "pnpm-workspace.yaml"), (text) => {
    const document = parseDocument(text);
    if (change.kind === "catalog") document.setIn([...catalogPath(change.catalog), change.name], change.to);
    else if (change.kind === "override") document.setIn(["overrides", change.selector], change.to);
    else document.deleteIn(["overrides", change.selector]);
    const overrides: unknown = document.get("overrides");
    if (isMap(overrides) && overrides.items.length === 0) document.delete("overrides");
    return document.toString({ lineWidth: 0 });
  });
}

function catalogPath(catalog: string): string[] {
  return catalog === "default" ? ["catalog"] : ["catalogs", catalog];
}

function edit(path: string, change: (text: string) => string): void {
  writeFileSync(path, change(readFileSync(path, "utf8")));
}
