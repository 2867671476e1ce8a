import { useMemo } from "preact/hooks";
import type { GateDetails } from "../../src/evidence/details-schemas.ts";
import { createCapabilitiesTable, createContentsTable } from "../../src/tables/detail-tables.ts";
import { DataTable } from "../components/data-table.tsx";
import { Missing } from "../components/facts.tsx";
import { formatBytes } from "../state/format.ts";
import type { PageProps } from "./page.ts";

type ContentsPackage = NonNullable<GateDetails["contents"]>["packages"][number];

/** What is in each tarball, against the last release. */
export function ContentsPage({ data }: PageProps) {
  const contents = data.details.contents;
  const [files, capabilities] = useMemo(() => [createContentsTable(data), createCapabilitiesTable(data)], [data]);
  if (contents === undefined) {
    return <Missing>The contents gate recorded no files: see its verdict for what it checked.</Missing>;
  }
  return (
    <>
      <h2>Packages</h2>
      <table class="small">
        <thead>
          <tr>
            <th scope="col">Package</th>
            <th scope="col">From</th>
            <th scope="col">To</th>
            <th scope="col">Packed</th>
            <th scope="col">Unpacked</th>
            <th scope="col">Files</th>
            <th scope="col">Added</th>
            <th scope="col">Removed</th>
            <th scope="col">Changed</th>
            <th scope="col">New capabilities</th>
          </tr>
        </thead>
        <tbody>
          {contents.packages.map((entry) => (
            <PackageRow key={entry.name} entry={entry} />
          ))}
        </tbody>
      </table>
      <h2>Capabilities and dependencies</h2>
      {capabilities.rows.length === 0 ? (
        <p>No package opens connections, starts processes or reads the environment, as far as its code says.</p>
      ) : (
        <DataTable table={capabilities} release={data.id} />
      )}
      <h2>Files</h2>
      <DataTable table={files} release={data.id} />
    </>
  );
}

function PackageRow({ entry }: { entry: ContentsPackage }) {
  const count = (change: string): number => entry.files.filter((file) => file.change === change).length;
  const fresh = entry.capabilities.filter(({ change }) => change === "added").map(({ capability }) => capability);
  return (
    <tr>
      <th scope="row">{entry.name}</th>
      <td>{entry.from ?? "first release"}</td>
      <td>{entry.to}</td>
      <td class="numeric">{entry.packedBytes === undefined ? "—" : formatBytes(entry.packedBytes)}</td>
      <td class="numeric">{entry.unpackedBytes === undefined ? "—" : formatBytes(entry.unpackedBytes)}</td>
      <td class="numeric">{entry.files.length - count("removed")}</td>
      <td class="numeric">{count("added")}</td>
      <td class="numeric">{count("removed")}</td>
      <td class="numeric">{count("changed")}</td>
      <td>{entry.from === undefined ? "—" : [...new Set(fresh)].join(", ") || "none"}</td>
    </tr>
  );
}
