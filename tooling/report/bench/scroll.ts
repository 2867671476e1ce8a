import { rmSync } from "node:fs";
import { join } from "node:path";
import { writeReport } from "../src/index.ts";
import { makeEvidence } from "../test/make-evidence.ts";
import { openReport, startBrowser } from "../test/open-report.ts";
import { temporaryFolder } from "../test/temporary-folder.ts";

// How fast the matrix of many packages is painted first, and how it scrolls: frames as the browser paints them.
const packages = Number(process.argv[2] ?? 2000);
const folder = temporaryFolder().path;
const evidence = join(folder, "evidence");
await makeEvidence(evidence, { packages, managers: ["npm"] });
const started = performance.now();
const { page: index } = await writeReport(evidence, { output: join(folder, "report") });
const wroteMs = performance.now() - started;

/** Runs in the page: scrolls the table step by step for some seconds and collects the times between frames. */
const scroll = `new Promise((resolve) => {
  const scroller = document.querySelector(".scroller.tall");
  const frames = [];
  let last = performance.now();
  const first = last;
  const step = (now) => {
    frames.push(now - last);
    last = now;
    scroller.scrollTop += 120;
    if (scroller.scrollTop + scroller.clientHeight >= scroller.scrollHeight - 1) scroller.scrollTop = 0;
    if (now - first < 5000) requestAnimationFrame(step);
    else resolve(frames.slice(2));
  };
  requestAnimationFrame(step);
})`;

const browser = await startBrowser();
try {
  const { page } = await openReport(browser, index, { hash: "matrix" });
  await page.locator(".scroller.tall").waitFor();
  const shown = await page.evaluate<number>("performance.now()");
  const paints = await page.evaluate<{ name: string; startTime: number }[]>(
    `performance.getEntriesByType("paint").map(({ name, startTime }) => ({ name, startTime }))`,
  );
  // The verification of all signatures runs at the same time, as it does for whoever opens the report.
  const during = await page.evaluate<number[]>(scroll);
  await page.locator(".nav-verdict", { hasText: "Verified" }).waitFor();
  const tools = await page.context().newCDPSession(page);
  // Time of the processor: a machine that is busy with something else does not count.
  await tools.send("Performance.enable", { timeDomain: "threadTicks" });
  const readBusy = async (): Promise<number> => {
    const { metrics } = await tools.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN;
  };
  const busyBefore = await readBusy();
  const after = await page.evaluate<number[]>(scroll);
  const busyMs = ((await readBusy()) - busyBefore) * 1000;
  const paint = paints.find(({ name }) => name === "first-contentful-paint")?.startTime ?? Number.NaN;
  const lines = [
    `${packages} packages × 9 cells, ${browser.version()}`,
    `written in           ${(wroteMs / 1000).toFixed(1)} s`,
    `first paint          ${paint.toFixed(0)} ms`,
    `matrix there after   ${shown.toFixed(0)} ms at most`,
    `while it verifies    ${describe(during)}`,
    `afterwards           ${describe(after)}`,
    `main thread          ${(busyMs / after.length).toFixed(1)} ms of the processor a frame, of 16.7 ms`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}

function describe(frames: readonly number[]): string {
  const sorted = frames.toSorted((left, right) => left - right);
  const at = (share: number): string => (sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN).toFixed(1);
  const perSecond = (1000 / (frames.reduce((sum, frame) => sum + frame, 0) / frames.length)).toFixed(1);
  return `${perSecond} frames/s; a frame: median ${at(0.5)} ms, 99th percentile ${at(0.99)} ms, worst ${at(1)} ms`;
}
