import type { GateSummary } from "../../src/report-data.ts";
import { wordVerdict } from "../../src/tables/report-table.ts";
import { formatDuration, formatTime } from "../state/format.ts";
import { Dialog } from "./dialog.tsx";
import { Digest, Facts } from "./facts.tsx";
import { InputList } from "./input-list.tsx";
import { Verdict } from "./verdict.tsx";

/** Everything that a gate's result says, findings aside. */
export function GateDialog({ gate, onClose }: { gate: GateSummary; onClose: () => void }) {
  return (
    <Dialog title={`Gate ${gate.gate}`} onClose={onClose}>
      <Facts
        entries={[
          ["Verdict", <Verdict word={wordVerdict(gate.verdict)} />],
          ["Reason", gate.reason],
          ["Checked", String(gate.checked)],
          ["Started", formatTime(gate.startedAt)],
          ["Took", formatDuration(gate.durationMs)],
          ["Policy", <Digest value={gate.policyDigest} />],
          ...Object.entries(gate.observed ?? {}).map(([name, value]) => [name, value] as const),
        ]}
      />
      {gate.findings.length > 0 && <h3>Findings</h3>}
      {gate.findings.map((finding, index) => (
        <section class="finding" key={index}>
          <h4>
            {finding.rule} <span>{[finding.package, finding.where].filter(Boolean).join(" · ")}</span>
          </h4>
          <p>{finding.message}</p>
          {finding.why && <p>Why it matters: {finding.why}</p>}
          {finding.fix && <p>What mends it: {finding.fix}</p>}
          {finding.waiver && (
            <p>
              Waived by {finding.waiver.owner} until {finding.waiver.expires}: {finding.waiver.reason}
            </p>
          )}
        </section>
      ))}
      <InputList inputs={gate.inputs} />
    </Dialog>
  );
}
