import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  type AdvisoriesDetails,
  advisoriesGate,
  type GateInput,
  type GateResult,
  isBlocking,
  runGates,
} from "@hxp/release-gates";
import { makeAdvisory } from "../../test/make-advisory.ts";
import { rulesOf } from "../../test/make-input.ts";
import {
  lockfileWithOptionalLeaf,
  makeVulnerableWorkspace,
  type VulnerableParts,
} from "../../test/make-vulnerable-workspace.ts";

async function judgeInput(input: GateInput): Promise<GateResult> {
  const [result] = await runGates([advisoriesGate], input);
  return result!;
}

async function judge(parts: VulnerableParts): Promise<GateResult> {
  return judgeInput(await makeVulnerableWorkspace(parts));
}

function detailsOf(result: GateResult): AdvisoriesDetails {
  return result.details as AdvisoriesDetails;
}

const beforeMended = [{ introduced: "0" }, { fixed: "1.3.0" }];
const critical = { type: "CVSS_V3", score: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H" };
const vulnerable = makeAdvisory({
  id: "GHSA-aaaa-bbbb-cccc",
  aliases: ["CVE-2026-1"],
  events: beforeMended,
  severity: [critical],
});
const harmless = makeAdvisory({ id: "GHSA-0", name: "nobody-has-it" });

describe("advisoriesGate", () => {
  test("passes what nothing is known against, and counts the released package with it", async () => {
    const result = await judge({ advisories: [harmless] });
    expect(result).toMatchObject({ verdict: "passed", checked: 3, findings: [] });
    expect(result.inputs.map(({ name }) => name)).toEqual(["osv-npm from all.zip", "osv-npm index", "pnpm-lock.yaml"]);
    expect(detailsOf(result)).toMatchObject({ database: { name: "osv-npm", entries: 1 }, checked: 3, matches: [] });
  });

  test("stops a release with a vulnerable version, and says what, where, why and what mends it", async () => {
    const result = await judge({ advisories: [vulnerable] });
    expect(isBlocking(result)).toBe(true);
    expect(result.findings).toMatchObject([
      {
        rule: "vulnerable",
        severity: "error",
        package: "@acme/app",
        dependency: "leaf@1.2.0",
        where: "@acme/app@1.0.0 > middle@1.0.0 > leaf@1.2.0",
        message:
          "leaf@1.2.0 has GHSA-aaaa-bbbb-cccc, CVE-2026-1 (critical, CVSS 9.8): What GHSA-aaaa-bbbb-cccc is about. Fixed in 1.3.0.",
        why: expect.stringContaining("yes, middle@1.0.0/index.js imports leaf"),
        fix: expect.stringContaining('overrides: { "leaf@1.2.0": "1.3.0" }'),
      },
    ]);
    expect(detailsOf(result).matches).toEqual([
      {
        advisory: "GHSA-aaaa-bbbb-cccc",
        aliases: ["CVE-2026-1"],
        summary: "What GHSA-aaaa-bbbb-cccc is about",
        severity: "critical",
        score: 9.8,
        id: "leaf@1.2.0",
        name: "leaf",
        version: "1.2.0",
        fixedIn: ["1.3.0"],
        usedBy: ["@acme/app"],
        paths: [["@acme/app@1.0.0", "middle@1.0.0", "leaf@1.2.0"]],
        reachable: "yes",
        why: "middle@1.0.0/index.js imports leaf",
        verdict: "open",
      },
    ]);
  });

  test("finds an advisory against the released package itself", async () => {
    const result = await judge({
      advisories: [makeAdvisory({ id: "GHSA-own", name: "@acme/app", versions: ["1.0.0"] })],
    });
    expect(result.findings).toMatchObject([
      { rule: "vulnerable", where: "@acme/app@1.0.0", dependency: "@acme/app@1.0.0" },
    ]);
  });

  test.each<[string, object, string[]]>([
    ["a mended version", makeAdvisory({ id: "GHSA-1", events: [{ introduced: "0" }, { fixed: "1.2.0" }] }), []],
    ["a withdrawn advisory", { ...vulnerable, withdrawn: "2026-11-02T00:00:00Z" }, []],
    [
      "the last affected version",
      makeAdvisory({ id: "GHSA-1", events: [{ introduced: "0" }, { last_affected: "1.2.0" }] }),
      ["vulnerable"],
    ],
    [
      "a version below the last affected one's successor",
      makeAdvisory({ id: "GHSA-1", events: [{ introduced: "0" }, { last_affected: "1.1.9" }] }),
      [],
    ],
    [
      "a mended version whose prerelease is meant",
      makeAdvisory({ id: "GHSA-1", events: [{ introduced: "0" }, { fixed: "1.2.0-rc.1" }] }),
      [],
    ],
    ["malware", makeAdvisory({ id: "MAL-2026-1", versions: ["1.2.0"] }), ["malware"]],
    ["an advisory that names no version", makeAdvisory({ id: "GHSA-1", versions: [] }), ["vulnerable"]],
  ])("judges %s beside one that is about nobody", async (_title, advisory, rules) => {
    expect(rulesOf(await judge({ advisories: [advisory, harmless] }))).toEqual(rules);
  });

  test("takes advisories that name each other for one vulnerability, with the worst of their severities", async () => {
    const advisories = [
      makeAdvisory({ id: "CVE-2026-1", database_specific: { severity: "LOW" } }),
      makeAdvisory({
        id: "GHSA-1",
        aliases: ["CVE-2026-1"],
        events: beforeMended,
        database_specific: { severity: "HIGH" },
      }),
      makeAdvisory({ id: "GHSA-2", aliases: ["CVE-2026-2"] }),
    ];
    const { matches } = detailsOf(await judge({ advisories }));
    expect(matches).toMatchObject([
      { advisory: "GHSA-1", aliases: ["CVE-2026-1"], severity: "high", fixedIn: ["1.3.0"] },
      { advisory: "GHSA-2", aliases: ["CVE-2026-2"], severity: "unknown" },
    ]);
  });

  test("takes malware for critical, whatever the entry says, and no policy lowers it", async () => {
    const advisories = [
      makeAdvisory({ id: "GHSA-m", aliases: ["MAL-2026-1"], database_specific: { severity: "LOW" } }),
    ];
    const policy = { errorFrom: "critical", optionalErrorFrom: "critical", unreachable: "warning" } as const;
    const result = await judge({ advisories, policy, code: { app: "export {};\n", middle: "" } });
    expect(result.findings).toMatchObject([
      { rule: "malware", severity: "error", fix: expect.stringContaining("Remove leaf@1.2.0") },
    ]);
    expect(detailsOf(result).matches).toMatchObject([{ advisory: "MAL-2026-1", severity: "critical" }]);
  });
});

describe("the policy", () => {
  const moderate = makeAdvisory({ id: "GHSA-1", database_specific: { severity: "MODERATE" } });
  const unrated = makeAdvisory({ id: "GHSA-1" });

  test.each<[VulnerableParts["policy"], object, string]>([
    [{}, moderate, "failed"],
    [{ errorFrom: "moderate" }, moderate, "failed"],
    [{ errorFrom: "high" }, moderate, "passed"],
    [{ errorFrom: "high" }, unrated, "failed"],
    [{ errorFrom: "high", unknownSeverity: "moderate" }, unrated, "passed"],
    [{ optionalErrorFrom: "critical" }, moderate, "failed"],
  ])("%j decides", async (policy, advisory, verdict) => {
    const result = await judge({ policy: policy!, advisories: [advisory] });
    expect([result.verdict, rulesOf(result)]).toEqual([verdict, ["vulnerable"]]);
  });

  test("can be another for optional dependencies", async () => {
    const parts = { advisories: [moderate], files: { "pnpm-lock.yaml": lockfileWithOptionalLeaf } };
    expect(await judge(parts)).toMatchObject({ verdict: "failed" });
    expect(await judge({ ...parts, policy: { optionalErrorFrom: "high" } })).toMatchObject({ verdict: "passed" });
  });

  test("has no limits of age that contradict each other", async () => {
    await expect(makeVulnerableWorkspace({ policy: { maxAgeDays: 9, blockAfterDays: 8 } })).rejects.toThrow(
      "maxAgeDays",
    );
  });
});

describe("the snapshot", () => {
  const entryOf = (day: string) => ({ ...harmless, modified: `${day}T12:00:00Z` });

  test.each<[string, object, string, string[], string]>([
    ["six days", entryOf("2026-11-17"), "2026-11-22", [], "passed"],
    ["seven days", entryOf("2026-11-16"), "2026-11-22", ["snapshot-stale"], "passed"],
    ["29 days", entryOf("2026-10-25"), "2026-11-22", ["snapshot-stale"], "passed"],
    ["30 days", entryOf("2026-10-24"), "2026-11-22", ["snapshot-stale"], "failed"],
    [
      "30 days, by its import, though an entry is of tomorrow",
      entryOf("2026-12-24"),
      "2026-10-24",
      ["snapshot-stale"],
      "failed",
    ],
  ])("of %s", async (_title, entry, imported, rules, verdict) => {
    const result = await judge({ advisories: [entry], importedAt: new Date(`${imported}T12:00:00Z`) });
    expect([rulesOf(result), result.verdict]).toEqual([rules, verdict]);
    for (const { fix } of result.findings) expect(fix).toContain("pnpm release advisories import");
  });

  test("with next to no entries blocks, unless the policy says that it is whole", async () => {
    const few = Array.from({ length: 3 }, (_, index) => makeAdvisory({ id: `GHSA-${index}`, name: `other-${index}` }));
    const result = await judge({ advisories: few, policy: { minimumEntries: 4 } });
    expect(result).toMatchObject({
      verdict: "failed",
      findings: [{ rule: "snapshot-small", message: expect.stringContaining("has 3 entries") }],
    });
    expect(await judge({ advisories: few, policy: { minimumEntries: 3 } })).toMatchObject({ verdict: "passed" });
    const byDefault = await judge({ advisories: few, policy: { minimumEntries: undefined } });
    expect(byDefault.findings).toMatchObject([{ rule: "snapshot-small", severity: "error" }]);
  });

  test("is as old as its newest entry, though it was imported today", async () => {
    const advisories = [{ ...harmless, modified: "2026-01-01T00:00:00Z" }];
    const result = await judge({ advisories, importedAt: new Date("2026-11-23T11:00:00Z") });
    expect(result).toMatchObject({ verdict: "failed", findings: [{ rule: "snapshot-stale", severity: "error" }] });
  });

  test("that was never imported blocks as not-run, and names the command", async () => {
    const result = await judge({});
    expect(result).toMatchObject({
      verdict: "not-run",
      checked: 0,
      reason: expect.stringContaining("pnpm release advisories import"),
    });
    expect(isBlocking(result)).toBe(true);
  });

  test("that somebody changed fails the gate, and no waiver helps", async () => {
    const input = await makeVulnerableWorkspace({ advisories: [vulnerable] });
    const manifest = JSON.parse(await readFile(join(input.databases, "osv-npm.json"), "utf8")) as { file: string };
    const path = join(input.databases, manifest.file);
    const text = await readFile(path, "latin1");
    await writeFile(path, text.replace('"fixed":"1.3.0"', '"fixed":"1.2.0"'), "latin1");
    const waiver = { gate: "advisories", rule: "gate-crashed", owner: "o", reason: "r", expires: "2026-12-01" };
    const result = await judgeInput({ ...input, policy: { ...input.policy, waivers: [waiver] } });
    expect(result).toMatchObject({ verdict: "failed", reason: expect.stringContaining("not those that were written") });
    expect(rulesOf(result)).toEqual(["gate-crashed"]);
  });

  test("does not pass a release of no package", async () => {
    const result = await judge({ advisories: [harmless], input: { packages: [] } });
    expect([result.verdict, rulesOf(result)]).toEqual(["failed", ["nothing-checked"]]);
  });
});

test("a gate that is left out judges nothing: the vulnerable version is found by it alone", async () => {
  const input = await makeVulnerableWorkspace({ advisories: [vulnerable] });
  const other = { ...advisoriesGate, name: "other", judge: () => Promise.resolve({ ...passed, gate: "other" }) };
  expect((await runGates([other], input)).some(isBlocking)).toBe(false);
  expect((await runGates([other, advisoriesGate], input)).filter(isBlocking)).toMatchObject([{ gate: "advisories" }]);
});

const passed: GateResult = {
  gate: "other",
  verdict: "passed",
  checked: 1,
  findings: [],
  inputs: [],
  policyDigest: "",
  startedAt: "2026-11-23T12:00:00Z",
  durationMs: 0,
};
