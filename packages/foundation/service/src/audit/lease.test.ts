import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { acquireWriterLease } from "./lease.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lease-"));
  path = join(folder, "lock");
});
afterEach(() => rmSync(folder, { recursive: true }));

const held = expect.objectContaining({ code: "LEASE_HELD" });

async function takeAndDie(): Promise<void> {
  const script = `
    import { acquireWriterLease } from ${JSON.stringify(new URL("./lease.ts", import.meta.url).href)};
    acquireWriterLease(process.argv[1]);
    process.kill(process.pid, "SIGKILL");`;
  const child = spawn(process.execPath, ["--conditions=@hxp/source", "--input-type=module", "-e", script, path]);
  await once(child, "exit");
}

describe("the lease of a writer", () => {
  test("is held by one, and free again when it is released", () => {
    const lease = acquireWriterLease(path);
    expect(() => acquireWriterLease(path)).toThrow(held);
    lease.release();
    lease.release();
    acquireWriterLease(path).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  test("is taken over from a process that was killed, and nothing of it stays", async () => {
    await takeAndDie();
    expect(readdirSync(folder)).toEqual(["lock"]);
    const lease = acquireWriterLease(path);
    expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({ pid: process.pid });
    expect(readdirSync(folder)).toEqual(["lock"]);
    lease.release();
  });

  test.runIf(process.platform === "linux")(
    "is taken over from a dead process that its parent never waits for",
    async () => {
      const script = `
      import { acquireWriterLease } from ${JSON.stringify(new URL("./lease.ts", import.meta.url).href)};
      acquireWriterLease(process.argv[1]);
      process.kill(process.pid, "SIGKILL");`;
      const command = `"$0" --conditions=@hxp/source --input-type=module -e "$1" "$2" & exec sleep 100`;
      const parent = spawn("sh", ["-c", command, process.execPath, script, path]);
      onTestFinished(() => void parent.kill("SIGKILL"));
      await expect.poll(() => existsSync(path)).toBe(true);
      const { pid } = JSON.parse(readFileSync(path, "utf8")) as { pid: number };
      await expect.poll(() => readFileSync(`/proc/${pid}/stat`, "utf8")).toContain(") Z ");
      acquireWriterLease(path).release();
    },
  );

  test("is taken over from a process whose pid another one has now", () => {
    const lease = acquireWriterLease(path);
    const holder = JSON.parse(readFileSync(path, "utf8")) as object;
    writeFileSync(path, JSON.stringify({ ...holder, started: "1", nonce: "old" }));
    const heir = acquireWriterLease(path);
    lease.release();
    expect(readdirSync(folder)).toEqual(["lock"]);
    heir.release();
  });

  test("of another container or host counts as long as it shows signs of life", () => {
    const now = Date.now() / 1_000;
    writeFileSync(path, JSON.stringify({ pid: 1, space: "elsewhere", started: "1", nonce: "n" }));
    expect(() => acquireWriterLease(path)).toThrow(
      expect.objectContaining({ code: "LEASE_HELD", hint: expect.stringContaining("20 seconds") }),
    );
    utimesSync(path, now - 21, now - 21);
    acquireWriterLease(path).release();
  });

  test("is known to be lost by a process that was halted for longer than its signs of life count", () => {
    const lease = acquireWriterLease(path);
    onTestFinished(() => void vi.useRealTimers());
    vi.setSystemTime(Date.now() + 60_000);
    expect(lease.isHeld()).toBe(true);
    writeFileSync(path, JSON.stringify({ pid: 1, space: "elsewhere", started: "1", nonce: "n" }));
    vi.setSystemTime(Date.now() + 60_000);
    expect(lease.isHeld()).toBe(false);
    lease.release();
    expect(readdirSync(folder)).toEqual(["lock"]);
  });

  test("that nobody can read is taken over", () => {
    writeFileSync(path, "");
    acquireWriterLease(path).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  test("whose heir died while taking over is taken over all the same", async () => {
    await takeAndDie();
    const dead = readFileSync(path, "utf8");
    const { nonce } = JSON.parse(dead) as { nonce: string };
    writeFileSync(`${path}.${nonce}`, dead.replace(nonce, "heir"));
    acquireWriterLease(path).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  test("of a dead process goes to exactly one of many that want it", async () => {
    await takeAndDie();
    const script = `
      import { acquireWriterLease } from ${JSON.stringify(new URL("./lease.ts", import.meta.url).href)};
      try { acquireWriterLease(process.argv[1]); console.log("got"); setTimeout(() => {}, 50_000); }
      catch (error) { console.log(error.code); }`;
    const racers = Array.from({ length: 4 }, () =>
      spawn(process.execPath, ["--conditions=@hxp/source", "--input-type=module", "-e", script, path]),
    );
    const said = await Promise.all(racers.map(async (racer) => String((await once(racer.stdout, "data"))[0]).trim()));
    racers.forEach((racer) => racer.kill("SIGKILL"));
    expect(said.toSorted()).toEqual(["LEASE_HELD", "LEASE_HELD", "LEASE_HELD", "got"]);
  });
});
