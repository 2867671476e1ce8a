import { parseConfig, requireConfig } from "@hxp/config";
import { gatewaySchema, type WrittenGateway } from "@hxp/schema-gateway";
import { modelsSchema } from "@hxp/schema-model";
import { expect, test } from "vitest";
import { hxpSchema } from "../platform/hxp-schema.ts";
import { addLocalModels } from "./local-models.ts";

const serve = { guide: { source: "guide", sequences: 3, contextLength: 512 } };

function parse<Schema extends Parameters<typeof parseConfig>[0]>(schema: Schema, written: object) {
  return parseConfig<Schema>(schema, { files: [{ layer: "file", file: "test", content: JSON.stringify(written) }] });
}

function addTo(models: WrittenGateway["models"]) {
  const gateway = requireConfig(parse(gatewaySchema, { models }));
  return addLocalModels(gateway, requireConfig(parse(modelsSchema, { serve })), (name) => `/run/${name}.sock`).models;
}

test("a model that is served here is reached by its socket, with as many requests as it generates at once", () => {
  const { guide } = addTo({});
  expect(guide).toMatchObject({ contextLength: 512, fallbacks: [] });
  expect(guide?.upstreams).toMatchObject([{ socket: "/run/guide.sock", maxConcurrency: 3, usageById: true }]);
});

test("what the gateway says of it counts: price, limits and fallbacks", () => {
  const other = { upstreams: [{ url: "http://127.0.0.1:1/v1" }] };
  const { guide } = addTo({ guide: { price: { input: 2 }, fallbacks: ["other"] }, other });
  expect(guide).toMatchObject({ price: { input: 2 }, fallbacks: ["other"], contextLength: 512 });
  expect(guide?.upstreams).toHaveLength(1);
});

test("upstreams that the gateway names answer in its place", () => {
  const { guide } = addTo({ guide: { upstreams: [{ url: "http://127.0.0.1:1/v1" }] } });
  expect(guide?.upstreams).toMatchObject([{ url: "http://127.0.0.1:1/v1" }]);
});

test("a model that nobody answers for, and a fallback on it, are named with their places", () => {
  const gateway = { models: { chat: { fallbacks: ["guide", "gone"] } } };
  const written = { schema: 1, name: "test", gateway, models: { serve } };
  const { errors } = parse(hxpSchema, written);
  expect(errors.map(({ path }) => path)).toEqual(["gateway.models.chat.upstreams", "gateway.models.chat.fallbacks[1]"]);
});
