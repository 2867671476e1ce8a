import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageFolder } from "@hxp/evidence/release";
import { HxpError } from "@hxp/errors";
import type { Component, ProductionClosure } from "@hxp/release-gates";
import { z } from "zod";
import { readReleases } from "../journal/journaled-releases.ts";
import type { ReleaseContext } from "../release-context.ts";

/** A package that consumers of the released packages install: a released one, or a dependency. */
export interface ReleasedComponent {
  name: string;
  version: string;
  /** Whether it is released from here: its registry is then another than that of third parties. */
  isOwn: boolean;
  /** The licence when it was released; undefined where none was stated. */
  licence: string | undefined;
  /** Released packages that are it or have it in their closure, as `name@version`, sorted. */
  usedBy: string[];
}

/** What consumers of the newest releases install. */
export interface Released {
  /** Every package once, ordered by name and version. */
  components: ReleasedComponent[];
  /** The closure of each released package, as its SBOM has it. */
  closures: ProductionClosure[];
}

const licenceSchema = z.union([
  z.looseObject({ expression: z.string() }),
  z.looseObject({ license: z.looseObject({ id: z.string().optional(), name: z.string().optional() }) }),
]);
const componentSchema = z.looseObject({
  "bom-ref": z.string(),
  group: z.string().optional(),
  name: z.string(),
  version: z.string(),
  purl: z.string(),
  scope: z.string().optional(),
  licenses: z.array(licenceSchema).optional(),
});
const sbomSchema = z.looseObject({
  metadata: z.looseObject({ component: componentSchema }),
  components: z.array(componentSchema).default([]),
  dependencies: z.array(z.looseObject({ ref: z.string(), dependsOn: z.array(z.string()).default([]) })).default([]),
});

type Sbom = z.output<typeof sbomSchema>;
type SbomComponent = z.output<typeof componentSchema>;

/**
 * Reads from the evidence of past releases what consumers of each package's newest release install, third parties and
 * own packages alike. Throws FILE_UNREADABLE where the evidence has gone.
 */
export function readReleased({ journal, paths }: ReleaseContext): Released {
  const newest = new Map<string, { version: string; release: string }>();
  for (const release of readReleases(journal.records)) {
    if (release.state !== "released") continue;
    for (const { name, version } of release.packages) newest.set(name, { version, release: release.id });
  }
  const components = new Map<string, ReleasedComponent>();
  const closures: ProductionClosure[] = [];
  for (const [name, { version, release }] of newest) {
    const folder = packageFolder({ folder: join(paths.releases, release) }, { name, version });
    const sbom = readSbom(join(folder, "sbom.cdx.json"));
    closures.push(toClosure(sbom, newest));
    for (const component of [sbom.metadata.component, ...sbom.components].map((entry) => toReleased(entry))) {
      const id = `${component.name}@${component.version}`;
      const known = components.get(id) ?? { ...component, isOwn: newest.has(component.name) };
      components.set(id, { ...known, usedBy: [...known.usedBy, `${name}@${version}`].toSorted() });
    }
  }
  const sorted = [...components.entries()].toSorted(([left], [right]) => (left < right ? -1 : 1));
  return { components: sorted.map(([, entry]) => entry), closures };
}

function readSbom(path: string): Sbom {
  if (!existsSync(path)) {
    throw new HxpError("FILE_UNREADABLE", `${path}, the evidence of a release, is not there`, {
      hint: "Without it nobody can tell what was released; bring the folder back from a copy.",
    });
  }
  return sbomSchema.parse(JSON.parse(readFileSync(path, "utf8")));
}

function toReleased(component: SbomComponent): ReleasedComponent {
  return {
    name: nameOf(component),
    version: component.version,
    isOwn: false,
    licence: licenceOf(component),
    usedBy: [],
  };
}

/** The graph of an SBOM as the gates see it: statements about vulnerabilities hold for ways through it. */
function toClosure({ metadata, components, dependencies }: Sbom, own: ReadonlyMap<string, unknown>): ProductionClosure {
  const all = [metadata.component, ...components];
  const ids = new Map(
    all.map((entry) => [entry["bom-ref"], { name: nameOf(entry), id: idOf(entry), optional: false }]),
  );
  const links = new Map(dependencies.map(({ ref, dependsOn }) => [ref, dependsOn.flatMap((to) => ids.get(to) ?? [])]));
  const describe = (entry: SbomComponent): Component => ({
    id: idOf(entry),
    name: nameOf(entry),
    version: entry.version,
    purl: entry.purl,
    // Where it lies in the workspace is not said; that it does is what counts.
    ...(own.has(nameOf(entry)) ? { folder: "" } : {}),
    optional: entry.scope === "optional",
    dependencies: links.get(entry["bom-ref"]) ?? [],
    dependencyPaths: [],
  });
  return { root: { ...describe(metadata.component), folder: "" }, components: components.map(describe) };
}

function idOf(component: SbomComponent): string {
  return `${nameOf(component)}@${component.version}`;
}

function nameOf({ group, name }: SbomComponent): string {
  return group === undefined ? name : `${group}/${name}`;
}

function licenceOf({ licenses = [] }: SbomComponent): string | undefined {
  const names = licenses.map((licence) =>
    "expression" in licence ? licence.expression : (licence.license.id ?? licence.license.name),
  );
  return names.length === 0 ? undefined : names.join(", ");
}
