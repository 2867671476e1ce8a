import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageFolder } from "@hxp/evidence/release";
import { HxpError } from "@hxp/errors";
import { z } from "zod";
import { readReleases } from "../journal/journaled-releases.ts";
import type { ReleaseContext } from "../release-context.ts";

/** A package that consumers of the released packages install. */
export interface ReleasedComponent {
  name: string;
  version: string;
  /** Whether it is released from here: its registry is then another than that of third parties. */
  isOwn: boolean;
  /** The licence when it was released; undefined where none was stated. */
  licence: string | undefined;
  /** Released packages that have it in their closure, as `name@version`, sorted. */
  usedBy: string[];
}

const licenceSchema = z.union([
  z.looseObject({ expression: z.string() }),
  z.looseObject({ license: z.looseObject({ id: z.string().optional(), name: z.string().optional() }) }),
]);
const sbomSchema = z.looseObject({
  components: z
    .array(
      z.looseObject({
        group: z.string().optional(),
        name: z.string(),
        version: z.string(),
        licenses: z.array(licenceSchema).optional(),
      }),
    )
    .default([]),
});

type SbomComponent = z.output<typeof sbomSchema>["components"][number];

/**
 * Reads from the evidence of past releases what consumers of each package's newest release install, third parties and
 * own packages alike, ordered by name and version. Throws FILE_UNREADABLE where the evidence has gone.
 */
export function readReleasedComponents({ journal, paths }: ReleaseContext): ReleasedComponent[] {
  const newest = new Map<string, { version: string; release: string }>();
  for (const release of readReleases(journal.records)) {
    if (release.state !== "released") continue;
    for (const { name, version } of release.packages) newest.set(name, { version, release: release.id });
  }
  const components = new Map<string, ReleasedComponent>();
  for (const [name, { version, release }] of newest) {
    const folder = packageFolder({ folder: join(paths.releases, release) }, { name, version });
    for (const component of readComponents(join(folder, "sbom.cdx.json"))) {
      const id = `${component.name}@${component.version}`;
      const known = components.get(id) ?? { ...component, isOwn: newest.has(component.name) };
      components.set(id, { ...known, usedBy: [...known.usedBy, `${name}@${version}`].toSorted() });
    }
  }
  return [...components.entries()].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([, entry]) => entry);
}

function readComponents(path: string): ReleasedComponent[] {
  if (!existsSync(path)) {
    throw new HxpError("FILE_UNREADABLE", `${path}, the evidence of a release, is not there`, {
      hint: "Without it nobody can tell what was released; bring the folder back from a copy.",
    });
  }
  return sbomSchema.parse(JSON.parse(readFileSync(path, "utf8"))).components.map((component) => ({
    name: component.group === undefined ? component.name : `${component.group}/${component.name}`,
    version: component.version,
    isOwn: false,
    licence: licenceOf(component),
    usedBy: [],
  }));
}

function licenceOf({ licenses = [] }: SbomComponent): string | undefined {
  const names = licenses.map((licence) =>
    "expression" in licence ? licence.expression : (licence.license.id ?? licence.license.name),
  );
  return names.length === 0 ? undefined : names.join(", ");
}
