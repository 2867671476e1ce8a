import type { AnswerScanner } from "../read/answer-scanner.ts";
import type { EventReader } from "../read/event-reader.ts";
import type { EditedBytes } from "./edited-bytes.ts";

/** What a client gets of the usage that the gateway asked the upstream for. */
export type UsagePolicy =
  /** It did not ask: it sees none. */
  | "strip"
  /** It asked: null in each piece, then one piece without choices that has it. */
  | "last"
  /** It asked for usage in every piece. */
  | "keep";

const nothing = Buffer.from("null");
const nullMember = Buffer.from(',"usage":null');

/** Puts an event into the output as the policy wants it; returns whether it had the one usage that is the client's. */
export function editUsage(
  policy: UsagePolicy,
  { reader, scanner }: { readonly reader: EventReader; readonly scanner: AnswerScanner },
  output: EditedBytes,
): boolean {
  const has = scanner.usageFrom !== -1 && !scanner.usageIsNull;
  if (has && scanner.count === 0) {
    if (policy === "strip") return false;
    output.keep(reader.bytes, reader.from, reader.to);
    return true;
  }
  if (policy === "keep") output.keep(reader.bytes, reader.from, reader.to);
  else if (policy === "strip" && scanner.usageFrom !== -1)
    replace(reader, output, { from: scanner.memberFrom, to: scanner.memberTo });
  else if (policy === "last" && has)
    replace(reader, output, { from: scanner.usageFrom, to: scanner.usageTo, by: nothing });
  else if (policy === "last" && scanner.usageFrom === -1) {
    replace(reader, output, { from: scanner.closing, to: scanner.closing, by: nullMember });
  } else output.keep(reader.bytes, reader.from, reader.to);
  return false;
}

interface Replacement {
  readonly from: number;
  readonly to: number;
  readonly by?: Buffer;
}

function replace(reader: EventReader, output: EditedBytes, { from, to, by }: Replacement): void {
  if (reader.data !== reader.bytes) return replaceInLines(reader, output, { from, to, ...(by && { by }) });
  output.keep(reader.bytes, reader.from, from);
  if (by !== undefined) output.insert(by);
  output.keep(reader.bytes, to, reader.to);
}

/** Data of several lines lies in a copy; it becomes one line, for a line's end in JSON is only white space. */
function replaceInLines(reader: EventReader, output: EditedBytes, { from, to, by }: Replacement): void {
  const text = reader.data.toString("latin1", 0, from) + (by ?? "").toString() + reader.data.toString("latin1", to);
  output.insert(Buffer.from(`data: ${text.replaceAll("\n", " ")}\n\n`, "latin1"));
}
