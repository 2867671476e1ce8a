import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { HxpError } from "@hxp/errors";
import { diffReports } from "../diff/diff-reports.ts";
import { readReport } from "../evidence/read-report.ts";
import { readVerifiable } from "../evidence/read-verifiable.ts";
import { renderExports } from "../export/render-exports.ts";
import type { ReportData } from "../report-data.ts";
import { readApp } from "./read-app.ts";
import { renderPage } from "./render-page.ts";
import { renderScript } from "./render-script.ts";
import { splitParts } from "./split-parts.ts";

/** Where and with what {@link writeReport} writes. */
export interface WriteReportOptions {
  /** The folder that the pages go into; it is replaced as a whole. */
  output: string;
  /** Evidence of the release before, to say what changed since. */
  previous?: string | undefined;
}

/** What was written. */
export interface WrittenReport {
  /** Absolute path of `index.html`. */
  page: string;
  /** Paths in the output folder, sorted. */
  files: readonly string[];
  data: ReportData;
}

/**
 * Writes the auditor's pages of an evidence folder: one folder, opened from disk, with no network. The same evidence
 * gives the same bytes. What the evidence lacks is shown as missing. Throws FILE_UNREADABLE where there is no evidence
 * folder, and USAGE_INVALID for an output that would replace it, or lie in it: its record vouches for every file of it.
 */
export async function writeReport(evidenceFolder: string, options: WriteReportOptions): Promise<WrittenReport> {
  const [output, evidence] = [resolve(options.output), resolve(evidenceFolder)];
  if (`${evidence}/`.startsWith(`${output}/`)) {
    throw new HxpError("USAGE_INVALID", `The output ${output} holds the evidence; expected a folder of its own`);
  }
  if (output.startsWith(`${evidence}/`)) {
    throw new HxpError("USAGE_INVALID", `The output ${output} lies in the evidence; expected a folder beside it`, {
      hint: "The signed record names every file of the evidence, so verifiers refuse it with pages in it.",
    });
  }
  const data = describe(evidenceFolder, options.previous);
  const parts = [...splitParts(data), { name: "evidence", value: readVerifiable(evidenceFolder) }];
  const files: [string, string][] = [
    ["index.html", renderPage(data.id)],
    ...Object.entries(await readApp()),
    ...parts.map((part): [string, string] => [`data/${part.name}.js`, renderScript(part)]),
    ...renderExports(data, evidenceFolder).map(({ file, text }): [string, string] => [`exports/${file}`, text]),
  ];
  replaceFolder(output, files);
  return { page: join(output, "index.html"), files: files.map(([file]) => file).toSorted(), data };
}

function describe(evidenceFolder: string, previous: string | undefined): ReportData {
  const data = readReport(evidenceFolder);
  return previous === undefined ? data : { ...data, changes: diffReports(readReport(previous), data) };
}

/** Whoever opens the pages sees the old ones or the new ones, never a mix. */
function replaceFolder(output: string, files: readonly (readonly [string, string])[]): void {
  const fresh = `${output}.new`;
  rmSync(fresh, { recursive: true, force: true });
  for (const [file, text] of files) {
    mkdirSync(dirname(join(fresh, file)), { recursive: true });
    writeFileSync(join(fresh, file), text);
  }
  rmSync(output, { recursive: true, force: true });
  renameSync(fresh, output);
}
