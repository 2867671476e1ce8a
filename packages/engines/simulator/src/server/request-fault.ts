import { createRandom, pickOne } from "../engine/random.ts";

/** What goes wrong with one request, as servers do it. `afterTokens` counts the tokens of all its answers. */
export type RequestFault =
  /** Answered with a status such as 429, 500 or 503, with `Retry-After` where it is given. */
  | { readonly type: "status"; readonly status: number; readonly retryAfterSeconds?: number | undefined }
  /** 400, in vLLM's words: the prompt is longer than the context. */
  | { readonly type: "context-length" }
  /** The connection is reset instead of an answer. */
  | { readonly type: "reset" }
  /** No answer at all, until the client leaves. */
  | { readonly type: "no-response" }
  /** The first token comes later. */
  | { readonly type: "slow-first-token"; readonly milliseconds: number }
  /** The connection breaks off. */
  | { readonly type: "cut"; readonly afterTokens: number }
  /** Nothing more comes, until the client leaves. */
  | { readonly type: "stall"; readonly afterTokens: number }
  /** A piece that is no JSON. */
  | { readonly type: "malformed"; readonly afterTokens: number }
  /** A piece, or a whole answer, with so many bytes of text more. */
  | { readonly type: "oversized"; readonly afterTokens: number; readonly bytes: number }
  /** The stream ends without `[DONE]`. */
  | { readonly type: "no-done" }
  /** The answer ends without a finish reason; a stream without `[DONE]`, too. */
  | { readonly type: "no-finish-reason" };

/** What a schedule decides by. */
export interface FaultQuestion {
  /** Counts the requests for answers from 0. */
  readonly index: number;
  readonly id: string;
  readonly path: string;
}

/** Decides on the fault of each request. */
export type FaultSchedule = (question: FaultQuestion) => RequestFault | undefined;

/** A schedule of a server that comes and goes: `up` requests are answered, then `down` have the fault, and so on. */
export function flapping(options: { up: number; down: number; fault: RequestFault }): FaultSchedule {
  const { up, down, fault } = options;
  return ({ index }) => (index % (up + down) < up ? undefined : fault);
}

/** A schedule that gives a share of the requests, from 0 to 1, one of some faults: the same ones for the same seed. */
export function seededFaults(options: {
  seed: number;
  share: number;
  faults: readonly [RequestFault, ...RequestFault[]];
}): FaultSchedule {
  const { seed, share, faults } = options;
  return ({ index }) => {
    const random = createRandom(seed * 2_654_435_761 + index);
    return random() < share ? pickOne(random, faults) : undefined;
  };
}
