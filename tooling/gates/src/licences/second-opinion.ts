import { createGate, type Observation } from "../create-gate.ts";
import { compareText } from "../text/compare-text.ts";
import type { Gate } from "../gate.ts";
import type { LicencesPolicy } from "../policy/licences-policy.ts";
import { judgeStatement, type LicenceVerdict } from "./judge-licence.ts";
import { parseStatement } from "./licence-statement.ts";
import { readReleaseLicences } from "./read-release-licences.ts";
import { type CheckerOpinion, runLicenceChecker } from "./run-licence-checker.ts";

/** What {@link secondOpinion} takes beside the folder and our verdicts. */
export interface SecondOpinionOptions {
  policy: LicencesPolicy;
  signal?: AbortSignal | undefined;
}

/**
 * Asks license-checker about a project into which npm installed the released packages, and compares with our verdicts.
 * It reads what a consumer really gets, so it also shows what the lockfile could not know. Where the two judge
 * differently, or license-checker sees something that we did not and that is not allowed, the observation is an error;
 * a mere difference in words is a warning. Throws LICENCE_CHECKER_FAILED.
 */
export async function secondOpinion(
  consumerFolder: string,
  verdicts: readonly LicenceVerdict[],
  { policy, signal }: SecondOpinionOptions,
): Promise<Observation[]> {
  return compareOpinions(await runLicenceChecker(consumerFolder, signal), verdicts, policy);
}

/** {@link secondOpinion} as a gate, for the step that installs the consumer project; without one of npm's it says `not-run`. */
export function createSecondOpinionGate(consumerFolder: string | undefined): Gate {
  return createGate({
    name: "second-opinion",
    title: "license-checker agrees on what a consumer installs",
    async inspect(input) {
      if (consumerFolder === undefined) {
        const notRun = "license-checker reads what npm installed, and no consumer was installed with npm.";
        return { checked: 0, observations: [], inputs: [], notRun };
      }
      const { verdicts, lockfileDigest } = await readReleaseLicences(input);
      const opinions = await runLicenceChecker(consumerFolder, input.signal);
      const observations = compareOpinions(opinions, verdicts, input.policy.licences);
      return {
        checked: opinions.length,
        observations,
        inputs: [{ name: "pnpm-lock.yaml", digest: lockfileDigest }],
        details: describeOpinions({ opinions, verdicts, observations }),
      };
    },
  });
}

/** What the gate `second-opinion` saw, for the report. */
export type SecondOpinionDetails = {
  /** How many packages license-checker saw. */
  packages: number;
  /** Where the two readers say different things; ordered by id. A licence is `none` where its reader saw no such package. */
  disagreements: { id: string; ours: string; theirs: string; rule: string; message: string }[];
};

interface Opinions {
  opinions: readonly CheckerOpinion[];
  verdicts: readonly LicenceVerdict[];
  observations: readonly Observation[];
}

function describeOpinions({ opinions, verdicts, observations }: Opinions): SecondOpinionDetails {
  const disagreements = observations.map(({ where: id, rule, message }) => ({
    id,
    ours: verdicts.find((verdict) => verdict.id === id)?.licence ?? "none",
    theirs: opinions.find((opinion) => opinion.id === id)?.licences.join(", ") ?? "none",
    rule,
    message,
  }));
  return { packages: opinions.length, disagreements: disagreements.toSorted((a, b) => compareText(a.id, b.id)) };
}

/** Compares what license-checker said with our verdicts. */
function compareOpinions(
  opinions: readonly CheckerOpinion[],
  verdicts: readonly LicenceVerdict[],
  policy: LicencesPolicy,
): Observation[] {
  const ours = new Map(verdicts.map((verdict) => [verdict.id, verdict]));
  const installed = new Set(opinions.map(({ name }) => name));
  const missing = verdicts.filter(({ name, optional }) => !optional && !installed.has(name));
  return [
    ...opinions.flatMap((opinion) => compareOpinion(opinion, ours.get(opinion.id), policy)),
    ...missing.map(({ id }) =>
      observation("opinion-missing", "warning", {
        where: id,
        message: `We judged ${id}, a required dependency, and license-checker sees no version of it in the consumer's install.`,
        fix: "Check whether a range of the package resolves to something without that dependency.",
      }),
    ),
  ];
}

function compareOpinion(
  opinion: CheckerOpinion,
  ours: LicenceVerdict | undefined,
  policy: LicencesPolicy,
): Observation[] {
  const theirs = opinion.licences.map((licence) => licence.replace(/\*$/, ""));
  const theyAllow = theirs.every(
    (licence) => judgeStatement(parseStatement(licence), ours?.kind ?? "code", policy) === undefined,
  );
  const says = `license-checker says ${opinion.licences.join(", ")}`;
  if (ours === undefined) {
    return [
      observation("opinion-unlisted", theyAllow ? "warning" : "error", {
        where: opinion.id,
        message: `A consumer installs ${opinion.id}, which the lockfile does not have; ${says}, which the policy ${theyAllow ? "allows" : "does not allow"}.`,
        fix: "Update the lockfile so that the release is judged with what consumers get.",
      }),
    ];
  }
  const isSameText = normalise(theirs.join(", ")) === normalise(ours.licence);
  if (isSameText || (ours.allowed === theyAllow && ours.source === "clarification")) return [];
  const isSameVerdict = ours.allowed === theyAllow || ours.source === "clarification";
  return [
    observation("opinion-differs", isSameVerdict ? "warning" : "error", {
      where: opinion.id,
      message: `${opinion.id}: we read ${ours.licence} (${ours.source}), which the policy ${ours.allowed ? "allows" : "does not allow"}; ${says}, which it ${theyAllow ? "allows" : "does not allow"}.`,
      fix: "Read the package's licence text and state in licences.clarifications which of the two is right.",
    }),
  ];
}

/** Outer parentheses and spaces do not make a difference. */
function normalise(licence: string): string {
  return licence
    .replace(/^\((.*)\)$/, "$1")
    .replace(/\s+/g, " ")
    .trim();
}

function observation(
  rule: string,
  severity: Observation["severity"],
  text: Pick<Observation, "where" | "message" | "fix">,
): Observation {
  const why = "Two readers that disagree about a licence mean that at least one of them is wrong.";
  return { rule, severity, why, dependency: text.where, ...text };
}
