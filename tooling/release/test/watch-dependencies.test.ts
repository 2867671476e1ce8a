import { createServer, type RequestListener, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findAnswer, type Match, readProductionClosure } from "@hxp/release-gates";
import { createDepsProgram } from "../src/cli/create-deps-program.ts";
import type { DependencyLook } from "../src/commands/watch-dependencies.ts";
import { daysFromNow } from "./support/evidence-template.ts";
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
  expect(JSON.parse(run.stdout)).toMatchObject({ checked: 10, alerts: [] });
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
  await importWeak(workspace, new Date());
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

test("raises no alert for what a statement answers, and names the others and the statement that ended", async () => {
  const workspace = released.copy();
  await importWeak(workspace, new Date());
  const pathOf = async (folder: string): Promise<string> => {
    const closure = await readProductionClosure(workspace.folder, folder);
    const component = closure.components.find(({ name }) => name === "weak");
    if (component === undefined) throw new Error(`${folder} has no weak`);
    const match = { advisory: "GHSA-weak-0000-0001", aliases: [], component } as unknown as Match;
    return findAnswer([], { match, closure, now: new Date() }).path;
  };
  const paths = { core: await pathOf("libs/core"), cli: await pathOf("libs/cli"), plugin: await pathOf("libs/plugin") };
  const state = (statements: readonly (keyof typeof paths)[], expires = daysFromNow(30)): void =>
    workspace.write(".vex/weak.json", {
      "@context": "https://openvex.dev/ns/v0.2.0",
      "@id": "urn:vex:weak",
      author: "Ada <ada@acme.example>",
      timestamp: "2026-11-01T00:00:00Z",
      version: 1,
      statements: statements.map((name) => ({
        vulnerability: { name: "GHSA-weak-0000-0001" },
        products: [{ "@id": `pkg:npm/%40acme/${name}`, subcomponents: [{ "@id": "pkg:npm/weak@1.0.0" }] }],
        status: "not_affected",
        justification: "vulnerable_code_not_in_execute_path",
        impact_statement: "Nothing calls it.",
        hxp: { expires, path: paths[name] },
      })),
    });
  const look = async () => {
    const { alerts } = JSON.parse((await watch(workspace)).stdout) as DependencyLook;
    return alerts.filter(({ kind }) => kind === "advisory");
  };
  state(["core"]);
  expect(await look()).toMatchObject([{ usedBy: ["@acme/cli@1.1.0", "@acme/plugin@2.0.1"] }]);
  state(["core", "cli", "plugin"]);
  expect(await look()).toEqual([]);
  state(["core", "cli", "plugin"], daysFromNow(-3));
  const [ended] = await look();
  expect(ended?.usedBy).toHaveLength(3);
  expect(ended?.message).toMatch(/The statement at \.vex\/weak\.json.* does not count: it expired on /);
  workspace.write(".vex/broken.json", "{");
  expect((await watch(workspace)).text).toContain("A VEX document answers nothing: .vex/broken.json: It is not JSON");
});

test("says what the registry did not answer, looks at the rest all the same, and says that advisories are old", async () => {
  const workspace = released.copy();
  await importWeak(workspace, new Date("2026-01-01T00:00:00Z"));
  await using front = await startFront(["/old"]);
  workspace.write(".npmrc", `registry=${front.url}\n`);
  const run = await watch(workspace);
  expect(run.exitCode, run.text).toBe(14);
  const { problems, alerts } = JSON.parse(run.stdout) as DependencyLook;
  expect(alerts.map(({ dependency, kind }) => `${dependency} ${kind}`)).toEqual(
    expect.arrayContaining(["old@1.0.0 unknown", "weak@1.0.0 advisory"]),
  );
  expect(alerts.find(({ kind }) => kind === "unknown")?.message).toMatch(
    /^What the registry says of it now is unknown: .*403/,
  );
  expect(problems).toEqual([
    expect.stringMatching(
      /^The advisory snapshot is \d+ days old .* What became known since then was not looked for\. Run `pnpm release/,
    ),
    expect.stringMatching(/^The advisory snapshot from .* has 1 entries; advisories\.minimumEntries is \d+\./),
  ]);
  for (const problem of problems) expect(run.text).toContain(problem);
});

test("is one alert where the registry answers for nothing", async () => {
  const workspace = released.copy();
  await using front = await startFront(["/fine", "/old", "/relicensed", "/weak", "/withdrawn"]);
  workspace.write(".npmrc", `registry=${front.url}\n`);
  const run = await watch(workspace);
  expect(run.exitCode, run.text).toBe(14);
  expect((JSON.parse(run.stdout) as DependencyLook).alerts).toMatchObject([
    {
      dependency: "every dependency",
      kind: "unknown",
      usedBy: ["@acme/cli@1.1.0", "@acme/core@1.3.0", "@acme/plugin@2.0.1"],
      message: expect.stringMatching(/^The registry answered for none of 5 names.*403/),
    },
  ]);
});

test("raises no alert when it is stopped in the middle of a look", async () => {
  const workspace = released.copy();
  const controller = new AbortController();
  await using front = await listen(() => controller.abort());
  workspace.write(".npmrc", `registry=${front.url}\n`);
  const args = ["watch", "--json", "--cwd", workspace.folder];
  const run = await runInProcess(args, { signal: controller.signal, createProgram: createDepsProgram });
  expect(run.exitCode, run.text).toBe(130);
  expect(JSON.parse(run.stdout)).toEqual({ outcome: "stopped", exitCode: 130 });
});

test("watches what was released, too, and not only what it depends on", async () => {
  const workspace = released.copy();
  await importWeak(workspace, new Date(), "@acme/cli");
  const { alerts } = JSON.parse((await watch(workspace)).stdout) as DependencyLook;
  expect(alerts.filter(({ kind }) => kind === "advisory")).toMatchObject([
    {
      dependency: "@acme/cli@1.1.0",
      kind: "advisory",
      usedBy: ["@acme/cli@1.1.0"],
      fix: expect.stringMatching(/^Mend @acme\/cli, then release;/),
    },
  ]);
});

/** Imports a vulnerability that all released versions of a package have. */
async function importWeak(workspace: TestWorkspace, modified: Date, name = "weak"): Promise<void> {
  workspace.write("advisories/weak.json", {
    id: "GHSA-weak-0000-0001",
    modified: modified.toISOString(),
    summary: "Weak",
    database_specific: { severity: "HIGH" },
    affected: [
      {
        package: { ecosystem: "npm", name },
        ranges: [{ type: "SEMVER", events: [{ introduced: "0" }, { fixed: name === "weak" ? "1.0.1" : "9.0.0" }] }],
      },
    ],
  });
  const folder = join(workspace.folder, "advisories");
  const imported = await runInProcess(["advisories", "import", folder, "--cwd", workspace.folder]);
  expect(imported.exitCode, imported.text).toBe(0);
}

/** The registry behind a front that refuses some paths. */
async function startFront(refused: readonly string[]): Promise<AsyncDisposable & { url: string }> {
  const pass = async (path: string, response: ServerResponse): Promise<void> => {
    const answer = await fetch(new URL(path.slice(1), registry.url));
    response.writeHead(answer.status, { "content-type": "application/json" }).end(await answer.text());
  };
  return listen(({ url = "" }, response) => {
    if (refused.includes(url)) response.writeHead(403).end("{}");
    else void pass(url, response);
  });
}

async function listen(answer: RequestListener): Promise<AsyncDisposable & { url: string }> {
  const server = createServer(answer);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    server.close();
    server.closeAllConnections();
    await once(server, "close").catch(() => {});
  };
  return { url: `http://127.0.0.1:${port}/`, [Symbol.asyncDispose]: close };
}

interface Webhook extends AsyncDisposable {
  url: string;
  posted: { labels: Record<string, string> }[];
}

async function startWebhook(): Promise<Webhook> {
  const posted: Webhook["posted"] = [];
  const server = await listen((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      posted.push(...(JSON.parse(Buffer.concat(chunks).toString("utf8")) as Webhook["posted"]));
      response.end();
    });
  });
  return { ...server, posted };
}
