import {
  createFindingsTable,
  createGatesTable,
  createPackagesTable,
  createWaiversTable,
} from "../../src/tables/gate-tables.ts";
import type { ReportData } from "../../src/report-data.ts";
import type { ReportTable } from "../../src/tables/report-table.ts";
import { useMemo, useState } from "preact/hooks";
import { ChangesSection } from "../components/changes-section.tsx";
import { DataTable } from "../components/data-table.tsx";
import { Missing } from "../components/facts.tsx";
import { GateDialog } from "../components/gate-dialog.tsx";
import { Notices } from "../components/notices.tsx";
import { ReleaseSummary } from "../components/release-summary.tsx";
import { SmokeSection } from "../components/smoke-section.tsx";
import { daysLeft } from "../state/format.ts";
import type { PageProps } from "./page.ts";

/** What was released, what the gates decided, and who signed. */
export function OverviewPage({ data, verification }: PageProps) {
  const [gates, findings, packages] = useMemo(
    () => [createGatesTable(data), createFindingsTable(data), createPackagesTable(data)],
    [data],
  );
  const waivers = useMemo(() => withDaysLeft(createWaiversTable(data), new Date()), [data]);
  const [opened, setOpened] = useState<string | undefined>();
  const gate = data.gates.find((candidate) => candidate.gate === opened);
  return (
    <>
      <Notices data={data} />
      <ReleaseSummary data={data} verification={verification} />
      <h2>Verdicts of gates</h2>
      {gates.rows.length === 0 ? (
        <Missing>No gate's verdict is in the evidence.</Missing>
      ) : (
        <DataTable table={gates} release={data.id} isPlain onOpen={({ key }) => setOpened(key)} />
      )}
      <h2>Findings</h2>
      {findings.rows.length === 0 ? (
        <p>The gates found nothing.</p>
      ) : (
        <DataTable table={findings} release={data.id} onOpen={(row) => setOpened(String(row.values["gate"]))} />
      )}
      <h2>Waivers</h2>
      {waivers.rows.length === 0 ? (
        <p>No waiver was needed.</p>
      ) : (
        <DataTable table={waivers} release={data.id} isPlain />
      )}
      <h2>Released packages</h2>
      <PackagesTable data={data} table={packages} />
      <ChangesSection changes={data.changes} />
      <SmokeSection data={data} />
      {gate && <GateDialog gate={gate} onClose={() => setOpened(undefined)} />}
    </>
  );
}

function PackagesTable({ data, table }: { data: ReportData; table: ReportTable }) {
  if (table.rows.length === 0) return <Missing>The plan is missing: what was to be published is unknown.</Missing>;
  return <DataTable table={table} release={data.id} isPlain={table.rows.length < 40} />;
}

/** Counted when the page is looked at: a waiver ends whether or not anybody writes the report anew. */
function withDaysLeft(table: ReportTable, now: Date): ReportTable {
  return {
    ...table,
    columns: table.columns.flatMap((column) =>
      column.id === "reason" ? [{ id: "left", title: "Days left", type: "text", width: 90 }, column] : [column],
    ),
    rows: table.rows.map((row) => {
      const days = daysLeft(String(row.values["expires"]), now);
      const left = Number.isNaN(days) ? "not known" : days < 0 ? "expired" : String(days);
      return { ...row, values: { ...row.values, left } };
    }),
  };
}
