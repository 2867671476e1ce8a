import { type AuditHead, type AuditRecord, emptyHead, parseRecord } from "./audit-record.ts";
import type { FileLine } from "./read-lines.ts";

/** What somebody did to an audit log. */
export type TamperKind = "edited" | "removed" | "inserted" | "reordered" | "truncated";

/** One place where an audit log is not what was recorded. */
export interface AuditProblem {
  kind: TamperKind;
  file: string;
  /** Line of the file at which it shows, from 1. */
  line: number;
  message: string;
}

/** Follows the chain of hashes, line after line, over any number of files. */
export interface ChainCheck {
  /** Takes the next line; false when it is not what was recorded. */
  add(line: FileLine, file: string): boolean;
  /** Says that there are no more lines. */
  end(file: string): void;
  /** The last line that was taken. */
  readonly head: AuditHead;
  readonly problems: readonly AuditProblem[];
  /** How many problems there are; not all are kept. */
  readonly problemCount: number;
}

/** What {@link checkChain} takes. */
export interface ChainOptions {
  /** What the first line follows. Default: nothing, it is the first line ever. */
  since?: AuditHead;
  /** Heads that are known from elsewhere: the log must have had each. */
  heads?: readonly AuditHead[];
}

const maxProblems = 100;

/** Lines that are missing at one place, as long as they do not turn up elsewhere. */
interface Gap {
  from: number;
  to: number;
  missing: number;
  problem: AuditProblem;
}

/** Begins to follow a chain. Needs the same memory for any number of lines. */
export function checkChain({ since = emptyHead, heads = [] }: ChainOptions = {}): ChainCheck {
  let head = since;
  let count = 0;
  let lastLine = 0;
  const problems: AuditProblem[] = [];
  const gaps: Gap[] = [];
  const report = (problem: AuditProblem): AuditProblem => {
    count += 1;
    if (problems.length < maxProblems) problems.push(problem);
    return problem;
  };
  const takeBack = (gap: Gap): void => {
    count -= 1;
    gaps.splice(gaps.indexOf(gap), 1);
    const index = problems.indexOf(gap.problem);
    if (index !== -1) problems.splice(index, 1);
  };

  const addRecord = (record: AuditRecord, at: { file: string; line: number }): boolean => {
    const expected = head.count + 1;
    const { seq, previous, hash } = record;
    if (seq < expected) {
      const gap = gaps.find(({ from, to }) => from <= seq && seq <= to);
      const kind = gap === undefined ? "inserted" : "reordered";
      report({ ...at, kind, message: `record ${seq} stands after record ${head.count}` });
      if (gap !== undefined && (gap.missing -= 1) === 0) takeBack(gap);
      return false;
    }
    let isSound = true;
    if (seq > expected) {
      const what = seq - expected === 1 ? `record ${expected} is` : `records ${expected} to ${seq - 1} are`;
      const problem = report({ ...at, kind: "removed", message: `${what} missing before record ${seq}` });
      if (gaps.length < maxProblems) gaps.push({ from: expected, to: seq - 1, missing: seq - expected, problem });
      isSound = false;
    } else if (previous !== head.hash) {
      const message = `record ${seq} does not follow record ${head.count} as it stands here: one of the two was replaced`;
      report({ ...at, kind: "edited", message });
      isSound = false;
    }
    const known = heads.find((each) => each.count === seq);
    if (known !== undefined && known.hash !== hash) {
      report({ ...at, kind: "edited", message: `record ${seq} is not the one whose hash was kept elsewhere` });
      isSound = false;
    }
    head = { count: seq, hash };
    return isSound;
  };

  return {
    add: ({ text, number, isWhole }, file) => {
      const at = { file, line: number };
      lastLine = number;
      const record = parseRecord(text);
      if (!isWhole) {
        report({
          ...at,
          kind: "truncated",
          message: "the line does not end: writing it was interrupted, or it was cut",
        });
        return false;
      }
      if (typeof record !== "string") return addRecord(record, at);
      report({ ...at, kind: "edited", message: record });
      // As if the line were there, so that those after it are judged by themselves.
      head = { count: head.count + 1, hash: claimedHash(text) ?? head.hash };
      return false;
    },
    end: (file) => {
      for (const known of heads.filter(({ count: seq }) => seq > head.count)) {
        const message = `the last ${known.count - head.count} of ${known.count} records are missing`;
        report({ file, line: lastLine, kind: "truncated", message });
      }
    },
    get head() {
      return head;
    },
    problems,
    get problemCount() {
      return count;
    },
  };
}

/** The hash that an edited line ends with, if its end is whole: the line after it was chained to that. */
function claimedHash(text: string): string | undefined {
  return /,"hash":"([0-9a-f]{64})"\}$/.exec(text)?.[1];
}
