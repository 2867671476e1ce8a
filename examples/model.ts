import { requireConfig, parseConfig } from "@hxp/config";
import { createSimulatorEngine } from "@hxp/engine-simulator";
import { readCatalogue, serveModel } from "@hxp/model";
import { modelsSchema } from "@hxp/schema-model";
import { createLogger } from "@hxp/service";

const content = "serve: { tiny: { engine: simulator, source: guide, knownAnswer: { prompt: ping, answer: pong } } }";
const { serve } = requireConfig(
  parseConfig(modelsSchema, { files: [{ layer: "file", file: "models.yaml", content }] }),
);
const config = serve["tiny"];
if (config === undefined) throw new Error("models.yaml has no tiny");

// Ready means: verified, loaded, warmed up, and `ping` was answered with `pong` by the server's own front door.
const server = await serveModel({
  name: "tiny",
  engine: createSimulatorEngine({ answers: { ping: "pong" } }), // or createLlamaEngine() of @hxp/engine-llama
  config,
  model: undefined, // or what resolveModel() found: the file of a model in the store, with its digest
  listen: { port: 0 }, // or a unix socket
  log: createLogger({ service: "example", version: "1.0.0", level: "silent" }),
});
const answer = await fetch(`${server.listening.address}/v1/chat/completions`, {
  method: "POST",
  headers: { "content-type": "application/json", "x-request-id": "r-1" },
  body: JSON.stringify({ model: "tiny", messages: [{ role: "user", content: "ping" }] }),
});
console.log(await answer.json()); // { id: "chatcmpl-r-1", choices: [{ message: { content: "pong" … } }], usage: … }
console.log(await (await fetch(`${server.listening.address}/internal/usage/r-1`)).json());
console.log(readCatalogue().map(({ name, licence, pullSource }) => `${name} ${licence} ${pullSource}`));
await server.drain("the example is over");
