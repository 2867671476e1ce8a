import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeUsage } from "../testing/make-usage.ts";
import { openUsageSpool, type UsageSpool } from "./usage-spool.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "spool-"));
});
afterEach(() => rm(folder, { recursive: true }));

const open = (maxBytes = 1_000_000): Promise<UsageSpool> => openUsageSpool({ folder, maxBytes });

async function readAll(spool: UsageSpool): Promise<string[]> {
  const read = (await spool.files()).map((file) => spool.read(file));
  return (await Promise.all(read)).flat().map(({ id }) => id);
}

describe("a spool", () => {
  test("gives back what was written, oldest first, also to the next process", async () => {
    const spool = await open();
    await spool.write([makeUsage("a"), makeUsage("b")]);
    await spool.write([makeUsage("c")]);
    const next = await open();
    expect(await readAll(next)).toEqual(["a", "b", "c"]);
    expect(next.bytes).toBe(spool.bytes);
  });

  test("is for the server's user alone", async () => {
    const spool = await openUsageSpool({ folder: join(folder, "deep", "spool"), maxBytes: 100_000 });
    await spool.write([makeUsage("a")]);
    const [file = ""] = await spool.files();
    expect((await stat(join(folder, "deep", "spool"))).mode & 0o777).toBe(0o700);
    expect((await stat(join(folder, "deep", "spool", file))).mode & 0o777).toBe(0o600);
  });

  test("takes no more than its size, and does again when there is room", async () => {
    const spool = await open(700);
    await spool.write([makeUsage("a")]);
    await expect(spool.write([makeUsage("b"), makeUsage("c"), makeUsage("d")])).rejects.toThrow(
      expect.objectContaining({ code: "STORAGE_FULL" }),
    );
    const [file = ""] = await spool.files();
    await spool.remove(file);
    expect(spool.bytes).toBe(0);
    await spool.write([makeUsage("b")]);
    expect(await readAll(spool)).toEqual(["b"]);
  });

  test("leaves out lines that are none: torn, edited or of somebody else", async () => {
    const spool = await open();
    await spool.write([makeUsage("a"), makeUsage("b")]);
    const [file = ""] = await spool.files();
    const path = join(folder, file);
    const [first = "", second = ""] = (await readFile(path, "utf8")).split("\n");
    await writeFile(path, `${first}\n{"id":"x"}\nnull\n${second}\n`);
    await appendFile(path, first.slice(0, 50));
    expect(await readAll(spool)).toEqual(["a", "b"]);
  });

  test("sees no half of a file, no foreign one, and forgets one that another process replayed", async () => {
    const [one, two] = [await open(), await open()];
    await one.write([makeUsage("a")]);
    await writeFile(join(folder, "usage-1.jsonl.123.tmp"), "{");
    await writeFile(join(folder, "notes.txt"), "mine");
    const [file = ""] = await two.files();
    await one.remove(file);
    await two.remove(file);
    expect([await two.files(), one.bytes]).toEqual([[], 0]);
    expect(await readdir(folder)).toContain("notes.txt");
  });

  test("removes what killed processes left half written, and leaves alone what is being written", async () => {
    const [old, young] = ["usage-1-2-3.jsonl.4.tmp", "usage-5-6-7.jsonl.8.tmp"];
    await Promise.all([old, young].map((name) => writeFile(join(folder, name), "{")));
    await utimes(join(folder, old), new Date(0), new Date(0));
    await open();
    expect(await readdir(folder)).toEqual([young]);
  });

  test("sets aside what the storage refuses", async () => {
    const spool = await open(300);
    const file = await spool.setAside([makeUsage("a")]);
    expect(file).toMatch(/^usage-.*\.jsonl\.rejected$/);
    expect([await spool.files(), spool.bytes, await readdir(folder)]).toEqual([[], 0, [file]]);
    expect(await spool.setAside([makeUsage("b")])).toBeUndefined();
  });
});

describe("a process that is killed at any moment", () => {
  const script = `
    const { openUsageSpool } = await import(process.argv[1] + "/settle/usage-spool.ts");
    const { makeUsage } = await import(process.argv[1] + "/testing/make-usage.ts");
    const spool = await openUsageSpool({ folder: process.argv[2], maxBytes: 1e9 });
    for (let index = 0; ; index += 1) {
      const ids = [0, 1, 2].map((each) => [process.pid, index, each].join("-"));
      await spool.write(ids.map((id) => makeUsage(id)));
      process.stdout.write(ids.join(" ") + "\\n");
    }`;

  function start(): ChildProcess {
    const source = new URL("..", import.meta.url).pathname.replace(/\/$/, "");
    const flags = ["--conditions=@hxp/source", "--input-type=module", "--eval", script, source, folder];
    return spawn(process.execPath, flags, { stdio: ["ignore", "pipe", "inherit"] });
  }

  test("loses no record that it acknowledged", async () => {
    const acknowledged: string[] = [];
    for (let round = 0; round < 6; round += 1) {
      const child = start();
      const ended = once(child, "close");
      const lines = createInterface({ input: child.stdout ?? process.stdin });
      const wanted = acknowledged.length + 3 * (1 + round * 7);
      lines.on("line", (line) => {
        acknowledged.push(...line.split(" "));
        if (acknowledged.length >= wanted) child.kill("SIGKILL");
      });
      await ended;
    }
    const found = new Set(await readAll(await open()));
    expect(acknowledged.length).toBeGreaterThan(300);
    expect(acknowledged.filter((id) => !found.has(id))).toEqual([]);
  });
});
