import { createServer, type IncomingMessage } from "node:http";
import { once } from "node:events";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRegistryClient } from "@hxp/release-registry";
import { inLocalRegistry, readPackument, readTags, tagged } from "./support/foreign-registry.ts";
import { before as versions, expectFailure, expectSuccess } from "./support/tamper-template.ts";
import { makeTestRoot, startProgram, type Running, type TestRoot, type TestWorkspace } from "./support/workspace.ts";

let root: TestRoot;
let released: TestWorkspace;
beforeAll(async () => {
  root = makeTestRoot();
  released = root.workspace();
  expectSuccess(await released.release());
});
afterAll(() => root?.[Symbol.dispose]());

/** The whole of standard output as one JSON value. */
async function json<T>(workspace: TestWorkspace, ...args: string[]): Promise<T> {
  const run = await workspace.release([...args, "--json"]);
  expectSuccess(run);
  return JSON.parse(run.stdout) as T;
}

interface Seal {
  release: string;
  data: { packages: { name: string; integrity: string }[] };
}

/** The first line of the journal. */
function firstSeal(workspace: TestWorkspace): Seal {
  return JSON.parse(workspace.read(".hxp/journal.jsonl").split("\n")[0]!) as Seal;
}

async function stop({ child, ended }: Running): Promise<number | null> {
  child.kill("SIGTERM");
  return (await ended).exitCode;
}

describe("a rollback", () => {
  test("moves the tags back, deprecates with the reason, and stands until the versions are restored", async () => {
    const workspace = released.copy();
    workspace.change({ "@acme/left": "minor" });
    workspace.commit();
    expectSuccess(await workspace.release());
    expectFailure(await workspace.release(["rollback"]), { exitCode: 2, code: "USAGE_INVALID" });
    const rolledBack = await json<{ outcome: string; id: string }>(workspace, "rollback", "--reason", "it loses count");
    expect(rolledBack).toMatchObject({ outcome: "rolled-back" });
    expect(await readTags(workspace)).toEqual(tagged("latest", versions));
    const left = await readPackument(workspace, "@acme/left");
    expect(left?.versions["1.1.0"]?.deprecated).toBe("it loses count");
    expect(left?.versions["1.0.1"]?.deprecated).toBeUndefined();
    expectSuccess(await workspace.release(["verify", `${workspace.folder}/.hxp/releases/${rolledBack.id}`]));
    expectFailure(await workspace.release(), { exitCode: 15, code: "VERSION_ROLLED_BACK" });
    expectSuccess(await workspace.release(["--restore"]));
    expect((await readTags(workspace))["@acme/left"]).toEqual({ latest: "1.1.0" });
    expect((await readPackument(workspace, "@acme/left"))?.versions["1.1.0"]?.deprecated ?? "").toBe("");
    const watched = await workspace.release(["watch"]);
    expectSuccess(watched);
  });

  test("of the first release leaves no tag, and one of an unknown release is refused", async () => {
    const workspace = released.copy();
    const unknown = await workspace.release(["rollback", "feed", "--reason", "x"]);
    expectFailure(unknown, { exitCode: 2, code: "RELEASE_UNKNOWN" });
    expectSuccess(await workspace.release(["rollback", "--reason", "too early"]));
    const tags = Object.keys(versions).map((name) => [name, {}]);
    expect(await readTags(workspace)).toEqual(Object.fromEntries(tags));
  });

  test("drilled on a throw-away registry prints times and touches nothing of the workspace", async () => {
    const workspace = released.copy();
    const journal = workspace.read(".hxp/journal.jsonl");
    const references = workspace.git("for-each-ref");
    const caches = (): string[] => readdirSync(join(root.path, "cache/hxp-release/work")).toSorted();
    const before = caches();
    const { steps } = await json<{ steps: { what: string; durationMs: number; found: string }[] }>(
      workspace,
      "rollback",
      "--drill",
    );
    expect(steps.map(({ what, found }) => `${what}: ${found}`)).toEqual([
      "release: latest of 5 packages at the release",
      "rollback: latest of none",
      "release again: latest of 5 packages at the release",
    ]);
    for (const { durationMs } of steps) expect(durationMs).toBeGreaterThan(0);
    expect(workspace.read(".hxp/journal.jsonl")).toBe(journal);
    expect(workspace.git("status", "--porcelain")).toBe("");
    expect(workspace.git("for-each-ref")).toBe(references);
    expect(caches()).toEqual(before);
  });
});

describe("the watch", () => {
  /** Publishes a version under a tag of its own, as somebody with a stolen token would. */
  const publishUnknown = async (workspace: TestWorkspace): Promise<void> => {
    const { release, data } = firstSeal(workspace);
    const { integrity } = data.packages.find(({ name }) => name === "@acme/core")!;
    const tarball = join(workspace.folder, `.hxp/releases/${release}/tarballs/acme-core-1.3.0.tgz`);
    const manifest = { name: "@acme/core", version: "1.4.0" };
    await inLocalRegistry(workspace, (client) =>
      client.publish(
        { ...manifest, manifest, tarball, integrity, access: "public", signatures: [], attestations: [] },
        "stray",
      ),
    );
  };

  test("finds a tag that somebody moved, a version that no journal knows, and a foreign deprecation", async () => {
    const workspace = released.copy();
    expectSuccess(await workspace.release(["watch"]));
    await publishUnknown(workspace);
    await inLocalRegistry(workspace, async (client) => {
      await client.setTag("@acme/core", "latest", "1.4.0");
      await client.deprecate("@acme/left", ["1.0.1"], "bad");
    });
    const run = await workspace.release(["watch", "--json"]);
    expect(run.exitCode, run.text).toBe(14);
    const { differences } = JSON.parse(run.stdout) as {
      differences: { kind: string; package: string; expected: string | null; found: string | null }[];
    };
    const found = differences.map((entry) => [entry.kind, entry.package, entry.expected, entry.found].join(" "));
    expect(found).toContain("tag-moved @acme/core 1.3.0 1.4.0");
    expect(found.some((line) => line.startsWith("version-unknown @acme/core"))).toBe(true);
    expect(found.some((line) => line.startsWith("deprecation-unknown @acme/left") && line.endsWith("bad"))).toBe(true);
    expect(found.some((line) => line.startsWith("tag-unknown @acme/core"))).toBe(true);
  });

  test("finds a deprecation that somebody took off a version that was rolled back", async () => {
    const workspace = released.copy();
    expectSuccess(await workspace.release(["rollback", "--reason", "too early"]));
    await inLocalRegistry(workspace, (client) => client.deprecate("@acme/cli", ["1.1.0"], ""));
    const run = await workspace.release(["watch"]);
    expect(run.exitCode, run.text).toBe(14);
    expect(run.stdout).toContain("deprecation-missing @acme/cli@1.1.0: expected too early, found nothing");
  });

  test("tells an Alertmanager, goes on, and ends when it is told to", async () => {
    const workspace = released.copy();
    await publishUnknown(workspace);
    const posts: { url: string; alerts: { labels: Record<string, string>; startsAt: string; endsAt?: string }[] }[] =
      [];
    const collect = async (request: IncomingMessage): Promise<void> => {
      const body = Buffer.concat((await request.toArray()) as Buffer[]).toString();
      posts.push({ url: request.url ?? "", alerts: JSON.parse(body) as never });
    };
    const manager = createServer((request, response) => void collect(request).finally(() => response.end()));
    manager.listen(0, "127.0.0.1");
    await once(manager, "listening");
    const webhook = `http://127.0.0.1:${(manager.address() as AddressInfo).port}/api/v2/alerts`;
    await using running = workspace.start(["watch", "--interval", "1s", "--webhook", webhook]);
    await running.saw(/packages[^]*packages/);
    expect(await stop(running)).toBe(14);
    manager.close();
    expect(posts.length).toBeGreaterThanOrEqual(1);
    const [{ url, alerts } = { url: "", alerts: [] }] = posts;
    expect(url).toBe("/api/v2/alerts");
    expect(alerts.map(({ labels }) => labels)).toContainEqual(
      expect.objectContaining({
        alertname: "HxpDistributionChanged",
        severity: "critical",
        kind: "version-unknown",
        package: "@acme/core",
        version: "1.4.0",
      }),
    );
    for (const { startsAt, endsAt } of alerts) expect(Date.parse(endsAt!)).toBe(Date.parse(startsAt) + 3_000);
  });

  test("says so when the alerts do not arrive", async () => {
    const workspace = released.copy();
    await publishUnknown(workspace);
    const run = await workspace.release(["watch", "--webhook", "http://127.0.0.1:9/api/v2/alerts"]);
    expectFailure(run, { exitCode: 1, code: "REGISTRY_UNREACHABLE" });
  });
});

describe("status", () => {
  test("shows each channel with its digest against the journal, and the releases", async () => {
    const status = await json<{ channels: object[]; releases: object[]; differences: object[] }>(released, "status");
    expect(status.channels).toEqual(
      Object.entries(versions).map(([name, version]) => {
        return { channel: "latest", package: name, version, digest: "as-released" };
      }),
    );
    expect(status.releases).toMatchObject([{ state: "released", channel: "latest" }]);
    expect(status.differences).toEqual([]);
    expect((await released.release(["status"])).stdout).toContain("The registry holds what the journal says.");
  });
});

describe("the embedded registry, served", () => {
  test("takes the releases that are made meanwhile, and serves them to pnpm, whose audit verifies them", async () => {
    const workspace = released.copy();
    await using serving = workspace.start(["serve", "--port", "0", "--json"]);
    const [, url = ""] = await serving.saw(/"url":"([^"]+)"/);
    workspace.change({ "@acme/left": "minor" });
    workspace.commit();
    expectSuccess(await workspace.release());
    expect(await createRegistryClient({ url }).readTags("@acme/left")).toEqual({ latest: "1.1.0" });
    const consumer = join(root.path, "consumer");
    mkdirSync(consumer);
    writeFileSync(join(consumer, "package.json"), JSON.stringify({ name: "consumer", private: true }));
    writeFileSync(join(consumer, "pnpm-workspace.yaml"), "minimumReleaseAge: 0\n");
    const pnpm = (...args: string[]) =>
      startProgram(["pnpm", ...args, `--registry=${url}`], { cwd: consumer, env: root.env }).ended;
    expectSuccess(await pnpm("add", "@acme/cli", "@acme/right"));
    const audit = await pnpm("audit", "signatures");
    expectSuccess(audit);
    expect(audit.stdout).toMatch(/4 packages have verified registry signatures/);
    expectSuccess(await workspace.release(["status"]));
    expect(await stop(serving)).toBe(0);
    expect((await readTags(workspace))["@acme/left"]).toEqual({ latest: "1.1.0" });
  });

  test("answers by itself for a package that has left the workspace", async () => {
    const workspace = released.copy();
    workspace.remove("libs/plugin");
    await using serving = workspace.start(["serve", "--port", "0", "--json"]);
    const [, url = ""] = await serving.saw(/"url":"([^"]+)"/);
    const answer = await fetch(`${url}@acme%2fplugin`, { redirect: "manual" });
    await answer.body?.cancel();
    expect(answer.status).toBe(200);
    expect(await stop(serving)).toBe(0);
  });

  test("is not served twice", async () => {
    const workspace = released.copy();
    await using serving = workspace.start(["serve", "--port", "0"]);
    await serving.saw(/Serving/);
    expectFailure(await workspace.release(["serve", "--port", "0"]), { exitCode: 12, code: "LEASE_HELD" });
    expect(await stop(serving)).toBe(0);
  });
});

describe("keys", () => {
  test("can be rotated: old evidence verifies, and the next release is signed with the new key", async () => {
    const workspace = released.copy();
    const { keys } = await json<{ keys: { hint: string }[] }>(workspace, "keys");
    const rotated = await json<{ keys: { hint: string; validFor: { end?: string } }[] }>(workspace, "keys", "rotate");
    expect(keys).toHaveLength(1);
    expect(rotated.keys.map(({ hint }) => hint === keys[0]!.hint)).toEqual([true, false]);
    expect(rotated.keys.map(({ validFor }) => validFor.end === undefined)).toEqual([false, true]);
    const { release: first } = firstSeal(workspace);
    expectSuccess(await workspace.release(["verify", `${workspace.folder}/.hxp/releases/${first}`]));
    expectSuccess(await workspace.release(["verify", "@acme/core@1.3.0"]));
    workspace.change({ "@acme/left": "minor" });
    workspace.commit();
    const { evidence } = await json<{ evidence: string }>(workspace);
    expectSuccess(await workspace.release(["verify", evidence]));
    expectSuccess(await workspace.release(["verify", "@acme/left@latest"]));
    const old = await workspace.release(["verify", evidence, "--trusted-root", `${released.folder}/.hxp/trust`]);
    expectFailure(old, { exitCode: 15, code: "KEY_NOT_TRUSTED" });
  });
});
