import { appendFileSync, existsSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeJournal } from "../../test/support/make-journal.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { openJournal, openJournalForReading, readJournal } from "./journal.ts";

/** A journal of three records, closed, and its lines. */
function writeThree(): { path: string; lines: string[] } {
  const path = join(temporaryFolder(), "journal.jsonl");
  const journal = openJournal(path, () => 1_767_225_600_000);
  for (const target of ["one", "two", "three"]) {
    journal.add({ release: "r", phase: "note", kind: "test", target, data: { target } });
  }
  journal.close();
  return { path, lines: readFileSync(path, "utf8").trimEnd().split("\n") };
}

const corrupt = expect.objectContaining({ code: "JOURNAL_CORRUPT" });

describe("a journal", () => {
  test("numbers its records, dates them, and chains each to the line before", () => {
    const { path } = writeThree();
    const records = readJournal(path);
    expect(records.map(({ sequence, target, time }) => [sequence, target, time])).toEqual([
      [0, "one", "2026-01-01T00:00:00.000Z"],
      [1, "two", "2026-01-01T00:00:00.000Z"],
      [2, "three", "2026-01-01T00:00:00.000Z"],
    ]);
    expect(records[0]?.previous).toBe("0".repeat(64));
    expect(new Set(records.map(({ previous }) => previous)).size).toBe(3);
  });

  test("goes on where it was when it is opened again", () => {
    const { path } = writeThree();
    const journal = makeJournal(path);
    journal.add({ release: "r", phase: "note", kind: "test", target: "four" });
    expect(readJournal(path).map(({ target }) => target)).toEqual(["one", "two", "three", "four"]);
    expect(journal.records).toEqual(readJournal(path));
  });

  test("has a record on disk when `add` returns", () => {
    const path = join(temporaryFolder(), "journal.jsonl");
    makeJournal(path).add({ release: "r", phase: "note", kind: "test", target: "now" });
    expect(readFileSync(path, "utf8")).toMatch(/"target":"now".*\n$/);
  });

  test("refuses an entry that is no JSON, and writes nothing of it", () => {
    const journal = makeJournal();
    const entry = { release: "r", phase: "note", kind: "test", target: "odd" } as const;
    expect(() => journal.add({ ...entry, data: 1n as unknown as number })).toThrow(TypeError);
    expect(() => journal.add({ ...entry, phase: "later" as "note" })).toThrow();
    expect(journal.records).toEqual([]);
  });
});

describe("an effect", () => {
  const entry = { release: "r", kind: "set-tag", target: "core:latest", data: { to: "1.0.0" } };

  test("stands between a record before, with its data, and one after", async () => {
    const journal = makeJournal();
    const seen = await journal.effect(entry, async () => journal.records.map(({ phase }) => phase));
    expect(seen).toEqual(["before"]);
    expect(journal.records.map(({ phase, data }) => [phase, data])).toEqual([
      ["before", { to: "1.0.0" }],
      ["after", undefined],
    ]);
  });

  test.each([
    [new Error("registry is down"), "registry is down"],
    ["text", "text"],
    [new Error("x".repeat(9000)), "x".repeat(500)],
  ])("that fails is recorded as failed, and its error goes on", async (thrown, message) => {
    const journal = makeJournal();
    await expect(journal.effect(entry, () => Promise.reject(thrown as Error))).rejects.toBe(thrown);
    expect(journal.records.map(({ phase, data }) => [phase, data])).toEqual([
      ["before", { to: "1.0.0" }],
      ["failed", { message }],
    ]);
  });
});

test("effects that run side by side make one unbroken chain, each with its before in front of its end", async () => {
  const path = join(temporaryFolder(), "journal.jsonl");
  const journal = makeJournal(path);
  const targets = Array.from({ length: 50 }, (_, index) => `package-${index}`);
  const entry = { release: "r", kind: "publish" };
  const outcomes = targets.map((target, index) =>
    journal.effect({ ...entry, target }, () => (index % 7 === 0 ? Promise.reject(new Error("no")) : Promise.resolve())),
  );
  await Promise.allSettled(outcomes);
  const records = readJournal(path);
  expect(records).toEqual(journal.records);
  expect(records).toHaveLength(100);
  for (const [index, target] of targets.entries()) {
    const phases = records.filter((record) => record.target === target).map(({ phase }) => phase);
    expect(phases).toEqual(["before", index % 7 === 0 ? "failed" : "after"]);
  }
});

describe("a journal that was tampered with", () => {
  test("is refused when a line is changed", () => {
    const { path, lines } = writeThree();
    writeFileSync(path, `${lines.join("\n").replace('"target":"one"', '"target":"uno"')}\n`);
    expect(() => readJournal(path)).toThrow(corrupt);
    expect(() => openJournal(path)).toThrow(corrupt);
  });

  test.each([
    ["taken out", (lines: string[]) => [lines[0]!, lines[2]!]],
    ["taken off the beginning", (lines: string[]) => lines.slice(1)],
    ["doubled", (lines: string[]) => [lines[0]!, lines[0]!, ...lines.slice(1)]],
    ["moved", (lines: string[]) => [lines[1]!, lines[0]!, lines[2]!]],
  ])("is refused when a line is %s", (_how, change) => {
    const { path, lines } = writeThree();
    writeFileSync(path, `${change(lines).join("\n")}\n`);
    expect(() => readJournal(path)).toThrow(corrupt);
  });

  test("is refused, with the line, when a line is no record", () => {
    const { path, lines } = writeThree();
    writeFileSync(path, `${lines[0]!}\n{"odd":1}\n${lines[2]!}\n`);
    expect(() => readJournal(path)).toThrow(
      expect.objectContaining({ code: "RECORD_FILE_CORRUPT", message: expect.stringContaining(":2 ") }),
    );
  });
});

test("a failure is written without the token that its message holds", async () => {
  const path = join(temporaryFolder(), "journal.jsonl");
  const journal = openJournal(path);
  const fail = async (): Promise<void> => Promise.reject(new Error("sent Bearer c2VjcmV0LXNlY3JldA, was refused"));
  await expect(journal.effect({ release: "r", kind: "test", target: "one" }, fail)).rejects.toThrow("sent Bearer c2V");
  journal.close();
  const [, failed] = readJournal(path);
  expect(failed).toMatchObject({ phase: "failed", data: { message: "sent Bearer ***, was refused" } });
});

describe("a line that a kill tore", () => {
  test("at any byte is cut off, and the journal goes on", () => {
    const { path, lines } = writeThree();
    const whole = readFileSync(path);
    const start = whole.length - (lines[2]!.length + 1);
    for (const size of [start + 1, start + 40, whole.length - 1]) {
      writeFileSync(path, whole);
      truncateSync(path, size);
      expect(readJournal(path).map(({ target }) => target)).toEqual(["one", "two"]);
      const journal = openJournal(path);
      journal.add({ release: "r", phase: "note", kind: "test", target: "again" });
      journal.close();
      expect(readJournal(path).map(({ target }) => target)).toEqual(["one", "two", "again"]);
    }
  });

  test("is left alone by those who only read", () => {
    const { path } = writeThree();
    appendFileSync(path, '{"sequence":3,');
    const before = readFileSync(path);
    expect(openJournalForReading(path).records).toHaveLength(3);
    expect(readFileSync(path)).toEqual(before);
  });
});

describe("a journal that is open for reading", () => {
  test("has no records where there is no file, and makes none", () => {
    const path = join(temporaryFolder(), "journal.jsonl");
    expect(openJournalForReading(path).records).toEqual([]);
    expect(existsSync(path)).toBe(false);
  });

  test("takes no entry and runs no effect", async () => {
    const { path } = writeThree();
    const journal = openJournalForReading(path);
    let ran = false;
    const run = async (): Promise<void> => void (ran = true);
    expect(() => journal.add({ release: "r", phase: "note", kind: "test", target: "four" })).toThrow("may not write");
    await expect(journal.effect({ release: "r", kind: "test", target: "four" }, run)).rejects.toThrow("may not write");
    journal.close();
    expect(ran).toBe(false);
    expect(readJournal(path)).toHaveLength(3);
  });
});
