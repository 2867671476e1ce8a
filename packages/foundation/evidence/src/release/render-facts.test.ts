import { expect, test } from "vitest";
import { type ReleaseFacts, renderReleaseFacts } from "@hxp/evidence/release";

const facts: ReleaseFacts = {
  release: "ab".repeat(32),
  isRehearsal: false,
  registry: "https://registry.example/",
  channel: "latest",
  source: { commit: "c0ffee", repository: null, dirty: ["package.json"] },
  packages: [
    {
      name: "core",
      version: "1.0.0",
      file: "core-1.0.0.tgz",
      integrity: "sha512-x",
      size: 7,
      levels: ["SLSA_BUILD_LEVEL_1"],
    },
  ],
  builders: ["https://builder.example/"],
  rebuild: { result: "not-judged", observed: {} },
  gates: [
    { gate: "contents", verdict: "waived", file: "gates/contents.json" },
    { gate: "advisories", verdict: "not-run", file: "gates/advisories.json" },
  ],
  notJudged: ["api", "docs"],
  notRun: [{ gate: "advisories", reason: "no snapshot" }],
  waivers: [],
  smoke: ["npm on Node 24.21.0"],
  endings: [{ outcome: "rolled-back", reason: "It loses streams.", recordedAt: "2026-01-02T00:00:00Z" }],
  signers: [{ name: "release", id: "hint", validFor: { start: "2026-01-01T00:00:00Z" } }],
  log: { origin: "log.example", entries: 9, grownFrom: null, statements: 5, first: "2026-01-01", last: "2026-01-02" },
};

test("what is no pass is in capitals", () => {
  const text = renderReleaseFacts(facts);
  for (const loud of [
    /^ {12}ROLLED-BACK from latest of https:\/\/registry\.example\/, recorded .*: It loses streams\.$/m,
    /^ {12}NOT COMMITTED: package\.json$/m,
    /^rebuilt {5}NOT: no gate built a second time$/m,
    /^gates {7}WAIVED {3}contents/m,
    /^ {12}NOT-RUN {2}advisories/m,
    /^not judged {2}NOT JUDGED: no gate looked at api, docs$/m,
    /^not run {5}NOT RUN: advisories: no snapshot$/m,
  ]) {
    expect(text).toMatch(loud);
  }
});

test("a waiver says how many days it has left, or for how many it is over", () => {
  const waiver = { gate: "contents", rule: "secret", owner: "Ada", reason: "a sample", expires: "2026-02-01" };
  const render = (daysLeft: number): string => renderReleaseFacts({ ...facts, waivers: [{ ...waiver, daysLeft }] });
  expect(render(3)).toContain("WAIVED contents/secret: Ada: a sample; until 2026-02-01, 3 days left");
  expect(render(-2)).toContain("until 2026-02-01, OVER since 2 days");
});

test("a certificate proves the builder, a key does not", () => {
  expect(renderReleaseFacts(facts)).toContain("https://builder.example/, by the signer's own word");
  const proven = { ...facts, signers: [{ name: "ci@example", id: "https://issuer.example", validFor: null }] };
  expect(renderReleaseFacts(proven)).toMatch(/^builder {5}https:\/\/builder\.example\/$/m);
  expect(renderReleaseFacts(proven)).toContain("ci@example (issuer https://issuer.example), by certificates");
});

test("nothing in it is obeyed by a terminal", () => {
  const hostile = "\u001b[2J\u202Eno\u009b31m\r\nGATES";
  const text = renderReleaseFacts({ ...facts, channel: hostile, notRun: [{ gate: hostile, reason: hostile }] });
  expect(text).not.toMatch(/[^\P{C}\n]/u);
  expect(text.split("\n")).toHaveLength(renderReleaseFacts(facts).split("\n").length);
});
