import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { readWorkspace } from "../workspace/read-workspace.ts";

/**
 * The names that the embedded registry answers by itself and never asks another registry for: the workspace's
 * packages, and whatever was released to it before.
 */
export async function readLocalNames(workspace: string, registryFolder: string): Promise<Set<string>> {
  const { packages } = await readWorkspace(workspace);
  return new Set([...packages.map((entry) => entry.name), ...readStoredNames(join(registryFolder, "packages"))]);
}

function readStoredNames(packages: string): string[] {
  if (!existsSync(packages)) return [];
  return readdirSync(packages, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .flatMap(({ name }) =>
      name.startsWith("@") ? readdirSync(join(packages, name)).map((inner) => `${name}/${inner}`) : [name],
    );
}
