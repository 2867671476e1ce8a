import { expect, test } from "vitest";
import type { Addon, AddonContext, AddonModel } from "../addon/addon.ts";
import { createChooser } from "./create-chooser.ts";

test("a sampler that computes is disposed of when it is done, and not before", async () => {
  const events: string[] = [];
  const { promise, resolve } = Promise.withResolvers<number>();
  class AddonSampler {
    applyConfig(): void {
      events.push("made");
    }
    dispose(): void {
      events.push("disposed");
    }
  }
  const chooser = createChooser({
    addon: { AddonSampler } as unknown as Addon,
    model: {} as AddonModel,
    context: { sampleToken: () => promise } as unknown as AddonContext,
    config: {},
    topLogprobs: undefined,
  });
  const choosing = chooser.choose(0);
  chooser.dispose();
  expect(events).toEqual(["made"]);
  resolve(7);
  expect(await choosing).toEqual({ token: 7, logprobs: undefined });
  expect(events).toEqual(["made", "disposed"]);
});
