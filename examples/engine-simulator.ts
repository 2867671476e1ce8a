import { flapping, startSimulatorServer } from "@hxp/engine-simulator";

const server = await startSimulatorServer({ model: "tiny", tokensPerSecond: 2000, answers: { ping: "pong" } });
const ask = (id: string, fault = {}): Promise<Response> =>
  fetch(`${server.url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-request-id": id, ...fault },
    body: JSON.stringify({ model: "tiny", messages: [{ role: "user", content: "ping" }] }),
  });

const answer = (await (await ask("one")).json()) as { choices: { message: { content: string } }[] };
console.log(answer.choices[0]?.message.content); // pong
console.log(server.find("one")?.completionTokens); // 1: what the engine generated, whatever has arrived

// One request asks for its own fault, or all get them by a schedule.
const busy = JSON.stringify({ type: "status", status: 429, retryAfterSeconds: 2 });
console.log((await ask("two", { "x-simulator-fault": busy })).headers.get("retry-after")); // 2
server.setFault(flapping({ up: 1, down: 1, fault: { type: "reset" } }));
console.log((await ask("three")).status, await ask("four").catch((error: Error) => error.message)); // 200 fetch failed

const metrics = await (await fetch(`${server.url}/metrics`)).text();
console.log(metrics.match(/^vllm:generation_tokens_total.*$/m)?.[0]);
await server.close();
