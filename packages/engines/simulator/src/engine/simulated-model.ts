import type {
  EmbedRequest,
  EmbedResult,
  EngineMetrics,
  GenerateEvent,
  GenerateRequest,
  LoadedModel,
  LoadOptions,
  ModelInfo,
  Usage,
} from "@hxp/engine";
import { HxpError } from "@hxp/errors";
import { checkRequest } from "./check-request.ts";
import { type Answer, composeAnswer } from "./compose-answer.ts";
import { embedText } from "./embed-text.ts";
import { PrefixCache } from "./prefix-cache.ts";
import { Scheduler } from "./scheduler.ts";
import type { EngineFault, ResolvedOptions } from "./simulator-options.ts";
import { splitTokens } from "./split-tokens.ts";

type Outcome = keyof EngineMetrics["ended"];

/** One request on its way. */
interface Run {
  readonly request: GenerateRequest;
  readonly answer: Answer;
  readonly fault: EngineFault | undefined;
  readonly signal: AbortSignal;
  promptTokens: number;
  cachedTokens: number;
  completionTokens: number;
}

/** The model of the simulator. */
export class SimulatedModel implements LoadedModel {
  readonly info: ModelInfo;
  readonly #options: ResolvedOptions;
  readonly #scheduler: Scheduler;
  readonly #prefixes: PrefixCache;
  readonly #cacheTokens: number;
  readonly #runs = new Set<AbortController>();
  readonly #held = new Set<Run>();
  readonly #count = { requests: 0, promptTokens: 0, cachedTokens: 0, completionTokens: 0 };
  readonly #ended: Record<Outcome, number> = { stop: 0, length: 0, aborted: 0, failed: 0 };
  #unloaded = false;

  constructor({ contextLength, sequences }: LoadOptions, options: ResolvedOptions) {
    const { embeddingLength } = options;
    this.#options = options;
    this.#cacheTokens = options.cacheTokens ?? contextLength * sequences;
    this.#scheduler = new Scheduler({ sequences, cacheTokens: this.#cacheTokens });
    this.#prefixes = new PrefixCache(this.#cacheTokens);
    this.info = {
      description: "simulator",
      contextLength: Math.min(contextLength, this.#cacheTokens),
      embeddingLength,
      capabilities: {
        chat: true,
        completion: true,
        embeddings: embeddingLength > 0,
        tools: true,
        grammar: true,
        logprobs: true,
      },
    };
  }

  async *generate(request: GenerateRequest, signal?: AbortSignal): AsyncGenerator<GenerateEvent, void, undefined> {
    this.#checkLoaded();
    checkRequest(request);
    const answer = composeAnswer(request, {
      ...this.#options,
      contextLength: this.info.contextLength,
      answer: this.#lookUp,
    });
    const fault = this.#options.fault(request, this.#count.requests++);
    const controller = new AbortController();
    const abort = (): void => controller.abort();
    if (signal?.aborted === true) abort();
    signal?.addEventListener("abort", abort);
    this.#runs.add(controller);
    const run: Run = {
      request,
      answer,
      fault,
      signal: controller.signal,
      promptTokens: 0,
      cachedTokens: 0,
      completionTokens: 0,
    };
    // Whoever stops reading has aborted.
    let outcome: Outcome = "aborted";
    try {
      for await (const event of this.#run(run)) {
        if (event.type === "end") outcome = event.reason === "tool_calls" ? "stop" : event.reason;
        yield event;
      }
    } catch (error) {
      outcome = "failed";
      throw error;
    } finally {
      signal?.removeEventListener("abort", abort);
      this.#runs.delete(controller);
      this.#ended[outcome] += 1;
    }
  }

  async *#run(run: Run): AsyncGenerator<GenerateEvent, void, undefined> {
    const { answer, signal } = run;
    const place = await this.#scheduler.acquire(answer.prompt.length + answer.tokens.length, signal);
    try {
      if (place !== undefined) {
        this.#held.add(run);
        this.#readPrompt(run);
        yield { type: "start", usage: usageOf(run) };
        yield* this.#write(run);
      }
      const { call } = answer;
      if (call !== undefined && !signal.aborted) {
        const cut = answer.reason === "length" ? ({ isCut: true } as const) : {};
        yield { type: "tool-call", call, usage: usageOf(run), ...cut };
      }
      yield { type: "end", reason: signal.aborted ? "aborted" : answer.reason, usage: usageOf(run) };
    } finally {
      this.#held.delete(run);
      place?.release();
    }
  }

  async *#write(run: Run): AsyncGenerator<GenerateEvent, void, undefined> {
    const { clock, timeToFirstTokenMs, tokensPerSecond } = this.#options;
    const { answer, fault, request, signal } = run;
    const pace = tokensPerSecond === 0 ? 0 : 1000 / tokensPerSecond;
    let due = clock.now() + timeToFirstTokenMs;
    for (const [index, token] of answer.tokens.entries()) {
      const slowed = fault?.type === "slow" && index >= fault.atToken ? fault.factor : 1;
      if (index > 0) due += pace * slowed;
      await this.#meetFault(run, index);
      await clock.sleep(due - clock.now(), signal);
      if (signal.aborted) return;
      run.completionTokens += 1;
      this.#count.completionTokens += 1;
      if (answer.silent) continue;
      const logprobs = request.topLogprobs === undefined ? {} : { logprobs: [answer.score(token)] };
      yield { type: "text", text: token, usage: usageOf(run), ...logprobs };
    }
    await this.#meetFault(run, answer.tokens.length);
  }

  async #meetFault({ fault, request, signal }: Run, index: number): Promise<void> {
    if (fault?.atToken !== index || fault.type === "slow") return;
    if (fault.type === "fail") {
      throw new HxpError(
        "ENGINE_FAILED",
        `The simulator failed request ${request.id} at token ${index}, as it was told to.`,
      );
    }
    await this.#options.clock.sleep(2 ** 31 - 1, signal);
  }

  #readPrompt(run: Run): void {
    run.promptTokens = run.answer.prompt.length;
    run.cachedTokens = this.#prefixes.add(run.answer.prompt);
    this.#count.promptTokens += run.promptTokens;
    this.#count.cachedTokens += run.cachedTokens;
  }

  readonly #lookUp = (prompt: string): string | undefined => {
    const { answers } = this.#options;
    return Object.hasOwn(answers, prompt) ? answers[prompt] : undefined;
  };

  async embed({ texts }: EmbedRequest, signal?: AbortSignal): Promise<EmbedResult> {
    this.#checkLoaded();
    const { embeddingLength, seed, clock } = this.#options;
    if (embeddingLength === 0) throw new HxpError("ENGINE_UNSUPPORTED", "This model makes no embeddings.");
    const counts = texts.map((text) => this.countTokens(text));
    const longest = Math.max(0, ...counts);
    if (longest > this.info.contextLength) {
      const message = `A text has ${longest} tokens, but the model's context is ${this.info.contextLength} tokens.`;
      throw new HxpError("ENGINE_CONTEXT_EXCEEDED", message);
    }
    await clock.sleep(0, signal);
    signal?.throwIfAborted();
    const promptTokens = counts.reduce((sum, count) => sum + count, 0);
    this.#count.promptTokens += promptTokens;
    return { vectors: texts.map((text) => embedText(text, { length: embeddingLength, seed })), promptTokens };
  }

  countTokens(text: string): number {
    return splitTokens(text).length;
  }

  metrics(): EngineMetrics {
    const used = [...this.#held].reduce((sum, run) => sum + run.promptTokens + run.completionTokens, 0);
    const { promptTokens, cachedTokens, completionTokens } = this.#count;
    return {
      running: this.#scheduler.running,
      waiting: this.#scheduler.waiting,
      cacheUsage: this.#cacheTokens === 0 ? 0 : Math.min(1, used / this.#cacheTokens),
      promptTokens,
      cachedTokens,
      completionTokens,
      ended: { ...this.#ended },
    };
  }

  async unload(): Promise<void> {
    this.#unloaded = true;
    for (const controller of this.#runs) controller.abort();
  }

  #checkLoaded(): void {
    if (this.#unloaded) throw new HxpError("ENGINE_UNAVAILABLE", "The simulator's model was unloaded.");
  }
}

function usageOf({ promptTokens, cachedTokens, completionTokens }: Run): Usage {
  return { promptTokens, cachedTokens, completionTokens };
}
