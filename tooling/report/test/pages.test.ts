import { cpSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { writeReport } from "../src/index.ts";
import { makeEvidence } from "./make-evidence.ts";
import { hasBrowser, openReport, startBrowser } from "./open-report.ts";
import { temporaryFolder } from "./temporary-folder.ts";

let browser: Browser;
const folder = temporaryFolder().path;
const [evidence, output] = [join(folder, "evidence"), join(folder, "report")];
let indexPage = "";

beforeAll(async () => {
  await makeEvidence(evidence);
  indexPage = (await writeReport(evidence, { output })).page;
  if (hasBrowser) browser = await startBrowser();
});

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A page of the report, closed after the test; at its end nothing may have been asked for from elsewhere. */
async function open(hash: string, options: Parameters<typeof openReport>[2] = {}) {
  const report = await openReport(browser, indexPage, { ...options, hash });
  onTestFinished(async () => {
    await report.page.context().close();
    expect(report.strangers).toEqual([]);
    expect(report.problems).toEqual([]);
  });
  return report.page;
}

const names = ["overview", "matrix", "licences", "advisories", "api", "contents", "sbom", "signatures"];

describe.skipIf(!hasBrowser)("the report, opened from disk in Chromium", () => {
  test("says loudly what did not run, and verifies the signatures by itself", async () => {
    const page = await open("overview");
    await expect.poll(() => page.locator("h2", { hasText: "NOT RUN: advisories" }).count()).toBe(1);
    await expect.poll(() => page.locator(".answers .verdict").textContent()).toContain("Verified");
  });

  test("says loudly which gates were not judged", async () => {
    const [partial, site] = [join(folder, "partial"), join(folder, "partial-report")];
    cpSync(evidence, partial, { recursive: true });
    for (const gate of ["docs", "rebuild"]) rmSync(join(partial, `gates/${gate}.json`));
    const { page } = await openReport(browser, (await writeReport(partial, { output: site })).page);
    await expect.poll(() => page.locator("h2", { hasText: "NOT JUDGED: docs, rebuild" }).count()).toBe(1);
    await page.context().close();
  });

  test("counts the days that a waiver has left when the page is looked at", async () => {
    const page = await open("overview");
    const left = page.getByRole("grid", { name: "Waivers" }).locator("tbody td").nth(6);
    const days = Math.floor((Date.UTC(2027, 0, 16) - 1 - Date.now()) / 86_400_000);
    expect(await left.textContent()).toBe(days < 0 ? "expired" : String(days));
  });

  test("filters the matrix by words and by values, and says how many rows are left", async () => {
    const page = await open("matrix");
    await page.getByRole("searchbox").fill("storage pnpm");
    await expect.poll(() => page.getByRole("row").count()).toBe(2);
    expect(await page.locator(".table .count").textContent()).toBe("1 of 8 rows");
    await page.getByRole("button", { name: "Clear" }).click();
    await page.getByRole("combobox", { name: "Manager", exact: true }).selectOption("npm");
    await expect.poll(() => page.locator(".table .count").textContent()).toBe("4 of 8 rows");
  });

  test("sorts down, up and not, and says so to who does not see it", async () => {
    const page = await open("licences");
    const title = page.getByRole("grid", { name: "Licences" }).getByRole("columnheader", { name: "Package" });
    const first = () => page.locator("tbody tr").first().locator("td").first().textContent();
    await title.getByRole("button").click();
    expect(await title.getAttribute("aria-sort")).toBe("ascending");
    expect(await first()).toBe("jszip");
    await title.getByRole("button").click();
    expect(await title.getAttribute("aria-sort")).toBe("descending");
    expect(await first()).toBe("zod");
    await title.getByRole("button").click();
    expect(await title.getAttribute("aria-sort")).toBe("none");
    expect(await first()).toBe("undici");
  });

  test.each([
    ["licence", "Licence: MIT"],
    ["advisory", "Advisory: high"],
    ["age", "Age: over 2 years"],
    ["depth", "Depth: 2"],
  ])("groups dependencies by %s", async (group, title) => {
    const page = await open("matrix");
    await page.getByText("Dependencies", { exact: true }).click();
    await page.getByLabel("Group by").selectOption({ label: group });
    expect(await page.locator(".group-title").allTextContents()).toContain(title);
  });

  test("opens the evidence of a failed cell, with the command that does it again", async () => {
    const page = await open("matrix");
    await page.getByRole("gridcell", { name: "Failed" }).first().click();
    const dialog = page.getByRole("dialog");
    await expect.poll(() => dialog.textContent()).toContain("yaml.parseDocument is not a function");
    expect(await dialog.textContent()).toContain(
      "pnpm release cell --package @acme/storage@1.4.0 --versions lowest --node 22.22.2 --manager npm",
    );
    await page.keyboard.press("Escape");
    await expect.poll(() => dialog.count()).toBe(0);
  });

  test("shows the text of a licence, and the statement that answers an advisory", async () => {
    const page = await open("licences");
    await page.getByRole("gridcell", { name: "pako" }).click();
    await expect.poll(() => page.getByRole("dialog").textContent()).toContain("Permission is hereby granted");
    await page.goto(`${page.url().split("#")[0]}#advisories`);
    await page.getByRole("gridcell", { name: "GHSA-36fh-84j7-cv5h" }).click();
    await expect.poll(() => page.getByRole("dialog").textContent()).toContain("vulnerable_code_not_in_execute_path");
  });

  test("exports the rows that are left, by the published schema", async () => {
    const page = await open("matrix");
    await page.getByRole("searchbox").fill("storage");
    await expect.poll(() => page.locator(".table .count").textContent()).toBe("2 of 8 rows");
    const save = async (kind: string): Promise<string> => {
      await page.getByText("Export").click();
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("button", { name: kind, exact: true }).click(),
      ]);
      return readFileSync(await download.path(), "utf8");
    };
    const json = JSON.parse(await save("JSON")) as { rows: { package: string }[] };
    expect(json.rows.map((row) => row.package)).toEqual(["@acme/storage", "@acme/storage"]);
    expect((await save("CSV")).split("\r\n")).toHaveLength(4);
    expect(await save("Markdown")).toContain("| @acme/storage | 1.4.0 | npm |");
  });

  test("is walked by keyboard alone: skip link, grid, dialog and back to where one was", async () => {
    const page = await open("matrix");
    const focused = () => page.evaluate<string>(`document.activeElement?.textContent ?? ""`);
    await page.keyboard.press("Tab");
    expect(await focused()).toContain("Skip to the content");
    await page.keyboard.press("Enter");
    expect(await page.evaluate<string>(`document.activeElement?.id`)).toBe("main");
    await page.locator('[data-row="-1"][data-column="0"]').focus();
    for (const key of ["ArrowDown", "End", "PageDown", "Home", "PageUp"]) await page.keyboard.press(key);
    expect(await focused()).toBe("@acme/cli");
    for (const _ of [1, 2, 3]) await page.keyboard.press("ArrowRight");
    expect(await focused()).toContain("Passed");
    await page.keyboard.press("Enter");
    await expect.poll(() => page.getByRole("dialog").count()).toBe(1);
    for (const _ of Array.from({ length: 12 })) {
      await page.keyboard.press("Tab");
      const isInside = () =>
        page.evaluate<boolean>(`document.querySelector("dialog").contains(document.activeElement)`);
      // The browser's own window is one stop of the round.
      if ((await page.evaluate<string>(`document.activeElement.tagName`)) !== "BODY")
        expect(await isInside()).toBe(true);
    }
    await page.keyboard.press("Escape");
    await expect.poll(focused).toContain("Passed");
  });

  test("walks the tree of an SBOM by arrows, and shows a component's neighbours", async () => {
    const page = await open("sbom");
    await page.getByRole("treeitem").first().focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await expect.poll(() => page.locator("aside h2").textContent()).toBe("leven");
    await page.getByRole("button", { name: "Show in the graph" }).click();
    expect(await page.locator(".box.focus").textContent()).toBe("leven 4.1.0");
    await page.getByRole("button", { name: "@acme/cli 1.4.0" }).click();
    expect(await page.locator('ul[aria-label="It needs"] li').count()).toBe(7);
  });

  test.each(names)("prints %s: all rows, no controls", async (name) => {
    const page = await open(name);
    const pdf = await page.pdf({ preferCSSPageSize: true });
    expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
    await page.emulateMedia({ media: "print" });
    expect(await page.locator("nav").isVisible()).toBe(false);
    expect(await page.locator("main").isVisible()).toBe(true);
  });
});

/** What axe objects to, a line each. */
async function runAxe(page: Page): Promise<string[]> {
  // Through the protocol of the tools: the page's own policy lets no script in.
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { axe: loaded } = globalThis as unknown as {
      axe: {
        run(options: {
          preload: boolean;
        }): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>;
      };
    };
    const { violations } = await loaded.run({ preload: false });
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`);
  });
}

describe.skipIf(!hasBrowser)("axe finds nothing", () => {
  describe.each(["light", "dark"] as const)("in the %s theme", (colorScheme) => {
    test.each(names)("on %s", async (name) => {
      const page = await open(name, { colorScheme });
      await expect.poll(() => page.locator(".nav-verdict").textContent()).toContain("Verified");
      expect(await runAxe(page)).toEqual([]);
    });

    test("in a dialog", async () => {
      const page = await open("matrix", { colorScheme });
      await page.getByRole("gridcell", { name: "Failed" }).first().click();
      await expect.poll(() => page.getByRole("dialog").textContent()).toContain("Checks");
      expect(await runAxe(page)).toEqual([]);
    });
  });

  test("in nothing, and finds what is planted", async () => {
    const page = await open("overview");
    await page.evaluate(`document.querySelector("main").append(document.createElement("img"))`);
    expect((await runAxe(page)).join("\n")).toContain("image-alt");
  });
});

describe.skipIf(!hasBrowser)("the evidence folder, given to the page", () => {
  /** A copy of the evidence, changed, and what the page says of it. */
  async function verify(change: (folder: string) => void): Promise<{ notice: string; bytes: string }> {
    const page = await open("signatures");
    const copy = join(folder, `copy-${Math.random()}`);
    cpSync(evidence, copy, { recursive: true });
    change(copy);
    await page.locator('input[type="file"]').setInputFiles(copy);
    const notice = page.locator(".notice");
    await expect.poll(() => notice.textContent()).toContain("the folder that you chose");
    return {
      notice: (await notice.textContent()) ?? "",
      bytes: (await page.locator(".table").last().textContent()) ?? "",
    };
  }

  /** Turns one bit of a file. */
  function flip(file: string, place = 0.5): (folder: string) => void {
    return (copy) => {
      const bytes = readFileSync(join(copy, file));
      const index = Math.floor(bytes.length * place);
      bytes[index] = (bytes[index] ?? 0) ^ 1;
      writeFileSync(join(copy, file), bytes);
    };
  }

  test("is verified as it is, tarballs included", async () => {
    const { notice } = await verify(() => undefined);
    expect(notice).toMatch(/^Verified/);
  });

  test.each([
    "tarballs/acme-storage-1.4.0.tgz",
    "gates/compatibility.json",
    "plan.json",
    "smoke/cells.json",
    "packages/acme-cli-1.4.0/sbom.cdx.json",
    "trust/trusted_root.json",
  ])("with one bit of %s turned fails, and names the file", async (file) => {
    const { notice } = await verify(flip(file));
    expect(notice).toMatch(/^Verification failed/);
    expect(notice).toContain(`${file} was changed`);
  });

  test("without one of its files fails, and names the file", async () => {
    const { notice } = await verify((copy) => rmSync(join(copy, "tarballs/acme-cli-1.4.0.tgz")));
    expect(notice).toMatch(/^Verification failed/);
    expect(notice).toContain("tarballs/acme-cli-1.4.0.tgz is absent");
  });

  test.each(["gates/invented.json", "report/index.html"])(
    "with a file %s that nothing signed names fails",
    async (file) => {
      const { notice } = await verify((copy) => {
        mkdirSync(join(copy, file, ".."), { recursive: true });
        writeFileSync(join(copy, file), "{}");
      });
      expect(notice).toMatch(/^Verification failed/);
      expect(notice).toContain(`${file} is named by nothing that was signed`);
    },
  );

  test("with a signed statement from elsewhere fails, and says at which step", async () => {
    const { notice } = await verify(flip("plan.sigstore.json", 0.9));
    expect(notice).toMatch(/^Verification failed/);
    expect(notice).toMatch(/plan\.sigstore\.json (Form|Signature|Log entry|Statement)/);
  });
});

describe.skipIf(!hasBrowser)("evidence that means harm", () => {
  test("is shown as text on every page, and runs nowhere", async () => {
    const hostile = `</script><script>globalThis.harmed=1</script><img src=x onerror="globalThis.harmed=1">\u2028'"`;
    const [wicked, site] = [join(folder, "wicked"), join(folder, "wicked-report")];
    await makeEvidence(wicked, { hostile });
    const { page: wickedIndex } = await writeReport(wicked, { output: site });
    const { page, strangers, problems } = await openReport(browser, wickedIndex);
    for (const name of names) {
      await page.goto(`${page.url().split("#")[0]}#${name}`);
      await expect.poll(() => page.locator("h1").count()).toBe(1);
      expect(await page.evaluate(() => (globalThis as { harmed?: number }).harmed)).toBeUndefined();
      expect(await page.locator("img, script:not([src])").count()).toBe(0);
    }
    await page.goto(`${page.url().split("#")[0]}#matrix`);
    await page.getByRole("gridcell", { name: "Failed" }).first().click();
    await expect.poll(() => page.getByRole("dialog").textContent()).toContain("<script>globalThis.harmed=1</script>");
    expect({ strangers, problems }).toEqual({ strangers: [], problems: [] });
    await page.context().close();
  });
});

test("the program is under 1 MB without data", () => {
  const bytes = ["index.html", "app.js", "app.css", "app-licences.txt"].map(
    (file) => statSync(join(output, file)).size,
  );
  expect(bytes.every((size) => size > 500)).toBe(true);
  expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(1_000_000);
});
