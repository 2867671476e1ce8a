import type { Usage } from "@hxp/engine";

/** A token that was chosen, and its share of the probability before sampling settings, where that was asked for. */
export interface Sampled {
  readonly token: number;
  readonly logprobs: SampledLogprobs | undefined;
}

/** Natural logarithms of probabilities. */
export interface SampledLogprobs {
  readonly chosen: number;
  readonly top: readonly (readonly [token: number, logprob: number])[];
}

/** One answer in the eyes of the {@link Scheduler}. */
export interface Job {
  readonly id: string;
  readonly prompt: Uint32Array;
  /** Called once, when a sequence is free for it. */
  createChooser(): Chooser;
  /** The prompt was read. */
  onStart(usage: Usage): void;
  /** A token was chosen. Returns true when the answer is complete. */
  onToken(sampled: Sampled, usage: Usage): boolean;
  /** Nothing more comes: computing failed, or the model is being unloaded. */
  onFail(error: unknown, usage: Usage): void;
}

/** Chooses the tokens of one job. */
export interface Chooser {
  /** Chooses at an output of the batch that was decoded. */
  choose(output: number): Promise<Sampled>;
  dispose(): void;
}
