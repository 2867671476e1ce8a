import type { EmbeddingJob } from "../openai/read-embedding-request.ts";
import { toOpenAiUsage } from "../openai/usage-meter.ts";
import { type Exchange, sendError, sendJson } from "./exchange.ts";
import { recordRequest } from "./record-request.ts";
import type { ServedModel } from "./served-model.ts";

/** Answers a request for embeddings. Rejects with what made it fail, which the client has been told. */
export async function answerEmbeddings(exchange: Exchange, job: EmbeddingJob, served: ServedModel): Promise<void> {
  let promptTokens = 0;
  const usage = () => toOpenAiUsage({ promptTokens, completionTokens: 0, cachedTokens: 0 });
  await recordRequest({ exchange, endpoint: "embeddings", served, usage }, async (record) => {
    try {
      const signal = AbortSignal.any([exchange.left, served.deadline]);
      const result = await served.model.embed({ id: exchange.id, texts: job.texts }, signal);
      signal.throwIfAborted();
      record.firstToken();
      promptTokens = result.promptTokens;
      const data = result.vectors.map((vector, index) => ({
        object: "embedding",
        index,
        embedding: encode(vector, job.encoding),
      }));
      sendJson(exchange, {
        object: "list",
        data,
        model: job.model,
        usage: { prompt_tokens: promptTokens, total_tokens: promptTokens },
      });
    } catch (error) {
      if (!exchange.left.aborted) sendError(exchange, error);
      throw error;
    }
  });
}

/** OpenAI's own client asks for base64: 32-bit floats, the low byte first. */
function encode(vector: readonly number[], encoding: EmbeddingJob["encoding"]): readonly number[] | string {
  if (encoding === "float") return vector;
  const bytes = Buffer.alloc(vector.length * 4);
  vector.forEach((value, index) => bytes.writeFloatLE(value, index * 4));
  return bytes.toString("base64");
}
