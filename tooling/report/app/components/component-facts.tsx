import type { SbomEntry } from "../../src/report-data.ts";
import { Facts } from "./facts.tsx";

interface ComponentFactsProps {
  entry: SbomEntry;
  /** Leads to the component's neighbours in the graph. */
  onShow: ((ref: string) => void) | undefined;
}

/** What an SBOM says of one component. */
export function ComponentFacts({ entry, onShow }: ComponentFactsProps) {
  return (
    <aside aria-label="Chosen component">
      <h2>{entry.name}</h2>
      <Facts
        entries={[
          ["Version", entry.version],
          ["Licence", entry.licence || "not declared"],
          ["Supplier", entry.supplier],
          ["Scope", entry.scope],
          ["Depends on", String(entry.dependsOn.length)],
          ["Package URL", <code class="wrap">{entry.purl}</code>],
          ...entry.hashes.map((hash) => {
            const [algorithm = "", value = ""] = hash.split(" ");
            return [algorithm, <code class="wrap">{value}</code>] as const;
          }),
        ]}
      />
      {onShow && (
        <button type="button" class="plain" onClick={() => onShow(entry.ref)}>
          Show in the graph
        </button>
      )}
    </aside>
  );
}
