import type { Exchange, Target } from "../../pipeline.ts";

/**
 * The body for one target: as it came, or written anew, once, where the model has another name there or a stream must
 * be told to report its usage.
 */
export function prepareBody(exchange: Exchange, target: Target): Buffer {
  const { body, raw, model } = exchange;
  const asked = streamOptionsOf(body);
  const reports = exchange.stream && exchange.endpoint !== "embeddings";
  const addsUsage = reports && asked["include_usage"] !== true;
  const addsContinuous = reports && target.continuousUsage && asked["continuous_usage_stats"] !== true;
  if (!addsUsage && !addsContinuous && target.upstreamModel === model) return raw;
  const changed: Record<string, unknown> = { ...body, model: target.upstreamModel };
  if (addsUsage || addsContinuous) {
    changed["stream_options"] = {
      ...asked,
      include_usage: true,
      ...(addsContinuous ? { continuous_usage_stats: true } : {}),
    };
  }
  return Buffer.from(JSON.stringify(changed));
}

/** Whether the client itself wants usage in every piece, as vLLM offers it. */
export function wantsContinuousUsage(exchange: Exchange): boolean {
  return exchange.wantsUsage && streamOptionsOf(exchange.body)["continuous_usage_stats"] === true;
}

/** How many choices a request asks for. */
export function choicesOf(exchange: Exchange): number {
  const { n, prompt } = exchange.body;
  const each = typeof n === "number" && n >= 1 ? n : 1;
  const isList = exchange.endpoint === "completions" && Array.isArray(prompt) && typeof prompt[0] !== "number";
  return isList ? each * Math.max(1, prompt.length) : each;
}

function streamOptionsOf(body: Exchange["body"]): Readonly<Record<string, unknown>> {
  const options = body["stream_options"];
  return typeof options === "object" && options !== null ? (options as Readonly<Record<string, unknown>>) : {};
}
