import { describe, expect, test } from "vitest";
import { disguiseOf, kindOfFile } from "./file-kind.ts";

describe("kindOfFile", () => {
  test.each([
    ["dist/index.d.mts", "", "declarations"],
    ["dist/index.cjs", "", "code"],
    ["src/index.ts", "", "source"],
    ["bin/run", "#!/usr/bin/env node\n", "code"],
    ["bin/run", "#!/bin/sh\n", "script"],
    ["cli.json", "#!/usr/bin/env node\n", "code"],
    ["notes.txt", "#!/bin/sh\n", "script"],
    ["index.js", "#!/bin/sh\n", "code"],
    ["bin/run", "\0", "binary"],
    ["bin/run", "plain", "other"],
    ["addon.node", "", "binary"],
    [".github/workflows/release.yml", "", "workflow"],
    ["x/.vscode/tasks.json", "", "settings"],
    ["NOTICE", "", "document"],
    ["data.json", "", "data"],
    ["x.tar.gz", "", "archive"],
    ["logo.png", "", "media"],
  ])("%s with %j is %s", (path, content, kind) => {
    expect(kindOfFile({ path, bytes: Buffer.from(content) })).toBe(kind);
  });
});

describe("disguiseOf", () => {
  test.each([
    ["media", "7f454c4602", "a Linux program"],
    ["code", "0061736d01", "a WebAssembly module"],
    ["data", "ff00", "no text in UTF-8"],
    ["binary", "7f454c4602", undefined],
    ["media", "89504e47", undefined],
    ["code", "2f2f", undefined],
  ] as const)("%s that begins with %s is %s", (kind, hex, disguise) => {
    expect(disguiseOf(kind, Buffer.from(hex, "hex"))).toBe(disguise);
  });
});
