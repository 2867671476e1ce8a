import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { policySchema } from "@hxp/release-gates";
import { expect, test } from "vitest";
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
      if (version === "1.0.0") await sleep(50);
      // oxlint-enable no-await-in-loop
    }
    await parties.publish({ name: "@acme/app", version: "2.0.0", dependencies: { tool: "^1.0.0" } });
    const time = (await client.readPackument("leaf"))?.time;
    const minute = 60_000;
    const context = makeContext(Date.parse(String(time?.["1.1.0"])) + minute - 1);
    writeFileSync(join(context.workspace, ".npmrc"), `registry=${url}\n`);
    const registry = { url, client, isLocal };
    await using consumers = await openConsumerRegistry(context, {
      workspace: context.workspace,
      folder: temporaryFolder(),
      registry,
    });
    const npmCli = await ensureNpm("12.2.0", { folder: sharedTools, env: process.env });
    for (const manager of ["npm", "pnpm"] as const) {
      const project = join(context.workspace, manager);
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const result = await runSmokeCell(
        { manager, node: process.versions.node },
        {
          project,
          registry: consumers.url,
          specifiers: ["@acme/app@latest"],
          surfaces: [],
          env: consumers.env,
          npmCli,
          npmCache: join(context.workspace, "npm-cache"),
          tsc: undefined,
        },
      );
      expect(result.failures).toEqual([]);
      expect(installedVersions(project, manager)).toEqual({ "@acme/app": "2.0.0", leaf: "1.0.0", tool: "1.0.0" });
    }
    expect(await consumers.describeLeftOut()).toEqual(["Left out, younger than 1 minutes: leaf@1.1.0, tool@1.1.0."]);
  },
);

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

/** Of the packages that stand in a project, wherever. */
function installedVersions(project: string, manager: "npm" | "pnpm"): Record<string, string> {
  const read = (path: string): string =>
    (JSON.parse(readFileSync(join(project, "node_modules", path, "package.json"), "utf8")) as { version: string })
      .version;
  const below = manager === "npm" ? "" : ".pnpm/node_modules/";
  return { "@acme/app": read("@acme/app"), leaf: read(`${below}leaf`), tool: read(`${below}tool`) };
}
