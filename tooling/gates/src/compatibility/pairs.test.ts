import { expect, test } from "vitest";
import { findOne, makeFixture, openWorld, type WorldOptions } from "../../test/compatibility-world.ts";

const storage = (version: string, source: string): ReturnType<typeof makeFixture> =>
  makeFixture(`@acme/storage@${version}`, source);
const gateway = (version: string, range: string, source: string): ReturnType<typeof makeFixture> =>
  makeFixture(`@acme/gateway@${version}`, source, { dependencies: { "@acme/storage": range } });

const reads = "export { read } from '@acme/storage';\n";
const both = "export const read = 1;\nexport const write = 2;\n";

async function judge(options: WorldOptions): ReturnType<Awaited<ReturnType<typeof openWorld>>["judge"]> {
  const world = await openWorld();
  return world.judge(options);
}

const names = (pairs: readonly { package: string; version: string; other: string; otherVersion: string }[]): string[] =>
  pairs.map((pair) => `${pair.package} ${pair.version} with ${pair.other} ${pair.otherVersion}`);

test("packages of this release are tried with earlier ones, both ways, as far as ranges admit it", async () => {
  const result = await judge({
    released: [gateway("1.4.0", "^1.2.0", reads), storage("1.5.0", both)],
    earlier: [
      gateway("1.2.0", "~1.2.0", reads),
      gateway("1.3.0", "^1.2.0", reads),
      ...["1.1.0", "1.2.0", "1.3.0"].map((version) => storage(version, both)),
    ],
    policy: { pairs: { releases: 3 } },
  });
  expect(result.verdict).toBe("passed");
  expect(names(result.details.pairs)).toEqual([
    "@acme/gateway 1.3.0 with @acme/storage 1.5.0",
    "@acme/gateway 1.4.0 with @acme/storage 1.2.0",
    "@acme/gateway 1.4.0 with @acme/storage 1.3.0",
  ]);
  expect(names(result.details.unclaimedPairs)).toEqual([
    "@acme/gateway 1.4.0 with @acme/storage 1.1.0",
    "@acme/gateway 1.2.0 with @acme/storage 1.5.0",
  ]);
  const lowest = result.details.cells.find((cell) => cell.package === "@acme/gateway" && cell.resolution === "lowest");
  expect(lowest?.dependencies).toMatchObject([{ name: "@acme/storage", version: "1.2.0" }]);
});

test("a new release that does not work with an earlier one in its range is an error", async () => {
  const result = await judge({
    released: [gateway("1.4.0", "^1.2.0", "export { write } from '@acme/storage';\n"), storage("1.4.0", both)],
    earlier: [storage("1.2.0", "export const read = 1;\n"), storage("1.3.0", both)],
  });
  const finding = result.findings.find(({ rule }) => rule === "pair-broken");
  expect(finding).toMatchObject({ package: "@acme/gateway", where: "@acme/gateway 1.4.0 with @acme/storage 1.2.0" });
  expect(finding?.message).toMatch(/its range \^1\.2\.0 admits.*write/s);
  expect(result.details.pairs.map(({ otherVersion, verdict }) => `${otherVersion} ${verdict}`)).toEqual([
    "1.2.0 failed",
    "1.3.0 passed",
  ]);
});

test("a new release that breaks an earlier one of what uses it is an error of the one that broke it", async () => {
  const result = await judge({
    released: [gateway("1.4.0", "^1.4.0", "export {};\n"), storage("1.4.0", "export const write = 2;\n")],
    earlier: [gateway("1.3.0", "^1.2.0", reads), storage("1.3.0", both)],
  });
  const finding = result.findings.find(({ rule }) => rule === "pair-broken");
  expect(finding).toMatchObject({ package: "@acme/storage", where: "@acme/gateway 1.3.0 with @acme/storage 1.4.0" });
});

test("a contract test about what is new is not held against an earlier release", async () => {
  const result = await judge({
    released: [gateway("1.4.0", "^1.3.0", `${reads}export const news = 3;\n`), storage("1.4.0", both)],
    earlier: [gateway("1.3.0", "^1.3.0", reads), storage("1.3.0", both)],
    files: {
      "packages/gateway/contract/news.mjs":
        'import { news } from "@acme/gateway";\nif (news !== 3) throw new Error();\n',
    },
  });
  expect(result.verdict).toBe("passed");
  const [old] = result.details.pairs;
  expect(old).toMatchObject({ version: "1.3.0", verdict: "passed", notes: [expect.stringContaining("not run")] });
  expect(old?.checks.map(({ name }) => name)).toEqual(["install", "import @acme/gateway"]);
});

test("a Node for pairs that the release does not have is refused: another one would run in its name", async () => {
  const judging = judge({
    released: [gateway("1.4.0", "^1.2.0", reads), storage("1.5.0", both)],
    earlier: [storage("1.2.0", both)],
    policy: { pairs: { node: "18.0.0" } },
  });
  await expect(judging).rejects.toMatchObject({ code: "GATES_INVALID" });
  await expect(judging).rejects.toThrow("compatibility.pairs.node is 18.0.0");
});

test("what is not released now is tried with what is, both ways", async () => {
  const alone = await judge({
    released: [gateway("1.4.0", "^1.1.0", "export { write } from '@acme/storage';\n")],
    unreleased: [storage("1.3.0", both)],
    earlier: [storage("1.1.0", both), storage("1.2.0", "export const read = 1;\n"), storage("1.3.0", both)],
  });
  expect(alone.details.pairs.map(({ otherVersion, verdict }) => `${otherVersion} ${verdict}`)).toEqual([
    "1.2.0 failed",
    "1.3.0 passed",
  ]);
  const below = await judge({
    released: [storage("1.4.0", "export const write = 2;\n")],
    unreleased: [gateway("1.3.0", "^1.2.0", reads)],
    earlier: [gateway("1.2.0", "^1.2.0", "export {};\n"), gateway("1.3.0", "^1.2.0", reads), storage("1.3.0", both)],
    files: { "packages/gateway/contract/works.mjs": 'import "@acme/gateway";\n' },
  });
  expect(below.details.pairs.map(({ version, verdict }) => `${version} ${verdict}`)).toEqual([
    "1.2.0 passed",
    "1.3.0 failed",
  ]);
  expect(below.details.pairs[0]?.checks.map(({ name }) => name)).toContain("contract contract/works.mjs");
  expect(findOne(below, "pair-broken")).toMatchObject({
    package: "@acme/storage",
    where: "@acme/gateway 1.3.0 with @acme/storage 1.4.0",
  });
});

test("a private package of the workspace has no releases, whoever has its name elsewhere", async () => {
  const result = await judge({
    released: [storage("1.4.0", both)],
    unreleased: [makeFixture("@acme/gateway@1.3.0", reads, { private: true })],
    earlier: [gateway("1.3.0", "^1.2.0", "throw new Error('not ours');\n")],
  });
  expect(result).toMatchObject({ verdict: "passed", details: { pairs: [] } });
});
