import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { acquireLease, openRecordFile, readRecordFile, writeFileDurably } from "@hxp/evidence/durable";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "durable-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("writeFileDurably", () => {
  test("replaces a file as a whole, makes folders, sets the mode and leaves no temporary file", () => {
    const path = join(folder, "a", "b.txt");
    writeFileDurably(path, "one");
    writeFileDurably(path, "two", { mode: 0o600 });
    expect(readFileSync(path, "utf8")).toBe("two");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(folder, "a"))).toEqual(["b.txt"]);
  });

  test("leaves the old content and no temporary file when the new one cannot take its place", () => {
    writeFileDurably(join(folder, "x", "kept"), "kept");
    expect(() => writeFileDurably(join(folder, "x"), "new")).toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
    expect(readdirSync(folder)).toEqual(["x"]);
  });
});

describe("a record file", () => {
  test("gives back what was appended, in order, to the writer and to a later reader", () => {
    const path = join(folder, "records.jsonl");
    const file = openRecordFile<{ n: number }>(path);
    file.append({ n: 1 }, { n: 2 });
    file.append({ n: 3 });
    expect(file.records).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    file.close();
    expect(readRecordFile(path)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  });

  test("cut at any byte loses no earlier record and goes on from there", () => {
    const path = join(folder, "records.jsonl");
    const whole = ['{"n":1}', '{"n":2}', '{"n":3,"text":"ä"}'].map((line) => `${line}\n`);
    const bytes = Buffer.from(whole.join(""));
    const kept = Buffer.byteLength(whole.slice(0, 2).join(""));
    for (let cut = kept; cut < bytes.length; cut += 1) {
      writeFileSync(path, bytes);
      truncateSync(path, cut);
      const file = openRecordFile<{ n: number }>(path);
      expect(file.records, `cut at ${cut}`).toEqual([{ n: 1 }, { n: 2 }]);
      file.append({ n: 4 });
      file.close();
      expect(readRecordFile(path)).toEqual([{ n: 1 }, { n: 2 }, { n: 4 }]);
    }
  });

  test("takes a last line of zero bytes, as a power cut leaves it, for torn", () => {
    const path = join(folder, "records.jsonl");
    writeFileSync(path, `{"n":1}\n${"\0".repeat(12)}\n`);
    expect(readRecordFile(path)).toEqual([{ n: 1 }]);
  });

  test("refuses an unreadable line before the last, and names it", () => {
    const path = join(folder, "records.jsonl");
    writeFileSync(path, '{"n":1}\nnonsense\n{"n":3}\n');
    expect(() => openRecordFile(path)).toThrow(expect.objectContaining({ code: "RECORD_FILE_CORRUPT" }));
    expect(() => readRecordFile(path)).toThrow(/records\.jsonl:2/);
  });

  test("checks each line with the parser it was given", () => {
    const path = join(folder, "records.jsonl");
    writeFileSync(path, '{"n":"x"}\n{"n":2}\n');
    const parse = (line: unknown): { n: number } => {
      if (typeof (line as { n: unknown }).n !== "number") throw new Error("n must be a number");
      return line as { n: number };
    };
    expect(() => readRecordFile(path, { parse })).toThrow("n must be a number");
  });

  test("never cuts off a whole last line that its parser refuses: it was acknowledged", () => {
    const path = join(folder, "records.jsonl");
    const content = '{"n":1}\n{"later":2}\n';
    writeFileSync(path, content);
    const parse = (line: unknown): { n: number } => {
      if (typeof (line as { n: unknown }).n !== "number") throw new Error("n must be a number");
      return line as { n: number };
    };
    const corrupt = expect.objectContaining({
      code: "RECORD_FILE_CORRUPT",
      message: expect.stringContaining("records.jsonl:2"),
    });
    expect(() => openRecordFile(path, { parse })).toThrow(corrupt);
    expect(() => readRecordFile(path, { parse })).toThrow(corrupt);
    expect(readFileSync(path, "utf8")).toBe(content);
  });

  test("is whole where the disk takes a few bytes at a time, and goes back where it takes none", async () => {
    const path = join(folder, "records.jsonl");
    let room = 20;
    const write = (file: number, bytes: Uint8Array): number => {
      const taken = Math.min(3, room, bytes.length);
      room -= taken;
      return taken === 0 ? 0 : writeSync(file, bytes.subarray(0, taken));
    };
    const file = openRecordFile<{ n: number }>(path, { write });
    file.append({ n: 1 });
    await file.appendSoon({ n: 2 });
    expect(() => file.append({ n: 3 })).toThrow("takes no more bytes");
    file.close();
    expect(readFileSync(path, "utf8")).toBe('{"n":1}\n{"n":2}\n');
  });

  test("has no records where there is no file", () => {
    expect(readRecordFile(join(folder, "none"))).toEqual([]);
  });
});

describe("records that are appended soon", () => {
  /** A disk that is as slow as the test wants. */
  const openSlowly = (path: string) => {
    const syncs: PromiseWithResolvers<void>[] = [];
    const sync = (): Promise<void> => {
      const started = Promise.withResolvers<void>();
      syncs.push(started);
      return started.promise;
    };
    return { file: openRecordFile<{ n: number }>(path, { sync }), syncs };
  };
  const turn = (): Promise<void> => new Promise(setImmediate);
  const path = (): string => join(folder, "records.jsonl");

  test("are on disk, in order, when they resolve, beside those that are appended at once", async () => {
    const file = openRecordFile<{ n: number }>(path());
    const soon = [1, 2, 3].map((n) => file.appendSoon({ n }));
    file.append({ n: 4 });
    await Promise.all(soon);
    file.close();
    expect(readRecordFile(path())).toEqual([1, 2, 3, 4].map((n) => ({ n })));
    expect(file.records).toEqual(readRecordFile(path()));
  });

  test("resolve with the first sync that began after they were written, and share it", async () => {
    const { file, syncs } = openSlowly(path());
    const resolved: number[] = [];
    const add = (n: number): void => void file.appendSoon({ n }).then(() => resolved.push(n));
    [1, 2].forEach(add);
    await turn();
    [3, 4, 5].forEach(add);
    await turn();
    expect([syncs.length, resolved]).toEqual([1, []]);
    syncs[0]?.resolve();
    await turn();
    expect([syncs.length, resolved]).toEqual([2, [1, 2]]);
    syncs[1]?.resolve();
    await turn();
    expect([syncs.length, resolved]).toEqual([2, [1, 2, 3, 4, 5]]);
    file.close();
  });

  test("fail, with all that came after, when the disk fails; the file has to be opened anew", async () => {
    const { file, syncs } = openSlowly(path());
    const first = file.appendSoon({ n: 1 });
    await turn();
    const second = file.appendSoon({ n: 2 });
    syncs[0]?.reject(new Error("EIO"));
    await expect(first).rejects.toThrow("EIO");
    await expect(second).rejects.toThrow("EIO");
    await expect(file.appendSoon({ n: 3 })).rejects.toThrow("EIO");
    expect(() => file.append({ n: 4 })).toThrow("EIO");
    expect(syncs).toHaveLength(1);
    file.close();
    const again = openRecordFile<{ n: number }>(path());
    again.append({ n: 5 });
    again.close();
    expect(readRecordFile<{ n: number }>(path()).at(-1)).toEqual({ n: 5 });
  });

  test.runIf(process.platform === "linux")("keep the file open until their sync has ended", async () => {
    const { file, syncs } = openSlowly(path());
    const added = file.appendSoon({ n: 1 });
    await turn();
    const openFiles = (): number => readdirSync("/proc/self/fd").length;
    const before = openFiles();
    file.close();
    expect(openFiles()).toBe(before);
    syncs[0]?.resolve();
    await added;
    await turn();
    expect(openFiles()).toBe(before - 1);
  });
});

describe("a lease", () => {
  const path = (): string => join(folder, "lease");

  test("is held by one at a time, says by whom, and is free again after its scope", () => {
    {
      using lease = acquireLease(path(), { purpose: "release" });
      expect(lease.holder.pid).toBe(process.pid);
      expect(() => acquireLease(path(), { purpose: "other" })).toThrow(
        expect.objectContaining({ code: "LEASE_HELD", message: expect.stringContaining(`${process.pid}`) }),
      );
    }
    acquireLease(path(), { purpose: "again" }).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  test("of a process that was killed is taken over", async () => {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000); console.log('up')"]);
    await once(child.stdout, "data");
    acquireLease(path(), { purpose: "dies", pid: child.pid ?? 0 });
    expect(() => acquireLease(path(), { purpose: "early" })).toThrow(expect.objectContaining({ code: "LEASE_HELD" }));
    child.kill("SIGKILL");
    await once(child, "exit");
    using lease = acquireLease(path(), { purpose: "next" });
    expect(lease.tookOver).toMatchObject({ pid: child.pid, purpose: "dies" });
  });

  test.runIf(process.platform === "linux")(
    "of a dead process that its parent never waits for is taken over",
    async () => {
      const parent = spawn("sh", ["-c", "sleep 0 & echo $!; exec sleep 100"]);
      try {
        const [said] = (await once(parent.stdout, "data")) as [Buffer];
        const pid = Number(String(said));
        while (!readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ")) await delay(10);
        acquireLease(path(), { purpose: "dies", pid });
        using lease = acquireLease(path(), { purpose: "next" });
        expect(lease.tookOver).toMatchObject({ pid, purpose: "dies" });
      } finally {
        parent.kill("SIGKILL");
      }
    },
  );

  test("of a pid that another process has since taken counts as dead", () => {
    const holder = acquireLease(path(), { purpose: "old" }).holder;
    writeFileSync(path(), JSON.stringify({ ...holder, processStart: "1" }));
    using lease = acquireLease(path(), { purpose: "next" });
    expect(lease.tookOver?.purpose).toBe("old");
  });

  test("of another host counts until it expires", () => {
    const clock = (): number => 1_000;
    acquireLease(path(), { purpose: "far", host: "elsewhere", ttlMs: 500, clock });
    const take = (now: number) => acquireLease(path(), { purpose: "near", clock: () => now });
    expect(() => take(1_499)).toThrow(expect.objectContaining({ code: "LEASE_HELD" }));
    expect(take(1_501).tookOver?.host).toBe("elsewhere");
  });

  test.runIf(process.platform === "linux").each(["bootId", "pidNamespace"] as const)(
    "of another %s counts until it expires, whatever its pid means here",
    async (key) => {
      const gone = spawn(process.execPath, ["-e", ""]);
      await once(gone, "exit");
      const { holder } = acquireLease(path(), { purpose: "far", pid: gone.pid ?? 0, ttlMs: 500, clock: () => 1_000 });
      expect(holder[key]).toMatch(/./);
      writeFileSync(path(), JSON.stringify({ ...holder, [key]: "another" }));
      const take = (now: number) => acquireLease(path(), { purpose: "near", clock: () => now });
      expect(() => take(1_499)).toThrow(expect.objectContaining({ code: "LEASE_HELD" }));
      expect(take(1_501).tookOver?.purpose).toBe("far");
    },
  );

  test("cannot be renewed or released by one that has lost it", () => {
    const lost = acquireLease(path(), { purpose: "slow", host: "elsewhere", ttlMs: 0 });
    const taken = acquireLease(path(), { purpose: "fast", clock: () => Date.now() + 10 });
    expect(() => lost.renew()).toThrow(expect.objectContaining({ code: "LEASE_HELD" }));
    lost.release();
    expect(() => taken.renew()).not.toThrow();
    taken.release();
  });

  test("that a power cut left unreadable is taken over", () => {
    writeFileSync(path(), "");
    acquireLease(path(), { purpose: "next" }).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  test("of a dead holder goes to exactly one of many that want it", async () => {
    const dead = spawn(process.execPath, ["-e", ""]);
    await once(dead, "exit");
    acquireLease(path(), { purpose: "dead", pid: dead.pid ?? 0 });
    const script = `
      import { acquireLease } from ${JSON.stringify(new URL("./lease.ts", import.meta.url).href)};
      try { acquireLease(process.argv[1], { purpose: "race" }); process.stdout.write("got"); setTimeout(() => {}, 3000); }
      catch (error) { process.stdout.write(error.code); }`;
    const racers = Array.from({ length: 4 }, () =>
      spawn(process.execPath, ["--conditions=@hxp/source", "--input-type=module", "-e", script, path()]),
    );
    const said = await Promise.all(racers.map(async (racer) => String((await once(racer.stdout, "data"))[0])));
    racers.forEach((racer) => racer.kill("SIGKILL"));
    expect(said.toSorted()).toEqual(["LEASE_HELD", "LEASE_HELD", "LEASE_HELD", "got"]);
  });
});
