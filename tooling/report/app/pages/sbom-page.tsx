import { useMemo, useState } from "preact/hooks";
import { createComponentsTable } from "../../src/tables/evidence-tables.ts";
import { DataTable } from "../components/data-table.tsx";
import { ComponentFacts } from "../components/component-facts.tsx";
import { Missing } from "../components/facts.tsx";
import { SbomGraph } from "../components/sbom-graph.tsx";
import { SbomTree } from "../components/sbom-tree.tsx";
import { Tabs } from "../components/tabs.tsx";
import type { PageProps } from "./page.ts";

const views = [
  ["tree", "Tree"],
  ["graph", "Graph"],
] as const;

/** What each package consists of: as a tree, as a graph, and as a list. */
export function SbomPage({ data }: PageProps) {
  const [id, setId] = useState(data.sboms[0]?.id ?? "");
  const [view, setView] = useState("tree");
  const [chosen, setChosen] = useState<string | undefined>();
  const table = useMemo(() => createComponentsTable(data), [data]);
  const sbom = data.sboms.find((candidate) => candidate.id === id);
  if (sbom === undefined) return <Missing>No SBOM is in the evidence.</Missing>;
  const focus = chosen !== undefined && sbom.components.some(({ ref }) => ref === chosen) ? chosen : sbom.root;
  const entry = sbom.components.find(({ ref }) => ref === focus);
  const show = (ref: string): void => {
    setChosen(ref);
    setView("graph");
  };
  return (
    <>
      <p class="downloads">
        The whole release:{" "}
        <a href="exports/sbom.cdx.json" download>
          CycloneDX {sbom.specVersion}
        </a>
        <a href="exports/sbom.spdx3.json" download>
          SPDX 3.0.1
        </a>
      </p>
      <div class="toolbar">
        <label>
          <span>Package</span>
          <select value={id} onChange={(event) => setId(event.currentTarget.value)}>
            {data.sboms.map((candidate) => (
              <option key={candidate.id} value={candidate.id}>
                {candidate.id}
              </option>
            ))}
          </select>
        </label>
        <Tabs label="View" value={view} onChange={setView} tabs={views} />
        <span class="count">{sbom.components.length - 1} components</span>
      </div>
      <div class="sbom">
        {view === "tree" ? (
          <SbomTree key={id} sbom={sbom} chosen={focus} onChoose={setChosen} />
        ) : (
          <SbomGraph sbom={sbom} focus={focus} onFocus={setChosen} />
        )}
        {entry && <ComponentFacts entry={entry} onShow={view === "tree" ? show : undefined} />}
      </div>
      <h2>All components of the release</h2>
      <DataTable table={table} release={data.id} />
    </>
  );
}
