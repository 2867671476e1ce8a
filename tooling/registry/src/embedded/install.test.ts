import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createCredential,
  createRegistryClient,
  type EmbeddedRegistry,
  startEmbeddedRegistry,
} from "@hxp/release-registry";
import { type Fixture, startFixture } from "../../test/fixture.ts";
import { makeKey, makePackage } from "../../test/make-package.ts";

const run = promisify(execFile);
const thirdPartyKey = makeKey();
let upstream: EmbeddedRegistry;
let fixture: Fixture;

/** A registry for others' packages stands in for the public one: same protocol, same signatures, no network. */
beforeAll(async () => {
  fixture = await startFixture();
  const folder = join(fixture.folder, "upstream");
  const keys = () => [thirdPartyKey.entry];
  upstream = await startEmbeddedRegistry({ folder, localNames: (name) => !name.startsWith("@local/"), keys });
  const credential = createCredential({ secret: upstream.token, source: "test" });
  const others = createRegistryClient({ url: upstream.url, credential });
  const packed = join(fixture.folder, "packed");
  await others.publish(makePackage(packed, { name: "third", key: thirdPartyKey }), "latest");
  await others.publish(
    makePackage(packed, { name: "@other/fourth", dependencies: { third: "^1.0.0" }, key: thirdPartyKey }),
    "latest",
  );
  await others.publish(makePackage(packed, { name: "unsigned" }), "latest");
});
afterAll(async () => {
  await upstream[Symbol.asyncDispose]();
  await fixture[Symbol.asyncDispose]();
});

const serve = (name: string): Promise<EmbeddedRegistry> =>
  startEmbeddedRegistry({
    folder: join(fixture.folder, name),
    localNames: (other) => other.startsWith("@local/"),
    keys: () => [fixture.key.entry],
    upstream: upstream.url,
  });

/** A release of two packages that need each other and third parties, and an empty project that wants it. */
const release = async (registry: EmbeddedRegistry, dependencies: Record<string, string>): Promise<void> => {
  const client = createRegistryClient({
    url: registry.url,
    credential: createCredential({ secret: registry.token, source: "test" }),
  });
  await client.publish(fixture.pack({ name: "@local/library", dependencies }), "latest");
  await client.publish(fixture.pack({ name: "@local/app", dependencies: { "@local/library": "^1.0.0" } }), "latest");
};
const makeProject = (name: string, npmrc: string): string => {
  const folder = join(fixture.folder, name);
  mkdirSync(folder);
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ name: "consumer", dependencies: { "@local/app": "^1.0.0" } }),
  );
  writeFileSync(join(folder, "pnpm-workspace.yaml"), "minimumReleaseAge: 0\n");
  writeFileSync(join(folder, ".npmrc"), npmrc);
  return folder;
};

const home = (): NodeJS.ProcessEnv => ({
  PATH: `${dirname(process.execPath)}:${process.env["PATH"]}`,
  HOME: fixture.folder,
  NO_COLOR: "1",
  npm_config_cache: join(fixture.folder, "npm-cache"),
  npm_config_audit: "true",
  npm_config_fund: "false",
  npm_config_update_notifier: "false",
  XDG_CACHE_HOME: join(fixture.folder, "cache"),
  XDG_DATA_HOME: join(fixture.folder, "data"),
});
const pnpm = (cwd: string, ...words: string[]) => run(findPnpm(), words, { cwd, env: home(), timeout: 60_000 });
const npm = (cwd: string, ...words: string[]) => run("npm", words, { cwd, env: home(), timeout: 60_000 });
const findPnpm = (): string => process.env["npm_execpath"] ?? "pnpm";

describe("installing a release with third-party dependencies", () => {
  test("works with npm, its audit included", async () => {
    await using registry = await serve("npm");
    await release(registry, { "@other/fourth": "^1.0.0" });
    const project = makeProject("npm-project", `registry=${registry.url}\n`);
    await npm(project, "install");
    expect(readFileSync(join(project, "node_modules/@local/library/index.js"), "utf8")).toContain("@local/library");
    expect(readFileSync(join(project, "node_modules/third/index.js"), "utf8")).toContain("third");
    await npm(project, "ci");
  });

  test("works with pnpm, and `pnpm audit signatures` verifies ours and upstream's", async () => {
    await using registry = await serve("pnpm");
    await release(registry, { "@other/fourth": "^1.0.0" });
    const project = makeProject("pnpm-project", `registry=${registry.url}\n`);
    await pnpm(project, "install");
    await pnpm(project, "install", "--frozen-lockfile");
    const { stdout } = await pnpm(project, "audit", "signatures");
    expect(stdout).toContain("audited 4 packages");
    expect(stdout).toContain("4 packages have verified registry signatures");
  });

  test("is verified also where upstream signs nothing, when only our scope comes from here", async () => {
    await using registry = await serve("scoped");
    await release(registry, { unsigned: "^1.0.0" });
    const whole = makeProject("whole-project", `registry=${registry.url}\n`);
    await pnpm(whole, "install");
    await expect(pnpm(whole, "audit", "signatures")).rejects.toMatchObject({
      stdout: expect.stringContaining("unsigned@1.0.0"),
    });
    const scoped = makeProject("scoped-project", `registry=${upstream.url}\n@local:registry=${registry.url}\n`);
    await pnpm(scoped, "install");
    const { stdout } = await pnpm(scoped, "audit", "signatures").catch((error: unknown) => error as { stdout: string });
    expect(stdout).toContain("2 packages have verified registry signatures");
  });

  test("shows a tampered signature to stock pnpm", async () => {
    await using registry = await serve("tampered");
    const forged = makeKey();
    const client = createRegistryClient({
      url: registry.url,
      credential: createCredential({ secret: registry.token, source: "test" }),
    });
    const pkg = fixture.pack({ name: "@local/app" });
    const signatures = [{ ...forged.sign(pkg), keyid: fixture.key.entry.keyid }];
    await client.publish({ ...pkg, signatures }, "latest");
    const project = makeProject("tampered-project", `registry=${registry.url}\n`);
    await pnpm(project, "install");
    await expect(pnpm(project, "audit", "signatures")).rejects.toMatchObject({
      stdout: expect.stringMatching(/invalid/i),
    });
  });
});
