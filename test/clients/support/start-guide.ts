import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLlamaEngine } from "@hxp/engine-llama";
import { serveModel } from "@hxp/model";
import { type KnownAnswer, readGuideModel } from "@hxp/model-guide";
import { modelsSchema } from "@hxp/schema-model";
import { createMetrics } from "@hxp/service";
import { type FrontDoor, silent, startFrontDoor, sumOf } from "./start-front-door.ts";

/** The guide model, computed by llama.cpp, behind the gateway. */
export interface Guide extends FrontDoor, AsyncDisposable {
  readonly model: "guide";
  readonly contextLength: number;
  /** What the model is known to answer at temperature 0. */
  readonly known: readonly [KnownAnswer, KnownAnswer];
  /** How many requests the engine has aborted. */
  aborted(): Promise<number>;
}

/** Serves the guide model on a unix socket, and a gateway in front of it. */
export async function startGuide(): Promise<Guide> {
  const guide = readGuideModel();
  const [first, second] = guide.knownAnswers;
  if (first === undefined || second === undefined) throw new Error("The guide model knows too few answers");
  const folder = await mkdtemp(join(tmpdir(), "hxp-clients-"));
  const socket = join(folder, "guide.sock");
  const { serve } = modelsSchema.schema.parse({ serve: { guide: { source: "guide", threads: 1, sequences: 4 } } });
  const { guide: config } = serve;
  if (config === undefined) throw new Error("The config has lost its model");
  const metrics = createMetrics();
  const server = await serveModel({
    name: "guide",
    engine: createLlamaEngine(),
    config,
    model: { file: guide.file, sha256: guide.sha256 },
    listen: { socket },
    log: silent,
    metrics,
  });
  const upstream = { socket, continuousUsage: true, usageById: true };
  const door = await startFrontDoor({ models: { guide: { upstreams: [upstream] } } });
  return {
    ...door,
    model: "guide",
    contextLength: guide.contextLength,
    known: [first, second],
    aborted: async () => sumOf(await metrics.render(), 'hxp_engine_requests_ended_total{reason="aborted"}'),
    [Symbol.asyncDispose]: async () => {
      await door.gateway.close();
      await server.drain("the tests have ended");
      await rm(folder, { recursive: true });
    },
  };
}
