import { HxpError } from "@hxp/errors";
import { z } from "zod";
import type { JsonObject } from "../../gate.ts";
import type { OsvEntry } from "../database/osv-entry.ts";

/** The program that makes a CSAF document. */
export interface CsafEngine {
  name: string;
  version: string;
}

const revisionsSchema = z
  .array(z.looseObject({ date: z.iso.datetime({ offset: true }), summary: z.string().min(1) }))
  .min(1);

/**
 * The tracking of a CSAF document. An entry lists its revisions, oldest first, under `database_specific.revisions`, each
 * with `date` and `summary`; else its publication and its last change are two.
 */
export function createTracking(entry: OsvEntry, { engine, now }: { engine: CsafEngine; now: Date }): JsonObject {
  const history = readRevisions(entry)
    .map(({ date, summary }) => ({ date: new Date(date).toISOString(), summary }))
    .toSorted((a, b) => Date.parse(a.date) - Date.parse(b.date))
    .map(({ date, summary }, index) => ({ date, number: String(index + 1), summary }));
  const current = history.at(-1)?.date ?? entry.modified;
  return {
    current_release_date: current,
    generator: { date: now.toISOString(), engine: { name: engine.name, version: engine.version } },
    id: entry.id,
    initial_release_date: history[0]?.date ?? current,
    revision_history: history,
    status: "final",
    version: String(history.length),
  };
}

function readRevisions({
  id,
  modified,
  published,
  database_specific: specific,
}: OsvEntry): { date: string; summary: string }[] {
  const written = specific?.["revisions"];
  if (written !== undefined) {
    const parsed = revisionsSchema.safeParse(written);
    if (parsed.success) return parsed.data;
    const message = `${id} has no revisions under database_specific.revisions:\n${z.prettifyError(parsed.error)}`;
    throw new HxpError("ADVISORY_SOURCE_INVALID", message);
  }
  const first = { date: published ?? modified, summary: "Initial version." };
  if (Date.parse(first.date) >= Date.parse(modified)) return [first];
  return [first, { date: modified, summary: "The advisory was changed." }];
}
