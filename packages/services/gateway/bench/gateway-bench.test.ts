import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, onTestFinished, test } from "vitest";
import type { SoakResult } from "./measure/soak.ts";
import type { Report } from "./run-gateway-bench.ts";

/** Runs the bench in a process of its own, whose temporary folder can be looked at. */
function start(...args: string[]): { readonly bench: ChildProcess; readonly temporary: string } {
  const temporary = mkdtempSync(join(tmpdir(), "hxp-bench-test-"));
  const bench = fork(join(import.meta.dirname, "bench-process.ts"), args, {
    execArgv: ["--conditions=@hxp/source", "--no-warnings"],
    env: { ...process.env, TMPDIR: temporary },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  onTestFinished(() => {
    bench.kill("SIGKILL");
    rmSync(temporary, { recursive: true });
  });
  return { bench, temporary };
}

async function run(...args: string[]) {
  const { bench, temporary } = start(...args);
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(bench.stdout!),
    text(bench.stderr!),
    once(bench, "close"),
  ]);
  return { stdout, stderr, exitCode, temporary };
}

describe("pnpm bench gateway", () => {
  test("measures every contender under every load, and leaves nothing else behind", async () => {
    const folder = mkdtempSync(join(tmpdir(), "hxp-bench-json-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const json = join(folder, "gateway.json");
    const words = ["--rounds", "1", "--seconds", "0.3", "--rate", "20", "--only", "hxp,pass-through", "--json", json];
    const { exitCode, stdout, stderr, temporary } = await run(...words);
    expect(exitCode, stderr).toBe(0);
    const report = JSON.parse(readFileSync(json, "utf8")) as Report;
    const names = ["direct", "pass-through", "hxp"];
    expect(Object.keys(report.contenders)).toEqual(names);
    expect(Object.keys(report.scenarios)).toHaveLength(7);
    for (const [scenario, standings] of Object.entries(report.scenarios)) {
      expect(Object.keys(standings), scenario).toEqual(names);
      for (const standing of Object.values(standings)) {
        expect(standing, scenario).toMatchObject({ failures: 0 });
        expect(standing.requestsPerSecond.median, scenario).toBeGreaterThan(0);
        expect(standing.p99.median).toBeGreaterThanOrEqual(standing.p50.median);
        expect(standing.p50.median).toBeGreaterThanOrEqual(standing.firstByteP50.median);
      }
      expect(standings.direct?.addedP50).toEqual({ median: 0, min: 0, max: 0 });
    }
    for (const aborts of Object.values(report.aborts)) {
      for (const { left, reached } of Object.values(aborts)) expect([left, reached <= left]).toEqual([20, true]);
    }
    expect(report.ratios.map(({ to }) => to)).toContain("pass-through");
    expect(report.rss.hxp?.median).toBeGreaterThan(10_000_000);
    for (const { goal } of report.goals) expect(stdout).toContain(goal);
    expect(readdirSync(temporary)).toEqual([]);
  });

  test("soaks HXP alone", async () => {
    const folder = mkdtempSync(join(tmpdir(), "hxp-bench-json-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const json = join(folder, "soak.json");
    const { exitCode, stderr, temporary } = await run("--soak", "1s", "--rate", "20", "--json", json);
    expect(exitCode, stderr).toBe(0);
    const result = JSON.parse(readFileSync(json, "utf8")) as SoakResult;
    expect(result).toMatchObject({ seconds: 1, failures: 0, driftPercent: 0 });
    expect(result.samples).toHaveLength(1);
    expect(result.requests).toBeGreaterThan(0);
    expect(readdirSync(temporary)).toEqual([]);
  });

  test("leaves nothing behind when it is stopped in the middle", async () => {
    const { bench, temporary } = start("--rounds", "50", "--only", "hxp");
    await once(bench.stdout!, "data");
    expect(readdirSync(temporary)).toHaveLength(1);
    bench.kill("SIGINT");
    expect(await once(bench, "exit")).toEqual([130, null]);
    expect(readdirSync(temporary)).toEqual([]);
  });

  test.each([
    [["--rounds", "0"], "0"],
    [["--only", "hxp,kong"], "kong"],
    [["--soak", "10"], "such as 10m"],
  ])("refuses %j", async (words, said) => {
    const { exitCode, stderr } = await run(...words);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(said)]);
  });
});
