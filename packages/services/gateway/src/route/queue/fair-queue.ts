import type { Priority, QueueSettings } from "../router.ts";
import { Heap, type HeapItem } from "./heap.ts";

/** What the queue looks at of a request that waits. */
export interface QueueItem {
  readonly tenant: string;
  readonly priority: Priority;
  readonly tokens: number;
  /** Whether it takes any target: then none that waits behind it is better off. */
  readonly takesAny: boolean;
  /** Those which take the same targets have the same text here. */
  readonly takes: string;
}

/** Requests of one tenant and class, in the order in which they came. */
interface Flow<Item> extends HeapItem {
  readonly key: string;
  readonly weight: number;
  readonly items: Set<Item>;
  tokens: number;
  /** Virtual time at which its first request begins to be served. */
  start: number;
}

/**
 * A weighted fair queue over tokens: self-clocked fair queueing. Every flow (a tenant's requests of one class) has a virtual
 * time that grows by a request's tokens divided by the flow's weight; the flow whose first request would be finished
 * earliest is next. So each flow gets its share of tokens whatever others send, what a flow leaves is shared by the
 * rest, and the least weight still gets its part. Within a flow, first in is first out. All operations take O(log flows).
 */
export class FairQueue<Item extends QueueItem> {
  readonly #weights: QueueSettings["weights"];
  readonly #flows = new Map<string, Flow<Item>>();
  readonly #heap = new Heap<Flow<Item>>();
  readonly #lengths: Record<Priority, number> = { interactive: 0, default: 0, bulk: 0 };
  readonly #tenants = new Map<string, number>();
  #now = 0;
  #order = 0;
  #activeWeight = 0;
  #tokens = 0;
  #size = 0;

  constructor(weights: QueueSettings["weights"]) {
    this.#weights = weights;
  }

  get size(): number {
    return this.#size;
  }

  get tokens(): number {
    return this.#tokens;
  }

  get lengths(): Readonly<Record<Priority, number>> {
    return { ...this.#lengths };
  }

  lengthOf(tenant: string): number {
    return this.#tenants.get(tenant) ?? 0;
  }

  add(item: Item): void {
    const flow = this.#flows.get(flowKey(item)) ?? this.#openFlow(item);
    flow.items.add(item);
    flow.tokens += item.tokens;
    if (flow.items.size === 1) {
      flow.rank = rankOf(flow);
      this.#heap.add(flow);
    }
    this.#count(item, 1);
  }

  /** Takes an item out, wherever it stands; nothing happens if it is out already. */
  remove(item: Item): void {
    const flow = this.#flows.get(flowKey(item));
    if (flow?.items.delete(item) !== true) return;
    flow.tokens -= item.tokens;
    this.#count(item, -1);
    if (flow.items.size === 0) this.#closeFlow(flow);
    else {
      flow.rank = rankOf(flow);
      this.#heap.update(flow);
    }
  }

  /** Takes out the first in fair order that `offer` takes, and says what it gave. Those passed over keep their turn. */
  next<Result>(offer: (item: Item) => Result | undefined): { item: Item; result: Result } | undefined {
    const passedOver: Flow<Item>[] = [];
    let found: { item: Item; result: Result } | undefined;
    for (let flow = this.#heap.first; flow !== undefined && found === undefined; flow = this.#heap.first) {
      const item = firstOf(flow);
      const result = item && offer(item);
      if (item !== undefined && result !== undefined) found = { item, result };
      else if (item === undefined || item.takesAny) break;
      else {
        this.#heap.remove(flow);
        passedOver.push(flow);
      }
    }
    for (const flow of passedOver) this.#heap.add(flow);
    if (found !== undefined) this.#serve(found.item);
    return found;
  }

  /** Tokens that would be served before a request that joined now: its flow's, and meanwhile the others' share. */
  tokensAhead(item: QueueItem): number {
    const flow = this.#flows.get(flowKey(item));
    const weight = this.#weights[item.priority];
    const ownTokens = flow?.tokens ?? 0;
    const otherWeight = Math.max(0, this.#activeWeight - (flow?.weight ?? 0));
    const otherTokens = ((ownTokens + item.tokens) * otherWeight) / weight;
    return ownTokens + Math.min(this.#tokens - ownTokens, otherTokens);
  }

  *[Symbol.iterator](): Iterator<Item> {
    for (const flow of this.#flows.values()) yield* flow.items;
  }

  #openFlow(item: Item): Flow<Item> {
    const key = flowKey(item);
    const weight = this.#weights[item.priority];
    this.#order += 1;
    const flow: Flow<Item> = {
      key,
      weight,
      items: new Set(),
      tokens: 0,
      start: this.#now,
      rank: 0,
      order: this.#order,
      place: -1,
    };
    this.#flows.set(key, flow);
    this.#activeWeight += weight;
    return flow;
  }

  /** A flow that is empty is forgotten: its virtual time is not ahead of the queue's, for that is what was served last. */
  #closeFlow(flow: Flow<Item>): void {
    this.#heap.remove(flow);
    this.#flows.delete(flow.key);
    this.#activeWeight -= flow.weight;
    if (this.#flows.size > 0) return;
    this.#activeWeight = 0;
    this.#now = 0;
  }

  #serve(item: Item): void {
    const flow = this.#flows.get(flowKey(item));
    if (flow === undefined) return;
    this.#now = Math.max(this.#now, flow.rank);
    flow.start = flow.rank;
    this.remove(item);
  }

  #count(item: Item, sign: 1 | -1): void {
    this.#size += sign;
    this.#tokens += sign * item.tokens;
    this.#lengths[item.priority] += sign;
    const length = this.lengthOf(item.tenant) + sign;
    if (length === 0) this.#tenants.delete(item.tenant);
    else this.#tenants.set(item.tenant, length);
  }
}

function firstOf<Item>(flow: Flow<Item>): Item | undefined {
  const [first] = flow.items;
  return first;
}

function rankOf<Item extends QueueItem>(flow: Flow<Item>): number {
  return flow.start + (firstOf(flow)?.tokens ?? 0) / flow.weight;
}

/** One that takes only some targets waits in a flow of its own, so that nobody waits behind it for a target that is free. */
function flowKey({ priority, tenant, takes }: QueueItem): string {
  return JSON.stringify([priority, tenant, takes]);
}
