import { useState } from "preact/hooks";
import type { CompatibilityCell } from "../../src/evidence/details-schemas.ts";
import { wordVerdict } from "../../src/tables/report-table.ts";
import { cellsPerPart } from "../../src/write/split-parts.ts";
import { formatDuration, formatTime } from "../state/format.ts";
import { usePart } from "../state/use-part.ts";
import { Dialog } from "./dialog.tsx";
import { Digest, Facts, Missing } from "./facts.tsx";
import { InputList } from "./input-list.tsx";
import { Reproduce } from "./reproduce.tsx";
import { Verdict } from "./verdict.tsx";

interface CellDialogProps {
  keys: readonly string[];
  cells: readonly CompatibilityCell[];
  onClose: () => void;
}

/** The evidence of one cell, or of those that stand behind one place of the matrix. */
export function CellDialog({ keys, cells, onClose }: CellDialogProps) {
  const [chosen, setChosen] = useState(() => worst(keys, cells));
  const index = cells.findIndex(({ key }) => key === chosen);
  const part = usePart<CompatibilityCell[]>(index === -1 ? undefined : `cells-${Math.floor(index / cellsPerPart)}`);
  const cell = part.state === "ready" ? part.value[index % cellsPerPart] : undefined;
  return (
    <Dialog title="Evidence of a cell" onClose={onClose}>
      {keys.length > 1 && (
        <label class="choice">
          <span>{keys.length} cells stand behind this place</span>
          <select value={chosen} onChange={(event) => setChosen(event.currentTarget.value)}>
            {keys.map((key) => (
              <option key={key} value={key}>
                {describe(cells.find((candidate) => candidate.key === key))}
              </option>
            ))}
          </select>
        </label>
      )}
      {part.state === "loading" && <p>Loading.</p>}
      {part.state === "missing" && <Missing>{part.problem}</Missing>}
      {cell && <CellEvidence cell={cell} />}
    </Dialog>
  );
}

function CellEvidence({ cell }: { cell: CompatibilityCell }) {
  return (
    <>
      <Facts
        entries={[
          ["Verdict", <Verdict word={wordVerdict(cell.verdict)} />],
          ["Package", `${cell.package}@${cell.version}`],
          ["Versions", cell.resolution],
          ["Node", cell.node],
          ["Manager", cell.manager],
          ["Executed", cell.startedAt && formatTime(cell.startedAt)],
          ["Took", cell.durationMs === undefined ? undefined : formatDuration(cell.durationMs)],
          ["Reused", cell.reused === true ? "yes: the same inputs were executed before, at the time above" : "no"],
          ["Digest of all inputs", <Digest value={cell.key} />],
        ]}
      />
      <Reproduce command={cell.reproduce} />
      <h3>Checks</h3>
      {cell.checks.length === 0 ? <p>No check is named.</p> : <CheckTable checks={cell.checks} />}
      <h3>Direct dependencies, as installed</h3>
      {cell.dependencies.length === 0 ? <p>It has none.</p> : <DependencyTable cell={cell} />}
      <h3>Log</h3>
      {cell.log === "" ? <p>Nothing was written.</p> : <pre tabIndex={0}>{cell.log}</pre>}
      <InputList inputs={cell.inputs} />
    </>
  );
}

function CheckTable({ checks }: { checks: CompatibilityCell["checks"] }) {
  return (
    <table class="small">
      <tbody>
        {checks.map(({ name, verdict, message }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>
              <Verdict word={wordVerdict(verdict)} />
            </td>
            <td>{message ?? ""}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function DependencyTable({ cell }: { cell: CompatibilityCell }) {
  return (
    <table class="small">
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Range</th>
          <th scope="col">Installed</th>
          <th scope="col">Kind</th>
        </tr>
      </thead>
      <tbody>
        {cell.dependencies.map(({ name, range, version, kind }) => (
          <tr key={name}>
            <td>{name}</td>
            <td>{range}</td>
            <td>{version ?? "—"}</td>
            <td>{kind ?? "—"}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function worst(keys: readonly string[], cells: readonly CompatibilityCell[]): string {
  const failed = keys.find((key) => cells.find((cell) => cell.key === key)?.verdict !== "passed");
  return failed ?? keys[0] ?? "";
}

function describe(cell: CompatibilityCell | undefined): string {
  if (cell === undefined) return "unknown";
  return `${wordVerdict(cell.verdict)}: ${cell.package}@${cell.version}, ${cell.manager} on Node ${cell.node}`;
}
