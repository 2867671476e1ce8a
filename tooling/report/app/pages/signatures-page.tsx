import { useMemo, useState } from "preact/hooks";
import type { ReportData } from "../../src/report-data.ts";
import { createRegistrySignaturesTable, createStatementsTable } from "../../src/tables/evidence-tables.ts";
import type { ReportTable } from "../../src/tables/report-table.ts";
import { DataTable } from "../components/data-table.tsx";
import { Missing } from "../components/facts.tsx";
import { FilesSection } from "../components/files-section.tsx";
import { TrustSection } from "../components/trust-section.tsx";
import { StatementDialog } from "../components/statement-dialog.tsx";
import { VerificationNotice } from "../components/verification-notice.tsx";
import type { VerificationState } from "../state/use-verification.ts";
import type { PageProps } from "./page.ts";

/** Every signature, log entry and file, verified in this browser. */
export function SignaturesPage({ data, verification, verifyFolder }: PageProps) {
  const [opened, setOpened] = useState<string | undefined>();
  const statements = useMemo(() => withVerdicts(data, verification), [data, verification]);
  const registry = useMemo(() => createRegistrySignaturesTable(data), [data]);
  const result =
    opened !== undefined && verification.state === "done" ? verification.result.bundles.get(opened) : undefined;
  return (
    <>
      <VerificationNotice verification={verification} />
      <TrustSection data={data} />
      <h2>Signed statements</h2>
      {statements.rows.length === 0 ? (
        <Missing>No signed statement is in the evidence.</Missing>
      ) : (
        <DataTable table={statements} release={data.id} onOpen={({ key }) => setOpened(key)} />
      )}
      <FilesSection data={data} verification={verification} verifyFolder={verifyFolder} />
      <h2>Registry signatures of dependencies</h2>
      {registry.rows.length === 0 ? (
        <Missing>
          The signatures gate recorded no dependencies: whether the registry vouches for them is unknown.
        </Missing>
      ) : (
        <DataTable table={registry} release={data.id} />
      )}
      {opened !== undefined && <StatementDialog file={opened} result={result} onClose={() => setOpened(undefined)} />}
    </>
  );
}

const words = { passed: "Verified", failed: "Failed", "not-run": "Not verified" } as const;

/** What the evidence claims, with what this browser found. */
function withVerdicts(data: ReportData, verification: VerificationState): ReportTable {
  const table = createStatementsTable(data);
  const wordOf = (file: string): string => {
    if (verification.state === "running") return "Verifying";
    if (verification.state === "impossible") return "Not verified";
    const bundle = verification.result.bundles.get(file);
    return bundle === undefined ? "Absent" : words[bundle.verdict];
  };
  const [file, ...others] = table.columns;
  if (file === undefined) return table;
  return {
    ...table,
    columns: [file, { id: "here", title: "In this browser", type: "verdict", width: 134, groups: true }, ...others],
    rows: table.rows.map((row) => ({ ...row, values: { ...row.values, here: wordOf(row.key) } })),
  };
}
