import type { ReportData } from "../../src/report-data.ts";
import { formatDuration, formatTime } from "../state/format.ts";
import type { VerificationState } from "../state/use-verification.ts";
import { wordVerification } from "../state/word-verification.ts";
import { Digest, Facts } from "./facts.tsx";
import { Verdict } from "./verdict.tsx";

interface ReleaseSummaryProps {
  data: ReportData;
  verification: VerificationState;
}

/** The release in a few facts: three answers in large, the rest to look up. */
export function ReleaseSummary({ data, verification }: ReleaseSummaryProps) {
  const { plan, outcome, gates } = data;
  const passed = gates.filter(({ verdict }) => verdict === "passed").length;
  const waived = gates.filter(({ verdict }) => verdict === "waived").length;
  const others = gates.length - passed - waived;
  return (
    <section aria-label="The release">
      <div class="answers">
        <div>
          <h2>Outcome</h2>
          <p class="answer">{nameOutcome(data)}</p>
          <p>{outcome === undefined ? "No record says how it ended." : formatTime(outcome.recordedAt)}</p>
        </div>
        <div>
          <h2>Gates</h2>
          <p class="answer">{gates.length === 0 ? "None known" : `${passed} of ${gates.length} passed`}</p>
          <p>
            {waived} waived, {others} not passed
          </p>
        </div>
        <div>
          <h2>Signatures</h2>
          <p class="answer">
            <Verdict word={wordVerification(verification)} />
          </p>
          <p>{describeVerification(verification)}</p>
        </div>
      </div>
      <Facts
        entries={[
          ["Release", <Digest value={data.id} />],
          ["Channel", plan?.channel],
          [
            "Registry",
            plan && `${plan.registry.name}${data.isRehearsal ? " (rehearsal, nothing left the machine)" : ""}`,
          ],
          ["Packages", plan && String(plan.packages.length)],
          ["Source", plan && <Digest value={plan.source.commit} />],
          ["Repository", plan?.source.repository],
          ["Working tree", plan && describeDirty(plan.source.dirty)],
          ["Built with", plan && listTools(plan.tools)],
          ["Signed by", describeSigner(data)],
          ["Log", describeLog(data)],
        ]}
      />
    </section>
  );
}

function nameOutcome({ outcome, isRehearsal, plan }: ReportData): string {
  if (outcome === undefined) return "Unknown";
  if (outcome.outcome === "promoted")
    return isRehearsal ? "Rehearsed" : `Released to ${plan?.channel ?? "its channel"}`;
  return outcome.outcome === "rolled-back" ? "Rolled back" : "Abandoned";
}

function describeVerification(verification: VerificationState): string {
  if (verification.state === "running") return "in this browser, now";
  if (verification.state === "impossible") return verification.problem;
  const { bundles } = verification.result;
  const passed = [...bundles.values()].filter(({ verdict }) => verdict === "passed").length;
  return `${passed} of ${bundles.size} statements, in this browser, in ${formatDuration(verification.tookMs)}`;
}

function describeDirty(dirty: readonly string[]): string {
  return dirty.length === 0 ? "as committed" : `${dirty.length} files differed from the commit: ${dirty.join(", ")}`;
}

function listTools(tools: Readonly<Record<string, string>>): string {
  return Object.entries(tools)
    .map(([name, version]) => `${name} ${version}`)
    .join(", ");
}

function describeSigner({ signed, keys }: ReportData): string {
  const hints = [...new Set(signed.map(({ hint }) => hint))];
  if (hints.length === 0) return "nobody: there is no signed statement";
  return hints
    .map(
      (hint) =>
        `${keys.find((key) => key.hint === hint)?.name ?? "unknown key"} (SHA-256 ${hint || "of a certificate"})`,
    )
    .join(", ");
}

function describeLog({ checkpoint, signed }: ReportData): string | undefined {
  const [origin, size] = (checkpoint ?? "").split("\n");
  if (origin === undefined || size === undefined) return undefined;
  const entries = signed.flatMap(({ logIndex }) => (logIndex === undefined ? [] : [logIndex]));
  if (entries.length === 0) return `${origin}, ${size} entries`;
  return `${origin}, entries ${Math.min(...entries)} to ${Math.max(...entries)} of ${size}`;
}
