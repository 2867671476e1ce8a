import type { CompatibilityPair } from "../../src/evidence/details-schemas.ts";
import { wordVerdict } from "../../src/tables/report-table.ts";
import { formatDuration, formatTime } from "../state/format.ts";
import { Dialog } from "./dialog.tsx";
import { Digest, Facts } from "./facts.tsx";
import { Reproduce } from "./reproduce.tsx";
import { Verdict } from "./verdict.tsx";

/** The evidence of a pair of our own packages. */
export function PairDialog({ pair, onClose }: { pair: CompatibilityPair; onClose: () => void }) {
  return (
    <Dialog title="Evidence of a pair" onClose={onClose}>
      <Facts
        entries={[
          ["Verdict", <Verdict word={wordVerdict(pair.verdict)} />],
          ["Package", `${pair.package}@${pair.version}`],
          ["With", `${pair.other}@${pair.otherVersion}`],
          ["Node", pair.node],
          ["Manager", pair.manager],
          ["Executed", pair.startedAt && formatTime(pair.startedAt)],
          ["Took", pair.durationMs === undefined ? undefined : formatDuration(pair.durationMs)],
          ["Digest of all inputs", pair.key && <Digest value={pair.key} />],
        ]}
      />
      <Reproduce command={pair.reproduce} />
      <h3>Log</h3>
      {pair.log === "" ? <p>Nothing was written.</p> : <pre tabIndex={0}>{pair.log}</pre>}
    </Dialog>
  );
}
