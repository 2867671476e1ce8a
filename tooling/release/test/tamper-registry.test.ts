import { readdirSync, readFileSync } from "node:fs";
import { createHash, generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { editJson } from "./support/lying-registry.ts";
import {
  after,
  before,
  expectFailure,
  expectSuccess,
  isChannelWrite,
  useTamperTemplate,
  toCompany,
} from "./support/tamper-template.ts";
import type { TestWorkspace } from "./support/workspace.ts";

const template = useTamperTemplate();

interface Packument {
  versions: Record<string, { dist: { integrity: string; signatures?: { keyid: string; sig: string }[] } }>;
}

const publish = ["publish", ...toCompany];

/** Publishes a version with bytes that are not the release's, as somebody else would. */
async function publishForeign(
  workspace: TestWorkspace,
  { name, version, tag }: { name: string; version: string; tag: string },
): Promise<void> {
  const releases = join(workspace.folder, ".hxp/releases");
  const [tarball] = readdirSync(releases, { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith("acme-left-1.0.1.tgz"),
  );
  const path = join(releases, tarball!);
  const integrity = `sha512-${createHash("sha512").update(readFileSync(path)).digest("base64")}`;
  const manifest = { name, version };
  await template.registry
    .client()
    .publish(
      { name, version, tarball: path, integrity, manifest, access: "public", signatures: [], attestations: [] },
      tag,
    );
}

describe("a registry that does not give back what it was given", () => {
  test("is found out by its bytes, and the channel stays", async () => {
    const workspace = await template.planned();
    template.registry.use(({ asked, pass }) =>
      pass((body) => (asked.endsWith("core-1.3.1.tgz") ? Buffer.concat([body, Buffer.from([0])]) : body)),
    );
    const run = await workspace.release(publish, template.env);
    expectFailure(run, { exitCode: 15, code: "REGISTRY_BYTES_DIFFER" });
    expect(run.stderr).toContain("@acme/core@1.3.1");
    expect(template.registry.writes.filter(isChannelWrite)).toEqual([]);
    expect(await template.registry.channel("latest")).toEqual(before);
  });

  test("is found out by its dist.integrity, and the release goes on when it tells the truth", async () => {
    const workspace = await template.planned();
    const lie = editJson(({ versions }: Packument) => {
      const dist = versions["1.3.1"]?.dist;
      if (dist !== undefined) dist.integrity = `sha512-${Buffer.alloc(64).toString("base64")}`;
    });
    template.registry.use(({ asked, pass }) => pass(asked === "GET /@acme/cli" ? lie : undefined));
    const run = await workspace.release(publish, template.env);
    expectFailure(run, { exitCode: 15, code: "REGISTRY_BYTES_DIFFER" });
    expect(run.stderr).toContain("dist.integrity");
    expect(template.registry.writes.filter(isChannelWrite)).toEqual([]);
    expect(await template.registry.channel("latest")).toEqual(before);
    template.registry.use(({ pass }) => pass());
    expectSuccess(await workspace.release(toCompany, template.env));
    expect(await template.registry.channel("latest")).toEqual(after);
  });
});

describe("a registry that signs", () => {
  test("is held to the keys that it names, and the channel stays", async () => {
    const workspace = await template.planned();
    const { publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
    const key = publicKey.export({ format: "der", type: "spki" });
    const keyid = `SHA256:${createHash("sha256").update(key).digest("base64")}`;
    const sign = editJson(({ versions }: Packument) => {
      const dist = versions["1.3.1"]?.dist;
      if (dist !== undefined) dist.signatures = [{ keyid, sig: Buffer.alloc(70).toString("base64") }];
    });
    template.registry.use(async ({ asked, response, pass }) => {
      if (asked !== "GET /-/npm/v1/keys") return pass(asked === "GET /@acme/cli" ? sign : undefined);
      const entry = { keyid, keytype: "ecdsa-sha2-nistp256", scheme: "ecdsa-sha2-nistp256", expires: null };
      response.writeHead(200).end(JSON.stringify({ keys: [{ ...entry, key: key.toString("base64") }] }));
    });
    const run = await workspace.release(publish, template.env);
    expectFailure(run, { exitCode: 15, code: "REGISTRY_SIGNATURE_BAD" });
    expect(await template.registry.channel("latest")).toEqual(before);
  });
});

describe("a registry that dies while a package is uploaded", () => {
  test("ends the release with the channel where it was; run again, it goes on", async () => {
    const workspace = await template.planned();
    template.registry.use(async ({ asked, request, pass }) => {
      if (asked === "PUT /@acme/cli") request.socket.destroy();
      else await pass();
    });
    const run = await workspace.release(publish, template.env);
    expectFailure(run, { exitCode: 1, code: "REGISTRY_DIED_MID_UPLOAD" });
    expect(await template.registry.channel("latest")).toEqual(before);
    template.registry.use(({ pass }) => pass());
    expectSuccess(await workspace.release(toCompany, template.env));
    expect(await template.registry.channel("latest")).toEqual(after);
  });

  test("after the bytes have arrived, does no harm: they are recognised and not sent twice", async () => {
    const workspace = await template.planned();
    template.registry.use(async ({ asked, request, response, pass }) => {
      if (asked !== "PUT /@acme/cli") return pass();
      Object.assign(response, { writeHead: () => ({ end: () => request.socket.destroy() }) });
      return pass();
    });
    expectSuccess(await workspace.release(publish, template.env));
    expect(template.registry.writes.filter((asked) => asked === "PUT /@acme/cli")).toHaveLength(1);
    expect(await template.registry.channel("latest")).toEqual(after);
  });
});

describe("somebody else's release", () => {
  test("between plan and publish makes the plan stale, and nothing is sent", async () => {
    const workspace = await template.planned();
    await publishForeign(workspace, { name: "@acme/core", version: "1.4.0", tag: "latest" });
    const run = await workspace.release(publish, template.env);
    expectFailure(run, { exitCode: 13, code: "PLAN_STALE" });
    expect(template.registry.writes).toEqual([]);
    expect(await template.registry.channel("latest")).toEqual({ ...before, "@acme/core": "1.4.0" });
  });

  test("while ours is under way keeps its tag, and no tag of ours moves; planned anew, ours follows it", async () => {
    const workspace = await template.planned();
    let isDone = false;
    template.registry.use(async ({ asked, pass }) => {
      if (asked.endsWith("cli-1.3.1.tgz") && !isDone) {
        isDone = true;
        await publishForeign(workspace, { name: "@acme/cli", version: "1.2.0", tag: "latest" });
      }
      return pass();
    });
    const run = await workspace.release(publish, template.env);
    expectFailure(run, { exitCode: 13, code: "REGISTRY_TAG_MOVED" });
    expect(run.stderr).toContain("@acme/cli (1.1.0, now 1.2.0)");
    expect(template.registry.writes.filter(isChannelWrite)).toEqual([]);
    expect(await template.registry.channel("latest")).toEqual({ ...before, "@acme/cli": "1.2.0" });
    expectSuccess(await workspace.release(toCompany, template.env));
    expect(await template.registry.channel("latest")).toEqual(after);
  });

  test("of a planned version, with other bytes, stops ours before the first upload", async () => {
    const workspace = await template.planned();
    await publishForeign(workspace, { name: "@acme/cli", version: "1.3.1", tag: "stray" });
    const run = await workspace.release(publish, template.env);
    expectFailure(run, { exitCode: 15, code: "REGISTRY_CONFLICT" });
    expect(run.stderr).toContain("@acme/cli@1.3.1");
    expect(template.registry.writes).toEqual([]);
    expect(await template.registry.channel("latest")).toEqual(before);
  });

  test("of a version that is to be planned is not taken for ours", async () => {
    const workspace = await template.changed();
    await publishForeign(workspace, { name: "@acme/cli", version: "1.3.1", tag: "latest" });
    const run = await workspace.release(toCompany, template.env);
    expectFailure(run, { exitCode: 15, code: "REGISTRY_CONFLICT" });
    expect(template.registry.writes).toEqual([]);
    expect(await template.registry.channel("latest")).toEqual({ ...before, "@acme/cli": "1.3.1" });
  });
});

test("a staging tag that cannot be removed does no harm, and the next release removes it", async () => {
  const workspace = await template.planned();
  template.registry.use(({ request, pass, refuse }) => (request.method === "DELETE" ? refuse(403) : pass()));
  const run = await workspace.release(publish, template.env);
  expectSuccess(run);
  expect(run.text).toMatch(/staging-\w+ of @acme\/core, @acme\/cli could not be removed/);
  expect(await template.registry.channel("latest")).toEqual(after);
  template.registry.use(({ pass }) => pass());
  workspace.change({ "@acme/plugin": "patch" });
  workspace.commit();
  expectSuccess(await workspace.release(toCompany, template.env));
  const tags = await template.registry.client().readTags("@acme/core");
  expect(Object.keys(tags ?? {})).toEqual(["latest"]);
});

describe("a promotion that fails half-way", () => {
  test("is taken back, and succeeds when it is run again", async () => {
    const workspace = await template.planned();
    template.registry.use(({ asked, pass, refuse }) =>
      asked === "PUT /-/package/@acme/cli/dist-tags/latest" ? refuse(403) : pass(),
    );
    const run = await workspace.release(publish, template.env);
    expectFailure(run, { exitCode: 10, code: "REGISTRY_PROMOTION_REVERTED" });
    const core = "PUT /-/package/@acme/core/dist-tags/latest";
    expect(template.registry.writes.filter((asked) => asked === core)).toHaveLength(2);
    expect(await template.registry.channel("latest")).toEqual(before);
    template.registry.use(({ pass }) => pass());
    expectSuccess(await workspace.release(toCompany, template.env));
    expect(await template.registry.channel("latest")).toEqual(after);
  });

  test("and cannot be taken back names every tag that is wrong, and is mended when it is run again", async () => {
    const workspace = await template.planned();
    let moved = 0;
    template.registry.use(({ asked, pass, refuse }) =>
      asked.startsWith("PUT") && isChannelWrite(asked) && (moved += 1) > 1 ? refuse(403) : pass(),
    );
    const run = await workspace.release(publish, template.env);
    expectFailure(run, { exitCode: 11, code: "REGISTRY_RESTORE_FAILED" });
    expect(run.stderr).toContain("@acme/core:latest → 1.3.0");
    expect(await template.registry.channel("latest")).toEqual({ ...before, "@acme/core": "1.3.1" });
    template.registry.use(({ pass }) => pass());
    expectSuccess(await workspace.release(toCompany, template.env));
    expect(await template.registry.channel("latest")).toEqual(after);
  });
});
