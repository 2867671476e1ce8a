import type { EmbeddingJob } from "../openai/read-embedding-request.ts";
import { toOpenAiUsage } from "../openai/usage-meter.ts";
import { type Exchange, sendJson } from "./exchange.ts";
import type { ServedModel } from "./served-model.ts";

/** Answers a request for embeddings. */
export async function answerEmbeddings(exchange: Exchange, job: EmbeddingJob, served: ServedModel): Promise<void> {
  let promptTokens = 0;
  const total = () => toOpenAiUsage({ promptTokens, completionTokens: 0, cachedTokens: 0 });
  const end = served.usage.begin(exchange.id, total);
  try {
    const result = await served.model.embed({ id: exchange.id, texts: job.texts }, exchange.signal);
    promptTokens = result.promptTokens;
    const data = result.vectors.map((vector, index) => ({
      object: "embedding",
      index,
      embedding: encode(vector, job.encoding),
    }));
    const usage = { prompt_tokens: promptTokens, total_tokens: promptTokens };
    sendJson(exchange, { object: "list", data, model: job.model, usage });
  } finally {
    end();
  }
}

/** OpenAI's own client asks for base64: 32-bit floats, the low byte first. */
function encode(vector: readonly number[], encoding: EmbeddingJob["encoding"]): readonly number[] | string {
  if (encoding === "float") return vector;
  const bytes = Buffer.alloc(vector.length * 4);
  vector.forEach((value, index) => bytes.writeFloatLE(value, index * 4));
  return bytes.toString("base64");
}
