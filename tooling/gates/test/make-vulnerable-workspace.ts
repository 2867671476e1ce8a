import { join } from "node:path";
import type { GateInput, GatePackage, ReleasePolicyInput } from "@hxp/release-gates";
import { writeFiles } from "./install-workspace.ts";
import { importEntries } from "./make-advisory.ts";
import { makeInput, writePackage } from "./make-input.ts";
import { makePackage } from "./make-tarball.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** What {@link makeVulnerableWorkspace} takes. */
export interface VulnerableParts {
  /** Entries in the OSV format to import; undefined imports nothing. */
  advisories?: readonly object[];
  importedAt?: Date;
  /** Default for `minimumEntries`: 1. */
  policy?: ReleasePolicyInput["advisories"];
  /** Code of the released package, of `middle` and of `leaf`. */
  code?: Partial<Record<"app" | "middle" | "leaf", string>>;
  /** Files over those of the workspace. */
  files?: Record<string, object | string>;
  /** Over the input. */
  input?: Partial<Omit<GateInput, "policy">>;
}

const lockfile = (more: string): string => `lockfileVersion: '9.0'
importers:
  .: {}
  app:
    dependencies:
      middle: { specifier: 1.0.0, version: 1.0.0 }
${more}packages:
  middle@1.0.0: { resolution: { integrity: sha512-bQ== } }
  leaf@1.2.0: { resolution: { integrity: sha512-bA== } }
snapshots:
  middle@1.0.0: { dependencies: { leaf: 1.2.0 } }
  leaf@1.2.0: {}
`;

/** The lockfile in which the released package has `leaf` directly, too. */
export const lockfileWithDirectLeaf = lockfile("      leaf: { specifier: 1.2.0, version: 1.2.0 }\n");

/** The lockfile in which `middle` depends on `leaf` optionally. */
export const lockfileWithOptionalLeaf = lockfile("").replace(
  "{ dependencies: { leaf",
  "{ optionalDependencies: { leaf",
);

/** A workspace with the package `@acme/app` 1.0.0, which depends on `middle` 1.0.0, and that on `leaf` 1.2.0. */
export async function makeVulnerableWorkspace(parts: VulnerableParts = {}): Promise<GateInput> {
  const folder = await temporaryFolder();
  const { code = {}, files = {}, policy = {}, input = {} } = parts;
  const manifest = { name: "@acme/app", version: "1.0.0", dependencies: { middle: "1.0.0" } };
  await writeFiles(folder, {
    "pnpm-lock.yaml": lockfile(""),
    "package.json": { name: "acme", version: "0.0.0", private: true },
    "app/package.json": manifest,
    "app/node_modules/middle/package.json": { name: "middle", version: "1.0.0", dependencies: { leaf: "1.2.0" } },
    "app/node_modules/middle/index.js": code.middle ?? "module.exports = require('leaf');\n",
    "app/node_modules/leaf/package.json": { name: "leaf", version: "1.2.0" },
    "app/node_modules/leaf/index.js": code.leaf ?? "exports.template = () => 1;\n",
    ...files,
  });
  const tarball = makePackage(manifest, {
    "index.js": code.app ?? "import middle from 'middle';\nexport default middle;\n",
  });
  const app: GatePackage = await writePackage(join(folder, "tarballs"), tarball, { name: "@acme/app", folder: "app" });
  const state = join(folder, ".hxp");
  const databases = join(state, "databases");
  if (parts.advisories !== undefined) await importEntries(state, parts.advisories, parts.importedAt);
  return makeInput(folder, {
    packages: [app],
    policy: { advisories: { minimumEntries: 1, ...policy } },
    databases,
    ...input,
  });
}
