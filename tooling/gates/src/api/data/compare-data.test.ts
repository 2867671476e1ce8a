import { describe, expect, test } from "vitest";
import { compareData } from "./compare-data.ts";

const table = {
  A: { status: 404, retryable: false, meaning: "Gone." },
  B: { status: 500, retryable: true, meaning: "Down." },
};
const options = { name: "errorTable", kind: "errors", prose: ["meaning"] } as const;

describe("compareData", () => {
  test.each([
    ["major", "a code less", { A: table.A }],
    ["minor", "a code more", { ...table, C: table.A }],
    ["major", "another status", { ...table, A: { ...table.A, status: 410 } }],
    ["major", "another retryability", { ...table, A: { ...table.A, retryable: true } }],
    ["major", "a value of another kind for a text", { ...table, A: { ...table.A, meaning: null } }],
    ["patch", "another wording", { ...table, A: { ...table.A, meaning: "Not there." } }],
    ["none", "another order", { B: table.B, A: table.A }],
  ])("asks for a %s for %s", (bump, _title, after) => {
    expect(compareData(table, after, options).map((change) => change.bump)).toEqual(bump === "none" ? [] : [bump]);
  });

  test("says where, and what was and is", () => {
    const after = { ...table, A: { ...table.A, status: 410 } };
    expect(compareData(table, after, options)).toEqual([
      {
        kind: "errors",
        where: "errorTable.A.status",
        change: "changed",
        before: "404",
        after: "410",
        bump: "major",
        reason: "Who acts on the value does something else.",
      },
    ]);
  });
});
