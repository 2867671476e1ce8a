import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HxpError } from "@hxp/errors";
import { expect, onTestFinished, test, vi } from "vitest";
import { locateData } from "../platform/data-folder.ts";
import { takeDataFolder } from "./take-data-folder.ts";

function makePaths() {
  const folder = mkdtempSync(join(tmpdir(), "hxp-folder-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return locateData({ chosen: folder, configured: undefined, variables: {}, cwd: folder });
}

const expiry = (path: string): number =>
  Date.parse((JSON.parse(readFileSync(path, "utf8")) as { expires: string }).expires);

test("a data folder has one server, and is free when that one gives it back", async () => {
  const paths = makePaths();
  const held = await takeDataFolder(paths);
  await expect(takeDataFolder(paths)).rejects.toMatchObject({ code: "PLATFORM_RUNNING" });
  held[Symbol.dispose]();
  (await takeDataFolder(paths))[Symbol.dispose]();
});

test("the lease is short and kept up, so that after a power cut nobody waits long", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "Date"] });
  onTestFinished(() => void vi.useRealTimers());
  const paths = makePaths();
  using _held = await takeDataFolder(paths);
  const first = expiry(paths.lease);
  expect(first - Date.now()).toBeLessThanOrEqual(60_000);
  vi.advanceTimersByTime(120_000);
  expect(expiry(paths.lease)).toBeGreaterThan(first);
});

test("who lost the folder to another is told, once", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  onTestFinished(() => void vi.useRealTimers());
  const paths = makePaths();
  const lost: HxpError[] = [];
  using _held = await takeDataFolder(paths, (error) => lost.push(error));
  const holder = JSON.parse(readFileSync(paths.lease, "utf8")) as object;
  writeFileSync(paths.lease, JSON.stringify({ ...holder, nonce: "another" }));
  vi.advanceTimersByTime(60_000);
  expect(lost.map(({ code }) => code)).toEqual(["LEASE_HELD"]);
});
