import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createDepsProgram } from "../src/cli/create-deps-program.ts";
import type { DependencyLook } from "../src/commands/watch-dependencies.ts";
import { type InProcessRun, runInProcess } from "./support/in-process.ts";
import { expectSuccess } from "./support/tamper-template.ts";
import { startThirdParties, type ThirdParties } from "./support/third-parties.ts";
import { makeTestRoot, startProgram, type TestRoot, type TestWorkspace } from "./support/workspace.ts";

let root: TestRoot;
let registry: ThirdParties;
let released: TestWorkspace;

beforeAll(async () => {
  root = makeTestRoot();
  registry = await startThirdParties([
    { name: "fine", version: "1.0.0", license: "MIT" },
    { name: "old", version: "1.0.0", license: "MIT" },
    { name: "relicensed", version: "1.0.0", license: "MIT" },
    { name: "weak", version: "1.0.0", license: "MIT" },
    { name: "withdrawn", version: "1.0.0", license: "MIT" },
  ]);
  released = root.workspace();
  released.write(".npmrc", `registry=${registry.url}\n`);
  released.edit("pnpm-workspace.yaml", (text) => `${text}minimumReleaseAge: 0\n`);
  released.edit("libs/core/package.json", (text) => {
    const names = ["fine", "old", "relicensed", "weak", "withdrawn"];
    const dependencies = Object.fromEntries(names.map((name) => [name, "^1.0.0"]));
    return `${JSON.stringify({ ...(JSON.parse(text) as object), dependencies }, null, 2)}\n`;
  });
  await startProgram(["pnpm", "install", "--lockfile-only"], { cwd: released.folder, env: root.env }).ended;
  released.commit();
  expectSuccess(await released.release());
}, 120_000);
afterAll(async () => {
  await registry?.[Symbol.asyncDispose]();
  root?.[Symbol.dispose]();
});

function watch(workspace: TestWorkspace, ...args: string[]): Promise<InProcessRun> {
  return runInProcess(["watch", ...args, "--json", "--cwd", workspace.folder], { createProgram: createDepsProgram });
}

test("finds nothing in what has just been released, and says that no advisories were looked at", async () => {
  const run = await watch(released);
  expect(run.exitCode, run.text).toBe(0);
  expect(JSON.parse(run.stdout)).toMatchObject({ checked: 7, alerts: [] });
  expect(run.text).toContain("No advisories are imported, so none were looked for");
});

test("refuses to watch what nobody released", async () => {
  const run = await watch(root.workspace());
  expect(run.exitCode, run.text).toBe(2);
  expect(run.stdout).toContain("RELEASE_UNKNOWN");
});

test("finds what became known since, names who is concerned, and posts each as an alert", async () => {
  const workspace = released.copy();
  await registry.client.deprecate("old", ["1.0.0"], "use new");
  await registry.publish({ name: "relicensed", version: "1.1.0", license: "BUSL-1.1" });
  await registry.publish({ name: "withdrawn", version: "1.0.1", license: "MIT" });
  await registry.client.unpublish("withdrawn", "1.0.0");
  workspace.write("advisories/weak.json", {
    id: "GHSA-weak-0000-0001",
    modified: new Date().toISOString(),
    summary: "Weak",
    database_specific: { severity: "HIGH" },
    affected: [
      {
        package: { ecosystem: "npm", name: "weak" },
        ranges: [{ type: "SEMVER", events: [{ introduced: "0" }, { fixed: "1.0.1" }] }],
      },
    ],
  });
  const imported = await runInProcess([
    "advisories",
    "import",
    join(workspace.folder, "advisories"),
    "--cwd",
    workspace.folder,
  ]);
  expect(imported.exitCode, imported.text).toBe(0);
  await using webhook = await startWebhook();
  const run = await watch(workspace, "--webhook", webhook.url);
  expect(run.exitCode, run.text).toBe(14);
  const { alerts, advisories } = JSON.parse(run.stdout) as DependencyLook;
  expect(advisories).toMatch(/^sha256:/);
  expect(alerts.map(({ dependency, kind, severity }) => [dependency, kind, severity])).toEqual([
    ["old@1.0.0", "deprecated", "warning"],
    ["relicensed@1.0.0", "licence-changed", "warning"],
    ["weak@1.0.0", "advisory", "critical"],
    ["withdrawn@1.0.0", "gone", "critical"],
  ]);
  expect(alerts[2]).toMatchObject({
    subject: "GHSA-weak-0000-0001",
    usedBy: ["@acme/cli@1.1.0", "@acme/core@1.3.0", "@acme/plugin@2.0.1"],
  });
  expect(webhook.posted.map(({ labels }) => [labels["dependency"], labels["kind"], labels["severity"]])).toEqual(
    alerts.map(({ dependency, kind, severity }) => [dependency, kind, severity]),
  );
});

interface Webhook extends AsyncDisposable {
  url: string;
  posted: { labels: Record<string, string> }[];
}

async function startWebhook(): Promise<Webhook> {
  const posted: Webhook["posted"] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      posted.push(...(JSON.parse(Buffer.concat(chunks).toString("utf8")) as Webhook["posted"]));
      response.end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    server.close();
    server.closeAllConnections();
    await once(server, "close").catch(() => {});
  };
  return { url: `http://127.0.0.1:${port}/`, posted, [Symbol.asyncDispose]: close };
}
