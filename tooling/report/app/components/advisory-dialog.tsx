import type { GateDetails } from "../../src/evidence/details-schemas.ts";
import { daysLeft } from "../state/format.ts";
import { DependencyPaths } from "./dependency-paths.tsx";
import { Dialog } from "./dialog.tsx";
import { Facts } from "./facts.tsx";

type AdvisoryMatch = NonNullable<GateDetails["advisories"]>["matches"][number];

/** An advisory that matches: what it says, whether it is reached, and the statement that answers it. */
export function AdvisoryDialog({ match, onClose }: { match: AdvisoryMatch; onClose: () => void }) {
  const { statement } = match;
  return (
    <Dialog title={`${match.advisory} in ${match.id}`} onClose={onClose}>
      <p>{match.summary || "The advisory has no summary."}</p>
      <Facts
        entries={[
          ["Severity", match.score === undefined ? match.severity : `${match.severity} (CVSS ${match.score})`],
          ["Also known as", match.aliases.join(", ")],
          ["Fixed in", match.fixedIn.join(", ") || "no version"],
          ["Reachable", [match.reachable, match.why].filter(Boolean).join(": ")],
          ["Used by", match.usedBy.join(", ")],
        ]}
      />
      <h3>VEX statement</h3>
      {statement === undefined ? (
        <p>None: the advisory is {match.verdict}.</p>
      ) : (
        <Facts
          entries={[
            ["Status", statement.status],
            ["Justification", statement.justification],
            ["Owner", statement.owner],
            ["Reason", statement.reason],
            ["Last day", `${statement.expires} (${describeDays(statement.expires)})`],
          ]}
        />
      )}
      <DependencyPaths paths={match.paths} />
    </Dialog>
  );
}

function describeDays(expires: string): string {
  const days = daysLeft(expires, new Date());
  return days < 0 ? "expired" : `${days} days left`;
}
