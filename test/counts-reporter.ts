import type { Reporter, TestModule } from "vitest/node";

/** Ends a run with `N passed, N failed, N skipped` alone on a line. On CI a skipped test fails the run. */
export const countsReporter: Reporter = {
  onTestRunEnd(modules, errors) {
    const counts = { passed: 0, failed: errors.length, skipped: 0 };
    for (const testModule of modules) countModule(testModule, counts);
    if (counts.skipped > 0 && process.env["CI"] !== undefined) process.exitCode = 1;
    // After vitest's own summary, which is printed in the same turn.
    setImmediate(() => {
      process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
    });
  },
};

function countModule(testModule: TestModule, counts: { passed: number; failed: number; skipped: number }): void {
  // A file that cannot be loaded, or whose hook fails, has no failed test and is a failure all the same.
  const isBroken = testModule.state() === "failed" && [...testModule.children.allTests("failed")].length === 0;
  if (isBroken) counts.failed += 1;
  for (const test of testModule.children.allTests()) {
    const { state } = test.result();
    if (state === "passed" || state === "failed" || state === "skipped") counts[state] += 1;
    else counts.failed += 1;
  }
}
