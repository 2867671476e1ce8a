import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import type { ReleaseContext } from "../release-context.ts";
import { openRegistry } from "./open-registry.ts";

/** Opens a registry with trusted publishing that answers every exchange so; gives what it was asked for as well. */
async function openTrusted(status: number, env: NodeJS.ProcessEnv) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ token: "short-lived" }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const workspace = temporaryFolder();
  const write = (path: string, content: object | string): void =>
    writeFileSync(join(workspace, path), typeof content === "string" ? content : JSON.stringify(content));
  mkdirSync(join(workspace, "lib"));
  write("pnpm-workspace.yaml", "packages: [lib]\n");
  write("package.json", { name: "root", private: true });
  write("lib/package.json", { name: "lib", version: "1.0.0" });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const company = { url, mode: "direct", trustedPublishing: true };
  const config = { registry: "company", registries: { company } };
  const context = { workspace, env, options: {}, config } as unknown as ReleaseContext;
  return { asked, opened: openRegistry(context) };
}

test("trusted publishing has an account where the registry gives out a token", async () => {
  const { asked, opened } = await openTrusted(200, { NPM_ID_TOKEN: "id" });
  expect((await opened).account).toBe("this CI run (trusted publishing)");
  expect(asked).toEqual(["POST /-/npm/v1/oidc/token/exchange/package/lib"]);
});

test("trusted publishing has no account outside of a CI run, and asks nobody", async () => {
  const { asked, opened } = await openTrusted(200, {});
  expect((await opened).account).toBeUndefined();
  expect(asked).toEqual([]);
});

test("trusted publishing that the registry refuses is an error before anything is made", async () => {
  const { opened } = await openTrusted(403, { NPM_ID_TOKEN: "id" });
  await expect(opened).rejects.toMatchObject({ code: "REGISTRY_UNAUTHORIZED" });
});
