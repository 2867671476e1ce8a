import { expect, test } from "vitest";
import { parseEvents, serveScripted } from "../../test/serve-scripted.ts";

test("a text is continued, each prompt and answer with its index", async () => {
  const { post, engine } = await serveScripted();
  const answer = await (await post("/v1/completions", { prompt: ["a", "b"], n: 2 }, { id: "r" })).json();
  expect(answer).toMatchObject({
    id: "cmpl-r",
    object: "text_completion",
    choices: [0, 1, 2, 3].map((index) => ({ index, text: "Hello there.", logprobs: null, finish_reason: "stop" })),
    usage: { prompt_tokens: 10, completion_tokens: 12 },
  });
  expect(engine.asked.slice(-4).map(({ prompt, maxTokens }) => [prompt, maxTokens])).toEqual(
    ["a", "a", "b", "b"].map((text) => [{ type: "text", text }, 16]),
  );
});

test("a stream of text has the prompt first, where it is to be echoed", async () => {
  const { post } = await serveScripted();
  const text = await (await post("/v1/completions", { prompt: "Say: ", echo: true, stream: true })).text();
  const choices = parseEvents(text).map(
    (event) => (event["choices"] as { text: string; finish_reason: string | null }[])[0],
  );
  expect(choices.map((choice) => choice?.text)).toEqual(["Say: ", "Hello", " there", ".", ""]);
  expect(choices.at(-1)?.finish_reason).toBe("stop");
  expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
});

test("logprobs have the old shape, with offsets into the text", async () => {
  const { post } = await serveScripted();
  const answer = await (await post("/v1/completions", { prompt: "x", logprobs: 1 })).json();
  expect(answer).toMatchObject({
    choices: [
      {
        logprobs: {
          tokens: ["Hello", " there", "."],
          token_logprobs: [-0.5, -0.5, -0.5],
          text_offset: [0, 5, 11],
          top_logprobs: [{ Hello: -0.5 }, {}, {}],
        },
      },
    ],
  });
});

test.each([
  [400, { prompt: undefined }],
  [400, { prompt: [] }],
  [400, { prompt: ["a", 1] }],
  [400, { prompt: Array.from({ length: 100 }, () => "a"), n: 2 }],
  [501, { prompt: [1, 2, 3] }],
  [501, { prompt: "a", suffix: "b" }],
  [501, { prompt: "a", best_of: 3 }],
  [501, { prompt: "a", echo: true, logprobs: 1 }],
  [200, { prompt: "a", best_of: 1 }],
])("%i for %j", async (status, body) => {
  const { post } = await serveScripted();
  expect((await post("/v1/completions", body)).status).toBe(status);
});

test("embeddings are lists of numbers, or 32-bit floats in base64", async () => {
  const { post } = await serveScripted();
  const plain = await (await post("/v1/embeddings", { input: ["a", "b"], dimensions: 2 })).json();
  expect(plain).toEqual({
    object: "list",
    data: [0, 1].map((index) => ({ object: "embedding", index, embedding: [0.6, 0.8] })),
    model: "tiny",
    usage: { prompt_tokens: 6, total_tokens: 6 },
  });
  const packed = (await (await post("/v1/embeddings", { input: "a", encoding_format: "base64" })).json()) as {
    data: { embedding: string }[];
  };
  const bytes = Buffer.from(packed.data[0]?.embedding ?? "", "base64");
  expect([bytes.readFloatLE(0), bytes.readFloatLE(4)].map((value) => Math.fround(value))).toEqual(
    [0.6, 0.8].map((value) => Math.fround(value)),
  );
});

test.each([
  [400, { input: "" }],
  [400, { input: undefined }],
  [400, { input: "a", encoding_format: "hex" }],
  [501, { input: [[1, 2]] }],
  [501, { input: "a", dimensions: 7 }],
])("%i for the embeddings of %j", async (status, body) => {
  const { post } = await serveScripted();
  expect((await post("/v1/embeddings", body)).status).toBe(status);
});

test("the model is listed, and found by its name", async () => {
  const { get } = await serveScripted();
  const entry = { id: "tiny", object: "model", created: expect.any(Number), owned_by: "hxp" };
  expect(await (await get("/v1/models")).json()).toEqual({ object: "list", data: [entry] });
  expect(await (await get("/v1/models/tiny")).json()).toEqual(entry);
});

test("several answers to a prompt count on from the seed, so that they may differ", async () => {
  const { post, engine } = await serveScripted();
  const seeds = () => engine.asked.slice(-4).map(({ sampling }) => sampling.seed);
  await (await post("/v1/completions", { prompt: ["a", "b"], n: 2, seed: 7 })).text();
  expect(seeds()).toEqual([7, 8, 7, 8]);
  await (await post("/v1/chat/completions", { messages: [{ role: "user", content: "a" }], n: 4, seed: 1 })).text();
  expect(seeds()).toEqual([1, 2, 3, 4]);
});
