import { useMemo } from "preact/hooks";
import type { PackageSbom, SbomEntry } from "../../src/report-data.ts";

interface SbomGraphProps {
  sbom: PackageSbom;
  focus: string;
  onFocus: (ref: string) => void;
}

const lineHeight = 34;
const boxWidth = 230;
const columnGap = 90;
const mostInColumn = 24;

/**
 * One component in the middle, what needs it at the left, what it needs at the right. The whole closure at once would be
 * a ball of wool; so each box leads on to its own neighbours.
 */
export function SbomGraph({ sbom, focus, onFocus }: SbomGraphProps) {
  const { left, middle, right } = useMemo(() => findNeighbours(sbom, focus), [sbom, focus]);
  const rows = Math.max(1, Math.min(mostInColumn, left.length), Math.min(mostInColumn, right.length));
  const height = rows * lineHeight + 20;
  const width = boxWidth * 3 + columnGap * 2;
  const center = height / 2;
  const place = (count: number, index: number): number =>
    center + (index - (Math.min(count, mostInColumn) - 1) / 2) * lineHeight;
  const columns = [0, boxWidth + columnGap, (boxWidth + columnGap) * 2] as const;
  return (
    <div class="graph">
      <svg
        viewBox={`0 0 ${width} ${height}`}
        style={{ minWidth: `${width}px`, height: `${height}px` }}
        aria-hidden="true"
      >
        {left.slice(0, mostInColumn).map((entry, index) => (
          <Edge key={entry.ref} from={[boxWidth, place(left.length, index)]} to={[columns[1], center]} />
        ))}
        {right.slice(0, mostInColumn).map((entry, index) => (
          <Edge key={entry.ref} from={[columns[1] + boxWidth, center]} to={[columns[2], place(right.length, index)]} />
        ))}
      </svg>
      <div class="graph-columns" style={{ width: `${width}px`, height: `${height}px` }}>
        <GraphColumn title="Needs it" entries={left} x={columns[0]} place={place} onFocus={onFocus} />
        {middle && (
          <p class="box focus" style={{ left: `${columns[1]}px`, top: `${center - 15}px`, width: `${boxWidth}px` }}>
            {middle.name} {middle.version}
          </p>
        )}
        <GraphColumn title="It needs" entries={right} x={columns[2]} place={place} onFocus={onFocus} />
      </div>
      <p class="count">
        {describeCount("needs it", left.length)} {describeCount("is needed by it", right.length)}
      </p>
    </div>
  );
}

interface GraphColumnProps {
  title: string;
  entries: readonly SbomEntry[];
  x: number;
  place: (count: number, index: number) => number;
  onFocus: (ref: string) => void;
}

function GraphColumn({ title, entries, x, place, onFocus }: GraphColumnProps) {
  return (
    <ul aria-label={title}>
      {entries.slice(0, mostInColumn).map((entry, index) => (
        <li key={entry.ref}>
          <button
            type="button"
            class="box"
            style={{ left: `${x}px`, top: `${place(entries.length, index) - 15}px`, width: `${boxWidth}px` }}
            onClick={() => onFocus(entry.ref)}
          >
            {entry.name} {entry.version}
          </button>
        </li>
      ))}
    </ul>
  );
}

function Edge({ from, to }: { from: readonly [number, number]; to: readonly [number, number] }) {
  const bend = (from[0] + to[0]) / 2;
  return <path d={`M${from[0]} ${from[1]}C${bend} ${from[1]} ${bend} ${to[1]} ${to[0]} ${to[1]}`} />;
}

function findNeighbours({ components }: PackageSbom, focus: string) {
  const byRef = new Map(components.map((entry) => [entry.ref, entry]));
  const middle = byRef.get(focus);
  return {
    left: components.filter(({ dependsOn }) => dependsOn.includes(focus)),
    middle,
    right: (middle?.dependsOn ?? []).flatMap((ref) => byRef.get(ref) ?? []),
  };
}

function describeCount(what: string, count: number): string {
  const some = count > mostInColumn ? `, the first ${mostInColumn} are drawn` : "";
  return `${count === 0 ? "Nothing" : count} ${what}${some}.`;
}
