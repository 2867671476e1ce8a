import type { AttemptResult, Lease } from "../pipeline.ts";
import { FairQueue, type QueueItem } from "./queue/fair-queue.ts";
import { createServiceRate } from "./queue/service-rate.ts";
import type { AcquireRequest, ModelSnapshot, QueueSettings } from "./router.ts";
import { describeEntry } from "./targets/target-entry.ts";
import { type Place, type PoolOptions, TargetPool } from "./targets/target-pool.ts";
import { modelUnavailable, queueFull, queueTimeout, routerClosed, type TurnedAway } from "./turn-away.ts";

/** What a {@link ModelRoute} is made of. */
export interface ModelRouteOptions extends PoolOptions {
  readonly queue: QueueSettings;
}

/** A request that waits. */
interface Waiting extends QueueItem {
  readonly request: AcquireRequest;
  readonly resolve: (lease: Lease) => void;
  readonly reject: (reason: unknown) => void;
}

/** The longest time that timers take. */
const longestTimer = 2_147_483_647;

/** The way to one model: its targets, and the queue before them. */
export class ModelRoute {
  readonly pool: TargetPool;
  readonly #options: ModelRouteOptions;
  readonly #queue: FairQueue<Waiting>;
  readonly #rate = createServiceRate();
  #wake: NodeJS.Timeout | undefined;
  #hasOpened = false;
  #isClosed = false;

  constructor(options: ModelRouteOptions) {
    const onEvent: PoolOptions["onEvent"] = (event) => {
      if (event.type === "target.state" && event.state === "open") this.#hasOpened = true;
      options.onEvent(event);
    };
    this.#options = options;
    this.pool = new TargetPool({ ...options, onEvent });
    this.#queue = new FairQueue(options.queue.weights);
  }

  /** A lease now or in fair order; see {@link Router.acquire}. */
  async acquire(request: AcquireRequest): Promise<Lease> {
    request.signal.throwIfAborted();
    if (this.#isClosed) throw routerClosed(this.#options.model);
    if (!this.pool.canServe(request.exclude)) throw modelUnavailable(this.#away(this.pool.untilPlace()));
    // A target may have rested, and its timer not have fired: those who wait come first.
    if (this.#queue.size > 0) this.pump();
    const lease = this.#take(request);
    if (lease !== undefined) return lease;
    this.#refuseInVain(request);
    return this.#wait(request);
  }

  snapshot(): ModelSnapshot {
    const now = this.#options.clock();
    return {
      targets: this.pool.entries.map((entry) => describeEntry(entry, now)),
      waiting: this.#queue.lengths,
      waitingTokens: this.#queue.tokens,
    };
  }

  /** Tokens of a request, in the mean. */
  meanTokens(): number {
    return this.#rate.meanTokens();
  }

  /** Gives free places to those who wait, and turns away those whom nobody can serve any more. */
  pump(): void {
    if (this.#hasOpened) this.#turnHopelessAway();
    // Read once: of what changed between two readings, the second would say that it is no longer to come.
    const now = this.#options.clock();
    while (this.#queue.size > 0 && this.pool.hasRoom(now)) {
      const next = this.#queue.next(({ request }) => this.#take(request));
      if (next === undefined) break;
      next.item.resolve(next.result);
    }
    this.#setWake(now);
  }

  /** See {@link Router.retryNow}. */
  retryNow(): void {
    this.pool.retryNow();
    this.pump();
  }

  /** Turns all away who wait. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#wake);
    for (const { reject } of this.#queue) reject(routerClosed(this.#options.model));
  }

  #take(request: AcquireRequest): Lease | undefined {
    const { exclude } = request;
    const place = this.pool.take({ tokens: tokensOf(request), exclude, meanTokens: this.#rate.meanTokens() });
    return place && this.#toLease(place, request);
  }

  #toLease(place: Place, { attempt, exclude }: AcquireRequest): Lease {
    const { target, inFlight } = place.entry;
    let isEnded = false;
    return {
      target,
      route: `${target.id};load=${inFlight};attempt=${attempt ?? exclude.size + 1}`,
      end: (result) => {
        if (isEnded) return;
        isEnded = true;
        this.#end(place, result);
      },
    };
  }

  #end(place: Place, result: AttemptResult): void {
    if (result.type === "ok" || result.type === "neutral") {
      this.#rate.add({ tokens: place.tokens, milliseconds: this.#options.clock() - place.takenAt });
    }
    this.pool.giveBack(place, result);
    this.pump();
  }

  /** Throws where waiting makes no sense: no room to wait in, or no place before the deadline. */
  #refuseInVain(request: AcquireRequest): void {
    const { queue, clock } = this.#options;
    const item = this.#toItem(request);
    const wait = this.#expectedWait(item);
    const waiting = { all: this.#queue.size, own: this.#queue.lengthOf(item.tenant) };
    const isFull = waiting.all >= queue.size || waiting.own >= queue.sizePerTenant;
    if (isFull) throw queueFull(this.#away(wait), waiting);
    const rest = this.#deadlineOf(request) - clock();
    if (rest <= 0 || (wait ?? 0) > rest) throw queueTimeout(this.#away(wait));
  }

  #wait(request: AcquireRequest): Promise<Lease> {
    const delay = Math.min(longestTimer, Math.max(0, this.#deadlineOf(request) - this.#options.clock()));
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#queue.remove(waiting);
        clearTimeout(timer);
        request.signal.removeEventListener("abort", onAbort);
      };
      const waiting: Waiting = {
        ...this.#toItem(request),
        request,
        resolve: (lease) => {
          leave();
          resolve(lease);
        },
        reject: (reason) => {
          leave();
          reject(reason);
        },
      };
      const onAbort = (): void => waiting.reject(request.signal.reason);
      const onDeadline = (): void => waiting.reject(queueTimeout(this.#away(this.#expectedWait(waiting))));
      const timer = setTimeout(onDeadline, delay).unref();
      request.signal.addEventListener("abort", onAbort, { once: true });
      this.#queue.add(waiting);
      try {
        request.onQueued?.();
      } catch (error) {
        waiting.reject(error);
      }
      // A target may have rested since there was no place.
      this.pump();
    });
  }

  /** What is excluded may belong to other models, which a request has tried before. */
  #toItem(request: AcquireRequest): QueueItem {
    const { tenant, priority, exclude } = request;
    const excluded = exclude.size === 0 ? [] : this.pool.entries.filter(({ target }) => exclude.has(target.id));
    const takes = excluded.map(({ target }) => target.id).join(" ");
    return { tenant, priority, tokens: tokensOf(request), takesAny: excluded.length === 0, takes };
  }

  #deadlineOf({ deadlineAt = Number.POSITIVE_INFINITY }: AcquireRequest): number {
    return Math.min(deadlineAt, this.#options.clock() + this.#options.queue.wait);
  }

  /** Milliseconds until a request that joined now would be served; half a request is left of what is under way. */
  #expectedWait(item: QueueItem): number | undefined {
    const untilPlace = this.pool.untilPlace();
    if (untilPlace > 0) return untilPlace;
    const tokens = this.#queue.tokensAhead(item) + this.#rate.meanTokens() / 2;
    return this.#rate.timeFor(tokens, this.pool.places());
  }

  #away(expectedMs: number | undefined): TurnedAway {
    const { model, random } = this.#options;
    return { model, expectedMs, random: random() };
  }

  #turnHopelessAway(): void {
    this.#hasOpened = false;
    for (const { request, reject } of this.#queue) {
      if (!this.pool.canServe(request.exclude)) reject(modelUnavailable(this.#away(this.pool.untilPlace())));
    }
  }

  /** While requests wait, somebody looks when a target has rested or may be tried again. */
  #setWake(now: number): void {
    clearTimeout(this.#wake);
    if (this.#queue.size === 0 || this.#isClosed) return;
    const delay = this.pool.untilChange(now);
    if (delay !== undefined) this.#wake = setTimeout(() => this.pump(), Math.min(longestTimer, delay)).unref();
  }
}

/** Whatever costs nothing would always be first: a request counts as one token at least. */
function tokensOf({ tokens }: AcquireRequest): number {
  return Number.isFinite(tokens) ? Math.max(1, tokens) : 1;
}
