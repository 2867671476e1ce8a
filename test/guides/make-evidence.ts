import { copyFileSync, cpSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { makeTestRoot } from "../../tooling/release/test/support/workspace.ts";
import { root } from "../workspace-files.ts";

const waiver = {
  gate: "contents",
  rule: "required-readme",
  package: "@acme/left",
  owner: "Ada <ada@acme.example>",
  reason: "The README comes with 2.0.",
  expires: new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10),
};
const config = {
  nodes: ["22.23.3", "24.21.0"],
  gates: ["contents", "advisories", "rebuild"],
  policy: { waivers: [waiver], rehearsal: { mayNotRun: ["advisories"] } },
};

/**
 * Releases a small workspace twice and lays into a folder what an auditor is given of the second release: `evidence`, by
 * other ways `trust-root`, and `verify-release.mjs`.
 */
export async function makeEvidence(folder: string, onFinished: (clean: () => void) => void): Promise<void> {
  const testRoot = makeTestRoot();
  onFinished(() => testRoot[Symbol.dispose]());
  const workspace = testRoot.workspace({ config });
  workspace.remove("libs/left/README.md");
  workspace.commit();
  const release = async (): Promise<string> => {
    const run = await workspace.release(["--json"]);
    expect(run.exitCode, run.text).toBe(0);
    return (JSON.parse(run.stdout) as { evidence: string }).evidence;
  };
  await release();
  workspace.change({ "@acme/left": "minor" });
  workspace.commit();
  cpSync(await release(), join(folder, "evidence"), { recursive: true });
  cpSync(join(workspace.folder, ".hxp/trust"), join(folder, "trust-root"), { recursive: true });
  const verifier = join(root, "packages/foundation/evidence/verifier/verify-release.mjs");
  copyFileSync(verifier, join(folder, "verify-release.mjs"));
}
