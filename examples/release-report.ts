import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { diffReports, renderDiffText, writeReport } from "@hxp/release-report";

// Evidence of two releases, of which only one gate's verdict is left.
const folder = mkdtempSync(join(tmpdir(), "report-"));
const results = ["failed", "passed"].map((verdict, index) => {
  const evidence = join(folder, `release-${index}`);
  mkdirSync(join(evidence, "gates"), { recursive: true });
  const result = { gate: "contents", verdict, checked: 41, findings: [], inputs: [], policyDigest: "sha256:00" };
  const file = { ...result, startedAt: "2026-01-31T12:00:00.000Z", durationMs: 840 };
  writeFileSync(join(evidence, "gates/contents.json"), JSON.stringify(file));
  return evidence;
});

const [before, after] = await Promise.all(
  results.map((evidence) => writeReport(evidence, { output: `${evidence}-report` })),
);
console.log(`${after?.files.includes("index.html")}: ${after?.files.length} files, to be opened from disk`);
for (const { file, problem } of after?.data.gaps ?? []) console.log(`missing: ${file} ${problem}`);
if (before !== undefined && after !== undefined) console.log(renderDiffText(diffReports(before.data, after.data)));
rmSync(folder, { recursive: true });
