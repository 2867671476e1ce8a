import { createServer } from "node:http";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createCredential, createRegistryClient } from "@hxp/release-registry";
import { answerJson, editJson } from "../../test/faulty-front.ts";
import { type Fixture, startFixture } from "../../test/fixture.ts";

let fixture: Fixture;
let count = 0;
const nextName = (): string => `@local/client-${(count += 1)}`;

beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(() => fixture[Symbol.asyncDispose]());
beforeEach(() => fixture.front.use(({ pass }) => pass()));

describe("a registry client", () => {
  test("publishes, reads back, tags, deprecates and unpublishes", async () => {
    const { client, pack } = fixture;
    const name = nextName();
    const [one, two] = [pack({ name }), pack({ name, version: "1.1.0" })];
    await client.publish(one, "staged");
    await client.publish(two, "latest");
    expect(await client.readTags(name)).toEqual({ staged: "1.0.0", latest: "1.1.0" });
    await client.setTag(name, "next", "1.0.0");
    await client.removeTag(name, "staged");
    await client.removeTag(name, "never-there");
    await client.deprecate(name, ["1.0.0"], "broken");
    const packument = await client.readPackument(name);
    expect(packument?.["dist-tags"]).toEqual({ next: "1.0.0", latest: "1.1.0" });
    expect(packument?.versions["1.0.0"]).toMatchObject({ deprecated: "broken", dist: { integrity: one.integrity } });
    await client.deprecate(name, ["1.0.0"], "");
    expect((await client.readPackument(name))?.versions["1.0.0"]?.deprecated).toBeUndefined();
    await client.unpublish(name, "1.1.0");
    expect(Object.keys((await client.readPackument(name))?.versions ?? {})).toEqual(["1.0.0"]);
    await client.unpublish(name, "1.0.0");
    expect(await client.readPackument(name)).toBeUndefined();
    expect(await client.readTags(name)).toBeUndefined();
  });

  test("takes off the tarball that an unpublish left which was cut off, so that the version can be published", async () => {
    const { client, pack, folder } = fixture;
    const name = nextName();
    await client.publish(pack({ name }), "latest");
    const two = pack({ name, version: "1.1.0" });
    writeFileSync(join(folder, "registry/packages", name, `${name.slice("@local/".length)}-1.1.0.tgz`), "left");
    await expect(client.publish(two, "latest")).rejects.toMatchObject({ code: "REGISTRY_CONFLICT" });
    await client.unpublish(name, "1.1.0");
    await client.publish(two, "latest");
    expect(await client.readTarball(name, "1.1.0")).toEqual(readFileSync(two.tarball));
  });

  test("reads the keys that the registry signs with; none where it has no such address", async () => {
    const { client, key, front } = fixture;
    expect(await client.readKeys()).toEqual([key.entry]);
    front.use(({ response }) => answerJson(response, 404, { error: "not found" }));
    expect(await client.readKeys()).toEqual([]);
  });

  test("reads advisories in one call", async () => {
    const { client, front } = fixture;
    const advisory = { id: 1, title: "t", severity: "high", vulnerable_versions: "<2.0.0", cwe: [] };
    front.use(({ response, asked, body }) => {
      expect([asked, String(body)]).toEqual(["POST /-/npm/v1/security/advisories/bulk", '{"a":["1.0.0"]}']);
      answerJson(response, 200, { a: [advisory] });
    });
    expect(await client.readAdvisories({ a: ["1.0.0"] })).toEqual({ a: [advisory] });
    front.use(({ response }) => answerJson(response, 200, { a: [{ ...advisory, severity: 1 }] }));
    await expect(client.readAdvisories({ a: ["1.0.0"] })).rejects.toMatchObject({ code: "REGISTRY_ANSWER_INVALID" });
  });

  test.each([404, 405])("has no advisories where the registry answers %s, and fails on 500", async (status) => {
    const { client, front } = fixture;
    front.use(({ response }) => answerJson(response, status, { error: "no such endpoint" }));
    expect(await client.readAdvisories({ a: ["1.0.0"] })).toBeUndefined();
    front.use(({ response }) => answerJson(response, 500, { error: "broken" }));
    await expect(client.readAdvisories({ a: ["1.0.0"] })).rejects.toMatchObject({ code: "REGISTRY_UNREACHABLE" });
  });

  test("says who it is, and that it reaches the registry", async () => {
    await fixture.client.ping();
    expect(await fixture.client.whoAmI()).toBe("release");
  });

  test("makes a call again after a server error, and gives up after the retries", async () => {
    const { front, clientWith } = fixture;
    let failures = 0;
    front.use(({ response, pass }) => {
      failures += 1;
      if (failures > 2) return pass();
      return answerJson(response, 503, { error: "busy" });
    });
    await clientWith({ retries: 2 }).ping();
    expect(failures).toBe(3);
    failures = -100;
    await expect(clientWith({ retries: 1 }).ping()).rejects.toMatchObject({ code: "REGISTRY_UNREACHABLE" });
    expect(failures).toBe(-98);
  });

  test.each(["before the answer", "inside the answer", "drip by drip"])("ends a call that hangs %s", async (where) => {
    const timers: NodeJS.Timeout[] = [];
    fixture.front.use(({ response }) => {
      if (where.startsWith("before")) return;
      response.writeHead(200, { "content-length": 10_000 }).write("{");
      if (where.startsWith("drip")) timers.push(setInterval(() => response.write(" "), 20));
    });
    const hung = fixture.clientWith({ timeoutMs: 150 }).readPackument("@local/hangs");
    await expect(hung).rejects.toMatchObject({ code: "REGISTRY_UNREACHABLE", exitCode: 1, retryable: true });
    timers.forEach(clearInterval);
  });

  test("ends with the signal's reason when it is aborted", async () => {
    fixture.front.use(() => {});
    const controller = new AbortController();
    const reading = fixture.clientWith({ signal: controller.signal }).readPackument("@local/hangs");
    const reason = new Error("stopped by the operator");
    setTimeout(() => controller.abort(reason), 20);
    await expect(reading).rejects.toBe(reason);
  });

  test.each([
    [401, "REGISTRY_UNAUTHORIZED"],
    [403, "REGISTRY_UNAUTHORIZED"],
    [409, "REGISTRY_CONFLICT"],
    [422, "REGISTRY_REFUSED"],
    [507, "REGISTRY_FULL"],
  ])("turns status %s into %s, with the registry's words and none of its control characters", async (status, code) => {
    fixture.front.use(({ response }) => answerJson(response, status, { error: "no \u001b[31mway" }));
    const failed = fixture.client.setTag("@local/any", "latest", "1.0.0");
    await expect(failed).rejects.toMatchObject({
      code,
      message: expect.stringContaining("no  [31mway"),
    });
  });

  test("names what it does not understand", async () => {
    const { client, front } = fixture;
    front.use(({ response }) => void response.end("<html>"));
    await expect(client.readPackument("@local/x")).rejects.toMatchObject({ code: "REGISTRY_ANSWER_INVALID" });
    front.use(({ response }) => answerJson(response, 200, { name: "@local/other", versions: {} }));
    await expect(client.readPackument("@local/x")).rejects.toThrow("answered @local/other when asked for @local/x");
    front.use(({ response }) => answerJson(response, 200, { name: "@local/x", versions: { "1.0.0": { dist: 1 } } }));
    await expect(client.readPackument("@local/x")).rejects.toThrow(/versions\.1\.0\.0/);
  });

  test("reads a package whose name is from before capitals were forbidden, and publishes none", async () => {
    const { front, client } = fixture;
    front.use(({ response }) => answerJson(response, 200, { name: "JSONStream", versions: {} }));
    expect(await client.readPackument("JSONStream")).toMatchObject({ name: "JSONStream" });
    await expect(client.setTag("JSONStream", "latest", "1.0.0")).rejects.toMatchObject({ code: "USAGE_INVALID" });
  });

  test("refuses names and addresses that could lead elsewhere", async () => {
    for (const name of ["../etc", "a/../b", "@a/b/c", "A?b", ""]) {
      await expect(fixture.client.readPackument(name)).rejects.toMatchObject({ code: "USAGE_INVALID" });
    }
    for (const url of ["ftp://host/", "no address", "https://user:secret@host/"]) {
      expect(() => createRegistryClient({ url })).toThrow(expect.objectContaining({ code: "USAGE_INVALID" }));
    }
  });

  test("says that a version to be tagged does not exist", async () => {
    const name = nextName();
    await fixture.client.publish(fixture.pack({ name }), "staged");
    const failed = fixture.client.setTag(name, "latest", "9.9.9");
    await expect(failed).rejects.toMatchObject({ code: "REGISTRY_REFUSED" });
  });

  test("does not deprecate what is not there", async () => {
    const name = nextName();
    await expect(fixture.client.deprecate(name, ["1.0.0"], "x")).rejects.toThrow("there is no such package");
    await fixture.client.publish(fixture.pack({ name }), "staged");
    await expect(fixture.client.deprecate(name, ["2.0.0"], "x")).rejects.toThrow("no such version");
  });
});

describe("a credential", () => {
  test("goes to the registry and to no other host, even when a tarball lies there", async () => {
    const { client, front, pack, clientWith } = fixture;
    const name = nextName();
    await client.publish(pack({ name }), "staged");
    const seen: (string | undefined)[] = [];
    const foreign = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.end("bytes");
    });
    foreign.listen(0, "127.0.0.1");
    await once(foreign, "listening");
    const address = `http://127.0.0.1:${(foreign.address() as AddressInfo).port}/x.tgz`;
    front.use(({ pass, request }) => {
      expect(request.headers.authorization).toMatch(/^Bearer hxp_/);
      return pass(
        editJson((value: { versions: Record<string, { dist: { tarball: string } }> }) => {
          value.versions["1.0.0"]!.dist.tarball = address;
        }),
      );
    });
    expect((await clientWith({}).readTarball(name, "1.0.0"))?.toString()).toBe("bytes");
    foreign.close();
    expect(seen).toEqual([undefined]);
  });

  test("is looked up once for each package", async () => {
    const asked: string[] = [];
    const client = fixture.clientWith({
      credential: async (name) => {
        asked.push(name);
        return createCredential({ secret: fixture.registry.token, source: "test" });
      },
    });
    const name = nextName();
    await client.publish(fixture.pack({ name }), "staged");
    await client.setTag(name, "next", "1.0.0");
    expect(asked).toEqual([name]);
  });

  test("that is missing or wrong is REGISTRY_UNAUTHORIZED, and no message shows it", async () => {
    const secret = "hxp_wrong-wrong-wrong-wrong-wrong-wrong-wrong";
    for (const credential of [undefined, createCredential({ secret, source: "test" })]) {
      const pkg = fixture.pack({ name: nextName() });
      const error: unknown = await fixture
        .clientWith({ credential })
        .publish(pkg, "staged")
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: "REGISTRY_UNAUTHORIZED" });
      expect(JSON.stringify(error) + String(error)).not.toContain(secret);
    }
  });
});

describe("a one-time password", () => {
  const askForPassword = (): void =>
    fixture.front.use(({ request, response, pass }) => {
      if (request.method === "GET" || request.headers["npm-otp"] === "123456") return pass();
      response.setHeader("www-authenticate", "OTP");
      return answerJson(response, 401, { error: "one-time password needed" });
    });

  test("that the registry asks for and nobody gave is an error that names --otp", async () => {
    askForPassword();
    const failed = fixture.client.publish(fixture.pack({ name: nextName() }), "staged");
    await expect(failed).rejects.toMatchObject({ code: "REGISTRY_OTP_NEEDED", hint: expect.stringContaining("--otp") });
  });

  test("is sent when it was given, and asked for once when many calls need it", async () => {
    askForPassword();
    await fixture.clientWith({ otp: "123456" }).publish(fixture.pack({ name: nextName() }), "staged");
    let asked = 0;
    const client = fixture.clientWith({
      otp: async () => {
        asked += 1;
        return "123456";
      },
    });
    const packages = [1, 2, 3].map(() => fixture.pack({ name: nextName() }));
    await Promise.all(packages.map((pkg) => client.publish(pkg, "staged")));
    await client.setTag(packages[0]!.name, "next", "1.0.0");
    expect(asked).toBe(1);
  });
});

describe("publish", () => {
  test("sends no file that has changed since it was packed", async () => {
    const pkg = fixture.pack({ name: nextName() });
    writeFileSync(pkg.tarball, "something else");
    fixture.front.asked.length = 0;
    await expect(fixture.client.publish(pkg, "staged")).rejects.toMatchObject({
      code: "REGISTRY_BYTES_DIFFER",
      exitCode: 15,
    });
    expect(fixture.front.asked).toEqual([]);
  });

  test("sends no private package, and none under another name", async () => {
    const pkg = fixture.pack({ name: nextName() });
    for (const manifest of [
      { ...pkg.manifest, private: true },
      { ...pkg.manifest, name: "@local/other" },
    ]) {
      await expect(fixture.client.publish({ ...pkg, manifest }, "staged")).rejects.toMatchObject({
        code: "USAGE_INVALID",
      });
    }
  });

  test("of a version that is there with the same bytes is done, with other bytes a conflict", async () => {
    const name = nextName();
    const pkg = fixture.pack({ name });
    await fixture.client.publish(pkg, "staged");
    await fixture.client.publish(pkg, "other");
    expect(await fixture.client.readTags(name)).toEqual({ staged: "1.0.0", other: "1.0.0" });
    const changed = fixture.client.publish(fixture.pack({ name, content: "// other" }), "staged");
    await expect(changed).rejects.toMatchObject({ code: "REGISTRY_CONFLICT", exitCode: 15 });
  });

  test("goes on after a registry that died mid-upload, and says so when it keeps dying", async () => {
    const { front, clientWith, pack } = fixture;
    const pkg = pack({ name: nextName(), content: "x".repeat(300_000) });
    let uploads = 0;
    front.use(({ request, pass }) => {
      if (request.method !== "PUT") return pass();
      uploads += 1;
      return uploads > 1 ? pass() : void request.socket.destroy();
    });
    await clientWith({ retries: 1 }).publish(pkg, "staged");
    expect(uploads).toBe(2);
    front.use(({ request, pass }) => (request.method === "PUT" ? void request.socket.destroy() : pass()));
    const failed = clientWith({ retries: 1 }).publish(pack({ name: nextName() }), "staged");
    await expect(failed).rejects.toMatchObject({ code: "REGISTRY_DIED_MID_UPLOAD", retryable: true });
  });

  test("that arrived although the answer was lost is a success, and is not sent twice", async () => {
    const { front, clientWith, pack, direct } = fixture;
    const pkg = pack({ name: nextName() });
    let uploads = 0;
    front.use(async ({ request, ask, pass }) => {
      if (request.method !== "PUT" || request.url?.includes("dist-tags") === true) return pass();
      uploads += 1;
      await ask();
      request.socket.destroy();
    });
    await clientWith({ retries: 3 }).publish(pkg, "staged");
    expect(uploads).toBe(1);
    expect(await direct.readTags(pkg.name)).toEqual({ staged: "1.0.0" });
  });

  test("in staged mode posts npm's document once and gives the stage id", async () => {
    const { front, clientWith, pack } = fixture;
    const pkg = pack({ name: nextName(), attested: ["https://slsa.dev/provenance/v1"] });
    let sent: unknown;
    front.use(({ asked, body, response }) => {
      expect(asked).toBe(`POST /-/stage/package/${pkg.name}`);
      sent = JSON.parse(body.toString("utf8"));
      answerJson(response, 201, { stageId: "1f0c" });
    });
    expect(await clientWith({ mode: "staged" }).publish(pkg, "latest")).toEqual({ stageId: "1f0c" });
    const file = `${pkg.name}-1.0.0`;
    expect(sent).toMatchObject({
      _id: pkg.name,
      name: pkg.name,
      access: "public",
      "dist-tags": { latest: "1.0.0" },
      versions: { "1.0.0": { _id: `${pkg.name}@1.0.0`, dist: { integrity: pkg.integrity } } },
      _attachments: {
        [`${file}.tgz`]: { content_type: "application/octet-stream" },
        [`${file}.sigstore`]: { content_type: "application/vnd.dev.sigstore.bundle.v0.3+json" },
      },
    });
    front.asked.length = 0;
    front.use(({ response }) => answerJson(response, 500, {}));
    const failed = clientWith({ mode: "staged", retries: 3 }).publish(pkg, "latest");
    await expect(failed).rejects.toMatchObject({ code: "REGISTRY_UNREACHABLE" });
    expect(front.asked).toHaveLength(1);
  });
});
