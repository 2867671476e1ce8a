import { onTestFinished } from "vitest";
import { type ModelServer, serveModel, type ServeModelOptions } from "@hxp/model";
import { modelsSchema, type ServedModelConfig, type WrittenModels } from "@hxp/schema-model";
import { createLogger } from "@hxp/service";
import { createScriptedEngine, type ScriptedEngine, type ScriptedOptions } from "./scripted-engine.ts";

type WrittenModel = NonNullable<WrittenModels["serve"]>[string];

/** The config of one model, with defaults. */
export function configOf(written: Partial<WrittenModel> = {}): ServedModelConfig {
  const { serve } = modelsSchema.schema.parse({ serve: { tiny: { source: "guide", ...written } } });
  const config = serve["tiny"];
  if (config === undefined) throw new Error("The model is missing");
  return config;
}

/** A served scripted engine. */
export interface Scripted {
  readonly server: ModelServer;
  readonly engine: ScriptedEngine;
  readonly log: readonly Record<string, unknown>[];
  /** Posts a body; `tiny` is its model. */
  post(path: string, body: object, init?: { id?: string; signal?: AbortSignal }): Promise<Response>;
  get(path: string): Promise<Response>;
}

/** Serves a scripted engine on a free port for the running test. */
export async function serveScripted(
  options: ScriptedOptions & { config?: Partial<WrittenModel>; serve?: Partial<ServeModelOptions> } = {},
): Promise<Scripted> {
  const engine = createScriptedEngine(options);
  const lines: Record<string, unknown>[] = [];
  const stream = { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) };
  const server = await serveModel({
    name: "tiny",
    engine,
    config: configOf(options.config),
    model: undefined,
    listen: { port: 0 },
    log: createLogger({ service: "test", version: "0.0.0", stream }),
    ...options.serve,
  });
  onTestFinished(async () => {
    await server.drain("the test has ended");
  });
  const url = server.listening.address;
  return {
    server,
    engine,
    log: lines,
    post: (path, body, { id, signal } = {}) =>
      fetch(`${url}${path}`, {
        method: "POST",
        headers: { "content-type": "application/json", ...(id === undefined ? {} : { "x-request-id": id }) },
        body: JSON.stringify({ model: "tiny", ...body }),
        signal: signal ?? null,
      }),
    get: (path) => fetch(`${url}${path}`),
  };
}

/** The events of a stream, without `[DONE]`. */
export function parseEvents(text: string): Record<string, unknown>[] {
  const lines = text.split("\n\n").filter((line) => line.startsWith("data: {"));
  return lines.map((line) => JSON.parse(line.slice("data: ".length)) as Record<string, unknown>);
}
