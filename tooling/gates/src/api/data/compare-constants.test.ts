import { describe, expect, test } from "vitest";
import { judge, packageIn, patch, type State } from "../../../test/api/release-state.ts";
import { rulesOf } from "../../../test/make-input.ts";

describe("values that the policy names", () => {
  const policy = { api: { data: [{ package: "it", export: "table", kind: "errors" as const, prose: ["meaning"] }] } };
  const table = (text: string): { files: Record<string, string> } => ({
    files: { "index.js": `export const table = ${text};\n`, "index.d.ts": "export declare const table: object;\n" },
  });

  test.each([
    ["a changed status", "{ A: { status: 404 } }", "{ A: { status: 410 } }", ["bump-too-small-errors"]],
    ["a removed code", "{ A: 1, B: 2 }", "{ A: 1 }", ["bump-too-small-errors"]],
    ["a code more", "{ A: 1 }", "{ A: 1, B: 2 }", ["bump-too-small-errors"]],
    ["another wording", '{ A: { meaning: "x" } }', '{ A: { meaning: "y" } }', []],
    ["a module that cannot be imported", "{ A: 1 }", "missing", ["data-unknown"]],
  ])("%s that is called a patch", async (_title, before, after, rules) => {
    expect(rulesOf(await judge(patch(table(before), table(after)), { policy }))).toEqual(rules);
  });

  test("a name that the package does not export is no check passed", async () => {
    expect(rulesOf(await judge([undefined, { version: "1.0.0" }], { policy }))).toEqual(["data-unknown"]);
  });
});

describe("the type of a value that the policy names", () => {
  const table = (code: number): Omit<State, "version"> => ({
    files: {
      "index.js": `export const table = { A: { status: ${code}, meaning: "${code}" } };`,
      "index.d.ts": `export declare const table: { A: { status: ${code}; meaning: "${code}" } };`,
    },
  });
  const data = [{ package: "it", export: "table", kind: "errors" as const, prose: ["meaning"] }];

  test("is not judged beside the value", async () => {
    const states = patch(table(404), table(410));
    expect(rulesOf(await judge(states))).toEqual(["bump-too-small-declarations"]);
    const { changes } = packageIn(await judge(states, { policy: { api: { data } } }));
    expect(changes.map(({ kind, where, bump }) => `${kind} ${where} ${bump}`)).toEqual([
      "errors table.A.status major",
      "errors table.A.meaning patch",
    ]);
  });
});

describe("types of which the policy says more than the declarations", () => {
  const declare = (members: string): Omit<State, "version"> => ({
    files: { "index.d.ts": `export type Code = ${members}; export declare class Fault extends Error { code?: Code }` },
  });
  const states = patch(declare("'a' | 'b'"), declare("'a' | 'b' | 'c'"));
  const least = async (type: object): Promise<string> =>
    packageIn(await judge(states, { policy: { api: { types: [{ package: "it", type: "Code", ...type }] } } })).least;

  test("a union that is known to grow may grow in a minor, wherever it stands", async () => {
    expect(packageIn(await judge(states)).least).toBe("major");
    expect(await least({ open: true })).toBe("minor");
    const smaller = patch(declare("'a' | 'b'"), declare("'a'"));
    const policy = { api: { types: [{ package: "it", type: "Code", open: true }] } };
    expect(packageIn(await judge(smaller, { policy })).changes).toMatchObject([{ bump: "minor" }, { bump: "minor" }]);
  });

  test("a type that consumers only supply may take more", async () => {
    const alone = (members: string): Omit<State, "version"> => ({
      files: { "index.d.ts": `export type Code = ${members};` },
    });
    const pair = patch(alone("'a'"), alone("'a' | 'b'"));
    const judged = async (use: "read" | "supply"): Promise<string> =>
      packageIn(await judge(pair, { policy: { api: { types: [{ package: "it", type: "Code", use }] } } })).least;
    expect(packageIn(await judge(pair)).least).toBe("major");
    expect(await judged("read")).toBe("major");
    expect(await judged("supply")).toBe("minor");
  });
});
