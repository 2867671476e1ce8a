import { HxpError } from "@hxp/errors";
import type { AnswerHead, AnswerReceiver } from "../send/upstream-call.ts";

/** What is read of an upstream's error. */
const mostBytes = 65_536;

/** Statuses by which an upstream refuses the gateway rather than the request. */
const misconfigured = new Set([401, 403, 404, 405, 407]);

/** Takes an answer that is an error: reads its body, as far as it matters, and throws what it means. */
export function createRefusalReceiver(head: AnswerHead): AnswerReceiver {
  const chunks: Buffer[] = [];
  let size = 0;
  return {
    data: (chunk) => {
      if (size < mostBytes) chunks.push(chunk.subarray(0, mostBytes - size));
      size += chunk.length;
    },
    end: () => {
      throw readRefusal(head, Buffer.concat(chunks));
    },
  };
}

/** Makes an error of an upstream's answer that is none. */
export function readRefusal(head: AnswerHead, body: Buffer): HxpError {
  const { status, headers } = head;
  if (status === 429 || status === 503) {
    const retryAfterMs = readRetryAfter(headers);
    const details = { upstreamStatus: status, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
    return new HxpError("UPSTREAM_BUSY", "The upstreams are full", { details });
  }
  const said = readError(body);
  if (misconfigured.has(status) || status < 400) {
    return refuseUs(status, said);
  }
  if (status === 501) {
    const { message = "The engine does not support this.", param, code } = said;
    return new HxpError("ENDPOINT_UNSUPPORTED", message, { details: { param, code, type: "invalid_request_error" } });
  }
  if (status < 500) return refuseRequest(status, said);
  return new HxpError("UPSTREAM_FAILED", `The upstream answered with status ${status}`, {
    details: { upstreamStatus: status, upstreamMessage: said.message },
  });
}

/** Makes an error of an event of a stream that says that something went wrong. */
export function readStreamError(data: Buffer): HxpError {
  const said = readError(data);
  const status = said.status ?? 500;
  if (misconfigured.has(status)) return refuseUs(status, said);
  if (status >= 400 && status < 500 && status !== 429) return refuseRequest(status, said);
  return new HxpError("UPSTREAM_FAILED", "The upstream reported an error in its stream", {
    details: { upstreamMessage: said.message },
  });
}

interface SaidError {
  readonly message?: string;
  readonly type?: string;
  readonly param?: string;
  readonly code?: string;
  readonly status?: number;
}

/** Its words are about the gateway's own token or address: clients do not see them. */
function refuseUs(status: number, { message: upstreamMessage }: SaidError): HxpError {
  return new HxpError("UPSTREAM_MISCONFIGURED", `The upstream answered the gateway with status ${status}`, {
    details: { upstreamStatus: status, upstreamMessage },
  });
}

function refuseRequest(status: number, said: SaidError): HxpError {
  const message = said.message ?? `The engine refused the request with status ${status}`;
  const isTooLong = said.type === "exceed_context_size_error" || /context (?:length|size|window)/i.test(message);
  const code = isTooLong ? "context_length_exceeded" : said.code;
  return new HxpError("REQUEST_REFUSED", message, {
    details: { upstreamStatus: status, type: "invalid_request_error", param: said.param, code },
  });
}

/** OpenAI's shape, or vLLM's earlier one without `error` around it; whatever else has no message. */
function readError(body: Buffer): SaidError {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString());
  } catch {
    return {};
  }
  const error = isRecord(parsed) ? (parsed["error"] ?? parsed) : undefined;
  if (typeof error === "string") return { message: error.slice(0, 2000) };
  if (!isRecord(error)) return {};
  const { message, type, param, code } = error;
  return {
    ...(typeof message === "string" && { message: message.slice(0, 2000) }),
    ...(typeof type === "string" && { type }),
    ...(typeof param === "string" && { param }),
    ...(typeof code === "string" && { code }),
    ...(typeof code === "number" && { status: code }),
  };
}

/** Milliseconds; `retry-after-ms` before `retry-after`, which is in seconds or a date. */
function readRetryAfter(headers: AnswerHead["headers"]): number | undefined {
  const ms = Number.parseFloat(String(headers["retry-after-ms"]));
  if (ms >= 0) return ms;
  const text = headers["retry-after"];
  if (typeof text !== "string") return undefined;
  if (/^\d+(?:\.\d+)?$/.test(text.trim())) return Number.parseFloat(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
