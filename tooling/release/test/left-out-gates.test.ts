import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseStatement } from "@hxp/evidence";
import { startLyingRegistry } from "./support/lying-registry.ts";
import { expectFailure, expectSuccess } from "./support/tamper-template.ts";
import { makeTestRoot, type TestRoot } from "./support/workspace.ts";

let root: TestRoot;

beforeAll(() => {
  root = makeTestRoot();
});
afterAll(() => root?.[Symbol.dispose]());

test("a release elsewhere that leaves gates out is refused before anything is made, and the gates are named", async () => {
  await using registry = await startLyingRegistry(join(root.path, "company"));
  const registries = { company: { url: registry.url, acceptFirstLatest: true } };
  const workspace = root.workspace({ config: { registries, gates: ["contents", "rebuild", "docs"] } });
  for (const command of [[], ["plan"]]) {
    const run = await workspace.release([...command, "--to", "company"], { NPM_TOKEN: registry.token });
    expectFailure(run, { exitCode: 2, code: "RELEASE_CONFIG_INVALID" });
    expect(run.stderr).toContain(
      "gates in release.config leaves out api, licences, advisories, signatures, conflicts, compatibility: " +
        "a release to company must be judged by every gate",
    );
  }
  expect(registry.writes).toEqual([]);
  expect(readdirSync(join(workspace.folder, ".hxp"))).not.toContain("releases");
});

test("a release elsewhere that nobody would try as a consumer is refused", async () => {
  await using registry = await startLyingRegistry(join(root.path, "untried"));
  const registries = { company: { url: registry.url, acceptFirstLatest: true } };
  const workspace = root.workspace({ config: { registries, gates: undefined, managers: [] } });
  const run = await workspace.release(["--to", "company"], { NPM_TOKEN: registry.token });
  expectFailure(run, { exitCode: 2, code: "RELEASE_CONFIG_INVALID" });
  expect(run.stderr).toContain("managers in release.config is empty: a release to company must be tried as a consumer");
  expect(registry.writes).toEqual([]);
});

test("a rehearsal may leave gates out, and says so in its output, its summary and its report", async () => {
  const workspace = root.workspace();
  const run = await workspace.release();
  expectSuccess(run);
  const absent = ["api", "licences", "advisories", "signatures", "conflicts", "docs", "rebuild", "compatibility"];
  expect(run.text).toContain(`NOT JUDGED: ${absent.join(", ")}: left out by \`gates\` of the configuration.`);
  const [id = ""] = readdirSync(join(workspace.folder, ".hxp/releases"));
  const summary = `.hxp/releases/${id}/packages/acme-core-1.3.0/verification-summary.sigstore.json`;
  const { dsseEnvelope } = workspace.readJson(summary) as { dsseEnvelope: { payload: string } };
  const { predicate } = parseStatement(Buffer.from(dsseEnvelope.payload, "base64"));
  expect(predicate).toMatchObject({ gates: { contents: "passed" }, notJudged: absent });
  const shown = JSON.stringify(`"notJudged":${JSON.stringify(absent)}`).slice(1, -1);
  expect(workspace.read(`.hxp/reports/${id}/data/report.js`)).toContain(shown);
});
