import type * as FileSystem from "node:fs";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { acquireLease, type LeaseHolder } from "@hxp/evidence/durable";

/** Who held the lease whenever a claim was removed. */
const seen = vi.hoisted(() => ({ lease: "", holders: [] as string[] }));

vi.mock("node:fs", async (importOriginal) => {
  const original = await importOriginal<typeof FileSystem>();
  const watched: typeof original.rmSync = (path, options) => {
    if (String(path).endsWith(".claim")) seen.holders.push(original.readFileSync(seen.lease, "utf8"));
    original.rmSync(path, options);
  };
  return { ...original, rmSync: watched };
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "claims-"));
  seen.lease = join(folder, "lease");
  seen.holders = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("claims of those who died claiming are got over, and stay until the lease has changed hands", async () => {
  const child = spawn(process.execPath, ["-e", ""]);
  await once(child, "exit");
  const { holder } = acquireLease(seen.lease, { purpose: "dead", pid: child.pid ?? 0 });
  const claimer: LeaseHolder = { ...holder, nonce: "first", purpose: "died claiming" };
  const heir: LeaseHolder = { ...holder, nonce: "second", purpose: "died claiming the claim" };
  writeFileSync(`${seen.lease}.${holder.nonce}.0.claim`, JSON.stringify(claimer));
  writeFileSync(`${seen.lease}.first.1.claim`, JSON.stringify(heir));
  const lease = acquireLease(seen.lease, { purpose: "next" });
  expect(lease.tookOver?.purpose).toBe("dead");
  expect(seen.holders.map((text) => (JSON.parse(text) as LeaseHolder).purpose)).toEqual(["next", "next", "next"]);
  expect(readdirSync(folder)).toEqual(["lease"]);
  expect(readFileSync(seen.lease, "utf8")).toContain(lease.holder.nonce);
});

test("a claim of one who lives is left to it", async () => {
  const child = spawn(process.execPath, ["-e", ""]);
  await once(child, "exit");
  const { holder } = acquireLease(seen.lease, { purpose: "dead", pid: child.pid ?? 0 });
  const claim = `${seen.lease}.${holder.nonce}.0.claim`;
  writeFileSync(claim, JSON.stringify({ ...holder, pid: process.pid, processStart: undefined, nonce: "alive" }));
  expect(() => acquireLease(seen.lease, { purpose: "next" })).toThrow(expect.objectContaining({ code: "LEASE_HELD" }));
  expect(readdirSync(folder)).toEqual(["lease", claim.slice(folder.length + 1)]);
});
