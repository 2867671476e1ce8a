import { mkdtempSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { BenchClosure } from "./bench-closure.ts";
import type { GateOrder } from "./gate-process.ts";

/** Who is measured on a closure. */
export interface Contender {
  name: string;
  command: (closure: BenchClosure) => string[];
  /** How many packages it says that it looked at, read from what it printed. */
  count: (stdout: string) => number;
}

/** The gates that install and run nothing. */
const staticGates = ["contents", "api", "licences", "advisories", "signatures", "conflicts", "docs"];
const alone = ["licences", "advisories", "signatures", "conflicts"];

/** Our gates, one by one and all static ones together, and beside each who does the like. */
export const contenders: readonly Contender[] = [
  { name: "hxp, all static gates", command: (closure) => gateCommand(closure, staticGates), count: countOurs },
  ...alone.map((gate) => ({
    name: `hxp, ${gate}`,
    command: (closure: BenchClosure) => gateCommand(closure, [gate]),
    count: countOurs,
  })),
  {
    name: "license-checker-rseidelsohn",
    command: ({ workspace }) => [
      "node",
      licenceChecker(),
      "--json",
      "--production",
      "--start",
      join(workspace, "application"),
    ],
    count: (stdout) => Object.keys(JSON.parse(stdout) as object).length,
  },
  {
    name: "pnpm licenses",
    command: () => ["pnpm", "licenses", "list", "--prod", "--json", "--recursive"],
    count: countLicences,
  },
  {
    name: "pnpm sbom",
    command: () => ["pnpm", "sbom", "--prod", "--sbom-format", "cyclonedx"],
    count: (stdout) => (JSON.parse(stdout) as { components: unknown[] }).components.length,
  },
  {
    name: "osv-style matching",
    command: ({ workspace, folder }) => [
      "node",
      join(import.meta.dirname, "match-osv.ts"),
      workspace,
      join(folder, "advisories"),
    ],
    count: Number,
  },
];

function gateCommand(closure: BenchClosure, gates: readonly string[]): string[] {
  const { workspace, tarball, databases, folder } = closure;
  const order: GateOrder = { gates, workspace, tarball, databases, scratch: mkdtempSync(join(folder, "scratch-")) };
  return ["node", "--conditions=@hxp/source", join(import.meta.dirname, "gate-process.ts"), JSON.stringify(order)];
}

function countOurs(stdout: string): number {
  const { results } = JSON.parse(stdout.slice(stdout.lastIndexOf("\n{") + 1)) as { results: { checked: number }[] };
  return Math.max(...results.map(({ checked }) => checked));
}

function countLicences(stdout: string): number {
  const byLicence = JSON.parse(stdout) as Record<string, { versions: string[] }[]>;
  return Object.values(byLicence)
    .flat()
    .reduce((sum, { versions }) => sum + versions.length, 0);
}

function licenceChecker(): string {
  const require = createRequire(import.meta.url);
  const manifest = require.resolve("license-checker-rseidelsohn/package.json");
  return join(dirname(manifest), "bin/license-checker-rseidelsohn.js");
}
