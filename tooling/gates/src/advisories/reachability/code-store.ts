import { join } from "node:path";
import { readPackageTarball } from "../../archive/read-package-tarball.ts";
import { readPlannedTarball } from "../../archive/planned-tarball.ts";
import type { Component, ProductionClosure } from "../../closure/component.ts";
import type { GateInput } from "../../gate.ts";
import { indexClosure } from "../index-closure.ts";
import { findInstalled, type InstalledPackage } from "../../licences/find-installed.ts";
import { type PackageCode, readPackageCode, readPackageFolder } from "./package-code.ts";

/** The code of packages, each read once. */
export interface CodeStore {
  /** Undefined where the code is not here. */
  codeOf(closure: ProductionClosure, component: Component): Promise<PackageCode | undefined>;
  /** Whether a package brings programs; where that is unknown, it does. */
  hasProgram(closure: ProductionClosure, component: Component): Promise<boolean>;
}

/** Reads released packages from their tarballs, and others from where they are installed in the workspace. */
export function createCodeStore({ workspace, packages }: Pick<GateInput, "workspace" | "packages">): CodeStore {
  const codes = new Map<string, Promise<PackageCode | undefined>>();
  const installed = new Map<string, Promise<InstalledPackage | undefined>>();
  const find = (closure: ProductionClosure, component: Component): Promise<InstalledPackage | undefined> =>
    remember(installed, component.id, () => findComponent(workspace, closure, component));
  const read = async (closure: ProductionClosure, component: Component): Promise<PackageCode | undefined> => {
    const released = packages.find(({ name }) => name === component.name && component.folder !== undefined);
    if (released !== undefined) return readPackageCode(readPackageTarball(await readPlannedTarball(released)).files);
    // A package of the workspace that is not released lies there unpacked: what consumers get is elsewhere.
    if (component.folder !== undefined) return undefined;
    const found = await find(closure, component);
    return found === undefined ? undefined : readPackageFolder(found.folder);
  };
  return {
    codeOf: (closure, component) => remember(codes, component.id, () => read(closure, component)),
    hasProgram: async (closure, component) => {
      const manifest = (await find(closure, component))?.manifest;
      return manifest === undefined || manifest["bin"] !== undefined || manifest["directories"] !== undefined;
    },
  };
}

function remember<T>(known: Map<string, Promise<T>>, id: string, work: () => Promise<T>): Promise<T> {
  const found = known.get(id) ?? work();
  known.set(id, found);
  return found;
}

/** Follows the first way to a component through node_modules; undefined where it is not installed. */
async function findComponent(
  workspace: string,
  closure: ProductionClosure,
  component: Component,
): Promise<InstalledPackage | undefined> {
  const { byId } = indexClosure(closure);
  const { root } = closure;
  let [from, folder]: [Component, string] = [root, join(workspace, root.folder)];
  let found: InstalledPackage | undefined;
  for (const id of component.dependencyPaths[0]?.slice(1) ?? []) {
    const to = byId.get(id);
    if (to === undefined) return undefined;
    // oxlint-disable-next-line no-await-in-loop -- one lies below the other
    found = to.folder === undefined ? await findInstalled(folder, aliasOf(from, to), to) : undefined;
    const next = to.folder === undefined ? found?.folder : join(workspace, to.folder);
    if (next === undefined) return undefined;
    [from, folder] = [to, next];
  }
  return found;
}

function aliasOf(from: Component, to: Component): string {
  return from.dependencies.find((link) => link.id === to.id)?.name ?? to.name;
}
