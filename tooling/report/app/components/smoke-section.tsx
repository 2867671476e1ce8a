import type { ReportData } from "../../src/report-data.ts";
import { wordVerdict } from "../../src/tables/report-table.ts";
import { formatDuration } from "../state/format.ts";
import { Verdict } from "./verdict.tsx";

/** What consumers of the staged packages saw, with each package manager on each Node. */
export function SmokeSection({ data }: { data: ReportData }) {
  if (data.smoke.length === 0) return null;
  const cells = data.smoke.toSorted((left, right) =>
    `${left.manager} ${left.node}`.localeCompare(`${right.manager} ${right.node}`),
  );
  return (
    <section aria-label="Consumer installs">
      <h2>Consumer installs before promotion</h2>
      <table class="small">
        <thead>
          <tr>
            <th scope="col">Manager</th>
            <th scope="col">Node</th>
            <th scope="col">Verdict</th>
            <th scope="col">Took</th>
            <th scope="col">Failures</th>
          </tr>
        </thead>
        <tbody>
          {cells.map((cell) => (
            <tr key={`${cell.manager} ${cell.node}`}>
              <td>{cell.manager}</td>
              <td>{cell.node}</td>
              <td>
                <Verdict word={wordVerdict(cell.verdict)} />
              </td>
              <td>{formatDuration(cell.durationMs)}</td>
              <td>{cell.failures.join("\n") || "none"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
