import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { GateResult, ReleasePolicyInput } from "@hxp/release-gates";
import { judgeConflicts, judgeWorkspace, published, releasing } from "../../test/judge-conflicts.ts";
import { rulesOf } from "../../test/make-input.ts";
import { resolveWorkspace } from "../../test/resolve-workspace.ts";
import { serveRegistry } from "../../test/serve-registry.ts";

const own = [releasing({ leaf: "1.0.0" })];

describe("deprecated versions", () => {
  const leaf = published("leaf", { deprecated: "Use blossom, it is fast" });
  const branch = published("branch", { dependencies: { leaf: "1.0.0" } });
  const judge = (isDirect: boolean, policy: ReleasePolicyInput = {}): Promise<GateResult> =>
    judgeWorkspace({
      published: [leaf, branch],
      own: [releasing(isDirect ? { leaf: "1.0.0" } : { branch: "1.0.0" })],
      input: { policy },
    });

  test("are an error with the maintainers' words where the released package names them itself", async () => {
    const result = await judge(true);
    expect(result).toMatchObject({
      verdict: "failed",
      findings: [
        {
          rule: "deprecated",
          dependency: "leaf@1.0.0",
          message: 'leaf@1.0.0 is deprecated: "Use blossom, it is fast"',
        },
      ],
    });
    expect(result.details).toMatchObject({ packages: [{ deprecated: "Use blossom, it is fast" }] });
  });

  test.each([
    ["direct", "warning"],
    ["warning", "warning"],
    ["error", "error"],
  ] as const)("further below are, by %s, of severity %s", async (deprecated, severity) => {
    const { findings } = await judge(false, { conflicts: { deprecated } });
    expect(findings).toMatchObject([
      { rule: "deprecated", severity, where: "@acme/app@1.0.0 > branch@1.0.0 > leaf@1.0.0" },
    ]);
  });

  test("can be waived one by one, and no other rule with them", async () => {
    const waiver = {
      gate: "conflicts",
      rule: "deprecated",
      dependency: "leaf",
      owner: "Ada <ada@acme.example>",
      reason: "replaced in the next release",
      expires: "2026-12-24",
    };
    const alike = published("also-old", { deprecated: "No" });
    const parts = { published: [leaf, alike], input: { policy: { waivers: [waiver] } } };
    expect((await judgeWorkspace({ ...parts, own })).verdict).toBe("waived");
    const both = [releasing({ leaf: "1.0.0", "also-old": "1.0.0" })];
    expect((await judgeWorkspace({ ...parts, own: both })).verdict).toBe("failed");
  });
});

describe("install scripts", () => {
  test.each([
    ["preinstall", { scripts: { preinstall: "node x.js" } }],
    ["install", { scripts: { install: "node x.js" } }],
    ["postinstall", { scripts: { postinstall: "node x.js" } }],
    ["install (binding.gyp)", { gypfile: true }],
    ["an install script", { hasInstallScript: true }],
  ])("are an error: %s", async (named, manifest) => {
    const result = await judgeWorkspace({ published: [published("leaf", manifest)], own });
    expect(result).toMatchObject({
      verdict: "failed",
      findings: [{ rule: "install-script", message: `leaf@1.0.0 runs ${named} when it is installed.` }],
      details: { packages: [{ hasInstallScript: true }] },
    });
  });

  test("that only maintainers run are none", async () => {
    const scripts = { prepare: "tsc", prepublishOnly: "x", postpublish: "x", test: "x" };
    expect((await judgeWorkspace({ published: [published("leaf", { scripts })], own })).findings).toEqual([]);
  });

  test.each(["leaf", "leaf@1.0.0"])("are allowed by an entry for %s", async (name) => {
    const policy = { conflicts: { allowScripts: [{ package: name, reason: "builds a parser; read" }] } };
    const leaf = published("leaf", { scripts: { install: "make" } });
    expect((await judgeWorkspace({ published: [leaf], own, input: { policy } })).findings).toEqual([]);
  });

  test("are not allowed by an entry for another version, which is said to be unused", async () => {
    const policy = { conflicts: { allowScripts: [{ package: "leaf@2.0.0", reason: "read" }] } };
    const leaf = published("leaf", { scripts: { install: "make" } });
    const result = await judgeWorkspace({ published: [leaf], own, input: { policy } });
    expect(rulesOf(result)).toEqual(["exception-unused", "install-script"]);
  });

  test("are found on disk, too, where the registry's manifest does not have them", async () => {
    const input = await resolveWorkspace({
      published: [published("leaf", { scripts: { postinstall: "node steal.js" } }), published("bare")],
      packuments: {
        leaf: {
          versions: { "1.0.0": { name: "leaf", version: "1.0.0" } },
          time: { created: "2020-01-01", "1.0.0": "2026-01-01" },
        },
      },
      own: [releasing({ leaf: "1.0.0", bare: "1.0.0" })],
      isInstalled: true,
    });
    await writeFile(join(input.workspace, "packages/0/node_modules/bare/binding.gyp"), "{}");
    const { findings } = await judgeConflicts(input);
    expect(findings.filter(({ rule }) => rule === "install-script")).toMatchObject([
      { dependency: "bare@1.0.0", message: expect.stringContaining("binding.gyp") },
      { dependency: "leaf@1.0.0", message: expect.stringContaining("postinstall") },
    ]);
  });
});

describe("sources", () => {
  test("that are no registry are an error", async () => {
    await using registry = await serveRegistry([published("leaf")]);
    const packument = (await (await fetch(`${registry.url}leaf`)).json()) as {
      versions: Record<string, { dist: { tarball: string } }>;
    };
    const url = packument.versions["1.0.0"]!.dist.tarball;
    const result = await judgeWorkspace({ published: [], own: [releasing({ leaf: url })] });
    expect(result).toMatchObject({
      verdict: "failed",
      findings: [{ rule: "source-exotic", message: expect.stringContaining(url) }],
    });
  });

  test.each(["file:../1", "link:../1"])("by %s cannot be installed by consumers", async (range) => {
    const result = await judgeWorkspace({
      published: [],
      own: [releasing({ "@acme/library": range }), { name: "@acme/library", version: "1.0.0" }],
    });
    expect(result.findings).toMatchObject([
      { rule: "source-exotic", where: "packages/0/package.json dependencies.@acme/library", severity: "error" },
    ]);
  });

  test("of the workspace itself are sound", async () => {
    const result = await judgeWorkspace({
      published: [],
      own: [releasing({ "@acme/library": "workspace:^" }), { name: "@acme/library", version: "1.0.0" }],
    });
    expect(result).toMatchObject({ verdict: "passed", findings: [] });
  });
});

describe("what the registry does not know", () => {
  test("is an error for a package, and for a version that was taken off", async () => {
    const packuments = { leaf: { versions: {} } };
    const input = await resolveWorkspace({
      published: [published("leaf"), published("gone"), published("there")],
      own: [releasing({ leaf: "1.0.0", gone: "1.0.0", there: "1.0.0" })],
      packuments,
    });
    const known = input.upstream.packument;
    const packument = async (name: string) => (name === "gone" ? undefined : known(name));
    const { verdict, findings } = await judgeConflicts({ ...input, upstream: { ...input.upstream, packument } });
    expect(verdict).toBe("failed");
    expect(findings.filter(({ severity }) => severity === "error")).toMatchObject([
      { rule: "package-unknown", dependency: "gone@1.0.0" },
      { rule: "version-unknown", dependency: "leaf@1.0.0" },
    ]);
  });

  test("is said once of dates that a mirror does not keep", async () => {
    const result = await judgeConflicts(await resolveWorkspace({ published: [published("leaf")], own }));
    expect(result).toMatchObject({
      verdict: "passed",
      findings: [
        { rule: "dates-unknown", severity: "warning", message: expect.stringContaining("Of 1 of 1 packages") },
      ],
      details: { undated: ["leaf"] },
    });
  });
});

describe("packages without a release", () => {
  const branch = published("branch", { dependencies: { leaf: "1.0.0" } });
  const judge = (last: string, policy: ReleasePolicyInput = {}): Promise<GateResult> =>
    judgeWorkspace({
      published: [branch, published("leaf")],
      packuments: {
        leaf: { time: { created: "2015-01-01T00:00:00Z", modified: "2026-11-01T00:00:00Z", "1.0.0": last } },
      },
      own: [releasing({ branch: "1.0.0" })],
      input: { policy },
    });

  test("for longer than 60 months are a warning about the dependency that brings them", async () => {
    expect(await judge("2021-11-22T00:00:00Z")).toMatchObject({
      verdict: "passed",
      findings: [
        {
          rule: "unmaintained",
          dependency: "branch@1.0.0",
          message: "branch@1.0.0 brings what had no release for 60 months: leaf (2021-11).",
        },
      ],
    });
    expect((await judge("2021-11-24T00:00:00Z")).findings).toEqual([]);
  });

  test("are judged by the months of the policy", async () => {
    const policy = { conflicts: { maxMonthsWithoutRelease: 12 } };
    expect(rulesOf(await judge("2025-11-22T00:00:00Z", policy))).toEqual(["unmaintained"]);
    expect(rulesOf(await judge("2025-11-24T00:00:00Z", policy))).toEqual([]);
  });
});
