import { describe, expect, test } from "vitest";
import type { Finding, GateResult } from "@hxp/release-gates";
import { judgeWorkspace, published, releasing } from "../../test/judge-conflicts.ts";

const errorsOf = ({ findings }: GateResult): Finding[] => findings.filter(({ severity }) => severity === "error");

describe("engines", () => {
  const judgeEngines = (dependency: string, claim?: string, kind = "dependencies"): Promise<GateResult> =>
    judgeWorkspace({
      published: [published("leaf", { engines: { node: dependency } })],
      own: [
        {
          name: "@acme/app",
          version: "1.0.0",
          [kind]: { leaf: "1.0.0" },
          ...(claim === undefined ? {} : { engines: { node: claim } }),
        },
      ],
    });

  test.each([
    [">=22.5", ">=22", "22.0.0"],
    ["^22 || ^24", "^22 || >=24", "26.0.0"],
    ["<21", ">=19 <24", "22.0.0"],
    [">=99", undefined, process.versions.node],
  ])("a dependency for %s contradicts a package for %s", async (dependency, claim, excluded) => {
    expect(errorsOf(await judgeEngines(dependency, claim))).toMatchObject([
      {
        rule: "engines-contradict",
        dependency: "leaf@1.0.0",
        message: expect.stringContaining(`not on Node ${excluded},`),
      },
    ]);
  });

  test.each([
    [">=22", "^22.12 || ^24 || >=26"],
    ["20 || >=22", ">=22.12"],
    ["^22 || >=23", ">=22.12"],
    ["*", ">=18"],
    [">= 8", undefined],
  ])("a dependency for %s does not contradict a package for %s", async (dependency, claim) => {
    expect((await judgeEngines(dependency, claim)).findings).toEqual([]);
  });

  test("that exclude only what never had long-term support are one warning", async () => {
    const range = { engines: { node: "^22 || ^24 || >=26" } };
    const { findings } = await judgeWorkspace({
      published: [published("leaf", range), published("blossom", range)],
      own: [releasing({ leaf: "1.0.0", blossom: "1.0.0" }, { engines: { node: ">=22.12" } })],
    });
    expect(findings).toMatchObject([
      {
        rule: "engines-contradict",
        severity: "warning",
        message: expect.stringMatching(/^Node 23\.0\.0, .* is none for blossom@1\.0\.0, leaf@1\.0\.0\.$/),
      },
    ]);
  });

  test("of an optional dependency are a warning, and what is no range is said to be none", async () => {
    expect((await judgeEngines(">=99", ">=22", "optionalDependencies")).findings).toMatchObject([
      { rule: "engines-contradict", severity: "warning" },
    ]);
    expect((await judgeEngines("lts", ">=22")).findings).toMatchObject([
      { rule: "engines-unreadable", severity: "warning" },
    ]);
  });
});
