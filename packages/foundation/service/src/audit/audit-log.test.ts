import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { type AuditEvent, type AuditLog, type AuditRecord, openAuditLog, verifyAuditLog } from "@hxp/service/audit";
import { runChild } from "../testing/child.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "audit-"));
  file = join(folder, "log", "audit.jsonl");
});
afterEach(() => rmSync(folder, { recursive: true }));

const act = (target: string): AuditEvent => ({ event: "key.created", actor: "operator", target, outcome: "done" });
const readLines = (path: string = file): string[] => readFileSync(path, "utf8").split("\n").slice(0, -1);
const readRecords = (path: string = file) => readLines(path).map((line) => JSON.parse(line) as AuditRecord);

async function write(count: number, options: { maxBytes?: number } = {}): Promise<void> {
  await using log = await openAuditLog({ file, clock: () => 0, ...options });
  for (let index = 0; index < count; index += 1) await log.append(act(`key ${index}`));
}

describe("an audit log", () => {
  test("holds each act as a line, chained to the one before by a hash that anybody can compute", async () => {
    await write(2);
    const [first, second] = readRecords();
    expect(first).toEqual({
      seq: 1,
      time: "1970-01-01T00:00:00.000Z",
      event: "key.created",
      actor: "operator",
      target: "key 0",
      outcome: "done",
      details: {},
      previous: "0".repeat(64),
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect([second?.seq, second?.previous]).toEqual([2, first?.hash]);
    for (const line of readLines()) {
      const unhashed = line.replace(/,"hash":"[0-9a-f]{64}"\}$/, "}");
      expect(line).toContain(createHash("sha256").update(unhashed).digest("hex"));
    }
    const verdict = await verifyAuditLog(file);
    expect(verdict).toEqual({
      ok: true,
      head: { count: 2, hash: second?.hash },
      files: [file],
      problems: [],
      problemCount: 0,
    });
  });

  test("is read by its owner and group only, and so is its folder", async () => {
    await write(1);
    expect(statSync(file).mode & 0o777).toBe(0o640);
    expect(statSync(`${file}.head`).mode & 0o777).toBe(0o640);
    expect(statSync(join(folder, "log")).mode & 0o777 & 0o027).toBe(0);
  });

  test("goes on where it stopped", async () => {
    await write(2);
    await write(2);
    expect(readRecords().map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    expect((await verifyAuditLog(file)).ok).toBe(true);
    expect(readdirSync(join(folder, "log")).toSorted()).toEqual(["audit.jsonl", "audit.jsonl.head"]);
  });

  test("has a line on the disk, and its head, when append resolves", async () => {
    await using log = await openAuditLog({ file });
    const record = await log.append(act("a"));
    expect(readRecords()).toEqual([record]);
    expect(JSON.parse(readFileSync(`${file}.head`, "utf8"))).toEqual({ count: 1, hash: record.hash });
    expect(log.head()).toEqual({ count: 1, hash: record.hash });
  });

  test("keeps the order of acts that come together", async () => {
    await using log = await openAuditLog({ file });
    const records = await Promise.all(Array.from({ length: 2_500 }, (_, index) => log.append(act(`${index}`))));
    expect(records.map(({ target }) => target)).toEqual(Array.from({ length: 2_500 }, (_, index) => `${index}`));
    expect(readRecords()).toEqual(records);
  });

  test("holds no secret, no content, and no line that somebody made up", async () => {
    await using log = await openAuditLog({ file });
    const token = `hxp_${"a".repeat(16)}_${"s".repeat(43)}`;
    await log.append({
      ...act(`x\n{"seq":9}`),
      actor: token,
      details: { password: "sss", prompt: "sss", ok: [token] },
    });
    expect(readLines()).toHaveLength(1);
    expect(readRecords()[0]).toMatchObject({
      actor: "hxp_***",
      target: `x\n{"seq":9}`,
      details: { password: "***", prompt: "[content, 3]", ok: ["hxp_***"] },
    });
  });

  test.each([
    ["a big integer", { a: 1n }],
    [
      "a circle",
      (() => {
        const circle: Record<string, unknown> = {};
        circle["a"] = circle;
        return circle;
      })(),
    ],
    ["too much", Object.fromEntries(Array.from({ length: 99 }, (_, index) => [`a${index}`, "x".repeat(8_000)]))],
  ])("refuses details with %s, and goes on", async (_, details) => {
    await using log = await openAuditLog({ file });
    await expect(log.append({ ...act("a"), details })).rejects.toMatchObject({ code: "USAGE_INVALID" });
    expect((await log.append(act("b"))).seq).toBe(1);
  });

  test("takes nothing after it was closed, and closes once", async () => {
    const log = await openAuditLog({ file });
    const last = log.append(act("a"));
    await log.close();
    await log.close();
    expect((await last).seq).toBe(1);
    await expect(log.append(act("b"))).rejects.toMatchObject({ code: "AUDIT_LOG_UNWRITABLE" });
  });

  test("has one writer at a time", async () => {
    await using log = await openAuditLog({ file });
    await expect(openAuditLog({ file })).rejects.toMatchObject({ code: "LEASE_HELD", details: { pid: process.pid } });
    await log.close();
    await (await openAuditLog({ file })).close();
  });

  test("takes no act when another process has taken it over", async () => {
    await using log = await openAuditLog({ file });
    await log.append(act("a"));
    writeFileSync(`${file}.lock`, JSON.stringify({ pid: 1, space: "elsewhere", started: "1", nonce: "n" }));
    onTestFinished(() => void vi.useRealTimers());
    vi.setSystemTime(Date.now() + 60_000);
    await expect(log.append(act("b"))).rejects.toMatchObject({ code: "LEASE_HELD" });
    expect(readRecords().map(({ target }) => target)).toEqual(["a"]);
  });

  test.runIf(process.platform === "linux")(
    "takes no act while the disk takes no bytes, and goes on after that",
    async () => {
      const child = runChild(new URL("../testing/append-forever.ts", import.meta.url), { args: [file, "100000000"] });
      const limit = (bytes: string) =>
        execFileSync("prlimit", ["--pid", String(child.process.pid), `--fsize=${bytes}:`]);
      await child.line({ seq: 50 });
      limit("20000");
      await child.line({ code: "AUDIT_LOG_UNWRITABLE" });
      const refusedAt = child.lines.length;
      const written = Number(child.lines.findLast(({ seq }) => seq !== undefined)?.["seq"]);
      limit("unlimited");
      await child.line({ seq: written + 100 });
      child.process.kill("SIGKILL");
      await child.ended;
      const acknowledged = child.lines.flatMap(({ seq, hash }) => (seq === undefined ? [] : [{ seq, hash }]));
      const kept = readRecords().map(({ seq, hash }) => ({ seq, hash }));
      expect(kept.slice(0, acknowledged.length)).toEqual(acknowledged);
      expect(refusedAt).toBeLessThan(child.lines.length);
      expect((await verifyAuditLog(file)).problems).toEqual([]);
    },
  );

  test("takes no act while its head cannot be written, and goes on after that", async () => {
    await using log = await openAuditLog({ file });
    await log.append(act("a"));
    mkdirSync(`${file}.head.tmp`);
    const both = await Promise.allSettled([log.append(act("b")), log.append(act("c"))]);
    const rejected = { status: "rejected", reason: expect.objectContaining({ code: "AUDIT_LOG_UNWRITABLE" }) };
    expect(both).toEqual([rejected, rejected]);
    expect(readRecords().map(({ target }) => target)).toEqual(["a"]);
    rmdirSync(`${file}.head.tmp`);
    expect((await log.append(act("d"))).seq).toBe(2);
    expect((await verifyAuditLog(file)).ok).toBe(true);
  });

  test("cuts names that are too long, and records the act", async () => {
    await using log = await openAuditLog({ file });
    expect((await log.append(act("x".repeat(100_000)))).target).toHaveLength(1_001);
  });

  test("says so when its folder cannot be made", async () => {
    writeFileSync(join(folder, "log"), "a file");
    await expect(openAuditLog({ file })).rejects.toMatchObject({ code: "AUDIT_LOG_UNWRITABLE" });
    await expect(verifyAuditLog(join(folder, "none.jsonl"))).rejects.toMatchObject({ code: "FILE_UNREADABLE" });
  });
});

describe("a full file", () => {
  test("is put aside, and the chain goes on in the next one", async () => {
    await write(10, { maxBytes: 700 });
    const names = readdirSync(join(folder, "log")).toSorted();
    expect(names.length).toBeGreaterThan(4);
    expect(names[1]).toMatch(/^audit\.jsonl\.0{11}\d$/);
    const verdict = await verifyAuditLog(file);
    expect([verdict.ok, verdict.head.count, verdict.files.at(-1)]).toEqual([true, 10, file]);
    const all = verdict.files.flatMap((path) => readRecords(path).map(({ seq }) => seq));
    expect(all).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    await write(1, { maxBytes: 700 });
    expect((await verifyAuditLog(file)).head.count).toBe(11);
  });

  test("that is put aside while the log is verified is no line removed", async () => {
    await write(10, { maxBytes: 700 });
    const { files } = await verifyAuditLog(file);
    const [last = ""] = files.slice(-2);
    const rest = readFileSync(file);
    // As before the last file was put aside, which happens when the first line is read.
    renameSync(last, file);
    const rotate = vi.fn<() => void>(() => {
      renameSync(file, last);
      writeFileSync(file, rest);
    });
    const signal = { throwIfAborted: () => void (rotate.mock.calls.length > 0 || rotate()) } as unknown as AbortSignal;
    expect(await verifyAuditLog(file, { signal })).toMatchObject({ ok: true, files, head: { count: 10 } });
    expect(rotate).toHaveBeenCalledOnce();
  });

  test("that was put aside when its writer was killed is followed by a new one", async () => {
    await write(3, { maxBytes: 1 });
    rmSync(file);
    expect((await verifyAuditLog(file)).ok).toBe(true);
    await write(1);
    expect(readRecords().map(({ seq }) => seq)).toEqual([4]);
    expect((await verifyAuditLog(file)).ok).toBe(true);
  });

  test("is missed when it is gone, unless it was archived", async () => {
    await write(10, { maxBytes: 700 });
    const { files } = await verifyAuditLog(file);
    const [first = "", second = ""] = files;
    const [keptFirst, keptSecond] = [readFileSync(first), readFileSync(second)];
    rmSync(second);
    expect((await verifyAuditLog(file)).problems[0]).toMatchObject({ kind: "removed", line: 1 });
    writeFileSync(second, keptSecond);
    rmSync(first);
    expect((await verifyAuditLog(file)).problems[0]).toMatchObject({ kind: "removed", file: second, line: 1 });
    const last = JSON.parse(keptFirst.toString().trim().split("\n").at(-1) ?? "") as AuditRecord;
    const archived = { since: { count: last.seq, hash: last.hash } };
    expect((await verifyAuditLog(file, archived)).ok).toBe(true);
  });
});

describe("a log that somebody changed", () => {
  /** Lines of a log of ten. */
  async function tamper(change: (lines: string[]) => string[]) {
    await write(10);
    writeFileSync(
      file,
      change(readLines())
        .map((line) => `${line}\n`)
        .join(""),
    );
    const verdict = await verifyAuditLog(file);
    const reopened: unknown = await openAuditLog({ file }).then(
      (log: AuditLog) => log.close(),
      (error: unknown) => error,
    );
    return { found: verdict.problems.map(({ kind, line }) => [kind, line]), verdict, reopened };
  }
  const rehash = (line: string, change: Partial<AuditRecord>): string => {
    const { hash: _, ...record } = { ...(JSON.parse(line) as AuditRecord), ...change };
    const unhashed = JSON.stringify(record);
    return `${unhashed.slice(0, -1)},"hash":"${createHash("sha256").update(unhashed).digest("hex")}"}`;
  };
  const swap = (lines: string[], a: number, b: number): string[] =>
    lines.with(a, lines[b] ?? "").with(b, lines[a] ?? "");

  test.each([
    ["a word was edited", (lines: string[]) => lines.with(4, lines[4]!.replace("key 4", "key 5")), [["edited", 5]]],
    [
      "one bit was edited",
      (lines: string[]) => lines.with(4, lines[4]!.replace("operator", "operatos")),
      [["edited", 5]],
    ],
    [
      "a space was added",
      (lines: string[]) => lines.with(4, lines[4]!.replace('"seq":5', '"seq": 5')),
      [["edited", 5]],
    ],
    [
      "the hash was edited",
      (lines: string[]) => lines.with(4, lines[4]!.replace(/.{5}"\}$/, '00000"}')),
      [
        ["edited", 5],
        ["edited", 6],
      ],
    ],
    [
      "a line was edited and hashed anew",
      (lines: string[]) => lines.with(4, rehash(lines[4]!, { actor: "me" })),
      [["edited", 6]],
    ],
    [
      "the last line was edited and hashed anew",
      (lines: string[]) => lines.with(9, rehash(lines[9]!, { actor: "me" })),
      [["edited", 10]],
    ],
    ["a line was made nonsense", (lines: string[]) => lines.with(4, "nonsense"), [["edited", 5]]],
    ["a line was emptied", (lines: string[]) => lines.with(4, ""), [["edited", 5]]],
    ["a line was removed", (lines: string[]) => lines.toSpliced(4, 1), [["removed", 5]]],
    ["three lines were removed", (lines: string[]) => lines.toSpliced(4, 3), [["removed", 5]]],
    ["the first line was removed", (lines: string[]) => lines.slice(1), [["removed", 1]]],
    ["the last line was removed", (lines: string[]) => lines.slice(0, -1), [["truncated", 9]]],
    ["all lines were removed", () => [], [["truncated", 0]]],
    ["two lines were swapped", (lines: string[]) => swap(lines, 4, 5), [["reordered", 6]]],
    ["a line was moved to the end", (lines: string[]) => [...lines.toSpliced(2, 1), lines[2]!], [["reordered", 10]]],
    ["a line was repeated", (lines: string[]) => lines.toSpliced(5, 0, lines[4]!), [["inserted", 6]]],
    [
      "a line was inserted",
      (lines: string[]) => lines.toSpliced(5, 0, rehash(lines[5]!, { actor: "me" })),
      [
        ["inserted", 7],
        ["edited", 8],
      ],
    ],
    ["a line of before was put in again", (lines: string[]) => [...lines, lines[0]!], [["inserted", 11]]],
  ] as [string, (lines: string[]) => string[], unknown[]][])(
    "so that %s is found at its line",
    async (_, change, expected) => {
      const { found, reopened } = await tamper(change);
      expect(found).toEqual(expected);
      expect(reopened).toMatchObject({ code: "AUDIT_LOG_BROKEN" });
    },
  );

  test("in the middle of its last line is found", async () => {
    await write(10);
    const bytes = readFileSync(file);
    for (const cut of [1, 2, 40, 200]) {
      writeFileSync(file, bytes.subarray(0, -cut));
      expect((await verifyAuditLog(file)).problems, `${cut}`).toContainEqual(
        expect.objectContaining({ kind: "truncated" }),
      );
    }
  });

  test("with its head is found by a head that was kept elsewhere, and otherwise by the head's absence", async () => {
    await write(10);
    const { head } = await verifyAuditLog(file);
    const lines = readLines().slice(0, 8);
    writeFileSync(file, lines.map((line) => `${line}\n`).join(""));
    rmSync(`${file}.head`);
    expect((await verifyAuditLog(file)).problems).toEqual([expect.objectContaining({ kind: "truncated" })]);
    await expect(openAuditLog({ file })).rejects.toMatchObject({ code: "AUDIT_LOG_BROKEN" });
    const { seq: count, hash } = JSON.parse(lines[7]!) as AuditRecord;
    writeFileSync(`${file}.head`, JSON.stringify({ count, hash }));
    expect((await verifyAuditLog(file)).ok).toBe(true);
    expect((await verifyAuditLog(file, { head })).problems).toEqual([
      expect.objectContaining({ kind: "truncated", message: "the last 2 of 10 records are missing" }),
    ]);
  });

  test("as a whole is found by a head that was kept elsewhere", async () => {
    await write(10);
    const { head } = await verifyAuditLog(file);
    rmSync(join(folder, "log"), { recursive: true });
    await using log = await openAuditLog({ file });
    for (let index = 0; index < 20; index += 1) await log.append(act(`forged ${index}`));
    expect((await verifyAuditLog(file)).ok).toBe(true);
    expect((await verifyAuditLog(file, { head })).problems).toEqual([
      expect.objectContaining({ kind: "edited", line: 10 }),
    ]);
  });

  test("everywhere is told without a list as long as the log", async () => {
    const { verdict } = await tamper((lines) =>
      Array.from({ length: 30 }, () => lines.map((line) => line.replace("key", "kez"))).flat(),
    );
    expect([verdict.problems.length, verdict.problemCount]).toEqual([100, 300]);
  });
});

describe("what a kill leaves behind", () => {
  test.each([
    ["a part of a line", (line: string) => line.slice(0, 50)],
    ["a line without its end", (line: string) => line],
    ["zeros, as a power cut leaves them", () => `${"\0".repeat(80)}\n`],
    ["a torn line and more after it", (line: string) => `${line.slice(0, 50)}\n${line}\n`],
  ])("is moved aside and recorded: %s", async (_, make) => {
    await write(3);
    const torn = make(readLines()[2]!.replace('"seq":3', '"seq":4'));
    appendFileSync(file, torn);
    await write(1);
    const records = readRecords();
    expect(records.map(({ seq, event }) => [seq, event])).toEqual([
      [1, "key.created"],
      [2, "key.created"],
      [3, "key.created"],
      [4, "audit.recovered"],
      [5, "key.created"],
    ]);
    expect(records[3]?.details).toEqual({ torn: `${file}.torn-4`, bytes: Buffer.byteLength(torn) });
    expect(readFileSync(`${file}.torn-4`, "utf8")).toBe(torn);
    expect((await verifyAuditLog(file)).ok).toBe(true);
  });

  test("can be lines that are ahead of the head, which stay", async () => {
    await write(1);
    const head = readFileSync(`${file}.head`);
    await write(2);
    writeFileSync(`${file}.head`, head);
    await write(1);
    expect(readRecords().map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  });

  test("is a lease that nobody holds", async () => {
    await write(1);
    writeFileSync(`${file}.lock`, JSON.stringify({ pid: 2 ** 22 + 1, space: "", started: "1", nonce: "n" }));
    const old = new Date(Date.now() - 3_600_000);
    utimesSync(`${file}.lock`, old, old);
    await write(1);
    expect(existsSync(`${file}.lock`)).toBe(false);
  });

  test("never lacks an act that was acknowledged, whenever the kill comes", async () => {
    const acknowledged = new Map<number, string>();
    for (let round = 0; round < 12; round += 1) {
      const child = runChild(new URL("../testing/append-forever.ts", import.meta.url), { args: [file, "20000"] });
      const least = 1 + round * 3;
      await expect.poll(() => child.lines.length, { timeout: 50_000 }).toBeGreaterThanOrEqual(least);
      child.process.kill("SIGKILL");
      await child.ended;
      for (const { seq, hash } of child.lines as unknown as AuditRecord[]) acknowledged.set(seq, hash);
      const { ok, files, problems } = await verifyAuditLog(file);
      expect([round, ok, problems]).toEqual([round, true, []]);
      const kept = new Map(files.flatMap((path) => readWholeRecords(path)).map(({ seq, hash }) => [seq, hash]));
      const lost = [...acknowledged].filter(([seq, hash]) => kept.get(seq) !== hash);
      expect([round, lost]).toEqual([round, []]);
    }
    expect(acknowledged.size).toBeGreaterThan(100);
  });
});

/** A kill may have torn the last line. */
function readWholeRecords(path: string): AuditRecord[] {
  return readFileSync(path, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as AuditRecord);
}
