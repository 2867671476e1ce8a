import { describe, expect, test } from "vitest";
import { policySchema } from "@hxp/release-gates";
import { judgeStatement } from "./judge-licence.ts";
import { readStatement } from "./licence-statement.ts";
import { readContact } from "./read-contact.ts";

describe("readStatement", () => {
  test.each([
    [{ license: "MIT" }, { kind: "expression", expression: "MIT" }],
    [{ license: " (MIT OR ISC) " }, { kind: "expression", expression: "(MIT OR ISC)" }],
    [{ license: { type: "MIT", url: "x" } }, { kind: "expression", expression: "MIT" }],
    [{ licenses: "MIT" }, { kind: "expression", expression: "MIT" }],
    [{ licenses: [{ type: "MIT" }] }, { kind: "expression", expression: "MIT" }],
    [{ licenses: [{ type: "MIT" }, "ISC"] }, { kind: "list", expressions: ["MIT", "ISC"] }],
    [{ licenses: ["MIT", "Some licence"] }, { kind: "invalid", text: "MIT, Some licence" }],
    [
      { license: "MIT", licenses: ["GPL-3.0-only"] },
      { kind: "expression", expression: "MIT" },
    ],
    [{ license: "SEE LICENSE IN LICENSE.md" }, { kind: "file", file: "LICENSE.md" }],
    [{ license: "UNLICENSED" }, { kind: "unlicensed" }],
    [{ license: "Apache 2" }, { kind: "invalid", text: "Apache 2" }],
    [{ license: "" }, { kind: "missing" }],
    [{ license: 7, licenses: [] }, { kind: "missing" }],
    [{ license: ["MIT"] }, { kind: "missing" }],
    [{}, { kind: "missing" }],
  ])("reads %j", (manifest, statement) => {
    expect(readStatement(manifest)).toEqual(statement);
  });
});

describe("judgeStatement", () => {
  const policy = policySchema.parse({}).licences;

  test("suggests what an invalid text may mean, and never takes it for that", () => {
    expect(judgeStatement({ kind: "invalid", text: "Apache 2" }, "code", policy)).toMatchObject({
      rule: "licence-invalid",
      fix: expect.stringContaining("It may mean Apache-2.0."),
    });
  });

  test.each([
    ["licence-file", { kind: "file", file: "LICENSE" }],
    ["licence-refused", { kind: "unlicensed" }],
    ["licence-missing", { kind: "missing" }],
    ["licence-refused", { kind: "list", expressions: ["MIT", "GPL-3.0-only"] }],
  ] as const)("answers %s to %j", (rule, statement) => {
    expect(judgeStatement({ ...statement } as Parameters<typeof judgeStatement>[0], "code", policy)?.rule).toBe(rule);
  });
});

describe("readContact", () => {
  test.each([
    [
      { author: "Ada <ada@example.com> (https://example.com/)" },
      { name: "Ada", email: "ada@example.com", url: "https://example.com/" },
    ],
    [
      { author: { name: "Ada", email: "not an address" }, homepage: "https://example.com/h" },
      { name: "Ada", url: "https://example.com/h" },
    ],
    [{ repository: { url: "git+https://example.com/a.git" } }, { url: "https://example.com/a.git" }],
    [{ repository: "github:a/b", author: 7 }, { url: "https://github.com/a/b" }],
    [
      { repository: "jshttp/type-is", author: "Ada" },
      { name: "Ada", url: "https://github.com/jshttp/type-is" },
    ],
    [{ repository: { type: "git", url: "gitlab:a/b.js" } }, { url: "https://gitlab.com/a/b.js" }],
    [{ repository: "bitbucket:a/b" }, { url: "https://bitbucket.org/a/b" }],
    [{ repository: "gist:0123abcd" }, { url: "https://gist.github.com/0123abcd" }],
    [{ repository: "git://github.com/a/b.git" }, { url: "https://github.com/a/b.git" }],
    [{ repository: "git@github.com:a/b.git" }, { url: "https://github.com/a/b.git" }],
    [{ repository: "git+ssh://git@gitlab.com/a/b.git" }, { url: "https://gitlab.com/a/b.git" }],
    [{ author: "ada@example.com" }, { email: "ada@example.com" }],
    [{ author: "https://example.com/ada" }, { url: "https://example.com/ada" }],
    [{ repository: "a" }, {}],
    [{ repository: "../a" }, {}],
    [{ repository: "gist:a/b" }, {}],
    [{ repository: "a/b/c" }, {}],
    [{ repository: "git://git.example.com/a/b.git" }, {}],
    [{ homepage: "javascript:alert(1)", repository: "https://user:token@example.com/a" }, {}],
  ])("reads %j", (manifest, contact) => {
    expect(readContact(manifest)).toEqual(contact);
  });
});
