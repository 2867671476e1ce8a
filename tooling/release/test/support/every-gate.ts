import assert from "node:assert/strict";
import { basename } from "node:path";
import type { TestWorkspace } from "./workspace.ts";

/** All gates, as a registry elsewhere demands. The one Node is not the builder's, so that it serves the second build too. */
export const everyGate = {
  nodes: ["22.23.3"],
  managers: ["npm"],
  gates: undefined,
  policy: { advisories: { minimumEntries: 1 } },
};

/** Gives a workspace a snapshot of advisories; none of them is about what it uses. */
export async function importAdvisories(workspace: TestWorkspace): Promise<void> {
  const folder = `../${basename(workspace.folder)}.advisories`;
  workspace.write(`${folder}/elsewhere.json`, {
    schema_version: "1.7.0",
    id: "GHSA-else-wher-0001",
    modified: new Date().toISOString(),
    published: "2026-11-01T00:00:00Z",
    summary: "A vulnerability of what nobody here uses",
    affected: [{ package: { ecosystem: "npm", name: "elsewhere" }, versions: ["1.0.0"] }],
  });
  const run = await workspace.release(["advisories", "import", `${workspace.folder}/${folder}`]);
  assert.equal(run.exitCode, 0, run.text);
}
