import { useMemo, useState } from "preact/hooks";
import type { GateDetails } from "../../src/evidence/details-schemas.ts";
import { createApiTable } from "../../src/tables/detail-tables.ts";
import { ComparisonDialog } from "../components/comparison-dialog.tsx";
import { DataTable } from "../components/data-table.tsx";
import { Missing } from "../components/facts.tsx";
import { Verdict } from "../components/verdict.tsx";
import type { PageProps } from "./page.ts";

type ApiPackage = NonNullable<GateDetails["api"]>["packages"][number];

const levels = ["patch", "minor", "major"];

/** Whether each bump is true. */
export function ApiPage({ data }: PageProps) {
  const api = data.details.api;
  const table = useMemo(() => createApiTable(data), [data]);
  const [opened, setOpened] = useState<string | undefined>();
  if (api === undefined)
    return <Missing>The API gate recorded nothing: whether the bumps are true is unknown.</Missing>;
  const row = table.rows.find(({ key }) => key === opened);
  return (
    <>
      <h2>Bumps</h2>
      <table class="small">
        <thead>
          <tr>
            <th scope="col">Package</th>
            <th scope="col">From</th>
            <th scope="col">To</th>
            <th scope="col">Declared</th>
            <th scope="col">Least allowed</th>
            <th scope="col">Changes</th>
            <th scope="col">Verdict</th>
          </tr>
        </thead>
        <tbody>
          {api.packages.map((entry) => (
            <tr key={entry.name}>
              <th scope="row">{entry.name}</th>
              <td>{entry.from ?? "first release"}</td>
              <td>{entry.to}</td>
              <td>{entry.declared}</td>
              <td>{entry.least}</td>
              <td class="numeric">{entry.changes.length}</td>
              <td>
                <Verdict word={judge(entry).word} tone={judge(entry).tone} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <UnknownParts packages={api.packages} />
      <h2>Changes</h2>
      {table.rows.length === 0 ? (
        <p>Nothing changed for those who use the packages.</p>
      ) : (
        <DataTable table={table} release={data.id} onOpen={({ key }) => setOpened(key)} />
      )}
      {row && (
        <ComparisonDialog
          title={`${String(row.values["package"])}: ${String(row.values["where"])}`}
          reason={String(row.values["reason"])}
          before={row.values["before"]}
          after={row.values["after"]}
          onClose={() => setOpened(undefined)}
        />
      )}
    </>
  );
}

function UnknownParts({ packages }: { packages: readonly ApiPackage[] }) {
  const unknown = packages.flatMap(({ name, unknown: parts }) => parts.map((part) => `${name}: ${part}`));
  if (unknown.length === 0) return null;
  return (
    <section class="notice warn" aria-label="Not compared">
      <h2>Not compared</h2>
      <ul>
        {unknown.map((part) => (
          <li key={part}>{part}</li>
        ))}
      </ul>
    </section>
  );
}

function judge({ declared, least }: ApiPackage): { word: string; tone: "good" | "bad" | "mute" } {
  const [has, needs] = [levels.indexOf(declared), levels.indexOf(least)];
  if (declared === "first" || least === "first") return { word: "First release", tone: "mute" };
  if (has === -1 || needs === -1) return { word: "Unknown", tone: "mute" };
  return has >= needs ? { word: "Enough", tone: "good" } : { word: "Too small", tone: "bad" };
}
