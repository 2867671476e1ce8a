import { createServer, type IncomingMessage } from "node:http";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { createCredential, exchangeOidcToken, readCredential } from "@hxp/release-registry";
import { makeFolder } from "../../test/fixture.ts";

describe("readCredential", () => {
  const read = (npmrc: string, url: string, env: Record<string, string> = {}) => {
    using folder = makeFolder();
    const file = join(folder.path, ".npmrc");
    writeFileSync(file, npmrc);
    return readCredential(url, { env, npmrcFiles: [join(folder.path, "missing"), file] });
  };

  test("takes NPM_TOKEN, then NODE_AUTH_TOKEN, then npmrc", () => {
    const npmrc = "//registry.example/:_authToken=from-file";
    const url = "https://registry.example";
    expect(read(npmrc, url, { NPM_TOKEN: "a", NODE_AUTH_TOKEN: "b" })?.secret).toBe("a");
    expect(read(npmrc, url, { NPM_TOKEN: " ", NODE_AUTH_TOKEN: "b" })).toMatchObject({
      secret: "b",
      source: "NODE_AUTH_TOKEN",
    });
    expect(read(npmrc, url)).toMatchObject({ secret: "from-file", scheme: "bearer" });
  });

  test("takes the longest address that fits, and nothing of another host or port", () => {
    const npmrc = [
      "; a comment = //registry.example/:_authToken=no",
      "//registry.example/:_authToken=root",
      '//registry.example/team/a/:_authToken = "team"',
      "//registry.example:8443/:_authToken=port",
    ].join("\n");
    expect(read(npmrc, "https://registry.example/team/a/")?.secret).toBe("team");
    expect(read(npmrc, "https://registry.example/team/ab")?.secret).toBe("root");
    expect(read(npmrc, "http://registry.example:8443")?.secret).toBe("port");
    expect(read(npmrc, "https://registry.example.org")).toBeUndefined();
  });

  test("expands variables, and says which one is missing", () => {
    const npmrc = "//r.example/:_auth=${BASIC}\n//s.example/:_authToken=${GONE}";
    expect(read(npmrc, "https://r.example", { BASIC: "dTpw" })).toMatchObject({ secret: "dTpw", scheme: "basic" });
    expect(() => read(npmrc, "https://s.example")).toThrow(/takes its token from GONE/);
  });

  test("says which file it cannot read", () => {
    using folder = makeFolder();
    mkdirSync(join(folder.path, ".npmrc"));
    const npmrcFiles = [join(folder.path, ".npmrc")];
    expect(() => readCredential("https://r.example", { env: {}, npmrcFiles })).toThrow(
      expect.objectContaining({ code: "FILE_UNREADABLE" }),
    );
  });
});

test("a credential does not show its secret when it is printed or serialised", () => {
  const credential = createCredential({ secret: "hush-hush", source: "test" });
  expect(
    JSON.stringify({ credential }) + inspect(credential, { depth: 9 }) + Object.keys(credential).join(),
  ).not.toContain("hush");
});

describe("exchangeOidcToken", () => {
  const serve = async (answer: (request: IncomingMessage) => { status?: number; body: unknown }) => {
    const seen: string[] = [];
    const server = createServer((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers.authorization}`);
      const { status = 200, body } = answer(request);
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { url, seen, [Symbol.dispose]: () => void server.close() };
  };

  test("exchanges GitHub's id token for a token of one package", async () => {
    using server = await serve(({ method }) => ({
      body: method === "POST" ? { token: "short-lived" } : { value: "id-token" },
    }));
    const env = { ACTIONS_ID_TOKEN_REQUEST_URL: `${server.url}/github?v=1`, ACTIONS_ID_TOKEN_REQUEST_TOKEN: "ask" };
    const credential = await exchangeOidcToken({ url: server.url, name: "@a/b", env });
    expect(credential).toMatchObject({ secret: "short-lived", source: "trusted publishing of @a/b" });
    expect(server.seen).toEqual([
      "GET /github?v=1&audience=npm%3A127.0.0.1 Bearer ask",
      "POST /-/npm/v1/oidc/token/exchange/package/@a%2fb Bearer id-token",
    ]);
  });

  test("takes GitLab's id token from the environment, and does nothing where there is none", async () => {
    using server = await serve(() => ({ body: { token: "short-lived" } }));
    await exchangeOidcToken({ url: server.url, name: "b", env: { NPM_ID_TOKEN: "gitlab" } });
    expect(server.seen).toEqual(["POST /-/npm/v1/oidc/token/exchange/package/b Bearer gitlab"]);
    expect(await exchangeOidcToken({ url: server.url, name: "b", env: {} })).toBeUndefined();
    expect(server.seen).toHaveLength(1);
  });

  test("says that the registry refused, without the token", async () => {
    using server = await serve(() => ({ status: 403, body: { message: "no trusted publisher" } }));
    const failed = exchangeOidcToken({ url: server.url, name: "b", env: { NPM_ID_TOKEN: "very-secret-id" } });
    const error: unknown = await failed.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "REGISTRY_UNAUTHORIZED", details: { status: 403 } });
    expect(inspect(error)).not.toContain("very-secret-id");
  });

  test("says that the registry does not answer", async () => {
    const failed = exchangeOidcToken({ url: "http://127.0.0.1:1", name: "b", env: { NPM_ID_TOKEN: "x" } });
    await expect(failed).rejects.toMatchObject({ code: "REGISTRY_UNREACHABLE" });
  });
});
