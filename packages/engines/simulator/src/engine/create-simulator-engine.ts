import type { Engine, LoadedModel, LoadOptions, MemoryPlan } from "@hxp/engine";
import { resolveOptions, type SimulatorOptions } from "./simulator-options.ts";
import { SimulatedModel } from "./simulated-model.ts";

/** Bytes that the simulator says a token takes in the cache, so that plans grow with what is asked for. */
const bytesPerToken = 1024;

/**
 * Makes an engine that needs no model and no GPU: it answers with made-up text at the pace that it is given. The file that
 * it is told to load is never opened. `settings` of {@link LoadOptions} are laid over the options.
 */
export function createSimulatorEngine(options: SimulatorOptions = {}): Engine {
  return {
    name: "simulator",
    plan: async (load) => planMemory(load),
    load: async (load, { signal, onProgress } = {}): Promise<LoadedModel> => {
      const resolved = resolveOptions(options, load.settings);
      onProgress?.(0);
      await resolved.clock.sleep(0, signal);
      signal?.throwIfAborted();
      onProgress?.(1);
      return new SimulatedModel(load, resolved);
    },
  };
}

function planMemory({ contextLength, sequences }: LoadOptions): MemoryPlan {
  const cache = contextLength * sequences * bytesPerToken;
  return { weights: 0, cache, compute: 0, host: cache, device: 0 };
}
