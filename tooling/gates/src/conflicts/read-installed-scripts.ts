import { access, readFile, realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { ReleaseGraph } from "./release-graph.ts";
import { readManifestFacts } from "./package-facts.ts";

/**
 * Reads from the installed packages of a workspace which scripts they run when they are installed, because a registry
 * serves whatever manifest it was sent. Adds to `scripts`, by id; what is not installed here is left out.
 */
export async function readInstalledScripts(
  { closure, components }: ReleaseGraph,
  workspace: string,
  scripts: Map<string, readonly string[]>,
): Promise<void> {
  const { root } = closure;
  const folders = new Map([[root.id, await realpath(join(workspace, root.folder)).catch(() => undefined)]]);
  // A map visits what the loop adds.
  for (const [id, folder] of folders) {
    if (folder === undefined) continue;
    const component = id === root.id ? root : components.get(id);
    const found = (component?.dependencies ?? []).map(async ({ name, id: target }) => {
      const expected = components.get(target);
      if (expected === undefined || folders.has(target)) return;
      folders.set(target, undefined);
      const installed = expected.folder === undefined ? await find(folder, name) : join(workspace, expected.folder);
      // Set anew, so that the loop comes to it after it is known.
      folders.delete(target);
      folders.set(target, installed);
      if (installed !== undefined && expected.folder === undefined && !scripts.has(target)) {
        const read = await readScripts(installed, expected);
        if (read !== undefined) scripts.set(target, read);
      }
    });
    // oxlint-disable-next-line no-await-in-loop -- each step starts where the last one arrived
    await Promise.all(found);
  }
}

/** Finds a dependency as Node does, upwards from the depending package. */
async function find(from: string, name: string): Promise<string | undefined> {
  for (let folder = from; ; folder = dirname(folder)) {
    if (basename(folder) !== "node_modules") {
      // oxlint-disable-next-line no-await-in-loop -- the nearest one counts
      const found = await realpath(join(folder, "node_modules", name)).catch(() => undefined);
      if (found !== undefined) return found;
    }
    if (folder === dirname(folder)) return undefined;
  }
}

async function readScripts(
  folder: string,
  { name, version }: { name: string; version: string },
): Promise<string[] | undefined> {
  try {
    const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as Record<string, unknown>;
    if (manifest["name"] !== name || manifest["version"] !== version) return undefined;
    const gypfile = await access(join(folder, "binding.gyp")).then(
      () => true,
      () => false,
    );
    return readManifestFacts({ ...manifest, gypfile }).installScripts;
  } catch {
    return undefined;
  }
}
