import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { contenders } from "./contenders.ts";
import { judgeGoals, renderGatesReport } from "./render-gates-report.ts";
import { type GatesReport, type Measurement, runGatesBench } from "./run-gates-bench.ts";

test("measures every contender on a real closure, and each says how many packages it saw", async () => {
  const json = join(temporaryFolder(), "report.json");
  let output = "";
  const write = (text: string): void => {
    output += text;
  };
  const args = ["--packages", "12", "--rounds", "1", "--json", json];
  expect(await runGatesBench(args, { write, signal: new AbortController().signal }), output).toBe(0);
  const { measurements } = JSON.parse(readFileSync(json, "utf8")) as GatesReport;
  expect(measurements.map(({ contender }) => contender)).toEqual(contenders.map(({ name }) => name));
  for (const { counted, durationMs, contender } of measurements) {
    // Ours and license-checker count the application itself.
    expect([12, 13], contender).toContain(counted);
    expect(durationMs).toBeGreaterThan(0);
  }
}, 240_000);

const measure = (packages: number, durationMs: number): Measurement => ({
  contender: "hxp, all static gates",
  packages,
  counted: packages,
  durationMs,
  peakBytes: 1e8,
});

test("a goal is met or missed by the median, and growth is compared with the closure's", () => {
  const measurements = [measure(100, 1000), measure(1000, 4000), measure(1000, 9000), measure(1000, 4500)];
  expect(judgeGoals(measurements)).toEqual([
    { goal: "all static gates, 1000 packages, ms", measured: 4500, limit: 5000, met: true },
    { goal: "growth from 100 to 1000, to linear", measured: 0.45, limit: 1.5, met: true },
  ]);
  const [whole, growth] = judgeGoals([measure(100, 100), measure(1000, 5100)]);
  expect([whole?.met, growth?.met]).toEqual([false, false]);
});

test("the report shows a row for each contender and a column for each size", () => {
  const machine = { cpus: 2, cpu: "x", memoryBytes: 1, node: "24.21.0", platform: "linux-x64", load: "0" };
  const text = renderGatesReport({
    measuredAt: "",
    machine,
    rounds: 1,
    measurements: [measure(100, 1000), measure(1000, 4000)],
  });
  expect(text).toMatch(/hxp, all static gates\s+1000\s+100\s+100\s+4000\s+100\s+1000/);
});
