import type { ServerResponse } from "node:http";
import { atEndOfTurn } from "../at-end-of-turn.ts";

/** Larger bodies are written apart from their head: copying them costs more than the second write. */
const mostTogether = 65_536;

/**
 * Sends an answer that is whole, and resolves when it is written. Node writes a text in one call with the head, but bytes by a
 * slower way; as Latin 1, a text is the same bytes.
 */
export function sendAnswer(
  response: ServerResponse,
  headers: Readonly<Record<string, string | number>>,
  body: Buffer,
): Promise<void> {
  response.writeHead(200, { ...headers, "content-length": body.length });
  if (body.length <= mostTogether) return atEndOfTurn(() => response.end(body.toString("latin1"), "latin1"));
  response.end(body);
  return Promise.resolve();
}
