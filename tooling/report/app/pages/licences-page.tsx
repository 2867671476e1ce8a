import { useMemo, useState } from "preact/hooks";
import { createLicencesTable } from "../../src/tables/detail-tables.ts";
import { DataTable } from "../components/data-table.tsx";
import { Missing } from "../components/facts.tsx";
import { LicenceDialog } from "../components/licence-dialog.tsx";
import { Tally } from "../components/tally.tsx";
import type { PageProps } from "./page.ts";

/** The licence of each package of the closure, with texts. */
export function LicencesPage({ data }: PageProps) {
  const licences = data.details.licences;
  const table = useMemo(() => createLicencesTable(data), [data]);
  const [opened, setOpened] = useState<string | undefined>();
  if (licences === undefined) {
    return (
      <Missing>The licences gate recorded no packages: see its verdict, and the SBOM for declared licences.</Missing>
    );
  }
  const disagreements = [...licences.disagreements, ...(data.details["second-opinion"]?.disagreements ?? [])];
  const entry = licences.packages.find(({ id }) => id === opened);
  return (
    <>
      <Tally title="Packages" words={table.rows.map(({ values }) => String(values["verdict"]))} />
      <DataTable table={table} release={data.id} onOpen={({ key }) => setOpened(key)} />
      <h2>Second opinion</h2>
      {disagreements.length === 0 ? (
        <p>No disagreement with license-checker is recorded.</p>
      ) : (
        <table class="small">
          <thead>
            <tr>
              <th scope="col">Package</th>
              <th scope="col">Ours</th>
              <th scope="col">Theirs</th>
              <th scope="col">Message</th>
            </tr>
          </thead>
          <tbody>
            {disagreements.map(({ id, ours, theirs, message }) => (
              <tr key={id}>
                <td>{id}</td>
                <td>{ours}</td>
                <td>{theirs}</td>
                <td>{message ?? "—"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {entry && <LicenceDialog entry={entry} onClose={() => setOpened(undefined)} />}
    </>
  );
}
