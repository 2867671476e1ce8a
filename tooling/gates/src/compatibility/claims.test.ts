import { expect, test } from "vitest";
import { findOne, makeFixture, olderNode, openWorld } from "../../test/compatibility-world.ts";

const newerNode = process.versions.node;
const tools = ["1.0.0", "1.3.0"].map((version) => makeFixture(`tool@${version}`, "export const fresh = 2;\n"));

test("has no cell for a Node that the engines leave out, and an error for a major that nobody tried", async () => {
  const world = await openWorld();
  const engines = { node: "^20.0.0 || ^24.0.0" };
  const result = await world.judge({
    released: [makeFixture("@acme/app@1.0.0", "export const one = 1;\n", { engines })],
    nodes: [olderNode, newerNode],
  });
  expect(result.details.cells.map(({ node }) => node)).toEqual([newerNode, newerNode, newerNode]);
  expect(result.details.unclaimedNodes).toEqual([
    { package: "@acme/app", version: "1.0.0", node: olderNode, engines: engines.node },
  ]);
  expect(findOne(result, "node-untested").message).toContain("claims Node 20");
});

test("has an error for a range without any version", async () => {
  const world = await openWorld();
  const result = await world.judge({
    released: [makeFixture("@acme/app@1.0.0", "export {};\n", { dependencies: { tool: "^7.0.0" } })],
    foreign: tools,
  });
  expect(findOne(result, "range-untested")).toMatchObject({ where: "tool", severity: "error" });
  const failed = result.details.cells.filter(({ verdict }) => verdict === "failed");
  expect(failed.map(({ resolution }) => resolution)).toEqual(["lowest", "newest"]);
});

test("has an error for contract tests that are required and missing", async () => {
  const world = await openWorld();
  const released = [makeFixture("@acme/app@1.0.0", "export {};\n"), makeFixture("@acme/base@1.0.0", "export {};\n")];
  const contracts = { "@acme/base": { files: ["examples/base.ts"] } };
  const result = await world.judge({ released, policy: { requireContract: true, contracts } });
  expect(findOne(result, "contract-missing")).toMatchObject({ package: "@acme/app", severity: "error" });
  expect(findOne(result, "contract-not-found")).toMatchObject({
    package: "@acme/base",
    where: "examples/base.ts",
  });
});

test("gives contract tests of the policy the packages and files that they need", async () => {
  const world = await openWorld();
  const result = await world.judge({
    released: [makeFixture("@acme/app@1.0.0", "export const one = 1;\n")],
    foreign: tools,
    files: {
      "examples/app.ts": `import { readFileSync } from "node:fs";\nimport { fresh } from "tool";\nif (fresh !== 2 || readFileSync(new URL("data.txt", import.meta.url), "utf8") !== "data") process.exit(1);\n`,
      "examples/data.txt": "data",
    },
    policy: { contracts: { "@acme/app": { files: ["examples/*"], with: { tool: "^1.0.0" } } } },
  });
  expect(result).toMatchObject({ verdict: "passed", findings: [] });
  expect(result.details.cells[0]?.checks.map(({ name }) => name)).toContain("contract examples/app.ts");
});

test("does not run where no manager is promised", async () => {
  const world = await openWorld();
  const result = await world.judge({ released: [makeFixture("@acme/app@1.0.0", "export {};\n")], managers: [] });
  expect(result).toMatchObject({ verdict: "not-run", reason: expect.stringContaining("`managers`") });
});
