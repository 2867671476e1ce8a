import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createGateway, makeKey } from "@hxp/gateway";

// Any OpenAI-compatible server will do; this one knows one answer.
const message = { role: "assistant", content: "Hello!" };
const usage = { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 };
const completion = { id: "1", object: "chat.completion", created: 0, model: "parrot", usage };
const engine = createServer((request, response) => {
  request.resume();
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ ...completion, choices: [{ index: 0, message, finish_reason: "stop" }] }));
}).listen(0, "127.0.0.1");
await once(engine, "listening");
const url = `http://127.0.0.1:${(engine.address() as AddressInfo).port}/v1`;

const key = makeKey();
const gateway = await createGateway({ models: { parrot: { upstreams: [{ url }] } }, keys: [key] });
const { address } = await gateway.listen({ port: 0 });

const answer = await fetch(`${address}/v1/chat/completions`, {
  method: "POST",
  headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
  body: JSON.stringify({ model: "parrot", messages: [{ role: "user", content: "Hi" }] }),
});
console.log(answer.status, answer.headers.get("x-hxp-route"), await answer.text());
console.log((await fetch(`${address}/v1/models`)).status); // 401: no key

await gateway.close();
engine.close();
