import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createRegistryClient } from "@hxp/release-registry";
import { type BenchWorld, withBenchWorld, withFreshRegistry } from "./bench-world.ts";
import { contenders } from "./contenders.ts";
import { packageNames } from "./make-workspace.ts";
import { runContender } from "./measure-release.ts";
import { measureSigning } from "./measure-signing.ts";
import type { Report } from "./run-release-bench.ts";

const packages = 5;
const names = packageNames(packages);
let world: BenchWorld;
let end = (): void => {};
let ended: Promise<void>;

beforeAll(async () => {
  const made = Promise.withResolvers<BenchWorld>();
  const stop = Promise.withResolvers<void>();
  const { signal } = new AbortController();
  ended = withBenchWorld({ packages, signal }, (fresh) => {
    made.resolve(fresh);
    return stop.promise;
  });
  ended.catch(made.reject);
  end = stop.resolve;
  world = await made.promise;
});
afterAll(async () => {
  end();
  await ended;
});

describe("each contender", () => {
  test.each(contenders)("$name publishes every package: the registry serves it, bytes and all", async (contender) => {
    await withFreshRegistry(world, async ({ url }) => {
      const client = createRegistryClient({ url });
      const before = await Promise.all(names.map((name) => client.readTags(name)));
      expect(before).toEqual(names.map(() => ({ latest: "1.0.0" })));
      await contender.run(world);
      for (const name of names) {
        const packument = (await client.readPackument(name))!;
        expect(packument["dist-tags"]).toEqual({ latest: "1.1.0" });
        const bytes = (await client.readTarball(name, "1.1.0", packument))!;
        const integrity = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
        expect(packument.versions["1.1.0"]!.dist.integrity).toBe(integrity);
      }
    });
  });

  test("that gets nothing published fails the bench", async () => {
    const idle = { name: "idle", run: async () => ({ durationMs: 1 }) };
    await expect(runContender(world, idle)).rejects.toMatchObject({ code: "COMMAND_FAILED" });
  });
});

test("signs three statements about each package, and verifies them", async () => {
  const [signing] = await measureSigning(world, 1);
  expect(signing!.signMs).toBeGreaterThan(0);
  expect(signing!.verifyMs).toBeGreaterThan(0);
  const log = readdirSync(world.folder).find((name) => name.startsWith("log-"))!;
  const entries = readFileSync(join(world.folder, log, "entries.jsonl"), "utf8")
    .trim()
    .split("\n");
  expect(entries).toHaveLength(3 * packages);
});

describe("`pnpm bench release`", () => {
  let temporary: string;
  const start = (...options: string[]): ChildProcess => {
    const bench = join(import.meta.dirname, "../../../bench/run-bench.ts");
    return spawn(process.execPath, ["--conditions=@hxp/source", bench, "release", ...options], {
      env: { ...process.env, TMPDIR: temporary },
      stdio: ["ignore", "pipe", "inherit"],
    });
  };
  beforeEach(() => {
    temporary = mkdtempSync(join(tmpdir(), "bench-test-"));
  });
  afterEach(() => rmSync(temporary, { recursive: true, force: true }));

  test("writes what it measured, with every contender, and leaves nothing else behind", async () => {
    const json = join(temporary, "release.json");
    const bench = start("--packages", String(packages), "--rounds", "1", "--json", json);
    const [stdout, [exitCode]] = await Promise.all([text(bench.stdout!), once(bench, "close")]);
    expect(exitCode, stdout).toBe(0);
    const report = JSON.parse(readFileSync(json, "utf8")) as Report;
    expect(Object.keys(report.contenders)).toEqual(contenders.map(({ name }) => name));
    for (const { published, duration, torn } of Object.values(report.contenders)) {
      expect(published).toBe(packages);
      expect(duration.median).toBeGreaterThan(torn.median);
      expect(torn.median).toBeGreaterThan(0);
    }
    expect(report.goals).toHaveLength(4);
    for (const { goal } of report.goals) expect(stdout).toContain(goal);
    expect(readdirSync(temporary)).toEqual(["release.json"]);
  });

  test("leaves nothing behind when it is stopped", async () => {
    const bench = start();
    await once(bench.stdout!, "data");
    bench.kill("SIGINT");
    expect(await once(bench, "exit")).toEqual([130, null]);
    expect(readdirSync(temporary)).toEqual([]);
  });

  test("refuses a count that is none", async () => {
    expect(await once(start("--rounds", "0"), "exit")).toEqual([2, null]);
  });
});
