import { Agent } from "node:http";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Fixture, startFixture } from "../../test/fixture.ts";
import { answerJson, type FaultyFront, startFaultyFront } from "../../test/faulty-front.ts";
import { sendRaw, type RawRequest } from "../../test/send-raw.ts";

let upstream: FaultyFront;
let fixture: Fixture;
let count = 0;
const lines: string[] = [];
const nextName = (): string => `@local/serve-${(count += 1)}`;
const encoded = (name: string): string => `/${name.replace("/", "%2f")}`;
const send = (path: string, request?: RawRequest) => sendRaw(fixture.registry.url, path, request);
const thrice = (tags: object): object[] => [tags, tags, tags];
const installType = "application/vnd.npm.install-v1+json";

beforeAll(async () => {
  upstream = await startFaultyFront("http://127.0.0.1:1/", ({ asked, body, response }) => {
    if (asked.startsWith("POST")) return answerJson(response, 200, { asked: JSON.parse(body.toString()) });
    const key = {
      keyid: "SHA256:upstream",
      keytype: "ecdsa-sha2-nistp256",
      scheme: "ecdsa-sha2-nistp256",
      key: "AA==",
    };
    answerJson(response, 200, { keys: [key] });
  });
  fixture = await startFixture({ upstream: upstream.url, log: (line) => void lines.push(line) });
});
afterAll(async () => {
  await fixture[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

describe("a packument", () => {
  test("is found under @scope%2fname, @scope%2Fname and @scope/name, whole and short, and by HEAD", async () => {
    const name = nextName();
    await fixture.direct.publish(
      fixture.pack({ name, manifest: { scripts: { postinstall: "x" }, keywords: ["k"] } }),
      "latest",
    );
    const paths = [encoded(name), encoded(name).replace("%2f", "%2F"), `/${name}`];
    const bodies = await Promise.all(paths.map(async (path) => (await send(path)).body.toString()));
    expect(new Set(bodies).size).toBe(1);
    const short = await send(encoded(name), { headers: { accept: `${installType}; q=1.0, application/json; q=0.8` } });
    expect(short.headers["content-type"]).toContain(installType);
    const version = (short.json() as { versions: Record<string, object> }).versions["1.0.0"];
    expect(version).toMatchObject({ name, hasInstallScript: true, dist: { integrity: expect.any(String) } });
    expect(version).not.toHaveProperty("keywords");
    const head = await send(encoded(name), { method: "HEAD" });
    expect([head.status, head.body.length, head.headers["content-length"]]).toEqual([
      200,
      0,
      String(bodies[0]!.length),
    ]);
    expect((await send(`${encoded(name)}/1.0.0`)).json()).toMatchObject({ keywords: ["k"] });
    expect((await send(`${encoded(name)}/latest`)).json()).toMatchObject({ version: "1.0.0" });
    expect((await send(`${encoded(name)}/9.0.0`)).status).toBe(404);
  });

  test("names tarballs at the address that the client used", async () => {
    const name = nextName();
    const pkg = fixture.pack({ name });
    await fixture.direct.publish(pkg, "latest");
    const { port } = new URL(fixture.registry.url);
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, "localhost:4999", "[::1]:80"]) {
      const packument: { versions: Record<string, { dist: { tarball: string } }> } = (
        await send(encoded(name), { headers: { host } })
      ).json();
      const { tarball } = packument.versions["1.0.0"]!.dist;
      expect(tarball).toBe(`http://${host}/${name}/-/${name.slice("@local/".length)}-1.0.0.tgz`);
      expect((await send(new URL(tarball).pathname)).body.length).toBeGreaterThan(100);
    }
  });

  test("is not sent again to who has it", async () => {
    const name = nextName();
    await fixture.direct.publish(fixture.pack({ name, manifest: { description: "long ".repeat(500) } }), "latest");
    const plain = await send(encoded(name));
    const etag = plain.headers.etag!;
    expect((await send(encoded(name), { headers: { "if-none-match": etag } })).status).toBe(304);
    await fixture.direct.setTag(name, "next", "1.0.0");
    expect((await send(encoded(name), { headers: { "if-none-match": etag } })).status).toBe(200);
  });

  test("is not for a page whose name was made to point to this machine", async () => {
    const answer = await send("/-/ping", { headers: { host: "attacker.example:4873" } });
    expect(answer.status).toBe(421);
  });
});

describe("tags", () => {
  test("show no `latest` until somebody sets one, and none after it was removed", async () => {
    const name = nextName();
    const { direct, pack } = fixture;
    await direct.publish(pack({ name }), "staged");
    await direct.publish(pack({ name, version: "2.0.0" }), "staged");
    await direct.deprecate(name, ["1.0.0"], "old");
    const tagsOf = async (): Promise<unknown[]> => {
      const [tags, packument, short] = await Promise.all([
        send(`/-/package${encoded(name)}/dist-tags`),
        send(encoded(name)),
        send(encoded(name), { headers: { accept: installType } }),
      ]);
      return [
        tags.json(),
        ...[packument, short].map((answer) => (answer.json() as Record<string, unknown>)["dist-tags"]),
      ];
    };
    expect(await tagsOf()).toEqual(thrice({ staged: "2.0.0" }));
    expect((await send(`${encoded(name)}/latest`)).status).toBe(404);
    await direct.setTag(name, "latest", "1.0.0");
    expect(await tagsOf()).toEqual(thrice({ staged: "2.0.0", latest: "1.0.0" }));
    await direct.removeTag(name, "latest");
    expect(await tagsOf()).toEqual(thrice({ staged: "2.0.0" }));
    await direct.publish(pack({ name, version: "3.0.0" }), "latest");
    expect(await tagsOf()).toEqual(thrice({ staged: "2.0.0", latest: "3.0.0" }));
  });
});

describe("a change by a client that read the packument a while ago", () => {
  test("deprecates, and neither moves tags nor drops versions", async () => {
    const name = nextName();
    const { direct, pack, registry } = fixture;
    await direct.publish(pack({ name }), "latest");
    const stale: { versions: Record<string, Record<string, unknown>> } = (await send(encoded(name))).json();
    await direct.publish(pack({ name, version: "2.0.0" }), "latest");
    stale.versions["1.0.0"]!["deprecated"] = "old";
    expect((await send(encoded(name), { method: "PUT", body: stale, token: registry.token })).status).toBe(201);
    const now = await direct.readPackument(name);
    expect(now?.["dist-tags"]).toEqual({ latest: "2.0.0" });
    expect(Object.values(now?.versions ?? {}).map(({ deprecated }) => deprecated)).toEqual(["old", undefined]);
  });

  test("takes no version off, and no tarball that a version names", async () => {
    const name = nextName();
    const { direct, pack, registry } = fixture;
    const { token } = registry;
    await direct.publish(pack({ name }), "latest");
    const stale: { _rev: string } = (await send(encoded(name))).json();
    await direct.publish(pack({ name, version: "2.0.0" }), "latest");
    const path = `${encoded(name)}/-rev/${stale["_rev"]}`;
    expect((await send(path, { method: "PUT", body: stale, token })).status).toBe(409);
    expect((await send(path, { method: "DELETE", token })).status).toBe(409);
    const file = `${name.slice("@local/".length)}-1.0.0.tgz`;
    expect((await send(`${encoded(name)}/-/${file}/-rev/${stale["_rev"]}`, { method: "DELETE", token })).status).toBe(
      409,
    );
    expect(Object.keys((await direct.readPackument(name))?.versions ?? {})).toEqual(["1.0.0", "2.0.0"]);
  });
});

test("changes of one package at the same time lose nothing of each other", async () => {
  const name = nextName();
  const { direct, pack } = fixture;
  const versions = ["1.0.0", "1.1.0", "1.2.0", "1.3.0"];
  for (const version of versions) await direct.publish(pack({ name, version }), "latest");
  const tags = versions.map((version) => [`for-${version}`, version] as const);
  await Promise.all([
    ...versions.map((version) => direct.deprecate(name, [version], `no ${version}`)),
    ...tags.map(([tag, version]) => direct.setTag(name, tag, version)),
    direct.publish(pack({ name, version: "2.0.0" }), "next"),
  ]);
  const now = await direct.readPackument(name);
  expect(now?.["dist-tags"]).toEqual({ ...Object.fromEntries(tags), latest: "1.3.0", next: "2.0.0" });
  expect(Object.values(now?.versions ?? {}).map(({ deprecated }) => deprecated)).toEqual([
    ...versions.map((version) => `no ${version}`),
    undefined,
  ]);
});

describe("keys and attestations", () => {
  test("are served where npm and pnpm look for them, upstream's keys beside our own", async () => {
    const keys: { keys: { keyid: string }[] } = (await send("/-/npm/v1/keys")).json();
    expect(keys.keys.map(({ keyid }) => keyid)).toEqual([fixture.key.entry.keyid, "SHA256:upstream"]);
    const name = nextName();
    const pkg = fixture.pack({
      name,
      attested: ["https://slsa.dev/provenance/v1", "https://slsa.dev/verification_summary/v1"],
    });
    await fixture.direct.publish(pkg, "staged");
    const packument = await fixture.direct.readPackument(name);
    const { attestations } = packument!.versions["1.0.0"]!.dist;
    expect(attestations).toMatchObject({ provenance: { predicateType: "https://slsa.dev/provenance/v1" } });
    const served = await send(new URL(attestations!.url).pathname);
    expect(served.json()).toEqual({ attestations: pkg.attestations });
    expect((await send(`/-/npm/v1/attestations${encoded(name)}@2.0.0`)).status).toBe(404);
    await fixture.direct.unpublish(name, "1.0.0");
    expect((await send(new URL(attestations!.url).pathname)).status).toBe(404);
  });
});

describe("names that are not local", () => {
  test("are looked for upstream by the client itself, and cannot be published here", async () => {
    const location = async (path: string, method = "GET") => {
      const { status, headers } = await send(path, { method });
      return [status, headers.location?.replace(upstream.url, "up:/")];
    };
    expect(await location("/kleur")).toEqual([307, "up:/kleur"]);
    expect(await location("/@types/node", "HEAD")).toEqual([307, "up:/@types%2fnode"]);
    expect(await location("/kleur/-/kleur-4.1.5.tgz")).toEqual([307, "up:/kleur/-/kleur-4.1.5.tgz"]);
    expect(await location("/kleur/4.1.5")).toEqual([307, "up:/kleur/4.1.5"]);
    expect(await location("/-/package/kleur/dist-tags")).toEqual([307, "up:/-/package/kleur/dist-tags"]);
    expect(await location("/JSONStream")).toEqual([307, "up:/JSONStream"]);
    for (const path of ["//evil.example/x", "/..%2f..%2fetc", "/%00", "/@local/../kleur", "/a/b/c"]) {
      expect((await location(path))[1]).toBeUndefined();
    }
    const { token } = fixture.registry;
    expect((await send("/kleur", { method: "PUT", token, body: {} })).status).toBe(403);
  });

  test("are all that upstream is asked about", async () => {
    upstream.asked.length = 0;
    expect((await send("/@local%2fnever-published")).status).toBe(404);
    const body = { "@local/secret-project": ["1.0.0"], kleur: ["4.1.5"] };
    const audit = { method: "POST", body: gzipSync(JSON.stringify(body)), headers: { "content-encoding": "gzip" } };
    expect((await send("/-/npm/v1/security/advisories/bulk", audit)).json()).toEqual({ asked: { kleur: ["4.1.5"] } });
    expect(upstream.asked).toEqual(["POST /-/npm/v1/security/advisories/bulk"]);
  });
});

describe("writing", () => {
  test("needs the token, whole", async () => {
    const name = nextName();
    await fixture.direct.publish(fixture.pack({ name }), "latest");
    const { token } = fixture.registry;
    for (const wrong of [undefined, "", token.slice(0, -1), `${token}x`]) {
      const request = { method: "PUT", body: "1.0.0", ...(wrong === undefined ? {} : { token: wrong }) };
      expect((await send(`/-/package${encoded(name)}/dist-tags/x`, request)).status).toBe(401);
    }
    expect((await send("/-/whoami")).status).toBe(401);
    expect(await fixture.direct.readTags(name)).toEqual({ latest: "1.0.0" });
  });

  test("is logged without the token", async () => {
    await fixture.direct.publish(fixture.pack({ name: nextName() }), "latest");
    expect(lines.some((line) => /^PUT \/@local%2fserve-\d+ 201 \d+ ms$/.test(line))).toBe(true);
    expect(lines.join("\n")).not.toContain(fixture.registry.token);
  });
});

test("a connection serves many requests", async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const answers = [
    await send("/-/ping", { agent }),
    await send("/-/npm/v1/keys", { agent }),
    await send("/nowhere/at/all", { agent }),
  ];
  expect(answers.map(({ headers }) => headers.connection)).toEqual(["keep-alive", "keep-alive", "keep-alive"]);
  agent.destroy();
});
