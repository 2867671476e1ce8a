import type { IncomingMessage } from "node:http";
import { HxpError } from "@hxp/errors";

/** What is taken of a body. */
export interface BodyLimits {
  readonly maxBytes: number;
  /** Milliseconds for it to arrive. */
  readonly timeout: number;
}

/** Reads a request's whole body. Throws BODY_TOO_LARGE, BODY_TIMEOUT or CLIENT_GONE. */
export function readBody(request: IncomingMessage, { maxBytes, timeout }: BodyLimits): Promise<Buffer> {
  const announced = request.headers["content-length"];
  if (announced !== undefined && Number(announced) > maxBytes) return Promise.reject(tooLarge(maxBytes));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const settle = (error?: HxpError): void => {
      clearTimeout(timer);
      request.off("data", onData).off("end", onEnd).off("close", onClose);
      if (error === undefined)
        resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks));
      else reject(error);
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > maxBytes) settle(tooLarge(maxBytes));
      else chunks.push(chunk);
    };
    const onEnd = (): void => settle();
    const onClose = (): void => settle(new HxpError("CLIENT_GONE", "The client left before its request was complete."));
    const timer = setTimeout(() => settle(tooSlow(timeout)), timeout);
    request.on("data", onData).on("end", onEnd).on("close", onClose);
  });
}

function tooLarge(maxBytes: number): HxpError {
  return new HxpError("BODY_TOO_LARGE", `The body is larger than ${maxBytes} bytes.`);
}

function tooSlow(timeout: number): HxpError {
  return new HxpError("BODY_TIMEOUT", `The body did not arrive within ${timeout} ms.`);
}
