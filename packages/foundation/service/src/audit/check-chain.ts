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

/** What {@link ChainCheck} takes. */
export interface ChainOptions {
  /** What the first line follows. Default: nothing, it is the first line ever. */
  since?: AuditHead | undefined;
  /** Heads that are known from elsewhere: the log must have had each. */
  heads?: readonly AuditHead[];
}

/** Lines that are missing at one place, as long as they do not turn up elsewhere. */
interface Gap {
  from: number;
  to: number;
  missing: number;
  problem: AuditProblem;
}

interface Place {
  file: string;
  line: number;
}

const maxProblems = 100;

/** Follows the chain of hashes, line after line, over any number of files; in the same memory for any number of lines. */
export class ChainCheck {
  /** The last line that was taken. */
  head: AuditHead;
  /** The first ones. */
  readonly problems: AuditProblem[] = [];
  /** How many there are. */
  problemCount = 0;
  readonly #heads: readonly AuditHead[];
  readonly #gaps: Gap[] = [];
  #lastLine = 0;
  /** Whether the line before was so broken that its hash is not known: then the next is not judged by it. */
  #isBlind = false;

  constructor({ since = emptyHead, heads = [] }: ChainOptions = {}) {
    this.head = since;
    this.#heads = heads;
  }

  /** Takes the next line; false when it is not what was recorded. */
  add({ text, number, isWhole }: FileLine, file: string): boolean {
    const at = { file, line: number };
    this.#lastLine = number;
    if (!isWhole) {
      this.#report("truncated", at, "the line does not end: writing it was interrupted, or it was cut");
      return false;
    }
    const record = parseRecord(text);
    if (typeof record !== "string") return this.#addRecord(record, at);
    this.#report("edited", at, record);
    // As if the line were there, so that those after it are judged by themselves.
    const claimed = claimedHash(text);
    this.#isBlind = claimed === undefined;
    this.head = { count: this.head.count + 1, hash: claimed ?? this.head.hash };
    return false;
  }

  /** Says that there are no more lines. */
  end(file: string): void {
    const { head } = this;
    for (const { count } of this.#heads.filter((known) => known.count > head.count)) {
      const message = `the last ${count - head.count} of ${count} records are missing`;
      this.#report("truncated", { file, line: this.#lastLine }, message);
    }
  }

  #addRecord(record: AuditRecord, at: Place): boolean {
    const { seq, previous, hash } = record;
    const { count, hash: lastHash } = this.head;
    if (seq <= count) return this.#addLate(record, at);
    const follows = this.#isBlind || previous === lastHash;
    this.#isBlind = false;
    this.head = { count: seq, hash };
    if (seq > count + 1) return this.#addGap(seq, { from: count + 1, at });
    if (!follows) {
      const message = `record ${seq} does not follow record ${count} as it stands here: one of the two was replaced`;
      this.#report("edited", at, message);
      return false;
    }
    if (!this.#heads.some((known) => known.count === seq && known.hash !== hash)) return true;
    this.#report("edited", at, `record ${seq} is not the one whose hash was kept`);
    return false;
  }

  #addLate({ seq }: AuditRecord, at: Place): false {
    const gap = this.#gaps.find(({ from, to }) => from <= seq && seq <= to);
    const message = `record ${seq} stands after record ${this.head.count}`;
    this.#report(gap === undefined ? "inserted" : "reordered", at, message);
    if (gap === undefined) return false;
    gap.missing -= 1;
    if (gap.missing === 0) this.#takeBack(gap);
    return false;
  }

  #addGap(seq: number, { from, at }: { from: number; at: Place }): false {
    const to = seq - 1;
    const what = from === to ? `record ${from} is` : `records ${from} to ${to} are`;
    const problem = this.#report("removed", at, `${what} missing before record ${seq}`);
    if (this.#gaps.length < maxProblems) this.#gaps.push({ from, to, missing: to - from + 1, problem });
    return false;
  }

  #report(kind: TamperKind, at: Place, message: string): AuditProblem {
    const problem = { kind, ...at, message };
    this.problemCount += 1;
    if (this.problems.length < maxProblems) this.problems.push(problem);
    return problem;
  }

  /** What seemed to be removed stands elsewhere, and was reported there. */
  #takeBack(gap: Gap): void {
    this.problemCount -= 1;
    this.#gaps.splice(this.#gaps.indexOf(gap), 1);
    const index = this.problems.indexOf(gap.problem);
    if (index !== -1) this.problems.splice(index, 1);
  }
}

/** The hash that an edited line ends with, if its end is whole: the line after it was chained to that. */
function claimedHash(text: string): string | undefined {
  return /,"hash":"([0-9a-f]{64})"\}$/.exec(text)?.[1];
}
