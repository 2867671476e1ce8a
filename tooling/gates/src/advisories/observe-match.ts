import type { ProductionClosure } from "../closure/component.ts";
import { packageUrl } from "../closure/package-url.ts";
import type { Observation } from "../create-gate.ts";
import type { AdvisoriesPolicy } from "../policy/advisories-policy.ts";
import { maximumWaiverDays } from "../policy/policy-schema.ts";
import { isMalware } from "./advisory.ts";
import type { Match } from "./find-matches.ts";
import { indexClosure } from "./index-closure.ts";
import { isAtLeast } from "./rate-severity.ts";
import type { Use } from "./reachability/judge-link.ts";
import type { Answer } from "./vex/find-answer.ts";

/** A match as one package of the release has it. */
export interface Occurrence {
  match: Match;
  closure: ProductionClosure;
  answer: Answer;
  use: Use;
}

/** Says of a match in a package what it is, why it matters and what mends it. */
export function observeMatch(
  occurrence: Occurrence,
  { policy, now }: { policy: AdvisoriesPolicy; now: Date },
): Observation {
  const { match, closure, answer, use } = occurrence;
  const ways = findWays(occurrence);
  const malware = isMalware({ id: match.advisory, aliases: match.aliases });
  return {
    rule: answer.fault?.rule ?? (malware ? "malware" : "vulnerable"),
    package: closure.root.name,
    dependency: match.component.id,
    where: ways[0] ?? match.component.id,
    message: [
      describe(match),
      ...describeAnswer(answer),
      ...(ways.length > 1 ? [`Also by ${ways.slice(1).join("; ")}.`] : []),
    ].join(" "),
    why: `${malware ? whyMalware : whyVulnerable} Does the package's code lead there: ${use.reachable}, ${use.why}.`,
    fix: renderFix(occurrence, now),
    severity: isError(occurrence, policy) ? "error" : "warning",
  };
}

const whyMalware = "Malice in a dependency runs with the rights of whoever installs it, imported or not.";
const whyVulnerable = "Whoever installs the package has the vulnerability, and attackers read the same advisory.";

/** Nobody's silence lowers a match: an answer, the policy, or, where the policy says so, a proof that nothing leads there. */
function isError({ match, closure, answer, use }: Occurrence, policy: AdvisoriesPolicy): boolean {
  if (answer.isAnswered) return false;
  if (isMalware({ id: match.advisory, aliases: match.aliases })) return true;
  const severity = match.severity === "unknown" ? policy.unknownSeverity : match.severity;
  const here = indexClosure(closure).byId.get(match.component.id);
  const least = here?.optional === true ? policy.optionalErrorFrom : policy.errorFrom;
  if (!isAtLeast(severity, least)) return false;
  return !(use.reachable === "no" && policy.unreachable === "warning");
}

/** The ways from a package to what is vulnerable, as a person reads them. */
function findWays({ match, closure }: Pick<Occurrence, "match" | "closure">): string[] {
  const here = indexClosure(closure).byId.get(match.component.id);
  return (here?.dependencyPaths ?? []).map((path) => path.join(" > "));
}

function describe({ component, advisory, aliases, severity, score, summary, affected, fixedIn }: Match): string {
  const names = [advisory, ...aliases].slice(0, 3).join(", ");
  const rating = score === undefined ? severity : `${severity}, CVSS ${score}`;
  const doubt = affected === "undecidable" ? " Its versions cannot be read, so every one counts." : "";
  const fixed = fixedIn.length === 0 ? "" : ` Fixed in ${fixedIn.join(" and ")}.`;
  return `${component.id} has ${names} (${rating}): ${summary.replace(/\.$/, "")}.${doubt}${fixed}`;
}

function describeAnswer({ statement, fault, isAnswered }: Answer): string[] {
  if (statement === undefined) return [];
  const { where, status, reason, owner, expires } = statement;
  if (fault !== undefined) return [`The statement at ${where} does not count: ${fault.message}.`];
  if (!isAnswered) return [`${where} says \`${status}\`: ${reason.replace(/\.$/, "")}.`];
  return [`Answered by ${owner} until ${expires}, \`${status}\`: ${reason.replace(/\.$/, "")} (${where}).`];
}

function renderFix(occurrence: Occurrence, now: Date): string {
  const { match, answer } = occurrence;
  const { statement, fault, isAnswered, path } = answer;
  if (isAnswered) return `Mend it before the statement ends: ${renderUpdate(match)}`;
  const until = lastDay(now);
  if (statement !== undefined && fault?.rule === "statement-path-changed") {
    return `Look at the paths again. If the statement still holds for them, add ${path} to its paths (OpenVEX \`hxp.path\`, CycloneDX \`hxp:path\`) at ${statement.where}. Otherwise: ${renderUpdate(match)}`;
  }
  if (statement !== undefined && fault !== undefined) {
    return `${renderUpdate(match)} Or have ${statement.owner} decide again and set the last day at ${statement.where} (OpenVEX \`hxp.expires\`, CycloneDX \`hxp:expires\`), ${until} at the latest.`;
  }
  return `${renderUpdate(match)} Or, if it does not affect the package, say why in .vex/${match.advisory.toLowerCase()}.json: ${renderStatement(occurrence, now)}`;
}

function renderUpdate({ component, fixedIn, advisory, aliases }: Match): string {
  const { name, folder, id } = component;
  if (isMalware({ id: advisory, aliases })) return `Remove ${id}, and treat machines that installed it as compromised.`;
  if (folder !== undefined) return `Release ${name} in a version that the advisory does not name.`;
  const [fixed] = fixedIn;
  if (fixed === undefined) return `No mended version of ${name} is known: replace it, or remove what needs it.`;
  return `\`pnpm update --recursive ${name}\`, or in pnpm-workspace.yaml \`overrides: { "${id}": "${fixed}" }\` and \`pnpm install\`.`;
}

function lastDay(now: Date): string {
  return new Date(now.getTime() + maximumWaiverDays * 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
}

/** A statement to paste. What stands in angle brackets is refused until somebody writes it. */
function renderStatement({ match, closure, answer }: Occurrence, now: Date): string {
  const { component, advisory } = match;
  const product = { "@id": packageUrl(closure.root.name, "").replace(/@$/, "") };
  const isOwn = component.id === closure.root.id;
  return JSON.stringify({
    "@context": "https://openvex.dev/ns/v0.2.0",
    "@id": `urn:vex:${advisory}`,
    author: "<name and address of who answers for it>",
    timestamp: now.toISOString(),
    version: 1,
    statements: [
      {
        vulnerability: { name: advisory },
        products: [isOwn ? product : { ...product, subcomponents: [{ "@id": component.purl }] }],
        status: "not_affected",
        justification: "vulnerable_code_not_in_execute_path",
        impact_statement: "<why, so that it can be checked>",
        hxp: { expires: lastDay(now), path: answer.path },
      },
    ],
  });
}
