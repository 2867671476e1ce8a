import type { RequestFault } from "./request-fault.ts";

/** What became of one request, as the engine sees it. Times are milliseconds of the simulator's clock. */
export interface SimulatedRequest {
  /** The value of `x-request-id`, or one made here. */
  readonly id: string;
  readonly path: string;
  readonly receivedAt: number;
  readonly fault: RequestFault | undefined;
  /** Status that was answered; undefined: none yet, or none at all. */
  status: number | undefined;
  /** Tokens of the prompts, as often as they were read. */
  promptTokens: number;
  /** Those of them that were reused from the cache. */
  cachedTokens: number;
  /** Tokens that were generated, whether they arrived or not. */
  completionTokens: number;
  firstTokenAt: number | undefined;
  endedAt: number | undefined;
  /** When the client was seen to have left before the end. */
  abortedAt: number | undefined;
}

/** The latest requests, and the sums of all. */
export class RequestLog {
  readonly #requests: SimulatedRequest[] = [];
  readonly #most: number;
  #count = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** How many requests there were. */
  get count(): number {
    return this.#count;
  }

  get all(): readonly SimulatedRequest[] {
    return this.#requests;
  }

  begin(facts: Pick<SimulatedRequest, "id" | "path" | "receivedAt" | "fault">): SimulatedRequest {
    const request: SimulatedRequest = {
      ...facts,
      status: undefined,
      promptTokens: 0,
      cachedTokens: 0,
      completionTokens: 0,
      firstTokenAt: undefined,
      endedAt: undefined,
      abortedAt: undefined,
    };
    this.#count += 1;
    this.#requests.push(request);
    if (this.#requests.length > this.#most) this.#requests.shift();
    return request;
  }

  find(id: string): SimulatedRequest | undefined {
    return this.#requests.findLast((request) => request.id === id);
  }
}
