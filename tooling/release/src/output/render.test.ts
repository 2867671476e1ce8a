import type { ReleaseFacts, StatementFacts } from "@hxp/evidence/release";
import type { Finding, GateResult } from "@hxp/release-gates";
import { describe, expect, test } from "vitest";
import { makePlan, makePlanned } from "../../test/support/make-plan.ts";
import { renderDrill, renderKeys, renderVerification } from "./render-others.ts";
import { renderDifferences, renderRelease, renderRollBack, renderStatus } from "./render-outcomes.ts";
import { renderTable } from "./render-table.ts";
import { renderVerdicts } from "./render-verdicts.ts";

describe("a table", () => {
  test("has columns as wide as their widest cell, two spaces apart, and no space at the end of a line", () => {
    expect(
      renderTable(
        ["a", "head"],
        [
          ["long cell", ""],
          ["", "x"],
        ],
      ),
    ).toBe("a          head\nlong cell\n           x");
  });

  test("without rows is its headings", () => {
    expect(renderTable(["a", "b"], [])).toBe("a  b");
  });
});

const plan = makePlan({
  packages: [
    makePlanned({
      name: "@acme/core",
      version: "1.1.0",
      oldVersion: "1.0.0",
      bump: "minor",
      expectedTag: "1.0.0",
      reasons: ["Greets."],
    }),
    makePlanned({ name: "@acme/new", rank: 1, reasons: [] }),
  ],
});

describe("the end of a release", () => {
  const id = "0123456789abcdef".repeat(4);
  const done = { id, plan, evidence: ".hxp/releases/x", durationMs: 61_000 };

  test("shows of each package from and to, bump, tag, size, order and the first reason", () => {
    const [, ...lines] = renderRelease({ outcome: "planned", ...done }, ".hxp").split("\n");
    expect(lines.slice(0, 3)).toEqual([
      "package     version        bump   latest         size     order  because",
      "@acme/core  1.0.0 → 1.1.0  minor  1.0.0 → 1.1.0  2.0 KiB  0      Greets.",
      "@acme/new   1.0.0          none   none → 1.0.0   2.0 KiB  1",
    ]);
  });

  test("of a rehearsal says where it lives, and what to type next", () => {
    const text = renderRelease({ outcome: "released", ...done }, ".hxp");
    expect(text).toContain("Released to latest of local in 1 min 1 s: 2 packages");
    expect(text).toContain(id);
    for (const next of ["release serve", "release verify .hxp/releases/x", "release rollback"])
      expect(text).toContain(next);
    expect(text).toMatch(/This was a rehearsal.*\.hxp\/registry/);
  });

  test("on another registry does not speak of a rehearsal", () => {
    const remote = { ...done, plan: { ...plan, registry: { name: "npm", identity: "https://npm.example/" } } };
    const text = renderRelease({ outcome: "released", ...remote }, ".hxp");
    expect(text).toContain("Released to latest of npm");
    expect(text).not.toMatch(/rehearsal|release serve/);
  });

  test("of a plan names the command that publishes it", () => {
    expect(renderRelease({ outcome: "planned", ...done }, ".hxp")).toMatch(
      /Planned in .*Next: `pnpm release publish 0123456789ab` publishes exactly these bytes\.$/s,
    );
  });

  test("with nothing to release lists what there is, and what nobody wrote a changeset for", () => {
    const current = [{ name: "core", version: "1.0.0" }];
    const text = renderRelease({ outcome: "nothing", current, warnings: ["core has changed"] }, ".hxp");
    expect(text).toContain("Nothing to release: the registry has\n  core@1.0.0\nwarning: core has changed\n");
  });
});

describe("a rollback", () => {
  const packages = [
    { name: "core", version: "1.1.0", channel: "latest", now: "1.0.0" },
    { name: "new", version: "1.0.0", channel: "latest", now: null },
  ];

  test("shows where each channel points now, and what the registry keeps", () => {
    const text = renderRollBack({
      outcome: "rolled-back",
      repeated: false,
      id: "abc",
      packages,
      kept: ["new:latest"],
      durationMs: 900,
    });
    expect(text).toMatch(/core@1\.1\.0 {2}latest → 1\.0\.0\nnew@1\.0\.0 {3}latest → none\n/);
    expect(text).toMatch(/Rolled back abc in 0\.9 s\nThe registry lets nobody remove: new:latest/);
  });

  test("of what never ended is called giving up", () => {
    const text = renderRollBack({
      outcome: "abandoned",
      repeated: false,
      id: "abc",
      packages,
      kept: [],
      durationMs: 900,
    });
    expect(text).toMatch(/Gave up abc in 0\.9 s$/);
  });
});

describe("status", () => {
  const registry = { name: "local", identity: "embedded:1" };

  test("of nothing says so", () => {
    expect(renderStatus({ registry, channels: [], releases: [], differences: [] })).toBe(
      "local (embedded:1)\n\nNothing is released.\n\nThe journal knows no release.\n\nThe registry holds what the journal says.",
    );
  });

  test("lists channels, releases with their end or, still open, their beginning, and differences", () => {
    const text = renderStatus({
      registry,
      channels: [{ channel: "latest", package: "core", version: "1.0.0", digest: "as-released" }],
      releases: [
        { id: "a".repeat(64), state: "rolled-back", channel: "latest", sealedAt: "one", endedAt: "two", reason: "bad" },
        { id: "b".repeat(64), state: "open", channel: "next", sealedAt: "three" },
      ],
      differences: [
        { kind: "tag-moved", package: "core", tag: "latest", expected: "1.0.0", found: null, meaning: "M.", fix: "F." },
      ],
    });
    expect(text).toMatch(/^latest {3}core {5}1\.0\.0 {4}as-released$/m);
    expect(text).toMatch(/^a{12} +rolled-back +latest +two +bad$/m);
    expect(text).toMatch(/^b{12} +open +next +three$/m);
    expect(text).toContain("tag-moved core:latest: expected 1.0.0, found nothing\n  M. F.");
  });

  test("names the version of a difference", () => {
    const difference = {
      kind: "version-unknown",
      package: "core",
      version: "6.6.6",
      expected: null,
      found: "sha512-x",
      meaning: "M.",
      fix: "F.",
    } as const;
    expect(renderDifferences([difference])).toBe(
      "version-unknown core@6.6.6: expected nothing, found sha512-x\n  M. F.",
    );
  });
});

describe("verdicts", () => {
  const verdict: GateResult = {
    gate: "contents",
    verdict: "passed",
    checked: 12,
    findings: [],
    inputs: [],
    policyDigest: "sha256:0",
    startedAt: "2026-01-01T00:00:00Z",
    durationMs: 1_230,
  };
  const finding: Finding = {
    gate: "contents",
    rule: "secret",
    package: "core",
    where: "dist/index.js",
    message: "A key.",
    why: "It leaks.",
    fix: "Remove it.",
    severity: "error",
  };

  test("are a line each, with the reason of one that did not run", () => {
    expect(renderVerdicts([verdict, { ...verdict, gate: "rebuild", verdict: "not-run", reason: "no Node" }])).toBe(
      "  contents passed (12 checked, 1.2 s)\n  rebuild not-run: no Node (12 checked, 1.2 s)",
    );
  });

  test("show each finding with where, why and what mends it, and who waived it until when", () => {
    const waiver = { owner: "lea", reason: "known", expires: "2026-12-31" } as NonNullable<Finding["waiver"]>;
    const { package: _, ...release } = { ...finding, where: "", waiver };
    const text = renderVerdicts([{ ...verdict, verdict: "failed", findings: [finding, release] }]);
    expect(text.split("\n").slice(1)).toEqual([
      "    error secret · core · dist/index.js",
      "      A key.",
      "      why: It leaks.",
      "      fix: Remove it.",
      "    error secret · ",
      "      A key.",
      "      why: It leaks.",
      "      fix: Remove it.",
      "      waived until 2026-12-31 by lea: known",
    ]);
  });
});

function makeReleaseFacts(): ReleaseFacts {
  return {
    release: "abc",
    isRehearsal: false,
    registry: "https://registry.example/",
    channel: "latest",
    source: { commit: "def", repository: null, dirty: [] },
    packages: [],
    builders: [],
    rebuild: { result: "identical", observed: {} },
    gates: [],
    notJudged: [],
    notRun: [],
    waivers: [],
    smoke: [],
    endings: [],
    signers: [],
    log: { origin: "log.example", entries: 2, grownFrom: 1, statements: 1, first: "2026", last: "2026" },
  };
}

const emptyStatementFacts: StatementFacts = {
  predicateTypes: [],
  subjects: [],
  commits: [],
  builders: [],
  results: [],
  levels: [],
  gates: {},
  notJudged: [],
  notRun: {},
  waivers: [],
  signers: [],
  log: { statements: 0, first: "", last: "" },
};

test("a verification names the release or the package, and each thing with the time at which it was logged", () => {
  const verified = [
    { what: "plan.json", says: "signed" },
    { what: "log", says: "grew", loggedAt: "2026-01-01T00:00:00Z" },
  ];
  const folder = renderVerification({
    id: "abc",
    commit: "def",
    channel: "latest",
    verified,
    facts: makeReleaseFacts(),
  });
  expect(folder).toMatch(/^Release abc, from commit def\n/);
  expect(folder).toMatch(/^✔ log {8}grew {5}2026-01-01T00:00:00Z$/m);
  expect(folder).toMatch(/^rebuilt {5}identically$/m);
  const facts = { ...emptyStatementFacts, builders: ["https://builder.example/"] };
  const single = renderVerification({
    name: "core",
    version: "1.0.0",
    integrity: "sha512-x",
    size: 1,
    verified,
    facts,
  });
  expect(single).toMatch(/^builder {5}https:\/\/builder\.example\/, by the signer's own word$/m);
  expect(single).toMatch(/^core@1\.0\.0 sha512-x\n/);
});

test("keys show since when and until when they sign", () => {
  const key = {
    name: "release",
    hint: "h1",
    publicKey: "",
    purposes: ["statement", "registry"],
    validFor: { start: "2026" },
  };
  const old = { ...key, hint: "h0", validFor: { start: "2025", end: "2026" } };
  const text = renderKeys({ trustedRoot: "trust/trusted_root.json", keys: [old, key] } as never);
  expect(text).toMatch(/^release {2}h0 .* 2025 {2}2026$/m);
  expect(text).toMatch(/^release {2}h1 .* 2026 {2}in use$/m);
  expect(text).toContain("Give consumers trust/trusted_root.json");
});

test("a drill shows what was done, how long it took, and what was found", () => {
  expect(renderDrill({ steps: [{ what: "release", durationMs: 2_000, found: "latest of 5 packages" }] })).toContain(
    "release  2.0 s  latest of 5 packages",
  );
});
