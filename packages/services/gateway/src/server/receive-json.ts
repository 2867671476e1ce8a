import type { Call } from "./call.ts";
import { checkContentType } from "./check-headers.ts";
import { type JsonObject, parseBody } from "./parse-body.ts";
import { type BodyLimits, readBody } from "./read-body.ts";

/** What is taken of a body of JSON. */
export interface JsonLimits extends BodyLimits {
  /** Levels. */
  readonly maxDepth: number;
}

/** Receives a body of JSON, as bytes and as an object. Throws what {@link checkContentType}, {@link readBody} and {@link parseBody} do. */
export async function receiveJson(
  { request, response }: Pick<Call, "request" | "response">,
  limits: JsonLimits,
): Promise<{ readonly raw: Buffer; readonly body: JsonObject }> {
  checkContentType(request);
  if (request.headers.expect !== undefined) response.writeContinue();
  const raw = await readBody(request, limits);
  return { raw, body: parseBody(raw, limits.maxDepth) };
}
