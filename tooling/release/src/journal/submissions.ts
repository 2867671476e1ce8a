import { z } from "zod";
import type { Journal, JournalRecord } from "./journal.ts";
import { recordsSinceSeal } from "./journaled-releases.ts";

const submissionSchema = z.strictObject({
  name: z.string(),
  version: z.string(),
  /** The registry's id of what waits; null where an earlier run submitted it and was killed before it knew the id. */
  stageId: z.string().nullable(),
});

/** A version that was submitted to a registry where somebody approves it with a second factor. */
export type Submission = z.infer<typeof submissionSchema>;

/** Writes down that a version waits for approval: a registry refuses the same version a second time. */
export function recordSubmission(journal: Journal, release: string, submission: Submission): void {
  const { name, version } = submission;
  journal.add({ release, phase: "note", kind: "submission", target: `${name}@${version}`, data: submission });
}

/** What a release has submitted since its plan was sealed, in the order in which it did. */
export function readSubmissions(records: readonly JournalRecord[], release: string): Submission[] {
  return recordsSinceSeal(records, release)
    .filter(({ kind }) => kind === "submission")
    .map(({ data }) => submissionSchema.parse(data));
}

/** The command that approves or rejects all of them with one password; one that lists those whose id is not known. */
export function renderSubmissions(verb: "approve" | "reject", submissions: readonly Submission[]): string {
  const known = submissions.flatMap(({ stageId }) => (stageId === null ? [] : [stageId]));
  const unknown = submissions.filter(({ stageId }) => stageId === null);
  const commands = verb === "approve" && known.length > 0 ? [`  pnpm stage approve ${known.join(" ")}`] : [];
  const rejections = verb === "reject" ? known.map((id) => `  pnpm stage reject ${id}`) : [];
  const lists = unknown.map(
    ({ name, version }) => `  pnpm stage list ${name}   # ${version}: its id is not known here`,
  );
  return [...commands, ...rejections, ...lists].join("\n");
}
