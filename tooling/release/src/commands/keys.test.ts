import type * as FileSystem from "node:fs";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openSigningKey, readTrust } from "@hxp/evidence";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { openSigning } from "../evidence/signing.ts";
import { silentProgress } from "../output/progress.ts";
import type { ReleaseContext } from "../release-context.ts";
import { releasePaths } from "../workspace/release-paths.ts";
import { listKeys, rotateReleaseKey } from "./keys.ts";

/** How many changes to the disk the process lives to make. */
const life = vi.hoisted(() => ({ left: Number.POSITIVE_INFINITY }));

vi.mock("node:fs", async (importOriginal) => {
  const original = await importOriginal<typeof FileSystem>();
  const mortal = <Arguments extends unknown[], Result>(act: (...given: Arguments) => Result) =>
    function (...given: Arguments): Result {
      if (life.left <= 0) throw new Error("killed");
      life.left -= 1;
      return act(...given);
    };
  const { linkSync, renameSync, rmSync, writeFileSync: write } = original;
  return {
    ...original,
    linkSync: mortal(linkSync),
    renameSync: mortal(renameSync),
    rmSync: mortal(rmSync),
    writeFileSync: mortal(write),
  };
});

const begin = Date.parse("2026-01-01T00:00:00Z");
const closers: (() => Promise<void> | void)[] = [];
let now = begin;
beforeEach(() => {
  life.left = Number.POSITIVE_INFINITY;
  now = begin;
});
afterEach(close);

async function close(): Promise<void> {
  for (const end of closers.splice(0).toReversed()) await end();
}

/** As much of a context as keys need. */
function makeContext(changes: Partial<ReleaseContext> = {}): ReleaseContext {
  const folder = temporaryFolder();
  const context: Partial<ReleaseContext> = {
    workspace: folder,
    options: {},
    config: { registry: "local", signer: { type: "key", passphraseVariable: "KEY_WORD" } } as ReleaseContext["config"],
    paths: releasePaths(join(folder, ".hxp"), { HOME: folder }),
    env: {},
    progress: silentProgress,
    clock: () => now,
    prompt: undefined,
    onClose: (end) => void closers.push(end),
    ...changes,
  };
  return context as ReleaseContext;
}

async function makeKeys(context: ReleaseContext): Promise<void> {
  await listKeys(context);
  await close();
}

const keyFile = ({ paths }: ReleaseContext): string => join(paths.keys, "release.pem");

describe("keys rotate", () => {
  test("killed before any change to the disk, and run again, ends with one new key that the trust knows", async () => {
    for (let lived = 0; ; lived += 1) {
      const context = makeContext();
      life.left = Number.POSITIVE_INFINITY;
      await makeKeys(context);
      const { hint: old } = await openSigningKey(keyFile(context), { env: {} });
      now += 60_000;
      life.left = lived;
      const killed: unknown = await rotateReleaseKey(context).then(
        () => undefined,
        (error: unknown) => error,
      );
      life.left = Number.POSITIVE_INFINITY;
      if (killed === undefined) {
        expect(lived).toBeGreaterThan(12);
        return;
      }
      await rotateReleaseKey(context);
      const { hint } = await openSigningKey(keyFile(context), { env: {} });
      const { keys } = readTrust(context.paths.trust);
      expect(
        keys.map((key) => [key.hint, key.validFor.end === undefined]),
        `killed after ${lived} changes`,
      ).toEqual([
        [old, false],
        [hint, true],
      ]);
      expect([`${keyFile(context)}.next`, `${keyFile(context)}.next.pub`].filter((path) => existsSync(path))).toEqual(
        [],
      );
      const kept = readdirSync(context.paths.keys).filter((name) => /^release\.pem\.[A-Za-z0-9]{12}$/.test(name));
      expect(kept).toHaveLength(1);
    }
  });

  test("at the time of a leak ends the old key then", async () => {
    const context = makeContext();
    await makeKeys(context);
    now += 3_600_000;
    const { keys } = await rotateReleaseKey(context, { at: new Date(begin + 60_000) });
    const leak = new Date(begin + 60_000).toISOString();
    expect(keys.map(({ validFor }) => validFor)).toEqual([
      { start: new Date(begin).toISOString(), end: leak },
      { start: leak },
    ]);
  });

  test("refuses a time to come, and one before the key counted, and changes nothing", async () => {
    const context = makeContext();
    await makeKeys(context);
    const before = readTrust(context.paths.trust);
    for (const at of [now + 1_000, begin - 1_000]) {
      await expect(rotateReleaseKey(context, { at: new Date(at) })).rejects.toMatchObject({ code: "USAGE_INVALID" });
    }
    expect(readTrust(context.paths.trust)).toEqual(before);
  });

  test("does not pass over a time that a rotation under way does not have", async () => {
    const context = makeContext();
    await makeKeys(context);
    now += 3_600_000;
    await rotateReleaseKey(context);
    const next = await openSigningKey(keyFile(context), { env: {} });
    writeFileSync(`${keyFile(context)}.next`, next.privateKey.export({ type: "pkcs8", format: "pem" }), {
      mode: 0o600,
    });
    await expect(rotateReleaseKey(context, { at: new Date(begin) })).rejects.toMatchObject({ code: "USAGE_INVALID" });
    await rotateReleaseKey(context, { at: new Date(now) });
    expect(existsSync(`${keyFile(context)}.next`)).toBe(false);
  });
});

describe("the log's key", () => {
  const isLocked = ({ paths }: ReleaseContext, name: string): boolean =>
    readFileSync(join(paths.keys, name), "utf8").includes("BEGIN ENCRYPTED PRIVATE KEY");

  test.each([
    ["the environment", { env: { KEY_WORD: "correct horse" } }],
    ["a person", { prompt: async () => "correct horse", options: { to: "npm" } }],
  ])("is locked with the passphrase of the release key, from %s, and opens again", async (_, changes) => {
    const context = makeContext(changes);
    await makeKeys(context);
    expect([isLocked(context, "release.pem"), isLocked(context, "log.pem")]).toEqual([true, true]);
    await expect(openSigning(context)).resolves.toBeDefined();
  });

  test("is not locked where the release key is not, and one made before opens still", async () => {
    const context = makeContext();
    await makeKeys(context);
    expect([isLocked(context, "release.pem"), isLocked(context, "log.pem")]).toEqual([false, false]);
    await expect(openSigning({ ...context, env: { KEY_WORD: "later" } })).resolves.toBeDefined();
  });
});
