import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { toMessageSignatureBundle } from "@sigstore/bundle";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  createKeySigner,
  createSigningKey,
  openCheckpoint,
  openSigningKey,
  openTransparencyLog,
  signCheckpoint,
  signStatement,
  type TransparencyLog,
  verifyConsistency,
  verifyLog,
  verifyStatement,
  type VerifyStatementOptions,
} from "@hxp/evidence";
import { acquireLease } from "@hxp/evidence/durable";
import { createTestStatement, createTestWorld, epoch, origin, refusal, type TestWorld } from "../testing/test-world.ts";

let world: TestWorld;
beforeEach(() => {
  world = createTestWorld();
});
afterEach(() => world[Symbol.dispose]());

/** These tests are about the log, whatever the statement says. */
const verifyAny = (bundle: Parameters<typeof verifyStatement>[0], options: Partial<VerifyStatementOptions>) =>
  verifyStatement(bundle, { trust: world.trust, subjects: "any", predicateType: "any", ...options });
const folder = (): string => join(world.folder, "log");
const entries = (): string => join(folder(), "entries.jsonl");
const readLines = (): string[] => readFileSync(entries(), "utf8").trimEnd().split("\n");
const open = (at = folder(), key = world.logKey): TransparencyLog =>
  openTransparencyLog({ folder: at, origin, key, clock: () => world.clock.now });
const signMany = (count: number) =>
  Promise.all(Array.from({ length: count }, (_, index) => world.sign(createTestStatement(`pkg:npm/p${index}@1.0.0`))));
const verify = (bundle: Awaited<ReturnType<TestWorld["sign"]>>) =>
  verifyAny(bundle, { trust: world.trust, now: new Date(world.clock.now) });

describe("a transparency log", () => {
  test("logs what arrives together under one checkpoint, and every bundle verifies", async () => {
    const bundles = await signMany(50);
    const checkpoints = new Set(
      bundles.map((bundle) => bundle.verificationMaterial.tlogEntries[0]?.inclusionProof?.checkpoint?.envelope),
    );
    expect(checkpoints).toEqual(new Set([world.log.checkpoint()]));
    expect(bundles.map((bundle) => verify(bundle).logIndex).toSorted((a, b) => a - b)).toEqual([...Array(50).keys()]);
    expect(verifyLog(folder(), world.logKey.publicKey)).toMatchObject({ origin, size: 50, pending: 0 });
  });

  test("waits for all that arrive in one turn, however long their signers take within it", async () => {
    const checkpoints = await Promise.all(
      Array.from({ length: 10 }, async (_, index) => {
        for (let step = 0; step < index * 5; step += 1) await Promise.resolve();
        const material = await world.log.testify({ $case: "dsseEnvelope", dsseEnvelope: envelope() }, world.key.pem);
        return material.tlogEntries?.[0]?.inclusionProof?.checkpoint?.envelope;
      }),
    );
    expect(new Set(checkpoints)).toEqual(new Set([world.log.checkpoint()]));
  });

  test("goes on where it stopped, and what it logged before still verifies", async () => {
    const before = await signMany(3);
    world.log.close();
    using log = open();
    expect(log.size).toBe(3);
    const signer = createKeySigner(world.key);
    const after = await signStatement(createTestStatement(), { signer, witnesses: [log] });
    expect(verify(after).logIndex).toBe(3);
    expect(before.map((bundle) => verify(bundle).logIndex)).toEqual([0, 1, 2]);
  });

  test("logs message signatures as hashedrekord", async () => {
    const digest = Buffer.alloc(32, 1);
    const bundle = toMessageSignatureBundle({ digest, signature: Buffer.from("signature"), keyHint: world.key.hint });
    const { tlogEntries } = await world.log.testify(bundle.content, world.key.pem);
    expect(tlogEntries?.[0]?.kindVersion).toEqual({ kind: "hashedrekord", version: "0.0.1" });
    expect(JSON.parse(tlogEntries?.[0]?.canonicalizedBody.toString() ?? "")).toMatchObject({
      spec: { data: { hash: { algorithm: "sha256", value: digest.toString("hex") } } },
    });
  });

  test("has a writer at a time: a second one is refused and told who holds it", () => {
    expect(() => open()).toThrow(
      expect.objectContaining({ code: "LEASE_HELD", message: expect.stringContaining(String(process.pid)) }),
    );
  });

  test("writes what waits when it is closed, and nothing after", async () => {
    const waiting = world.log.testify({ $case: "dsseEnvelope", dsseEnvelope: envelope() }, world.key.pem);
    world.log.close();
    expect((await waiting).tlogEntries).toHaveLength(1);
    await expect(world.sign()).rejects.toEqual(refusal("USAGE_INVALID"));
    expect(verifyLog(folder(), world.logKey.publicKey).size).toBe(1);
  });

  test("lets nothing out that is not on disk", async () => {
    rmSync(join(folder(), "checkpoint"));
    mkdirSync(join(folder(), "checkpoint", "in-the-way"), { recursive: true });
    await expect(world.sign()).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
    rmSync(join(folder(), "checkpoint"), { recursive: true });
    expect(verify(await world.sign()).logIndex).toBe(1);
    expect(verifyLog(folder(), world.logKey.publicKey).size).toBe(2);
  });

  test("stops when another has taken its lease over", async () => {
    rmSync(join(folder(), "lease"));
    using lease = acquireLease(join(folder(), "lease"), { purpose: "takes over", clock: () => world.clock.now });
    world.clock.now += 301_000;
    await expect(world.sign()).rejects.toEqual(refusal("LEASE_HELD"));
    expect(lease.holder.purpose).toBe("takes over");
  });

  test("keeps its time from running backwards, and refuses a clock that is far behind", async () => {
    await world.sign();
    world.clock.now = epoch - 30_000;
    expect(verifyAny(await world.sign(), { trust: world.trust }).loggedAt).toEqual(new Date(epoch));
    world.clock.now = epoch - 61_000;
    await expect(world.sign()).rejects.toEqual(refusal("LOG_CLOCK_BEHIND"));
    expect(world.log.size).toBe(2);
  });

  test("proves that it only grew", async () => {
    await signMany(3);
    const from = world.log.checkpoint();
    await signMany(4);
    const to = world.log.checkpoint();
    const result = verifyConsistency({ from, to, proof: world.log.proveConsistency(3, 7) }, world.trust);
    expect([result.from.size, result.to.size]).toEqual([3, 7]);
  });
});

describe("after a kill", () => {
  test("at any byte of the last record, no acknowledged entry is lost and the tree is whole", async () => {
    await signMany(2);
    copyFileSync(join(folder(), "checkpoint"), join(world.folder, "checkpoint-of-2"));
    const kept = readFileSync(entries()).length;
    await world.sign();
    world.log.close();
    const whole = readFileSync(entries());
    for (let cut = kept; cut <= whole.length; cut += 1) {
      const copy = join(world.folder, `cut-${cut}`);
      mkdirSync(copy);
      copyFileSync(join(world.folder, "checkpoint-of-2"), join(copy, "checkpoint"));
      writeFileSync(join(copy, "entries.jsonl"), whole.subarray(0, cut));
      const log = open(copy);
      expect(log.size).toBe(cut === whole.length ? 3 : 2);
      log.close();
      expect(verifyLog(copy, world.logKey.publicKey)).toMatchObject({ size: log.size, pending: 0 });
      rmSync(copy, { recursive: true });
    }
  });

  test("before the first checkpoint, the log begins anew", () => {
    const fresh = join(world.folder, "fresh");
    mkdirSync(fresh);
    writeFileSync(join(fresh, "entries.jsonl"), "");
    using log = open(fresh);
    expect(openCheckpoint(log.checkpoint(), { publicKey: world.logKey.publicKey }).size).toBe(0);
  });

  test("with SIGKILL while it writes, every entry that was acknowledged is there", async () => {
    const target = join(world.folder, "killed");
    const program = `
      import { createKeySigner, createSigningKey, openTransparencyLog, signStatement } from "@hxp/evidence";
      import { openSigningKey, provenancePredicate } from "@hxp/evidence";
      const key = await openSigningKey(process.argv[1] + ".key");
      const log = openTransparencyLog({ folder: process.argv[1], origin: "${origin}", key });
      const subject = { name: "x", digest: { sha256: "0".repeat(64) } };
      const predicate = ${JSON.stringify(createTestStatement().predicate)};
      for (;;) {
        const statement = provenancePredicate.create([subject], predicate);
        const bundle = await signStatement(statement, { signer: createKeySigner(key), witnesses: [log] });
        process.stdout.write(bundle.verificationMaterial.tlogEntries[0].logIndex + "\\n");
      }`;
    const writer = spawn(process.execPath, ["--conditions=@hxp/source", "--input-type=module", "-e", program, target], {
      cwd: new URL(".", import.meta.url).pathname,
      stdio: ["ignore", "pipe", "inherit"],
    });
    let said = "";
    writer.stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (said.split("\n").length > 20) writer.kill("SIGKILL");
    });
    await once(writer, "close");
    const acknowledged = Number(said.trimEnd().split("\n").at(-1)) + 1;
    const key = await openSigningKey(`${target}.key`);
    using log = openTransparencyLog({ folder: target, origin, key });
    expect(log.size).toBeGreaterThanOrEqual(acknowledged);
    expect(verifyLog(target, key.publicKey)).toMatchObject({ size: log.size, pending: 0 });
  });
});

describe("a log that was tampered with is refused", () => {
  const changeLines = (change: (lines: string[]) => string[]): void =>
    writeFileSync(entries(), `${change(readLines()).join("\n")}\n`);
  const changeRecord = (index: number, change: object): void =>
    changeLines((lines) => lines.with(index, JSON.stringify({ ...JSON.parse(lines[index] ?? ""), ...change })));
  const putCheckpoint = (text: string): void => writeFileSync(join(folder(), "checkpoint"), text);

  test.each<[string, () => void, RegExp]>([
    [
      "a changed entry in the middle",
      () => changeRecord(1, { body: "e30=" }),
      /one of the first 3 entries was changed/,
    ],
    ["an entry missing at the end", () => changeLines((lines) => lines.slice(0, 2)), /2 entries, the checkpoint has 3/],
    ["no entries left", () => rmSync(entries()), /0 entries, the checkpoint has 3/],
    [
      "a last line that is spoilt",
      () => changeLines((lines) => lines.with(2, "spoilt")),
      /2 entries, the checkpoint has/,
    ],
    ["two entries swapped", () => changeLines(([a = "", b = "", c = ""]) => [a, c, b]), /was changed/],
    [
      "a copy after the checkpoint",
      () => changeLines((lines) => [...lines, lines[2] ?? ""]),
      /entry 3 is out of order/,
    ],
    ["a number that is out of order", () => changeRecord(1, { logIndex: 5 }), /entry 1 is out of order/],
    ["a time that runs backwards", () => changeRecord(1, { integratedTime: 1 }), /entry 1 is out of order/],
    ["no checkpoint", () => rmSync(join(folder(), "checkpoint")), /3 entries, no checkpoint/],
    [
      "a forged entry after the checkpoint",
      () => changeLines((lines) => [...lines, (lines[2] ?? "").replace('"logIndex":2', '"logIndex":3')]),
      /entry 3 is not signed/,
    ],
    [
      "a checkpoint signed by another key",
      () => putCheckpoint(signCheckpoint({ origin, size: 0, root: Buffer.alloc(32) }, createSigningKey())),
      /not signed by the key/,
    ],
    [
      "an earlier checkpoint of another history",
      () => putCheckpoint(signCheckpoint({ origin, size: 1, root: Buffer.alloc(32) }, world.logKey)),
      /one of the first 1 entries was changed/,
    ],
  ])("with %s, by the next writer and by verifyLog, and stays as it is", async (_, change, reason) => {
    await signMany(3);
    world.log.close();
    change();
    const before = existsSync(entries()) ? readFileSync(entries(), "utf8") : "";
    const refused = expect.objectContaining({ code: "LOG_CORRUPT", message: expect.stringMatching(reason) });
    expect(() => verifyLog(folder(), world.logKey.publicKey)).toThrow(refused);
    expect(() => open()).toThrow(refused);
    expect(existsSync(entries()) ? readFileSync(entries(), "utf8") : "").toBe(before);
  });

  test("for a key that is not its own", async () => {
    await signMany(1);
    world.log.close();
    expect(() => verifyLog(folder(), createSigningKey().publicKey)).toThrow(refusal("LOG_CORRUPT"));
    expect(() => open(folder(), createSigningKey())).toThrow(refusal("LOG_CORRUPT"));
  });

  test("with a time that was moved on, which only the full verification sees", async () => {
    await signMany(1);
    changeRecord(0, { integratedTime: epoch });
    expect(() => verifyLog(folder(), world.logKey.publicKey)).toThrow(/entry 0 is not signed/);
  });

  test("for another name", async () => {
    world.log.close();
    const other = { folder: folder(), origin: "log.other.internal", key: world.logKey };
    expect(() => openTransparencyLog(other)).toThrow(/expected log\.other\.internal/);
  });

  test("where there is none", () => {
    expect(() => verifyLog(join(world.folder, "none"), world.logKey.publicKey)).toThrow(refusal("LOG_CORRUPT"));
  });

  test("but can be verified while it is written, entries after the checkpoint included", async () => {
    await signMany(2);
    const copy = join(world.folder, "copy");
    cpSync(folder(), copy, { recursive: true });
    await signMany(1);
    copyFileSync(entries(), join(copy, "entries.jsonl"));
    expect(verifyLog(copy, world.logKey.publicKey)).toMatchObject({ size: 2, pending: 1 });
  });
});

function envelope() {
  return {
    payload: Buffer.from("{}"),
    payloadType: "application/vnd.in-toto+json",
    signatures: [{ keyid: "", sig: Buffer.from("signature") }],
  };
}
