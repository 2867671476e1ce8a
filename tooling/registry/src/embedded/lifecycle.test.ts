import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import {
  createCredential,
  createRegistryClient,
  type EmbeddedRegistry,
  type EmbeddedRegistryOptions,
  findServingRegistry,
  type RegistryClient,
  stagePackages,
  startEmbeddedRegistry,
} from "@hxp/release-registry";
import { makeFolder } from "../../test/fixture.ts";
import { makePackage } from "../../test/make-package.ts";

const childScript = new URL("../../test/serve-child.ts", import.meta.url).pathname;
const start = (folder: string, options: Partial<EmbeddedRegistryOptions> = {}): Promise<EmbeddedRegistry> =>
  startEmbeddedRegistry({ folder, localNames: (name) => name.startsWith("@local/"), keys: () => [], ...options });
const clientOf = ({ url, token }: { url: string; token: string }): RegistryClient =>
  createRegistryClient({
    url,
    credential: createCredential({ secret: token, source: "test" }),
    retries: 0,
    timeoutMs: 10_000,
  });
const serveInChild = async (
  folder: string,
  prefix: string[] = [],
): Promise<{ child: ChildProcess; client: RegistryClient }> => {
  const command = [...prefix, process.execPath, "--conditions=@hxp/source", childScript, folder];
  const child = spawn(command[0]!, command.slice(1), { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  return { child, client: clientOf(JSON.parse(line.toString()) as { url: string; token: string }) };
};
const kill = async (child: ChildProcess): Promise<void> => {
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
};

describe("an embedded registry", () => {
  test("serves the same from the same folder on another port: packages, tags, attestations, token", async () => {
    using folder = makeFolder();
    const pkg = makePackage(folder.path, { name: "@local/a", attested: ["https://slsa.dev/provenance/v1"] });
    const first = await start(folder.path);
    await clientOf(first).publish(pkg, "staged");
    await first.close();
    await using second = await start(folder.path);
    expect(second.token).toBe(first.token);
    const client = clientOf(second);
    expect(await client.readTags("@local/a")).toEqual({ staged: "1.0.0" });
    expect(await client.readTarball("@local/a", "1.0.0")).toEqual(readFileSync(pkg.tarball));
    expect(await client.readAttestations("@local/a", "1.0.0")).toEqual(pkg.attestations);
    expect(statSync(join(folder.path, "token")).mode & 0o777).toBe(0o600);
  });

  test("works in a folder whose path is too long for a socket", async () => {
    using folder = makeFolder();
    const deep = join(folder.path, ...Array.from({ length: 8 }, () => "a-long-name-of-a-folder"));
    await using registry = await start(deep);
    await clientOf(registry).publish(makePackage(folder.path, { name: "@local/deep" }), "staged");
    expect(await clientOf(registry).readTags("@local/deep")).toEqual({ staged: "1.0.0" });
  });

  test("works where the folder for temporary files is as deep as its own", async () => {
    using temporary = makeFolder();
    const deep = join(temporary.path, ...Array.from({ length: 8 }, () => "a-long-name-of-a-folder"));
    mkdirSync(deep, { recursive: true });
    vi.stubEnv("TMPDIR", deep);
    try {
      await using registry = await start(join(deep, "registry"));
      expect(await clientOf(registry).readTags("@local/none")).toBeUndefined();
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test("listens on this machine only", async () => {
    using folder = makeFolder();
    for (const host of ["0.0.0.0", "::", "192.168.1.10", "example.org"]) {
      await expect(start(folder.path, { host })).rejects.toMatchObject({ code: "USAGE_INVALID" });
    }
    await using six = await start(folder.path, { host: "::1" });
    expect(six.url).toMatch(/^http:\/\/\[::1\]:\d+\/$/);
    expect((await fetch(`${six.url}-/ping`)).status).toBe(200);
  });

  test("is served by one process at a time, which others can find", async () => {
    using folder = makeFolder();
    expect(await findServingRegistry(folder.path)).toBeUndefined();
    const registry = await start(folder.path);
    await expect(start(folder.path)).rejects.toMatchObject({ code: "LEASE_HELD", exitCode: 12 });
    expect(await findServingRegistry(folder.path)).toEqual({ url: registry.url, token: registry.token });
    await registry.close();
    expect(await findServingRegistry(folder.path)).toBeUndefined();
  });

  test("says that its port is taken, and leaves nothing behind", async () => {
    using folder = makeFolder();
    await using other = await start(join(folder.path, "other"));
    const port = Number(new URL(other.url).port);
    await expect(start(join(folder.path, "mine"), { port })).rejects.toMatchObject({ code: "USAGE_INVALID" });
    await (await start(join(folder.path, "mine"))).close();
  });

  test("ends within a second, also with a request under way, and twice is as good as once", async () => {
    using folder = makeFolder();
    const registry = await start(folder.path);
    const { hostname, port } = new URL(registry.url);
    const socket = connect(Number(port), hostname);
    socket.on("error", () => {});
    socket.write("PUT /@local%2fa HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n");
    socket.write(`authorization: Bearer ${registry.token}\r\n\r\n{`);
    await clientOf(registry).ping();
    const begin = performance.now();
    await registry.close();
    await registry.close();
    expect(performance.now() - begin).toBeLessThan(1_000);
    socket.destroy();
  });
});

describe("after a kill", () => {
  const leftovers: [string, (packages: string) => void][] = [
    ["an empty packument", (packages) => writeFileSync(join(packages, "@local/new/package.json"), "")],
    ["a tarball without its version", (packages) => writeFileSync(join(packages, "@local/new/new-1.0.0.tgz"), "half")],
    ["a tarball of a further version", (packages) => writeFileSync(join(packages, "@local/old/old-2.0.0.tgz"), "half")],
    ["a lock", (packages) => writeFileSync(join(packages, "@local/old/package.json.lock"), "")],
    [
      "a half-written list of packages",
      (packages) => writeFileSync(join(packages, ".verdaccio-db.json"), '{"list":["@loc'),
    ],
    [
      "a packument cut off by a power cut",
      (packages) => writeFileSync(join(packages, "@local/new/package.json"), '{"name":"@lo'),
    ],
  ];

  test.each(leftovers)("%s is put right", async (_what, leave) => {
    using folder = makeFolder();
    const old = makePackage(folder.path, { name: "@local/old" });
    const before = await start(folder.path);
    await clientOf(before).publish(old, "latest");
    await before.close();
    mkdirSync(join(folder.path, "packages/@local/new"), { recursive: true });
    leave(join(folder.path, "packages"));
    await using registry = await start(folder.path);
    const client = clientOf(registry);
    await client.publish(makePackage(folder.path, { name: "@local/old", version: "2.0.0" }), "latest");
    await client.publish(makePackage(folder.path, { name: "@local/new" }), "latest");
    expect(await client.readTarball("@local/old", "1.0.0")).toEqual(readFileSync(old.tarball));
    expect(await client.readTags("@local/old")).toEqual({ latest: "2.0.0" });
    expect(await client.readTags("@local/new")).toEqual({ latest: "1.0.0" });
  });

  test("at any moment of a release, staging it again makes it whole", async () => {
    using folder = makeFolder();
    const store = join(folder.path, "registry");
    const packages = Array.from({ length: 24 }, (_, index) =>
      makePackage(folder.path, { name: `@local/kill-${index}`, attested: ["https://slsa.dev/provenance/v1"] }),
    );
    for (const killAfter of [1, 9, 17]) {
      const { child, client } = await serveInChild(store);
      let dead: Promise<void> | undefined;
      const onProgress = ({ done }: { done: number }): void => {
        if (done === killAfter) dead = kill(child);
      };
      await expect(stagePackages({ client, packages, stagingTag: "rel", onProgress })).rejects.toMatchObject({
        exitCode: 1,
      });
      await dead;
    }
    await using registry = await start(store);
    const client = clientOf(registry);
    await stagePackages({ client, packages, stagingTag: "rel" });
    for (const { name, tarball, attestations } of packages) {
      expect(await client.readTags(name)).toEqual({ rel: "1.0.0" });
      expect(await client.readTarball(name, "1.0.0")).toEqual(readFileSync(tarball));
      expect(await client.readAttestations(name, "1.0.0")).toEqual(attestations);
    }
  });
});

test("a publish on a full disk is refused with 507 and keeps nothing; with space again it is taken", async () => {
  using folder = makeFolder();
  await using registry = await start(folder.path);
  const pkg = makePackage(folder.path, { name: "@local/full", attested: ["https://slsa.dev/provenance/v1"] });
  symlinkSync("/dev/full", join(folder.path, "reserve"));
  await expect(clientOf(registry).publish(pkg, "staged")).rejects.toMatchObject({
    code: "REGISTRY_FULL",
    retryable: true,
  });
  expect(await clientOf(registry).readPackument("@local/full")).toBeUndefined();
  expect(existsSync(join(folder.path, "packages/@local/full"))).toBe(false);
  await clientOf(registry).publish(pkg, "staged");
});

// A file system of its own takes a user namespace, which some hosts forbid; there the test above stands alone.
const canMount = spawnSync("unshare", ["-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).status === 0;

// oxlint-disable-next-line vitest/no-conditional-tests
if (canMount) {
  test("a publish that does not fit on a small disk keeps nothing, and what fits goes on", async () => {
    using folder = makeFolder();
    const disk = join(folder.path, "disk");
    mkdirSync(disk);
    const script = 'mount -t tmpfs -o size=2m tmpfs "$0" && exec "$@"';
    const { child, client } = await serveInChild(join(disk, "registry"), ["unshare", "-rm", "sh", "-c", script, disk]);
    try {
      const noise = (size: number): Buffer => Buffer.from(Array.from({ length: size }, () => Math.random() * 256));
      const large = makePackage(folder.path, {
        name: "@local/large",
        content: noise(3_000_000),
        attested: ["https://slsa.dev/provenance/v1"],
      });
      const small = makePackage(folder.path, { name: "@local/small" });
      await client.publish(small, "staged");
      await expect(client.publish(large, "staged")).rejects.toMatchObject({ code: "REGISTRY_FULL", retryable: true });
      expect(await client.readPackument("@local/large")).toBeUndefined();
      await client.publish(makePackage(folder.path, { name: "@local/small", version: "1.1.0" }), "staged");
      expect(await client.readTags("@local/small")).toEqual({ staged: "1.1.0" });
      expect(await client.readTarball("@local/small", "1.0.0")).toEqual(readFileSync(small.tarball));
    } finally {
      await kill(child);
    }
  });
}

test("nothing of a publish that verdaccio refuses stays in the folder", async () => {
  using folder = makeFolder();
  await using registry = await start(folder.path);
  const client = clientOf(registry);
  const pkg = makePackage(folder.path, { name: "@local/stuck", attested: ["https://slsa.dev/provenance/v1"] });
  // A folder where the tarball would go stands for any failure between two of verdaccio's writes.
  mkdirSync(join(folder.path, "packages/@local/stuck/stuck-1.0.0.tgz"), { recursive: true });
  await expect(client.publish(pkg, "staged")).rejects.toMatchObject({ exitCode: expect.any(Number) });
  expect(existsSync(join(folder.path, "packages/@local/stuck"))).toBe(false);
  expect(
    readdirSync(join(folder.path, "attestations")).flatMap((name) =>
      readdirSync(join(folder.path, "attestations", name)),
    ),
  ).toEqual([]);
  await client.publish(pkg, "staged");
  rmSync(pkg.tarball);
  expect(await client.readTags("@local/stuck")).toEqual({ staged: "1.0.0" });
});
