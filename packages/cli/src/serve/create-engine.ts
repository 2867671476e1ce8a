import type { Engine } from "@hxp/engine";
import type { ServedModelConfig } from "@hxp/schema-model";

/** Takes one line of an engine's own log. */
export type EngineLog = (line: { readonly level: string; readonly message: string }) => void;

/**
 * The engine that a model asks for. Each is loaded when it is needed: none needs another to be installed. Without `onLog` its
 * warnings and errors are shown to nobody.
 */
export async function createEngine(kind: ServedModelConfig["engine"], onLog?: EngineLog): Promise<Engine> {
  if (kind === "simulator") {
    const { createSimulatorEngine } = await import("@hxp/engine-simulator");
    return createSimulatorEngine();
  }
  const { createLlamaEngine } = await import("@hxp/engine-llama");
  return createLlamaEngine({ onLog });
}
