import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { contentsGate, isBlocking, makeGateInput, policySchema, runGates } from "@hxp/release-gates";

// A package with a script that would run on its consumers' machines.
const folder = mkdtempSync(join(tmpdir(), "gates-"));
const manifest = { name: "sample", version: "1.0.0", exports: "./index.js", scripts: { postinstall: "node index.js" } };
writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
writeFileSync(join(folder, "index.js"), "module.exports = 42;\n");
execFileSync("npm", ["pack", "--silent"], { cwd: folder });

const path = join(folder, "sample-1.0.0.tgz");
const integrity = `sha512-${createHash("sha512").update(readFileSync(path)).digest("base64")}`;

const input = makeGateInput({
  workspace: folder,
  scratch: join(folder, "scratch"),
  packages: [{ name: "sample", version: "1.0.0", folder: ".", private: false, manifest, tarball: { path, integrity } }],
  policy: policySchema.parse({ contents: { required: [] } }),
});
const results = await runGates([contentsGate], input);

for (const result of results) {
  console.log(`${result.gate}: ${result.verdict}${isBlocking(result) ? ", the release stops" : ""}`);
  for (const { rule, where, message, fix } of result.findings) console.log(`  ${rule} at ${where}: ${message} ${fix}`);
}
rmSync(folder, { recursive: true });
