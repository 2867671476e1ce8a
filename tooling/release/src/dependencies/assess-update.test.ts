import type { JsonObject } from "@hxp/release-gates";
import { describe, expect, test } from "vitest";
import { assessUpdate, type Update } from "./assess-update.ts";
import { groupUpdates } from "./group-updates.ts";
import type { OutdatedDependency } from "./read-outdated.ts";

const now = new Date("2026-11-25T12:00:00Z");
const dependency: OutdatedDependency = {
  name: "thing",
  current: "1.2.3",
  latest: "1.2.4",
  kind: "production",
  dependents: ["libs/core"],
};
const signed = { signatures: [], attestations: { url: "x" } };

interface Facts {
  from?: JsonObject;
  to?: JsonObject;
  others?: Record<string, JsonObject>;
  published?: string;
}

function packumentOf({ from = {}, to = {}, others = {}, published = "2026-10-01T00:00:00Z" }: Facts): JsonObject {
  const base = { license: "MIT", dist: signed, _npmUser: { name: "ada" } };
  return {
    versions: { "1.2.3": { ...base, ...from }, "1.2.4": { ...base, ...to }, ...others },
    time: { "1.2.4": published },
  };
}

function assess(facts: Facts = {}): Update {
  return assessUpdate(dependency, { packument: packumentOf(facts), now, minimumAgeDays: 7, fixes: [] });
}

describe("an update", () => {
  test("of an old version by the same publisher with provenance raises no concern", () => {
    expect(assess()).toMatchObject({ bump: "patch", ageDays: 55, provenance: "kept", concerns: [] });
  });

  test.each<[string, Facts, string]>([
    ["is days old", { published: "2026-11-22T00:00:00Z" }, "it is 3 days old, fewer than 7"],
    ["lost its provenance", { to: { dist: { signatures: [] } } }, "it has no provenance, and the present version has"],
    ["has a new publisher", { to: { _npmUser: { name: "eve" } } }, "eve has published no other version of it"],
    ["has a new install script", { to: { scripts: { postinstall: "x" } } }, "it runs a script at postinstall"],
    ["changes its licence", { to: { license: "BUSL-1.1" } }, 'its licence changes from "MIT" to "BUSL-1.1"'],
    ["is deprecated", { to: { deprecated: "use other" } }, "it is deprecated: use other"],
  ])("that %s raises that concern alone", (_title, facts, concern) => {
    expect(assess(facts).concerns).toEqual([concern]);
  });

  test("by who has published another version before is no concern", () => {
    const others = { "1.0.0": { _npmUser: { name: "eve" } } };
    expect(assess({ to: { _npmUser: { name: "eve" } }, others }).concerns).toEqual([]);
  });

  test("of a registry that serves no signatures has unknown provenance, which is not said to be none", () => {
    expect(assess({ from: { dist: {} }, to: { dist: {} } })).toMatchObject({ provenance: "unknown", concerns: [] });
    expect(assess({ from: { dist: { signatures: [] } }, to: { dist: { signatures: [] } } }).provenance).toBe("none");
  });

  test("that the registry does not describe is a concern", () => {
    const update = assessUpdate(dependency, { packument: undefined, now, minimumAgeDays: 7, fixes: [] });
    expect(update).toMatchObject({ ageDays: undefined, concerns: ["the registry does not describe this version"] });
  });

  test.each([
    ["1.2.3", "1.2.4", "patch"],
    ["1.2.3", "1.3.0", "minor"],
    ["1.2.3", "2.0.0", "major"],
    ["0.2.3", "0.2.4", "patch"],
    ["0.2.3", "0.3.0", "major"],
    ["1.0.0-beta.1", "1.0.0-beta.2", "major"],
  ])("from %s to %s is a %s", (current, latest, bump) => {
    const packument = { versions: { [latest]: {}, [current]: {} } };
    const options = { packument, now, minimumAgeDays: 7, fixes: [] };
    expect(assessUpdate({ ...dependency, current, latest }, options).bump).toBe(bump);
  });
});

test("updates are grouped by risk, what mends a vulnerability first, majors by family, concerns alone and last", () => {
  const update = (name: string, facts: Partial<Update> = {}): Update => ({ ...assess(), name, ...facts });
  const groups = groupUpdates([
    update("young", { concerns: ["it is 1 days old, fewer than 7"], fixes: ["GHSA-1"] }),
    update("@acme/two", { bump: "major" }),
    update("b-patch"),
    update("@acme/one", { bump: "major" }),
    update("@types/node", { bump: "major" }),
    update("a-patch"),
    update("a-minor", { bump: "minor" }),
    update("mending", { fixes: ["GHSA-2"], bump: "major" }),
  ]);
  expect(groups.map(({ name, updates }) => [name, updates.map((entry) => entry.name)])).toEqual([
    ["security-mending", ["mending"]],
    ["patches", ["a-patch", "b-patch"]],
    ["minors", ["a-minor"]],
    ["major-acme", ["@acme/one", "@acme/two"]],
    ["major-types-node", ["@types/node"]],
    ["concern-young", ["young"]],
  ]);
});
