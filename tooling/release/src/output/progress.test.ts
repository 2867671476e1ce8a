import { describe, expect, test } from "vitest";
import { createPlainProgress, firstLine, renderDuration, silentProgress } from "./progress.ts";

/** A plain progress with a clock to turn, and what it wrote. */
function makeProgress() {
  const written: string[] = [];
  const clock = { now: 0 };
  const progress = createPlainProgress({ write: (text) => written.push(text), clock: () => clock.now });
  return { progress, written, clock };
}

describe("plain progress", () => {
  test("writes a line when a step begins and one, with its time, when it ends", async () => {
    const { progress, written, clock } = makeProgress();
    const result = await progress.step("Build", async () => {
      clock.now += 1_500;
      return 42;
    });
    expect(result).toBe(42);
    expect(written).toEqual(["• Build\n", "✔ Build (1.5 s)\n"]);
  });

  test("marks a step that fails, and throws its error on", async () => {
    const { progress, written } = makeProgress();
    const error = new Error("no");
    await expect(progress.step("Build", () => Promise.reject(error))).rejects.toBe(error);
    expect(written).toEqual(["• Build\n", "✖ Build (0.0 s)\n"]);
  });

  test("writes what a step reports every five seconds, not more often, and nothing that is empty", async () => {
    const { progress, written, clock } = makeProgress();
    await progress.step("Build", async (report) => {
      for (const [now, text] of [
        [0, "first"],
        [4_999, "soon"],
        [5_000, "\n"],
        [5_001, "now"],
        [9_000, "soon"],
        [10_001, "again\nand more"],
      ] as const) {
        clock.now = now;
        report(text);
      }
    });
    expect(written.slice(1, -1)).toEqual(["  … now (5.0 s)\n", "  … again (10.0 s)\n"]);
  });

  test("writes notes and warnings as they come", () => {
    const { progress, written } = makeProgress();
    progress.note("a note");
    progress.warn("mind this");
    expect(written).toEqual(["a note\n", "warning: mind this\n"]);
  });
});

test("silent progress runs the step and says nothing", async () => {
  expect(await silentProgress.step("Build", async (report) => (report("x"), 42))).toBe(42);
  silentProgress.note("x");
  silentProgress.warn("x");
});

test.each([
  [0, "0.0 s"],
  [849, "0.8 s"],
  [12_340, "12.3 s"],
  [59_949, "59.9 s"],
  [59_951, "1 min 0 s"],
  [119_700, "2 min 0 s"],
  [125_000, "2 min 5 s"],
  [3_600_000, "60 min 0 s"],
])("%i ms read %s", (milliseconds, text) => {
  expect(renderDuration(milliseconds)).toBe(text);
});

test.each([
  ["", ""],
  ["  one  \ntwo", "one"],
  ["\n\n\ttwo", "two"],
  ["\u001B[32mgreen\u001B[0m\u001B[2K text\u0007", "green text"],
  ["a\rb", "ab"],
  ["x".repeat(100), "x".repeat(100)],
  ["x".repeat(101), `${"x".repeat(99)}…`],
])("the first line of %j is %j", (text, line) => {
  expect(firstLine(text)).toBe(line);
});
