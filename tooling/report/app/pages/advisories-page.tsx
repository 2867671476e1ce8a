import { useMemo, useState } from "preact/hooks";
import { createAdvisoriesTable } from "../../src/tables/detail-tables.ts";
import { AdvisoryDialog } from "../components/advisory-dialog.tsx";
import { DataTable } from "../components/data-table.tsx";
import { Digest, Facts, Missing } from "../components/facts.tsx";
import { Tally } from "../components/tally.tsx";
import { formatTime } from "../state/format.ts";
import type { PageProps } from "./page.ts";

/** Known vulnerabilities in the closure, and what was decided. */
export function AdvisoriesPage({ data }: PageProps) {
  const advisories = data.details.advisories;
  const table = useMemo(() => createAdvisoriesTable(data), [data]);
  const [opened, setOpened] = useState<string | undefined>();
  if (advisories === undefined) {
    return (
      <Missing>The advisories gate recorded nothing: whether the closure has known vulnerabilities is unknown.</Missing>
    );
  }
  const { database, registry, checked, matches } = advisories;
  const match = matches.find(({ advisory, id }) => `${advisory} ${id}` === opened);
  return (
    <>
      <Tally
        title="Matches"
        words={table.rows.map(({ values }) => String(values["verdict"]))}
        extra={[["Packages looked up", checked === undefined ? "not known" : String(checked)]]}
      />
      {database === undefined ? (
        <Missing>No advisory database is named.</Missing>
      ) : (
        <Facts
          entries={[
            ["Database", database.name],
            ["Entries", database.entries?.toLocaleString("en")],
            ["Imported", database.importedAt && formatTime(database.importedAt)],
            ["Last modified", database.modified && formatTime(database.modified)],
            ["Digest", database.digest && <Digest value={database.digest} />],
            ["Registry", registry?.says],
          ]}
        />
      )}
      {matches.length === 0 ? (
        <p>No advisory of this database matches a package of the closure.</p>
      ) : (
        <DataTable table={table} release={data.id} onOpen={({ key }) => setOpened(key)} />
      )}
      {match && <AdvisoryDialog match={match} onClose={() => setOpened(undefined)} />}
    </>
  );
}
