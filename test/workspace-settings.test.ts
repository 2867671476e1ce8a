import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { listFiles, readText, root } from "./workspace-files.ts";

const settings = readText("pnpm-workspace.yaml");
const lockfile = readText("pnpm-lock.yaml");

/** A setting of one line. */
function setting(name: string): string | undefined {
  return new RegExp(`^${name}: (.*)$`, "m").exec(settings)?.[1];
}

/** The lines of a setting that is a list or a map. */
function block(name: string): string[] {
  const [, lines = ""] = new RegExp(`^${name}:\n((?: {2}.*\n)*)`, "m").exec(settings) ?? [];
  return lines
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.trim());
}

describe("the supply chain", () => {
  test("takes nothing that is younger than a day, and has no exception from that", () => {
    expect(Number(setting("minimumReleaseAge"))).toBeGreaterThanOrEqual(1440);
    expect(settings).not.toContain("minimumReleaseAgeExclude");
  });

  test("runs the install scripts of nobody: those that have one are named, and refused", () => {
    expect(block("allowBuilds")).toEqual(["esbuild: false"]);
    expect(settings).not.toMatch(/dangerously|onlyBuilt|neverBuilt|ignoredBuilt/i);
  });

  test("takes no dependency of a dependency from git or a URL, and no version with less provenance than before", () => {
    expect(setting("blockExoticSubdeps")).toBe("true");
    expect(setting("trustPolicy")).toBe("no-downgrade");
    expect(settings).not.toContain("trustPolicyExclude");
    expect(lockfile).not.toMatch(/resolution: \{.*(tarball|repo|commit|directory):/);
  });

  test("has the digest of every package in the lockfile", () => {
    const resolutions = [...lockfile.matchAll(/^ {4}resolution: (.*)$/gm)].map(([, value = ""]) => value);
    expect(resolutions.length).toBeGreaterThan(300);
    expect(resolutions.filter((value) => !/^\{integrity: sha512-[\w+/]{86}==\}$/.test(value))).toEqual([]);
  });

  test("overrides and patches nothing but what is known", () => {
    expect(block("overrides")).toEqual(["node-fetch: 2.7.0"]);
    expect(block("patchedDependencies")).toEqual(["tsup@9.0.0: patches/tsup@9.0.0.patch"]);
  });

  test("has no other setting than these", () => {
    const keys = [...settings.matchAll(/^(\w+):/gm)].map(([, key]) => `${key}`);
    expect(keys.toSorted()).toEqual([
      "allowBuilds",
      "blockExoticSubdeps",
      "catalog",
      "minimumReleaseAge",
      "nodeVersion",
      "overrides",
      "packages",
      "patchedDependencies",
      "pmOnFail",
      "trustPolicy",
      "verifyDepsBeforeRun",
    ]);
  });
});

/** Put together, so that this file does not name what no file may. */
const forbidden: readonly [what: string, pattern: RegExp][] = [
  ["a registry's address", new RegExp(String.raw`//registry\.(?!example(\.(com|org|net))?\b)[\w-]`, "i")],
  [
    "a registry's name",
    new RegExp(["registry", String.raw`\.(npmjs|yarnpkg|npmmirror)\b|npm\.pkg\.github`].join(""), "i"),
  ],
  ["a machine's path", new RegExp(["(?<![\\w.])/(root", "work|home/(?!user/?\\b)\\w+|Users)/"].join("|"))],
  [
    "a token",
    /\b(npm_[A-Za-z0-9]{36}|gh[pousr]_[A-Za-z0-9]{36})\b|-----BEGIN (EC |RSA |OPENSSH |)PRIVATE KEY-----\n[A-Za-z0-9+/]{40}/,
  ],
];

const [dot, slash] = [".", "/"];

describe("no file of the repository names", () => {
  const texts = listFiles().flatMap((path): [string, string][] => {
    const bytes = readFileSync(join(root, path));
    return bytes.includes(0) ? [] : [[path, bytes.toString("utf8")]];
  });

  test.each(forbidden)("%s", (_what, pattern) => {
    const found = texts.flatMap(([path, text]) =>
      text
        .split("\n")
        .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim().slice(0, 100)}`] : [])),
    );
    expect(found).toEqual([]);
  });

  test.each([
    ["//registry", `https://registry${dot}acme.dev/`],
    ["registry's name", `registry${dot}npmjs.org`],
    ["path", `cd ${slash}root/project`],
    ["path", `folder: "${slash}home/lea/project"`],
    ["token", `npm_${"a".repeat(36)}`],
  ])("and a %s would be found", (_what, line) => {
    expect(forbidden.some(([, pattern]) => pattern.test(line))).toBe(true);
  });

  test.each([
    "https://registry.example/",
    "https://registry.example.com/",
    "/usr/work/",
    "/home/user/.cache",
    "registry.client",
  ])("but %s is nobody's", (line) => {
    expect(forbidden.filter(([, pattern]) => pattern.test(line))).toEqual([]);
  });
});
