import type { IncomingMessage } from "node:http";
import { HxpError } from "@hxp/errors";
import { invalid, type Json, toObject } from "../openai/read-fields.ts";

const mostDepth = 64;

/**
 * Reads a request's body as a JSON object. Throws MODEL_REQUEST_TOO_LARGE for one of more than `maxBytes` bytes, declared or
 * sent, or nested deeper than 64 levels, and MODEL_REQUEST_INVALID for what is no JSON object.
 */
export async function readJsonBody(request: IncomingMessage, maxBytes: number): Promise<Json> {
  const tooLarge = new HxpError("MODEL_REQUEST_TOO_LARGE", `The request's body is larger than ${maxBytes} bytes.`);
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) throw tooLarge;
  if ((request.headers["content-encoding"] ?? "identity") !== "identity") {
    throw invalid("content-encoding", "The request's body must not be compressed.");
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge;
    chunks.push(chunk);
  }
  return parseObject(Buffer.concat(chunks).toString("utf8"));
}

function parseObject(text: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new HxpError("MODEL_REQUEST_INVALID", "We could not parse the JSON body of your request.");
  }
  if (isDeep(value)) {
    throw new HxpError("MODEL_REQUEST_TOO_LARGE", `The request's JSON is nested deeper than ${mostDepth} levels.`);
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return toObject(value, "body");
  throw new HxpError("MODEL_REQUEST_INVALID", "The JSON body of your request is not an object.");
}

/** Looks level by level: what recurses over the value later must not run out of stack. */
function isDeep(value: unknown): boolean {
  let level = [value].filter(isContainer);
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth >= mostDepth) return true;
    level = level.flatMap((item) => Object.values(item).filter(isContainer));
  }
  return false;
}

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
