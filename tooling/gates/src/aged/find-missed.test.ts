import { expect, test } from "vitest";
import type { JsonObject } from "../gate.ts";
import { findMissed } from "./find-missed.ts";
import { type AgedPackument, leaveOutYoung } from "./leave-out-young.ts";

const old = "2026-01-01T00:00:00.000Z";
const young = "2026-01-03T00:00:00.000Z";

/** Versions with their times, null for none, and what each depends on. */
function age(
  name: string,
  times: Record<string, string | null>,
  dependencies: Record<string, JsonObject> = {},
): [string, AgedPackument] {
  const versions = Object.keys(times).map((version): [string, JsonObject] => [
    version,
    { version, dependencies: dependencies[version] ?? {} },
  ]);
  const packument = { versions: Object.fromEntries(versions), time: times, "dist-tags": { next: "2.0.0-beta.1" } };
  return [name, leaveOutYoung(name, packument, { before: Date.parse(old), exempt: new Set() })];
}

const find = (packuments: readonly [string, AgedPackument][], ...manifests: object[]): string[] =>
  findMissed(new Map(packuments), manifests).map(({ name, version }) => `${name}@${version}`);

const tool = age("tool", { "0.1.0": null, "1.0.0": old, "1.1.0": young, "2.0.0-beta.1": young, "2.0.0-beta.2": young });

test("only what a range or a tag admits is missed", () => {
  expect(find([tool], { dependencies: { tool: "^1.0.0" } })).toEqual(["tool@1.1.0"]);
  expect(find([tool], { dependencies: { tool: ">=0.1.0" } })).toEqual(["tool@0.1.0", "tool@1.1.0"]);
  expect(find([tool], { dependencies: { tool: "next" } })).toEqual(["tool@2.0.0-beta.1"]);
});

test("what is admitted asks in turn, and what is not admitted does not", () => {
  const app = age(
    "app",
    { "0.1.0": old, "1.0.0": old, "1.1.0": young },
    { "0.1.0": { tool: "0.1.0" }, "1.0.0": { alias: "npm:tool@~1.1.0" }, "1.1.0": { tool: "2.0.0-beta.1" } },
  );
  expect(find([app, tool], { dependencies: { app: "^1.0.0" } })).toEqual(["app@1.1.0", "tool@1.1.0"]);
});

test("of a package that nothing known asks for, all is missed", () => {
  expect(find([tool])).toEqual(["tool@0.1.0", "tool@1.1.0", "tool@2.0.0-beta.1", "tool@2.0.0-beta.2"]);
});
