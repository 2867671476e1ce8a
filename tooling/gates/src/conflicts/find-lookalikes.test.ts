import { describe, expect, test } from "vitest";
import type { GateResult, JsonObject } from "@hxp/release-gates";
import { judgeWorkspace, published, releasing } from "../../test/judge-conflicts.ts";
import type { ResolvedWorkspaceParts } from "../../test/resolve-workspace.ts";
import { likenessOf } from "./name-likeness.ts";

const young: JsonObject = { time: { created: "2026-10-20T00:00:00Z", "1.0.0": "2026-10-20T00:00:00Z" } };

/** Judges a release that depends on packages that are a month old. */
function judge(names: readonly string[], parts: Partial<ResolvedWorkspaceParts> = {}): Promise<GateResult> {
  return judgeWorkspace({
    published: names.map((name) => published(name)),
    own: [releasing(Object.fromEntries(names.map((name) => [name, "1.0.0"])))],
    ...parts,
    packuments: { ...Object.fromEntries(names.map((name) => [name, young])), ...parts.packuments },
  });
}

describe("names that look like others", () => {
  test.each([
    ["lodahs", "lodash", "one letter away from"],
    ["chalkk", "chalk", "one letter away from"],
    ["cross_env", "cross-env", "only a separator away from"],
    ["types-react", "@types/react", "only a separator away from"],
    ["1odash", "lodash", "reads as"],
    ["typescrlpt", "typescript", "one letter away from"],
    ["cornmander", "commander", "reads as"],
  ])("are an error: %s for %s", async (name, other, likeness) => {
    const result = await judge([name]);
    expect(result).toMatchObject({
      verdict: "failed",
      findings: [{ rule: "lookalike", dependency: `${name}@1.0.0`, message: expect.stringContaining(likeness) }],
    });
    expect(result.findings[0]!.message).toContain(`${other}.`);
  });

  test("are a warning two letters away", async () => {
    expect((await judge(["browserlsst"])).findings).toMatchObject([{ rule: "lookalike", severity: "warning" }]);
  });

  test("are an error beside a package of this workspace", async () => {
    const library = { name: "@acme/library", version: "1.0.0" };
    const own = [releasing({ "@acme/library": "workspace:^", "acme-library": "1.0.0" }), library];
    expect((await judge(["acme-library"], { own })).findings).toMatchObject([
      { rule: "lookalike", severity: "error", message: "acme-library is only a separator away from @acme/library." },
    ]);
  });

  test("are a warning for the younger of two neighbours", async () => {
    const { findings } = await judge(["orchestra", "orchestre"], {
      packuments: { orchestra: { time: { created: "2026-09-01T00:00:00Z", "1.0.0": "2026-10-20T00:00:00Z" } } },
    });
    expect(findings).toMatchObject([{ rule: "lookalike", severity: "warning", dependency: "orchestre@1.0.0" }]);
  });

  test.each([
    ["much used themselves", ["chalk", "semver", "preact", "react"]],
    ["in one scope", ["@acme/plugin-a", "@acme/plugin-b"]],
    ["different in numbers only", ["codec-int4", "codec-int8", "part-10", "part-9"]],
    ["too short to be told from others", ["mz", "ms", "ws2", "pgg"]],
    ["other words", ["lodash-tools", "chalkboard", "my-commander"]],
  ])("are none where they are %s", async (_title, names) => {
    expect((await judge(names)).findings).toEqual([]);
  });

  test("are none where they have been there for years, unless they are the same to the eye", async () => {
    const years = { time: { created: "2024-10-20T00:00:00Z", "1.0.0": "2026-10-20T00:00:00Z" } };
    expect((await judge(["lodahs"], { packuments: { lodahs: years } })).findings).toEqual([]);
    expect((await judge(["1odash"], { packuments: { "1odash": years } })).findings).toHaveLength(1);
  });

  test("are an error where nobody knows how long they have been there", async () => {
    const undated = { time: { "1.0.0": "2019-10-20T00:00:00Z" } };
    const { findings } = await judge(["lodahs"], { packuments: { lodahs: undated } });
    expect(findings).toMatchObject([{ rule: "dates-unknown" }, { rule: "lookalike", severity: "error" }]);
  });

  test("are none where they are in the scope of what brings them", async () => {
    const bringing = published("orchestra", { dependencies: { "@orchestra/linux-64": "1.0.0" } });
    const parts = { published: [bringing, published("@orchestra/linux-64"), published("orchestra-linux-64")] };
    const both = { orchestra: "1.0.0", "orchestra-linux-64": "1.0.0" };
    const packuments = {
      "orchestra-linux-64": { time: { created: "2020-09-01T00:00:00Z", "1.0.0": "2026-10-20T00:00:00Z" } },
      "@orchestra/linux-64": young,
    };
    expect((await judge([], { ...parts, own: [releasing(both)], packuments })).findings).toEqual([]);
    const byHand = [releasing({ ...both, "@orchestra/linux-64": "1.0.0", orchestra: "1.0.0" })];
    const unrelated = { ...parts, published: [published("orchestra"), ...parts.published.slice(1)] };
    expect((await judge([], { ...unrelated, own: byHand, packuments })).findings).toMatchObject([
      { rule: "lookalike" },
    ]);
  });

  test("are none where both have a maintainer in common", async () => {
    const { findings } = await judge(["orchestra", "orchestre"], {
      packuments: {
        orchestra: { ...young, maintainers: [{ name: "ada" }] },
        orchestre: { ...young, maintainers: [{ name: "ada" }] },
      },
    });
    expect(findings).toEqual([]);
  });

  test("are none where the policy trusts them", async () => {
    const trusting = (name: string): Partial<ResolvedWorkspaceParts> => ({
      input: { policy: { conflicts: { trustedNames: [{ package: name, reason: "meant" }] } } },
    });
    expect((await judge(["lodahs"], trusting("lodahs"))).findings).toEqual([]);
    expect((await judge(["lodahs"], trusting("lodahss"))).findings).toMatchObject([
      { rule: "exception-unused" },
      { rule: "lookalike" },
    ]);
  });
});

test.each([
  ["lodash", "lodash", undefined],
  ["lodash", "l\u043Edash", "the same to the eye"],
  ["react", "preact", "one letter away"],
  ["react", "raect", "one letter away"],
  ["safe-buffer", "bare-buffer", undefined],
  ["tar-stream", "bare-stream", undefined],
  ["commander", "comander2", undefined],
])("%s and %s: %s", (one, other, likeness) => {
  expect(likenessOf(one, other)).toBe(likeness);
  expect(likenessOf(other, one)).toBe(likeness);
});
