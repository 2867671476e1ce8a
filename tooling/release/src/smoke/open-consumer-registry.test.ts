import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { policySchema } from "@hxp/release-gates";
import { expect, onTestFinished, test } from "vitest";
import type { ReleaseContext } from "../release-context.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { startThirdParties } from "../../test/support/third-parties.ts";
import { ensureNpm, withNode } from "../workspace/toolchain.ts";
import { openConsumerRegistry } from "./open-consumer-registry.ts";
import { runSmokeCell } from "./run-smoke-cell.ts";

test.each([true, false])(
  "consumers get no third party's version that is too young (local registry: %s)",
  async (isLocal) => {
    await using parties = await startThirdParties();
    const { client, url } = parties;
    for (const version of ["1.0.0", "1.1.0"]) {
      // oxlint-disable no-await-in-loop -- one is younger than the other
      await parties.publish({ name: "leaf", version });
      await parties.publish({ name: "tool", version, dependencies: { leaf: "^1.0.0" } });
      await parties.publish({ name: "tool", version: `${version}-nightly.1` });
      if (version === "1.0.0") await sleep(50);
      // oxlint-enable no-await-in-loop
    }
    const app = { name: "@acme/app", version: "2.0.0", dependencies: { tool: "^1.0.0" } };
    await parties.publish(app);
    const time = (await client.readPackument("leaf"))?.time;
    const context = makeContext(Date.parse(String(time?.["1.1.0"])) + minute - 1);
    writeFileSync(join(context.workspace, ".npmrc"), `registry=${url}\n`);
    const { installed, leftOut } = await install(context, { registry: { url, isLocal }, app });
    const versions = { "@acme/app": "2.0.0", leaf: "1.0.0", tool: "1.0.0" };
    expect(installed).toEqual({ npm: versions, pnpm: versions });
    expect(leftOut).toEqual(["Left out, younger than 1 minutes: leaf@1.1.0, tool@1.1.0."]);
  },
);

test("a package of a scope with a registry comes from there alone, wherever the user has set that up", async () => {
  await using parties = await startThirdParties();
  await using others = await startThirdParties();
  const names = ["@npmrc/leaf", "@config/leaf", "@auth/leaf", "@jsr/leaf"];
  for (const name of names) {
    // oxlint-disable no-await-in-loop -- a handful
    await others.publish({ name, version: "1.0.0" });
    await parties.publish({ name, version: "1.9.0" });
    // oxlint-enable no-await-in-loop
  }
  const app = {
    name: "@acme/app",
    version: "2.0.0",
    dependencies: Object.fromEntries(names.map((name) => [name, "^1.0.0"])),
  };
  await parties.publish(app);
  const context = makeContext(Date.now() + 2 * minute);
  const { workspace } = context;
  const settings = join(workspace, ".config/pnpm");
  mkdirSync(settings, { recursive: true });
  writeFileSync(join(workspace, ".npmrc"), `registry=${parties.url}\n`);
  writeFileSync(join(workspace, "user-npmrc"), `@npmrc:registry=${others.url}\n`);
  writeFileSync(join(settings, "auth.ini"), `@auth:registry=${others.url}\n@jsr:registry=${others.url}\n`);
  // Nobody is there; the release comes from where it went.
  const registries = { "@config": others.url, "@acme": "http://127.0.0.1:9/" };
  writeFileSync(join(settings, "config.yaml"), JSON.stringify({ registries }));
  const { installed } = await install(context, { registry: { url: parties.url, isLocal: true }, app });
  const versions = { "@acme/app": "2.0.0", ...Object.fromEntries(names.map((name) => [name, "1.0.0"])) };
  expect(installed).toEqual({ npm: versions, pnpm: versions });
});

test("a registry of a scope that does not answer is named, and no other one asked", async () => {
  await using parties = await startThirdParties();
  await parties.publish({ name: "@other/leaf", version: "1.0.0" });
  const app = { name: "@acme/app", version: "2.0.0", dependencies: { "@other/leaf": "^1.0.0" } };
  await parties.publish(app);
  const context = makeContext(Date.now() + 2 * minute);
  const lines = [`registry=${parties.url}`, "@other:registry=http://127.0.0.1:9/", "fetch-retries=0", ""];
  writeFileSync(join(context.workspace, ".npmrc"), lines.join("\n"));
  await using consumers = await openConsumerRegistry(context, {
    workspace: context.workspace,
    folder: temporaryFolder(),
    registry: { url: parties.url, isLocal: true },
  });
  expect((await fetch(`${consumers.url}@other%2fleaf`)).status).toBe(502);
  expect((await fetch(`${consumers.url}@other/leaf/-/leaf-1.0.0.tgz`, { redirect: "manual" })).status).toBe(502);
  expect(await consumers.describeLeftOut([app])).toEqual([
    expect.stringMatching(/^The registry of @other\/leaf does not say what versions there are: .*127\.0\.0\.1:9/),
  ]);
});

test("what is served is read without a credential, though the registry would take one", async () => {
  const seen: (string | undefined)[] = [];
  const server = createServer(({ headers }, response) => {
    seen.push(headers.authorization);
    response.writeHead(404).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const context = makeContext(Date.now());
  const nerf = url.slice("http:".length);
  writeFileSync(join(context.workspace, "user-npmrc"), `${nerf}:_authToken=publisher\n`);
  await using consumers = await openConsumerRegistry(context, {
    workspace: context.workspace,
    folder: temporaryFolder(),
    registry: { url, isLocal: false },
  });
  expect((await fetch(`${consumers.url}leaf`)).status).toBe(404);
  expect(seen).toEqual([undefined]);
});

const minute = 60_000;

interface Installed {
  /** Versions by name, by manager. */
  installed: Record<string, Record<string, string>>;
  leftOut: string[];
}

/** Installs a released package as consumers of both managers do. */
async function install(
  context: Parameters<typeof openConsumerRegistry>[0],
  { registry, app }: { registry: { url: string; isLocal: boolean }; app: { name: string; version: string } },
): Promise<Installed> {
  const { workspace } = context;
  await using consumers = await openConsumerRegistry(context, { workspace, folder: temporaryFolder(), registry });
  const npmCli = await ensureNpm("12.2.0", { folder: sharedTools, env: process.env });
  const installed: Installed["installed"] = {};
  for (const manager of ["npm", "pnpm"] as const) {
    const project = join(workspace, manager);
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const result = await runSmokeCell(
      { manager, node: process.versions.node },
      {
        project,
        registry: consumers.url,
        specifiers: [`${app.name}@latest`],
        surfaces: [],
        env: consumers.env,
        npmCli,
        npmCache: join(workspace, "npm-cache"),
        tsc: undefined,
      },
    );
    expect(result.failures).toEqual([]);
    installed[manager] = readVersions(join(project, "node_modules", manager === "npm" ? "" : ".pnpm/node_modules"));
    installed[manager][app.name] ??= readVersion(join(project, "node_modules", app.name));
  }
  return { installed, leftOut: await consumers.describeLeftOut([app]) };
}

/** Where the tests of whole releases have their tools, too. */
const sharedTools = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "hxp-release/toolchain");

function makeContext(now: number): Parameters<typeof openConsumerRegistry>[0] {
  const workspace = temporaryFolder();
  const app = join(workspace, "packages/app");
  mkdirSync(app, { recursive: true });
  writeFileSync(join(workspace, "package.json"), JSON.stringify({ name: "acme", private: true }));
  writeFileSync(join(workspace, "pnpm-workspace.yaml"), "packages: [packages/*]\n");
  writeFileSync(join(workspace, "pnpm-lock.yaml"), "lockfileVersion: '9.0'\nimporters:\n  .: {}\n");
  writeFileSync(join(app, "package.json"), JSON.stringify({ name: "@acme/app", version: "2.0.0" }));
  const policy = policySchema.parse({ compatibility: { minimumAgeMinutes: 1 } });
  // Nobody is there.
  writeFileSync(join(workspace, "user-npmrc"), "@acme:registry=http://127.0.0.1:9/\n");
  const env = {
    PATH: process.env["PATH"],
    HOME: workspace,
    XDG_CACHE_HOME: workspace,
    XDG_DATA_HOME: workspace,
    npm_config_userconfig: join(workspace, "user-npmrc"),
  };
  return {
    workspace,
    config: { policy } as ReleaseContext["config"],
    paths: { registry: join(workspace, "registry") } as ReleaseContext["paths"],
    childEnv: withNode(env, dirname(process.execPath)),
    signal: undefined,
    clock: () => now,
  };
}

/** Of the packages that stand in a folder, by name. */
function readVersions(folder: string): Record<string, string> {
  const names = readdirSync(folder)
    .filter((name) => !name.startsWith("."))
    .flatMap((name) =>
      name.startsWith("@") ? readdirSync(join(folder, name)).map((inner) => `${name}/${inner}`) : name,
    );
  return Object.fromEntries(names.map((name) => [name, readVersion(join(folder, name))]));
}

function readVersion(folder: string): string {
  return (JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string }).version;
}
