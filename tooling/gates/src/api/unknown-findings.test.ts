import { describe, expect, test } from "vitest";
import { judge, packageIn, patch, type State } from "../../test/api/release-state.ts";

describe("types that do not resolve", () => {
  const unknown = 'import type { X } from "not-installed"; export declare const a: X;\n';
  const files = { "index.d.ts": unknown };
  const unresolved = { rule: "types-unresolved", where: "it/index.d.ts:1" };

  test("stop a release that promises no break, and the finding has the waiver to write", async () => {
    const result = await judge(patch({}, { files }));
    expect(result.findings).toContainEqual(
      expect.objectContaining({
        ...unresolved,
        severity: "error",
        message: expect.stringContaining("not-installed"),
        fix: expect.stringContaining("release it as a major, or compare the declarations by hand and add to `policy"),
      }),
    );
    expect(result.verdict).toBe("failed");
    expect(packageIn(result).unknown).toHaveLength(1);
    const { fix } = result.findings.find(({ rule }) => rule === unresolved.rule)!;
    expect(fix).toContain('{ gate: "api", rule: "types-unresolved", package: "it", owner: "<who>"');
  });

  test("stop it, too, where only the last release had them: nobody knows what is gone", async () => {
    const result = await judge([
      { version: "1.0.0", files },
      { version: "1.1.0", files: { "index.d.ts": "export declare const a: 1;\n" } },
    ]);
    expect(result.findings).toMatchObject([{ ...unresolved, severity: "error" }]);
  });

  test("are waived by whoever compared them", async () => {
    const before = 'import type { Y } from "not-installed"; export declare const a: Y;\n';
    const states = patch({ files: { "index.d.ts": before } }, { files });
    expect(await judge(states)).toMatchObject({ verdict: "failed" });
    const waiver = { owner: "Ada", reason: "X is Y by another name", expires: "2026-12-24" };
    const policy = { waivers: [{ gate: "api", rule: "types-unresolved", package: "it", ...waiver }] };
    expect(await judge(states, { policy })).toMatchObject({ verdict: "waived" });
  });

  test.each<[string, [State | undefined, State]]>([
    ["a first release, which has promised nothing", [undefined, { version: "1.0.0", files }]],
    ["a major, which may break anything", [{ version: "1.0.0" }, { version: "2.0.0", files }]],
    ["a minor below 1.0.0, which may, too", [{ version: "0.1.0" }, { version: "0.2.0", files }]],
  ])("are a warning in %s", async (_title, states) => {
    const result = await judge(states);
    expect(result.verdict).toBe("passed");
    expect(result.findings).toMatchObject([{ ...unresolved, severity: "warning" }]);
    expect(result.findings[0]!.fix).not.toContain("waivers");
  });
});

describe("code without declarations", () => {
  const manifest = { exports: { ".": "./index.js", "./extra": "./extra.js" } };
  const state = (code: string): Omit<State, "version"> => ({ manifest, files: { "extra.js": code, "index.js": code } });

  test("stops a patch in which it changed, though all declarations are the same", async () => {
    const result = await judge(patch(state("export const a = 1;"), state("export const b = 1;")));
    expect(result.findings).toMatchObject(
      ["last", "this"].map(() => ({ rule: "types-unresolved", where: "./extra", severity: "error" })),
    );
  });

  test("stops none in which it is the same", async () => {
    const same = state("export const a = 1;");
    const result = await judge(patch(same, { ...same, files: { ...same.files, "README.md": "# It\n" } }));
    expect(result).toMatchObject({ verdict: "passed", findings: [] });
  });
});
