import type { Engine } from "@hxp/engine";
import type { ServedModelConfig } from "@hxp/schema-model";

/** The engine that a model asks for. Each is loaded when it is needed: none needs another to be installed. */
export async function createEngine(kind: ServedModelConfig["engine"]): Promise<Engine> {
  if (kind === "simulator") {
    const { createSimulatorEngine } = await import("@hxp/engine-simulator");
    return createSimulatorEngine();
  }
  const { createLlamaEngine } = await import("@hxp/engine-llama");
  return createLlamaEngine();
}
