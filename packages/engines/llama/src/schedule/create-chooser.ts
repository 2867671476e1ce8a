import type { Addon, AddonContext, AddonModel, AddonSampler, AddonSamplerConfig } from "../addon/addon.ts";
import type { Chooser, SampledLogprobs } from "./job.ts";

/** What {@link createChooser} takes. */
export interface ChooserOptions {
  readonly addon: Addon;
  readonly model: AddonModel;
  readonly context: AddonContext;
  readonly config: AddonSamplerConfig;
  /** Likeliest tokens to report; undefined: no logprobs. */
  readonly topLogprobs: number | undefined;
}

/** Makes what chooses the tokens of one answer. */
export function createChooser(options: ChooserOptions): Chooser {
  const { addon, model, context, topLogprobs } = options;
  const sampler = new addon.AddonSampler(model);
  sampler.applyConfig(options.config);
  // Its own sampler, without settings: what is reported is what the model said before them.
  const probe = topLogprobs === undefined ? undefined : new addon.AddonSampler(model);
  probe?.applyConfig({});
  let isBusy = false;
  let isDisposed = false;

  // A sampler that is computing on another thread must not lose its memory.
  const disposeIdle = (): void => {
    if (isBusy || !isDisposed) return;
    sampler.dispose();
    probe?.dispose();
  };

  return {
    choose: async (output) => {
      isBusy = true;
      try {
        const token = await context.sampleToken(output, sampler);
        if (token < 0) throw new Error("no token is possible");
        if (probe === undefined || topLogprobs === undefined) return { token, logprobs: undefined };
        return { token, logprobs: await readLogprobs(context, { output, probe, token, top: topLogprobs }) };
      } finally {
        isBusy = false;
        disposeIdle();
      }
    },
    dispose: () => {
      isDisposed = true;
      disposeIdle();
    },
  };
}

async function readLogprobs(
  context: AddonContext,
  { output, probe, token, top }: { output: number; probe: AddonSampler; token: number; top: number },
): Promise<SampledLogprobs> {
  const count = Math.max(top, 1);
  const answer = await context.sampleToken(output, probe, false, false, [[token], false, false, false, count], true);
  const logits = toPairs(answer[3]);
  const largest = logits[0]?.[1] ?? 0;
  // The add-on's weight is the sum of exp(logit - largest).
  const total = largest + Math.log(answer[4]);
  const ranked = logits.slice(0, count).map(([id, logit]) => [id, logit - total] as const);
  const chosen = logits.find(([id]) => id === token);
  return { chosen: (chosen?.[1] ?? Number.NEGATIVE_INFINITY) - total, top: ranked.slice(0, top) };
}

function toPairs(flat: readonly number[]): (readonly [number, number])[] {
  return Array.from(
    { length: flat.length / 2 },
    (_, index) => [flat[2 * index] ?? 0, flat[2 * index + 1] ?? 0] as const,
  );
}
