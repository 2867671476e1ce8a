import { readFileSync } from "node:fs";
import { join } from "node:path";
import { satisfies, validRange } from "semver";
import {
  findExcludedNode,
  type PackageFacts,
  type ProductionClosure,
  readPackageFacts,
  readProductionClosure,
} from "@hxp/release-gates";
import { parse } from "yaml";
import { z } from "zod";
import type { OpenUpstream } from "../registry/open-upstream.ts";
import { manifestOf, type ManifestField } from "./change.ts";

/** The parts of a manifest that matter here. */
type Manifest = Partial<Record<ManifestField | "engines", Record<string, string>>>;

/** What {@link createResolveWorld} takes beside the workspace. */
export interface ResolveWorldParts {
  /** Folders of the released packages by name. */
  folders: ReadonlyMap<string, string>;
  upstream: Pick<OpenUpstream, "packument">;
  /** Exact Node versions that consumers are promised. */
  nodes: readonly string[];
}

/** What proposals are made from: a workspace as it is now, and what the registry has. */
export interface ResolveWorld {
  /** Closure of a released package, by its name. */
  closure(name: string): Promise<ProductionClosure>;
  /** What the registry says of a package. */
  facts(name: string): Promise<PackageFacts | undefined>;
  /** The manifest in a folder of the workspace. */
  manifest(folder: string): Manifest;
  /** Overrides of the workspace, by selector. */
  overrides(): Record<string, string>;
  /** Whether what runs on these Nodes, `engines.node`, runs on each that the package claims and consumers are promised. */
  runsOnClaimed(closure: ProductionClosure, range: string | undefined): boolean;
  /** Range of a catalog's entry. */
  catalog(catalog: string, name: string): string | undefined;
}

const ranges = z.record(z.string(), z.string());
const settingsSchema = z.looseObject({
  overrides: ranges.catch({}).default({}),
  catalog: ranges.catch({}).default({}),
  catalogs: z.record(z.string(), ranges).catch({}).default({}),
});

/** Reads a workspace again each time it is asked, because tries change it. */
export function createResolveWorld(workspace: string, { folders, upstream, nodes }: ResolveWorldParts): ResolveWorld {
  const settings = (): z.output<typeof settingsSchema> =>
    settingsSchema.parse(parse(readFileSync(join(workspace, "pnpm-workspace.yaml"), "utf8")) ?? {});
  const manifest = (folder: string): Manifest =>
    JSON.parse(readFileSync(join(workspace, manifestOf(folder)), "utf8")) as Manifest;
  return {
    closure: (name) => readProductionClosure(workspace, folders.get(name) ?? "."),
    facts: async (name) => {
      const packument = await upstream.packument(name);
      return packument === undefined ? undefined : readPackageFacts(name, packument);
    },
    manifest,
    runsOnClaimed: ({ root }, range) => {
      if (range === undefined) return true;
      if (validRange(range) === null) return false;
      const claim = manifest(root.folder).engines?.["node"];
      const promised = nodes.filter((node) => claim === undefined || satisfies(node, claim));
      return promised.every((node) => satisfies(node, range)) && findExcludedNode(claim, range) === undefined;
    },
    overrides: () => settings().overrides,
    catalog: (catalog, name) => {
      const { catalog: unnamed, catalogs } = settings();
      return (catalog === "default" ? unnamed : catalogs[catalog])?.[name];
    },
  };
}
