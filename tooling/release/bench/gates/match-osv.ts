import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import semver from "semver";
import { parse } from "yaml";

// What a scanner does that has no index: reads every entry of the database, and compares each with the lockfile.

interface Entry {
  affected: { package: { name: string }; ranges: { events: { introduced?: string; fixed?: string }[] }[] }[];
}

const [workspace = "", advisories = ""] = process.argv.slice(2);
const lockfile = parse(readFileSync(join(workspace, "pnpm-lock.yaml"), "utf8")) as {
  packages: Record<string, unknown>;
};
const versions = new Map<string, string[]>();
for (const id of Object.keys(lockfile.packages)) {
  const at = id.indexOf("@", 1);
  const name = id.slice(0, at);
  versions.set(name, [...(versions.get(name) ?? []), id.slice(at + 1)]);
}
let found = 0;
for (const file of readdirSync(advisories)) {
  const { affected } = JSON.parse(readFileSync(join(advisories, file), "utf8")) as Entry;
  for (const { package: subject, ranges } of affected) {
    for (const version of versions.get(subject.name) ?? []) if (isIn(version, ranges)) found += 1;
  }
}
if (found > 0) throw new Error(`${found} matches, and none was expected`);
process.stdout.write(String(Object.keys(lockfile.packages).length));

function isIn(version: string, ranges: Entry["affected"][number]["ranges"]): boolean {
  return ranges.some(({ events }) => {
    const introduced = events.find((event) => event.introduced !== undefined)?.introduced ?? "0";
    const fixed = events.find((event) => event.fixed !== undefined)?.fixed;
    const isAfter = introduced === "0" || semver.gte(version, introduced);
    return isAfter && (fixed === undefined || semver.lt(version, fixed));
  });
}
