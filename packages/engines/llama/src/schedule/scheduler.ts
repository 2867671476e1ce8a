import type { Usage } from "@hxp/engine";
import { HxpError } from "@hxp/errors";
import type { AddonContext } from "../addon/addon.ts";
import type { Job } from "./job.ts";
import { type BatchEntry, type Pending, planBatch } from "./plan-batch.ts";
import { pickSlot, type Slot, usageOf, type Work } from "./slot.ts";

/** What a {@link Scheduler} needs. */
export interface SchedulerOptions {
  readonly context: AddonContext;
  readonly sequences: number;
  /** Tokens of one sequence. */
  readonly contextLength: number;
  readonly batchSize: number;
  readonly promptChunk: number;
}

/** Counters of a {@link Scheduler}. */
export interface SchedulerCounts {
  promptTokens: number;
  cachedTokens: number;
  completionTokens: number;
}

const nothing: Usage = { promptTokens: 0, cachedTokens: 0, completionTokens: 0 };

/**
 * Computes several answers at once: each step decodes one batch of the next tokens and prompt parts of all of them. Jobs that find
 * no free sequence wait in order.
 */
export class Scheduler {
  readonly counts: SchedulerCounts = { promptTokens: 0, cachedTokens: 0, completionTokens: 0 };
  readonly #options: SchedulerOptions;
  readonly #slots: readonly Slot[];
  readonly #waiting: Job[] = [];
  #step = 0;
  #turns = 0;
  #loop: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#slots = Array.from({ length: options.sequences }, (_, sequence) => ({
      sequence,
      tokens: [],
      usedAt: 0,
      work: undefined,
    }));
  }

  get running(): number {
    return this.#slots.filter(({ work }) => work !== undefined).length;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Share of the cells that answers in the works take. */
  get cacheUsage(): number {
    const used = this.#slots.reduce((sum, { work, tokens }) => sum + (work === undefined ? 0 : tokens.length), 0);
    return used / (this.#options.sequences * this.#options.contextLength);
  }

  add(job: Job): void {
    if (this.#isClosed) {
      job.onFail(new HxpError("ENGINE_UNAVAILABLE", `Request ${job.id} came after the model was unloaded`), nothing);
      return;
    }
    this.#waiting.push(job);
    this.#loop ??= this.#run();
  }

  /** Takes a job out, before its next token, and returns what it took; nothing more is called on it. */
  cancel(job: Job): Usage {
    const index = this.#waiting.indexOf(job);
    if (index >= 0) this.#waiting.splice(index, 1);
    const slot = this.#slots.find(({ work }) => work?.job === job);
    return slot?.work === undefined ? nothing : this.#release(slot, slot.work);
  }

  /** Takes no more jobs, and resolves when nothing is computed any more. Cancel the jobs first. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#loop;
  }

  async #run(): Promise<void> {
    // Jobs that are added in the same turn begin in the same step.
    await Promise.resolve();
    for (;;) {
      this.#admit();
      const entries = planBatch(this.#pending(), this.#options);
      if (entries.length === 0) break;
      this.#step += 1;
      await this.#compute(entries);
    }
    this.#loop = undefined;
  }

  #admit(): void {
    for (let job = this.#waiting[0]; job !== undefined; job = this.#waiting[0]) {
      const picked = pickSlot(this.#slots, job.prompt);
      if (picked === undefined) return;
      this.#waiting.shift();
      this.#start(job, picked);
    }
  }

  #start(job: Job, { slot, common }: { slot: Slot; common: number }): void {
    try {
      const cached = this.#keep(slot, common);
      const chooser = job.createChooser();
      slot.work = { job, chooser, turn: (this.#turns += 1), cached, read: cached, next: undefined, completion: 0 };
      this.counts.promptTokens += cached;
      this.counts.cachedTokens += cached;
    } catch (error) {
      job.onFail(error, nothing);
    }
  }

  /** Keeps the first `length` tokens of a sequence, or none where the model's cache cannot be cut. */
  #keep(slot: Slot, length: number): number {
    const { context } = this.#options;
    const { sequence, tokens } = slot;
    // A cache that slides has dropped the first positions: what comes after them cannot be computed anew.
    const isWhole = length > 0 && context.getSequenceKvCacheMinPosition(sequence) === 0;
    if (isWhole && context.removeTokenCellsFromSequence(sequence, length, -1)) {
      tokens.length = length;
      return length;
    }
    context.disposeSequence(sequence);
    tokens.length = 0;
    return 0;
  }

  #pending(): Pending[] {
    const busy = this.#slots.flatMap(({ sequence, work }) => (work === undefined ? [] : [{ sequence, work }]));
    const inTurn = busy.toSorted((left, right) => left.work.turn - right.work.turn);
    return inTurn.map(({ sequence, work }) => {
      const { next, job, read } = work;
      const isPrompt = next === undefined;
      return { sequence, isPrompt, tokens: isPrompt ? job.prompt.subarray(read) : Uint32Array.of(next) };
    });
  }

  async #compute(entries: readonly BatchEntry[]): Promise<void> {
    const works = new Map(entries.map(({ sequence }) => [sequence, this.#slots[sequence]?.work]));
    try {
      const outputs = await this.#decode(entries);
      await Promise.all(entries.map((entry, index) => this.#advance(entry, outputs[index], works.get(entry.sequence))));
    } catch (error) {
      await this.#recover(entries, error);
    }
  }

  async #decode(entries: readonly BatchEntry[]): Promise<readonly (number | undefined)[]> {
    const { context } = this.#options;
    context.initBatch(entries.reduce((sum, { tokens }) => sum + tokens.length, 0));
    const outputs = entries.map(({ sequence, tokens, hasOutput }) => {
      const position = this.#slots[sequence]?.tokens.length ?? 0;
      const last = hasOutput ? Uint32Array.of(tokens.length - 1) : new Uint32Array();
      return context.addToBatch(sequence, position, tokens, last)[0];
    });
    await context.decodeBatch();
    return outputs;
  }

  /** Books what was decoded and, where an answer goes on, chooses its next token. */
  async #advance(entry: BatchEntry, output: number | undefined, work: Work | undefined): Promise<void> {
    const slot = this.#slots[entry.sequence];
    if (slot === undefined || work === undefined) return;
    slot.tokens.push(...entry.tokens);
    if (slot.work !== work) return;
    if (work.next === undefined) {
      work.read += entry.tokens.length;
      this.counts.promptTokens += entry.tokens.length;
    }
    if (output === undefined) return;
    try {
      await this.#choose(slot, work, output);
    } catch (error) {
      if (slot.work === work) this.#fail(slot, work, error);
    }
  }

  async #choose(slot: Slot, work: Work, output: number): Promise<void> {
    if (work.next === undefined) work.job.onStart(usageOf(work));
    if (slot.work !== work) return;
    const sampled = await work.chooser.choose(output);
    if (slot.work !== work) return;
    work.next = sampled.token;
    work.completion += 1;
    this.counts.completionTokens += 1;
    if (work.job.onToken(sampled, usageOf(work))) this.#release(slot, work);
  }

  /** After a batch that failed, computes each of its sequences alone, so that only those fail that must. */
  async #recover(entries: readonly BatchEntry[], error: unknown): Promise<void> {
    for (const entry of entries) {
      const slot = this.#slots[entry.sequence];
      if (slot === undefined) continue;
      const isCut = this.#options.context.removeTokenCellsFromSequence(slot.sequence, slot.tokens.length, -1);
      const { work } = slot;
      if (work === undefined) continue;
      if (entries.length > 1 && isCut) {
        await this.#compute([entry]);
      } else {
        this.#fail(slot, work, error);
      }
    }
  }

  #fail(slot: Slot, work: Work, cause: unknown): void {
    const usage = this.#release(slot, work);
    this.#options.context.disposeSequence(slot.sequence);
    slot.tokens.length = 0;
    const message = `Request ${work.job.id} failed while ${usage.completionTokens} tokens were done: ${String(cause)}`;
    work.job.onFail(new HxpError("ENGINE_FAILED", message, { cause }), usage);
  }

  #release(slot: Slot, work: Work): Usage {
    slot.work = undefined;
    slot.usedAt = this.#step;
    work.chooser.dispose();
    return usageOf(work);
  }
}
