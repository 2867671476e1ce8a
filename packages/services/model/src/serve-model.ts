import { HxpError } from "@hxp/errors";
import { type Listening, type ServiceHandle, startService } from "@hxp/service";
import { createModelService, type ServeModelOptions } from "./create-model-service.ts";

/** A model that is served in this process. Leaving its scope (`await using`) drains it. */
export interface ModelServer extends ServiceHandle {
  /** Where it listens. */
  readonly listening: Listening;
}

/**
 * Loads a model, serves it inside this process, and resolves when it has answered its first request. Rejects with what made the start
 * fail; then nothing is left running.
 */
export async function serveModel(options: ServeModelOptions): Promise<ModelServer> {
  let listening: Listening | undefined;
  const onListening = (found: Listening): void => {
    listening = found;
    options.onListening?.(found);
  };
  const handle = startService(createModelService({ ...options, onListening }));
  try {
    await handle.ready;
  } catch (error) {
    await handle.stopped;
    throw error;
  }
  if (listening === undefined) throw new HxpError("INTERNAL", "The model is ready, but listens nowhere.");
  return Object.assign(handle, { listening });
}
