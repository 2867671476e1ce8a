import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { writeReport } from "../src/index.ts";
import { makeEvidence } from "./make-evidence.ts";
import { hasBrowser, openReport, startBrowser } from "./open-report.ts";
import { temporaryFolder } from "./temporary-folder.ts";

let browser: Browser;
const folder = temporaryFolder().path;
const [evidence, output] = [join(folder, "evidence"), join(folder, "report")];
let index = "";

beforeAll(async () => {
  await makeEvidence(evidence);
  index = (await writeReport(evidence, { output })).page;
  if (hasBrowser) browser = await startBrowser();
});

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A page of the report, closed after the test; at its end nothing may have been asked for from elsewhere. */
async function open(hash: string, options: Parameters<typeof openReport>[2] = {}) {
  const report = await openReport(browser, index, { ...options, hash });
  onTestFinished(async () => {
    await report.page.context().close();
    expect(report.strangers).toEqual([]);
    expect(report.problems).toEqual([]);
  });
  return report.page;
}

describe.skipIf(!hasBrowser)("the report, opened from disk in Chromium", () => {
  test("says loudly what did not run, and verifies the signatures by itself", async () => {
    const page = await open("overview");
    await expect.poll(() => page.locator("h2", { hasText: "NOT RUN: advisories" }).count()).toBe(1);
    await expect.poll(() => page.locator(".answers .verdict").textContent()).toContain("Verified");
  });

  test("filters the matrix by words, and says how many rows are left", async () => {
    const page = await open("matrix");
    await page.getByRole("searchbox").fill("storage pnpm");
    await expect.poll(() => page.getByRole("row").count()).toBe(2);
    expect(await page.locator(".count").textContent()).toBe("1 of 8 rows");
  });
});
