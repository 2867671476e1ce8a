import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

const program = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

/** Whether the real browser is here. */
export const hasBrowser = existsSync(program);

/** Starts Debian's Chromium without a window. */
export function startBrowser(): Promise<Browser> {
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath: program, args });
}

/** A report that is open, and what it did beside showing itself. */
export interface OpenReport {
  page: Page;
  /** Every URL that was asked for and is no file or blob; there must be none. */
  strangers: string[];
  /** Errors and violations of the content security policy. */
  problems: string[];
}

/** Opens a report from disk. */
export async function openReport(
  browser: Browser,
  index: string,
  { hash = "", ...options }: BrowserContextOptions & { hash?: string } = {},
): Promise<OpenReport> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const [strangers, problems]: [string[], string[]] = [[], []];
  page.on("request", (request) => {
    if (!/^(file|blob|data):/.test(request.url())) strangers.push(request.url());
  });
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(message.text());
  });
  await page.goto(`${pathToFileURL(index).href}${hash === "" ? "" : `#${hash}`}`);
  return { page, strangers, problems };
}
