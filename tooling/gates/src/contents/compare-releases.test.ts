import { describe, expect, test } from "vitest";
import type { ContentsDetails, GateResult } from "@hxp/release-gates";
import { judgeUpdate, type PackageChange } from "../../test/compare-packages.ts";
import { rulesOf } from "../../test/make-input.ts";

const code = (text: string): PackageChange => ({ files: { "dist/index.js": text } });
const plain = "export const answer = 42;\n";

/** Bytes that look like compressed ones, and are the same each time. */
function noise(length: number): Buffer {
  let state = 1;
  return Buffer.from(Array.from({ length }, () => (state = (state * 48_271) % 2_147_483_647) >> 8));
}

const base64 = noise(1500).toString("base64");

function detailOf({ details }: GateResult): ContentsDetails["packages"][number] {
  return (details as ContentsDetails).packages[0]!;
}

describe("contentsGate against the last release", () => {
  test.each<[string, string, PackageChange]>([
    ["a new postinstall", "lifecycle-script", { manifest: { scripts: { postinstall: "node dist/index.js" } } }],
    ["a new network use, though the version says patch", "capability-new", code(`${plain}fetch("/collect");\n`)],
    [
      "a module of the network",
      "capability-new",
      code(`import { request } from "node:https";\n${plain}request({});\n`),
    ],
    ["a new child process", "capability-new", code(`import { exec } from "child_process";\n${plain}exec("id");\n`)],
    ["eval of a base64 blob", "capability-new", code(`${plain}eval(Buffer.from("${base64}", "base64").toString());\n`)],
    ["a base64 blob", "text-encoded", code(`${plain}export const data = "${base64}";\n`)],
    ["the environment as a whole", "capability-new", code(`${plain}export const all = JSON.stringify(process.env);\n`)],
    ["a native addon", "capability-new", code(`${plain}process.dlopen({}, "./x");\n`)],
    [
      "a host that something is asked of",
      "host-new",
      code(`const base = "https://203.0.113.7";\n${plain}new URL(base + "/a");\n`),
    ],
    [
      "code that became minified",
      "text-minified",
      code(`${plain}export const f = () => { ${"answer.toString();".repeat(400)} };\n`),
    ],
    [
      "code that became obfuscated",
      "text-obfuscated",
      code(`${Array.from({ length: 6 }, (_, index) => `const _0x3f${index}a = ${index};`).join("\n")}\n${plain}`),
    ],
    [
      "packed data in short lines",
      "text-packed",
      code(`/*\n${base64.replaceAll(/.{76}/g, "$&\n").repeat(3)}\n*/\n${plain}`),
    ],
    ["text that nobody sees", "text-invisible", code(`${plain}export const x = "\u{E0061}";\n`)],
    ["code that cannot be parsed", "code-unparsable", { files: { "dist/other.js": "export const = ;\n" } }],
    ["a binary file", "file-kind-new", { files: { "dist/addon.node": Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1]) } }],
    ["a shell script", "file-kind-new", { files: { "dist/setup.sh": "#!/bin/sh\nexit 0\n" } }],
    ["a workflow", "file-kind-new", { files: { "dist/.github/workflows/x.yml": "on: push\n" } }],
    ["settings that an editor obeys", "file-kind-new", { files: { "dist/.vscode/tasks.json": "{}" } }],
    [
      "a program that calls itself data",
      "file-disguised",
      { files: { "dist/data.json": Buffer.from("7f454c460201", "hex") } },
    ],
    ["a bin that hides npm", "bin-shadows", { manifest: { bin: { npm: "./dist/index.js" } } }],
    [
      "a dependency from a repository",
      "dependency-exotic",
      { manifest: { optionalDependencies: { setup: "github:acme/setup#79ac49e" } } },
    ],
  ])("fails on %s", async (_title, rule, change) => {
    const result = await judgeUpdate(change);
    expect(result.verdict).toBe("failed");
    const errors = result.findings.filter(({ severity }) => severity === "error");
    expect(errors.map((finding) => finding.rule)).toContain(rule);
  });

  test("passes an ordinary change: code, documents, a chunk with another digest in its name", async () => {
    const body = (answer: number): string =>
      `import { readFileSync } from "node:fs";\nexport const read = (path) => readFileSync(path).length + ${answer};\n`;
    const entry = (chunk: string): string =>
      `import { read } from "./${chunk}";\nexport const answer = read(process.env.ACME_FILE ?? "x");\n`;
    const result = await judgeUpdate(
      {
        files: {
          "dist/index.js": `${entry("chunk-B2CD3EFG.js")}export const more = 1; // see https://example.com\n`,
          "dist/chunk-B2CD3EFG.js": body(2),
          "CHANGELOG.md": "# 1.0.0\n\nMore, and an emoji ⚠️.\n",
          "README.md": "# Sound\n\nIt has `more`.\n",
        },
        manifest: { dependencies: { zod: "^4.2.0" } },
      },
      {
        last: {
          files: { "dist/index.js": entry("chunk-LOXKLTIC.js"), "dist/chunk-LOXKLTIC.js": body(1) },
          manifest: { dependencies: { zod: "^4.1.0" } },
        },
      },
    );
    expect(result.findings).toEqual([]);
    expect(detailOf(result).files.map(({ path, change }) => [path, change])).toEqual([
      ["CHANGELOG.md", "added"],
      ["LICENSE", "same"],
      ["README.md", "changed"],
      ["dist/chunk-B2CD3EFG.js", "added"],
      ["dist/chunk-LOXKLTIC.js", "removed"],
      ["dist/index.d.ts", "same"],
      ["dist/index.js", "changed"],
      ["package.json", "changed"],
    ]);
  });

  test("names a file whose size jumps, though the package as a whole hardly grows", async () => {
    const lines = (count: number): string => `// ${"x".repeat(77)}\n`.repeat(count);
    const result = await judgeUpdate(
      { files: { "dist/data.js": lines(10_000), "dist/small.js": lines(1500) } },
      { last: { files: { "dist/data.js": lines(10_000), "dist/small.js": lines(100) } } },
    );
    expect(result.findings).toMatchObject([{ rule: "size-growth", where: "dist/small.js" }]);
  });

  test("lets capabilities pass that the last release had, and records them in a first one", async () => {
    const networked = code(`${plain}fetch("/a");\n`);
    expect(await judgeUpdate(networked, { last: networked })).toMatchObject({ verdict: "passed", findings: [] });
    const first = await judgeUpdate(networked, { last: null });
    expect(first).toMatchObject({ verdict: "passed", findings: [] });
    expect(detailOf(first).capabilities).toEqual([
      { capability: "network", file: "dist/index.js", line: 2, evidence: "fetch", change: "same" },
    ]);
    expect(detailOf(first).files[0]).toMatchObject({ change: "first" });
  });

  test("asks for each credential, not only for the first", async () => {
    const reads = (name: string): PackageChange => code(`export const answer = process.env.${name};\n`);
    const result = await judgeUpdate(reads("AWS_SECRET_ACCESS_KEY"), { last: reads("NPM_TOKEN") });
    expect(result.findings).toMatchObject([{ rule: "capability-new" }]);
    expect(result.findings[0]!.message).toContain("process.env.AWS_SECRET_ACCESS_KEY at dist/index.js:1");
  });

  test("does not let a first release be what nobody can read, unless that is declared", async () => {
    const minified = code(`${plain}export const f = () => { ${"answer.toString();".repeat(400)} };\n`);
    expect(rulesOf(await judgeUpdate(minified, { last: null }))).toEqual(["text-minified"]);
    const declared = [{ package: "@acme/sound", shapes: ["minified" as const], reason: "Pages for a browser" }];
    expect(await judgeUpdate(minified, { last: null, policy: { contents: { declared } } })).toMatchObject({
      verdict: "passed",
      findings: [],
    });
    expect(rulesOf(await judgeUpdate(minified, { last: minified }))).toEqual([]);
  });

  test("passes what was reviewed and declared for this package, and says what is declared in vain", async () => {
    const change = code(`${plain}fetch("https://api.acme.dev/a");\n`);
    const declare = (name: string) => [
      {
        package: name,
        capabilities: ["network" as const],
        hosts: ["api.acme.dev"],
        reason: "Sends what it is asked to",
      },
    ];
    const passed = await judgeUpdate(change, { policy: { contents: { declared: declare("@acme/sound") } } });
    expect(passed).toMatchObject({ verdict: "passed", findings: [] });
    const other = await judgeUpdate(change, { policy: { contents: { declared: declare("@acme/other") } } });
    expect(rulesOf(other)).toEqual(["capability-new", "declaration-unused", "host-new"]);
  });
});

describe("dependencies against the last release", () => {
  const registry = {
    old: { name: "old", time: { created: "2020-01-01T00:00:00.000Z" } },
    older: { name: "older", time: { "1.0.0": "2021-01-01T00:00:00.000Z", "1.1.0": "2026-11-22T00:00:00.000Z" } },
    timeless: { name: "timeless", versions: {} },
    young: { name: "young", time: { created: "2026-11-20T00:00:00.000Z" } },
  };
  const depends = (dependencies: Record<string, string>): PackageChange => ({ manifest: { dependencies } });

  test.each<[string, string[], Record<string, string>, Record<string, string>]>([
    ["a new one", ["dependency-new"], {}, { old: "^1.0.0" }],
    ["one that is old by its versions", ["dependency-new"], {}, { older: "^1.0.0" }],
    ["one of unknown age", ["dependency-age-unknown", "dependency-new"], {}, { timeless: "^1.0.0" }],
    ["a young one", ["dependency-new", "dependency-young"], {}, { young: "^1.0.0" }],
    ["one that the registry does not know", ["dependency-age-unknown", "dependency-new"], {}, { unknown: "^1.0.0" }],
    [
      "an alias that stands for another package",
      ["dependency-new", "dependency-young"],
      { a: "npm:old@^1.0.0" },
      { a: "npm:young@^1.0.0" },
    ],
    ["another major", ["dependency-major"], { old: "^1.0.0" }, { old: "^1.0.0 || ^2.0.0" }],
    ["another minor below 1.0.0", ["dependency-major"], { old: "^0.1.0" }, { old: "^0.2.0" }],
    ["any version", ["dependency-major"], { old: "^1.0.0" }, { old: "*" }],
    ["a higher floor in the same major", [], { old: "^1.0.0" }, { old: "^1.4.2" }],
    ["a pinned version that moved", [], { old: "1.0.0" }, { old: "1.4.2" }],
    ["one less", [], { old: "^1.0.0" }, {}],
  ])("sees %s", async (_title, rules, before, after) => {
    const result = await judgeUpdate(depends(after), { last: depends(before), registry });
    expect(rulesOf(result)).toEqual(rules);
  });

  test("counts a peer, which npm installs as well, and not an optional one", async () => {
    const peerDependencies = { old: "^1.0.0", young: "^1.0.0" };
    const manifest = { peerDependencies, peerDependenciesMeta: { young: { optional: true } } };
    const { findings } = await judgeUpdate({ manifest }, { registry });
    expect(findings).toMatchObject([{ rule: "dependency-new", where: "package.json peerDependencies.old" }]);
  });

  test("says what it is to wait for", async () => {
    const { findings } = await judgeUpdate(depends({ young: "^1.0.0" }), { registry });
    expect(findings.find(({ rule }) => rule === "dependency-young")).toMatchObject({
      dependency: "young",
      message: "young was first published 3 days ago; the policy asks for 30.",
    });
  });

  test("passes one that is declared", async () => {
    const declared = [{ package: "@acme/sound", dependencies: ["young"], reason: "Ours, under another roof" }];
    const result = await judgeUpdate(depends({ young: "^1.0.0" }), { registry, policy: { contents: { declared } } });
    expect(result.findings).toEqual([]);
  });
});

describe("scripts against the last release", () => {
  const install = (text: string): PackageChange => ({ manifest: { scripts: { install: text } } });
  const policy = { contents: { scripts: ["preinstall", "postinstall"] } };

  test("fails on a new or another one, where the policy lets packages have it", async () => {
    expect(rulesOf(await judgeUpdate(install("node-gyp rebuild"), { policy }))).toEqual(["lifecycle-script-new"]);
    const last = install("node-gyp rebuild");
    expect(rulesOf(await judgeUpdate(install("node x.js"), { policy, last }))).toEqual(["lifecycle-script-new"]);
    expect(rulesOf(await judgeUpdate(last, { policy, last }))).toEqual([]);
  });
});

describe("sources against the last release", () => {
  test("reads what TypeScript and JSX can do", async () => {
    const manifest = { files: ["dist", "src"] };
    const files = {
      "src/index.ts": `import fs from "node:fs";\nexport const enum Kind { A = 1 }\nexport const x: number = fs.readFileSync("x").length satisfies number;\n`,
      "src/view.tsx": "export const View = (): unknown => <b>{process.env.NPM_TOKEN}</b>;\n",
    };
    const result = await judgeUpdate({ manifest, files }, { last: { manifest } });
    const seen = detailOf(result).capabilities.map(({ capability, file }) => `${capability} ${file}`);
    expect(seen).toEqual(["filesystem src/index.ts", "environment src/view.tsx", "credentials src/view.tsx"]);
    expect(rulesOf(result)).toEqual(["capability-new"]);
  });
});

describe("entry points against the last release", () => {
  test("warns of a moved entry and a new bin", async () => {
    const result = await judgeUpdate({
      manifest: {
        bin: { sound: "./dist/index.js" },
        exports: {
          ".": { types: "./dist/index.d.ts", default: "./dist/start.js" },
          "./package.json": "./package.json",
        },
      },
      files: { "dist/start.js": plain, "dist/index.js": `#!/usr/bin/env node\n${plain}` },
    });
    expect(rulesOf(result)).toEqual(["bin-new", "entry-moved"]);
    expect(detailOf(result).entries).toEqual([
      { key: "bin sound", after: "dist/index.js" },
      {
        key: "exports .",
        before: "dist/index.d.ts, dist/index.js",
        after: "dist/index.d.ts, dist/start.js",
      },
    ]);
  });
});
